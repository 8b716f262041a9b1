"""Invented patients pass the mapping that they are invented for, without the hospital's files."""

from __future__ import annotations

import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.cohorts.prepare.dummy import dummy_cohort
from tests.cohorts.prepare.test_prepare import FOLLOWED, MAPPING, UTK, followed


@pytest.fixture(name="mapping")
def _mapping(tmp_path):
    path = tmp_path / "hospital.yaml"
    path.write_text(MAPPING, encoding="utf-8")
    return path


def test_a_dummy_cohort_is_as_the_schema_says(mapping):
    dummy = dummy_cohort(mapping, 200)
    rows = fs.validate(dummy.rows, "maastro")
    assert 130 < len(rows) <= 200
    assert dummy.rows.attrs["dummy"]
    assert 0.2 < rows["death"].mean() < 0.8
    assert fs.curate(dummy.rows).rows["years"].gt(0).all()


def test_the_same_seed_gives_the_same_patients(mapping):
    first, again, other = (dummy_cohort(mapping, 50, seed=seed).rows for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first, again)
    assert not first["age"].equals(other["age"])


@pytest.mark.parametrize(
    "declared",
    [UTK, FOLLOWED, followed(cut_off="2019-12-31"), {**UTK, "dates": {"day": "Tag"}}],
)
def test_other_mappings(declared):
    assert len(dummy_cohort(declared, 60).rows) == 60
