"""The book is refused while its prose assumes another verdict than its results give."""

import json
from types import SimpleNamespace

import pandas as pd
import pytest

import further_pages
import workflow
from faceage_stats.errors import InputError
from faceage_stats.reporting.claims.ledger import read_ledger

CONFIG = {"seed": further_pages.SEED_OF_LEDGER}
# what the papers and their summaries say, Deliver 2 of the book: each number in a claim
SAID = (
    *("4.79", "33 months", "15 percent", "0.61", "0.74", "0.80", "0.21 against 0.24", "CDK6"),
    *("5.1 years", "3.22", "C index", "six-month survival better than", "age adds nothing"),
    *("each sex, age band, race and cancer group", "beside the other", "predict better"),
)


@pytest.fixture
def tables(monkeypatch, tmp_path):
    """The tables of this repository, all made."""
    path = tmp_path / "maastro.csv"
    path.touch()
    known = {"maastro": SimpleNamespace(source="synthetic", path=path, truth=None)}
    monkeypatch.setattr(workflow, "tables", lambda config: known)
    return known


def judged(verdict):
    return pd.DataFrame({"id": ["one", "two"], "verdict": ["holds", verdict], "pinned": "holds"})


def test_a_verdict_that_the_prose_does_not_assume_stops_the_build(tables):
    with pytest.raises(InputError, match=r"two does not hold \(expected: holds\)"):
        further_pages.refuse_changed_claims(judged("does not hold"), CONFIG)
    further_pages.refuse_changed_claims(judged("holds"), CONFIG)


def test_of_other_rows_no_verdict_is_assumed(tables):
    further_pages.refuse_changed_claims(judged("cannot tell"), {"seed": 2})
    tables["maastro"].source = "private"
    further_pages.refuse_changed_claims(judged("cannot tell"), CONFIG)


def test_the_power_is_that_of_what_was_planted(tmp_path):
    record = {"planted": [{"id": "hr", "estimate": 1.2}, {"id": None, "estimate": 3}]}
    path = tmp_path / "truth.json"
    path.write_text(json.dumps(record), encoding="utf-8")
    assert further_pages._planted([path]) == {"hr": 1.2}


@pytest.mark.parametrize("words", SAID)
def test_what_the_papers_say_is_a_claim(words):
    assert any(words in claim.claim for claim in read_ledger(further_pages.LEDGER)), words
