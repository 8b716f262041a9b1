"""Truth: R through the conformance cases; here hand-worked tables, scikit-learn and properties."""

from typing import get_args

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from faceage_stats.association.agreement.kappa import Weights, kappa
from faceage_stats.errors import DesignError, InputError

WEIGHTS = get_args(Weights)
ECOG = ["fully active", "restricted", "ambulatory", "limited"]


def ratings(n=80, seed=2):
    rng = np.random.default_rng(seed)
    first = rng.integers(0, 4, n)
    second = np.clip(first + rng.choice([-1, 0, 0, 1], n), 0, 3)
    return first, second


def test_a_two_by_two_table_by_hand():
    """Of 100, both say yes 40 and no 30: observed 0.7, by chance 0.5, so kappa is 0.4."""
    first = ["yes"] * 40 + ["yes"] * 15 + ["no"] * 15 + ["no"] * 30
    second = ["yes"] * 40 + ["no"] * 15 + ["yes"] * 15 + ["no"] * 30
    chance = 0.55**2 + 0.45**2
    row = kappa(first, second).tidy().iloc[0]
    assert row["estimate"] == pytest.approx((0.7 - chance) / (1 - chance))
    assert row["n"] == 100


@pytest.mark.parametrize("weights", WEIGHTS)
def test_estimates_equal_scikit_learn(weights):
    first, second = ratings()
    option = None if weights == "unweighted" else weights
    expected = cohen_kappa_score(first, second, weights=option)
    found = kappa(first, second, weights=weights).tidy()["estimate"].item()
    assert found == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("weights", WEIGHTS)
def test_the_standard_error_is_that_of_the_delta_method(weights):
    """Truth: jackknife over subjects, which agrees with the delta method in large samples."""
    first, second = ratings(400)
    row = kappa(first, second, weights=weights, levels=range(4)).tidy().iloc[0]
    left_out = [
        kappa(np.delete(first, i), np.delete(second, i), weights=weights, levels=range(4))
        .tidy()["estimate"]
        .item()
        for i in range(400)
    ]
    jackknife = np.sqrt(399 / 400 * np.sum((left_out - np.mean(left_out)) ** 2))
    assert row["std_error"] == pytest.approx(jackknife, rel=0.02)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000), st.sampled_from(WEIGHTS))
def test_raters_may_change_places_and_scales_may_turn(seed, weights):
    first, second = ratings(40, seed)
    one = kappa(first, second, weights=weights, levels=[0, 1, 2, 3]).tidy()
    two = kappa(second, first, weights=weights, levels=[3, 2, 1, 0]).tidy()
    columns = ["estimate", "std_error", "std_error_null", "p_value"]
    np.testing.assert_allclose(one[columns], two[columns], rtol=1e-9)


def test_perfect_agreement_has_no_error():
    first, _ = ratings()
    row = kappa(first, first, weights="linear").tidy().iloc[0]
    assert (row["estimate"], row["std_error"]) == (pytest.approx(1), pytest.approx(0, abs=1e-7))
    assert row["std_error_null"] > 0


def test_ordered_text_and_missing_ratings():
    first, second = ratings()
    frame = pd.DataFrame({"a": [ECOG[i] for i in first], "b": [ECOG[i] for i in second]})
    typed = frame.astype(pd.CategoricalDtype(ECOG, ordered=True))
    expected = kappa(first, second, weights="quadratic").tidy()["estimate"].item()
    for data, levels in ((typed, None), (frame, ECOG)):
        fit = kappa("~ a + b", data, weights="quadratic", levels=levels)
        assert fit.tidy()["estimate"].item() == pytest.approx(expected)
        assert list(fit.counts.index) == ECOG
    frame.loc[:4, "b"] = None
    glance = kappa("~ a + b", frame).glance().iloc[0]
    assert (glance["n"], glance["n_missing"]) == (75, 5)
    agree = (frame["a"] == frame["b"]).sum() / 75
    assert glance["agreement"] == pytest.approx(agree)


def test_refusals():
    first, second = ratings()
    with pytest.raises(InputError, match="weights is 'cubic'; choose one of unweighted, linear"):
        kappa(first, second, weights="cubic")
    with pytest.raises(InputError, match=r"ratings are text \(2 different\). Give levels="):
        kappa(["low", "high"], ["low", "low"], weights="linear")
    with pytest.raises(InputError, match="x has 80 values and y 3"):
        kappa(first, [1, 2, 3])
    with pytest.raises(DesignError, match="none of the 2 subjects has both ratings"):
        kappa([1, None], [None, 2])
    with pytest.raises(DesignError, match="kappa: 1 category"):
        kappa([1, 1], [1, 1])
    with pytest.raises(DesignError, match="one and the same category"):
        kappa([1, 1], [1, 1], levels=[1, 2])
    with pytest.raises(
        InputError, match=r"1 rows that are none of the known levels: 3\. Known: 1, 2"
    ):
        kappa([1, 2, 3], [1, 2, 2], levels=[1, 2])
