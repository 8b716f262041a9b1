"""Truth: lifelines' weighted log-rank tests, a normal integral in two dimensions, properties."""

import numpy as np
import pandas as pd
import pytest
from lifelines.statistics import multivariate_logrank_test
from scipy import stats

from faceage_stats.errors import DesignError, InputError
from faceage_stats.survival.km.maxcombo import maxcombo
from faceage_stats.survival.km.survdiff import survdiff

RNG = np.random.default_rng(8)
N = 120
DATA = pd.DataFrame({"g": RNG.choice(list("abc"), N), "h": RNG.choice(list("xy"), N)})
DATA["time"] = np.ceil(RNG.exponential(20, N) * (1 + (DATA["h"] == "y")))
DATA["event"] = RNG.binomial(1, 0.7, N)


@pytest.mark.parametrize(
    ("options", "theirs"),
    [
        ({"weight": "gehan"}, {"weightings": "wilcoxon"}),
        ({"weight": "tarone_ware"}, {"weightings": "tarone-ware"}),
        ({"weight": "peto_peto"}, {"weightings": "peto"}),
        ({"rho": 0.5, "gamma": 2}, {"weightings": "fleming-harrington", "p": 0.5, "q": 2}),
    ],
)
def test_weights_are_those_of_lifelines(options, theirs):
    truth = multivariate_logrank_test(DATA["time"], DATA["g"], DATA["event"], **theirs)
    test = survdiff("Surv(time, event) ~ g", DATA, **options)
    assert test.statistic == pytest.approx(truth.test_statistic, rel=1e-9)
    assert len(test.weights()) == DATA.loc[DATA["event"] == 1, "time"].nunique()


def test_the_statistic_of_a_group_is_its_chi_squared_of_two():
    test = survdiff("Surv(time, event) ~ h", DATA, weight="gehan")
    np.testing.assert_allclose(test.tidy()["statistic"] ** 2, test.statistic)
    assert test.tidy()["n_event"].sum() == DATA["event"].sum()


def test_powers_go_with_their_own_weight():
    with pytest.raises(InputError, match="rho and gamma go with fleming_harrington"):
        survdiff("Surv(time, event) ~ g", DATA, weight="gehan", rho=1)
    with pytest.raises(InputError, match="it must be 0 or more"):
        survdiff("Surv(time, event) ~ g", DATA, gamma=-1)


def test_two_weights_are_a_normal_integral_in_two_dimensions():
    test = maxcombo("Surv(time, event) ~ h", DATA, weights=[(0, 0), (0, 1)])
    c, r = test.statistic, test.correlation[0, 1]
    box = {"cov": [[1, r], [r, 1]], "lower_limit": [-c, -c]}
    inside = stats.multivariate_normal.cdf([c, c], **box)
    assert test.p_value == pytest.approx(1 - inside, rel=1e-3)


def test_one_weight_given_twice_is_one_test():
    for side in ("two.sided", "less", "greater"):
        once = maxcombo("Surv(time, event) ~ h", DATA, weights=[(0, 0), (0, 0)], alternative=side)
        assert once.p_value == pytest.approx(once.tidy()["p_value"].iloc[0], rel=1e-5)


def test_each_statistic_is_that_of_survdiff_within_strata():
    test = maxcombo("Surv(time, event) ~ h + strata(g)", DATA, weights=[(1, 0), (1, 1)])
    for row in test.tidy().itertuples():
        one = survdiff(
            "Surv(time, event) ~ h + strata(g)", DATA, rho=row.rho, gamma=row.gamma
        ).tidy()
        assert row.statistic == pytest.approx(one["statistic"].iloc[1])


def test_three_groups_and_one_weight_are_refused():
    with pytest.raises(DesignError, match="3 groups; 2 are compared"):
        maxcombo("Surv(time, event) ~ g", DATA)
    with pytest.raises(InputError, match="two or more pairs"):
        maxcombo("Surv(time, event) ~ h", DATA, weights=[(0, 0)])
