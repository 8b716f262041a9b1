"""The committed draws are of the generator as it is; corrections hold the truth, error does not."""

import json

import numpy as np
import pandas as pd
import pytest

import error_draws
import faceage_stats as fs
from items import _measured
from items._coverage import performance
from items.recalibration import balance


@pytest.fixture(scope="module")
def draws():
    return pd.read_csv(error_draws.DRAWS)


def test_the_draws_are_of_this_generator():
    record = json.loads(error_draws.MADE_FROM.read_text(encoding="utf-8"))
    assert record["generator"] == error_draws.generator_sha256(), (
        "the generator changed: run `python analysis/error_draws.py` and commit what it writes"
    )


def test_every_study_method_and_seed_is_there(draws):
    counts = draws.groupby(["study", "method"])["seed"].nunique()
    for study in _measured.STUDIES:
        for method in ("none", *study.methods):
            assert counts[study.name, method] == error_draws.SEEDS


def test_a_draw_can_be_made_again(draws):
    study = _measured.STUDIES[0]
    seed = error_draws.SEEDS - 1
    found = _measured.estimates(study, _measured.people(np.random.default_rng(seed)), seed, 0)
    stored = draws[(draws["study"] == study.name) & (draws["seed"] == seed)]
    both = found.merge(stored, on="method", suffixes=("", "_stored"))
    assert len(both) == 2
    assert both["estimate"].astype(float).to_numpy() == pytest.approx(
        both["estimate_stored"], rel=1e-4
    )


def test_corrected_intervals_keep_what_they_promise_and_uncorrected_ones_do_not(draws):
    table = performance(draws, ["study", "method"]).set_index(["study", "method"])
    for (study, method), row in table.iterrows():
        held = round(row["estimate"] * row["n"])
        p = fs.binom_test(held, int(row["n"]), p=0.95).tidy()["p_value"][0]
        is_gain = study.startswith("FaceAge in the place of age")
        if method == "regression calibration" or (method == "SIMEX" and is_gain):
            assert p > 0.001, (study, row)
            assert 0.93 < row["estimate"] < 0.97
    model = table.loc["Linear model: grip strength per year of FaceAge"]
    assert model.loc["none", "estimate"] < 0.5


def test_without_error_the_marker_is_what_it_is():
    clean, noisy = (
        _measured.people(np.random.default_rng(1), 20_000, error=error) for error in (False, True)
    )
    assert (clean["years"] == noisy["years"]).all()
    assert np.std(noisy["faceage"] - clean["faceage"]) == pytest.approx(
        _measured.ERROR_SD, rel=0.03
    )
    z = (noisy["rate"] - clean["rate"]) / noisy["rate_error_sd"]
    assert np.std(z) == pytest.approx(1, rel=0.03)


def test_balanced_weights_give_every_decade_the_same():
    age = pd.Series([25, 27, 33, 45, 46, 47, 48, 61, 85.0])
    weight = balance(age)
    decade = pd.Series(fs.age_decade(age, youngest=30, oldest=80))
    sums = weight.groupby(decade, observed=True).sum()
    assert sums.to_numpy() == pytest.approx(len(age) / len(sums))
    assert weight.mean() == pytest.approx(1)
