"""A Cox model of a Parquet file. Truth: `coxph` of the same rows in memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.errors import DesignError, EstimationWarning, FormulaError, InputError


def follow_up(n: int = 600) -> pd.DataFrame:
    """Whole months, so that times tie within and across row groups."""
    rng = np.random.default_rng(1)
    data = pd.DataFrame(
        {
            "faceage": rng.normal(65, 9, n),
            "stage": rng.choice(["ii", "I", "iii"], n),
            "grade": pd.Categorical(rng.choice(["low", "high"], n), ["low", "high"]),
            "site": rng.choice(["u", "v"], n),
            "whole": rng.integers(1, 4, n),
            "part": rng.uniform(0.5, 2, n),
            "shift": rng.normal(size=n),
        }
    )
    data["time"] = np.ceil(rng.exponential(20 / np.exp(0.03 * (data["faceage"] - 65))))
    data["died"] = rng.integers(0, 2, n)
    data["near"] = data["time"] + rng.choice([0, 1e-9], n)
    data.loc[::97, "faceage"] = np.nan
    data.loc[5, "stage"] = None
    return data


def written(data: pd.DataFrame, folder: Path, by: str = "time", size: int = 71) -> str:
    path = folder / "rows.parquet"
    data.sort_values(by, kind="stable").to_parquet(path, row_group_size=size)
    return str(path)


@pytest.mark.parametrize(
    ("formula", "options"),
    [
        ("Surv(time, died) ~ faceage * stage + grade", {}),
        ("Surv(time, died) ~ faceage + stage", {"ties": "breslow", "weights": "whole"}),
        ("Surv(time, died) ~ log(faceage) + strata(site)", {"weights": "whole"}),
        ("Surv(time, died) ~ faceage + strata(site, grade)", {"ties": "breslow"}),
        ("Surv(near, died) ~ faceage + offset(shift)", {}),
    ],
)
def test_equals_the_fit_in_memory(tmp_path, formula, options):
    data = follow_up()
    path = written(data, tmp_path, "near" if "near" in formula else "time")
    ours, whole = fs.coxph_parquet(formula, path, **options), fs.coxph(formula, data, **options)
    pd.testing.assert_frame_equal(ours.tidy(), whole.tidy(), rtol=1e-10)
    pd.testing.assert_frame_equal(ours.vcov(), whole.vcov(), rtol=1e-9, atol=1e-14)
    one, other = ours.glance(), whole.glance()
    shared = [name for name in one if name in other]
    assert len(shared) == one.shape[1]
    pd.testing.assert_frame_equal(one, other[shared], rtol=1e-10, check_dtype=False)
    tests = whole.tests().iloc[:3]
    pd.testing.assert_frame_equal(ours.tests(), tests, rtol=1e-9)


def test_weights_that_are_not_whole_have_errors_of_the_inverse_information(tmp_path):
    data, formula = follow_up(), "Surv(time, died) ~ faceage"
    with pytest.warns(EstimationWarning, match="sandwich"):
        ours = fs.coxph_parquet(formula, written(data, tmp_path), weights="part")
    whole = fs.coxph(formula, data, weights="part", robust=False)
    pd.testing.assert_frame_equal(ours.tidy(), whole.tidy(), rtol=1e-10)


def test_row_groups_do_not_matter(tmp_path):
    data, formula = follow_up(), "Surv(time, died) ~ faceage + stage"
    one = fs.coxph_parquet(formula, written(data, tmp_path, size=10_000)).tidy()
    many = fs.coxph_parquet(formula, written(data, tmp_path, size=13)).tidy()
    pd.testing.assert_frame_equal(one, many, rtol=1e-10)


def test_rows_without_a_time_are_missing(tmp_path):
    data = follow_up()
    data.loc[:99, "time"] = np.nan  # sorted last: whole row groups of them
    formula = "Surv(time, died) ~ faceage"
    ours, whole = fs.coxph_parquet(formula, written(data, tmp_path)), fs.coxph(formula, data)
    assert ours.about.n_missing == whole.n_missing
    pd.testing.assert_frame_equal(ours.tidy(), whole.tidy(), rtol=1e-10)


@pytest.mark.parametrize(
    ("formula", "error", "message"),
    [
        ("Surv(time, died) ~ ns(faceage, df=3)", FormulaError, "takes its levels, knots"),
        ("Surv(shift, time, died) ~ faceage", FormulaError, "right-censored"),
        ("Surv(time, died) ~ faceage + cluster(site)", FormulaError, "cluster"),
        ("Surv(time, died) ~ face_age", FormulaError, "face_age"),
        ("Surv(near, died) ~ nothing", DesignError, "no row of the file is complete"),
        ("Surv(part, died) ~ faceage", InputError, "not in the order of 'part'"),
    ],
)
def test_what_a_file_cannot_answer_is_refused(tmp_path, formula, error, message):
    path = written(follow_up().assign(nothing=np.nan), tmp_path)
    with pytest.raises(error, match=message):
        fs.coxph_parquet(formula, path)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match="there is no file"):
        fs.coxph_parquet("Surv(time, died) ~ faceage", str(tmp_path / "x.parquet"))
