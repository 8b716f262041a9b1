"""Truth: a permutation, survdiff without ties, one cut-point, and refusals."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from faceage_stats.association.classical.maxstat import maxstat_test
from faceage_stats.association.classical.maxstat_p import adjusted_p
from faceage_stats.association.classical.selected_cut import Cuts, rank_scores
from faceage_stats.errors import DesignError, FormulaError, InputError

RNG = np.random.default_rng(4)
N = 80
DATA = pd.DataFrame({"x": RNG.permutation(N) % 40, "y": RNG.normal(size=N)})
DATA["time"] = np.exp(DATA["y"])
DATA["event"] = RNG.binomial(1, 0.7, N)


def test_one_cut_point_is_one_test():
    cuts = Cuts(np.array([3.0]), np.array([40]), np.array([1.7]))
    truth = 2 * stats.norm.sf(1.7)
    for method in ("Lau94", "exactGauss"):
        assert adjusted_p(method, cuts, 80, 0.1, 0.9) == pytest.approx(truth)


def test_the_normal_integral_is_that_of_two_correlated_statistics():
    cuts = Cuts(np.array([1.0, 2.0]), np.array([30, 50]), np.array([1.0, 2.1]))
    r = np.sqrt(30 * 30 / (50 * 50))
    box = {"cov": [[1, r], [r, 1]], "lower_limit": [-2.1, -2.1]}
    inside = stats.multivariate_normal.cdf([2.1, 2.1], **box)
    assert adjusted_p("exactGauss", cuts, 80, 0.1, 0.9) == pytest.approx(1 - inside, rel=1e-4)


def test_p_is_near_that_of_permuting_the_outcome():
    test = maxstat_test("y ~ x", DATA, p_method="exactGauss")
    rng, scores = np.random.default_rng(1), rank_scores(DATA["y"].to_numpy())
    marker = DATA["x"].to_numpy(float)
    drawn = [
        Cuts.of(marker, rng.permutation(scores), 0.1, 0.9).statistic.max() for _ in range(2000)
    ]
    permuted = np.mean(np.array(drawn) >= test.statistic)
    assert abs(permuted - test.p_value) < 4 * np.sqrt(permuted * (1 - permuted) / 2000) + 0.03


def test_what_was_searched_is_said():
    test = maxstat_test("Surv(time, event) ~ x", DATA)
    row = test.glance().iloc[0]
    assert row["p_adjusted"] > row["p_value"]
    assert row["cut_point"] == test.tidy().loc[test.tidy()["statistic"].idxmax(), "cut_point"]
    assert "chosen on these patients" in repr(test)


def test_refusals():
    with pytest.raises(DesignError, match="no cut-point has 36 to 44 of the 80 rows"):
        maxstat_test("y ~ x", DATA.assign(x=DATA["x"] > 38), minprop=0.45, maxprop=0.55)
    with pytest.raises(FormulaError, match="names 2 markers"):
        maxstat_test("y ~ x + time", DATA)
    with pytest.raises(InputError, match="0 < minprop < maxprop < 1"):
        maxstat_test("y ~ x", DATA, minprop=0)
    with pytest.raises(DesignError, match="does not vary"):
        maxstat_test("y ~ x", DATA.assign(y=1.0))
