"""The committed draws are of the generator as it is, and say what such draws must."""

import json

import pandas as pd
import pytest

import coverage_draws
import faceage_stats as fs
from items._coverage import performance, proportion
from items.coverage import RATIOS, type_one


@pytest.fixture(scope="module")
def draws():
    return pd.read_csv(coverage_draws.DRAWS)


def test_the_draws_are_of_this_generator():
    record = json.loads(coverage_draws.MADE_FROM.read_text(encoding="utf-8"))
    assert record["generator"] == coverage_draws.generator_sha256(), (
        "the generator changed: run `python analysis/coverage_draws.py` and commit what it writes"
    )


def test_every_cohort_and_seed_is_there(draws):
    counts = draws.groupby(["cohort", "term", "effect"])["seed"].nunique()
    assert (counts == coverage_draws.SEEDS).all()
    assert set(draws["cohort"]) == set(coverage_draws.studies())


def test_a_draw_can_be_made_again(draws):
    again = coverage_draws.draws("thoracic", range(3, 4))
    columns = ["cohort", "term", "effect", "seed"]
    both = again.merge(draws, on=columns, suffixes=("", "_stored"))
    assert len(both) == len(again) == 7
    assert both["estimate"].to_numpy() == pytest.approx(both["estimate_stored"], rel=1e-4)


def test_intervals_and_tests_keep_what_they_promise(draws):
    terms = draws["term"].drop_duplicates()
    ratios = set(terms[terms.str.contains(RATIOS)])
    planted = draws[(draws["effect"] == "planted") & draws["planted"].notna()]
    held = performance(planted, ["cohort", "term"], ratios)
    rejected = type_one(draws[draws["effect"] == "none"])
    for table, promised in ((held, 0.95), (rejected, 0.05)):
        for row in table.itertuples():
            p = fs.binom_test(round(row.estimate * row.n), row.n, p=promised).tidy()["p_value"][0]
            assert p > 0.001, row  # of some twenty rows one may fall far out


def test_the_measures_by_hand():
    draws = pd.DataFrame(
        {
            "cohort": "c", "term": "x per decade", "planted": 2.0,
            "estimate": [1.0, 4.0], "conf_low": [0.5, 3.0], "conf_high": [2.5, 5.0],
            "p_value": [0.2, 0.01],
        }
    )  # fmt: skip
    row = performance(draws, ["cohort", "term"], {"x per decade"}).iloc[0]
    assert row["bias"] == pytest.approx(0)  # of the logarithms
    assert row["mean_estimate"] == pytest.approx(2.0)
    assert row["estimate"] == 0.5
    assert type_one(draws).iloc[0]["estimate"] == 0.5
    assert proportion(pd.Series([True] * 19 + [False]))["estimate"] == 0.95
