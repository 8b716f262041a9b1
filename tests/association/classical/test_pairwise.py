"""Truth: two groups are one test; statsmodels; the far tail of the studentised range."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from faceage_stats.association.classical.games_howell import games_howell_test
from faceage_stats.association.classical.means import t_test
from faceage_stats.association.classical.pairwise import (
    dunn_test,
    pairwise_t_test,
    pairwise_wilcox_test,
)
from faceage_stats.association.classical.ranks import kruskal_test, wilcox_test
from faceage_stats.errors import DesignError, InputError

RNG = np.random.default_rng(11)
DATA = pd.DataFrame({"gap": RNG.normal(size=60).round(2), "site": np.repeat(list("abc"), 20)})
DATA.loc[DATA["site"] == "c", "gap"] += 1
TWO = DATA[DATA["site"] != "b"]


@pytest.mark.parametrize("p_adjust", ["holm", "hommel", "BY", "none"])
def test_two_groups_are_one_test(p_adjust):
    pooled = pairwise_t_test("gap ~ site", TWO, p_adjust=p_adjust).tidy().iloc[0]
    welch = pairwise_t_test("gap ~ site", TWO, pool_sd=False).tidy().iloc[0]
    ranks = pairwise_wilcox_test("gap ~ site", TWO).tidy().iloc[0]
    assert pooled["p_adjusted"] == pytest.approx(t_test("gap ~ site", TWO, var_equal=True).p_value)
    assert welch["p_adjusted"] == pytest.approx(t_test("gap ~ site", TWO).p_value)
    assert ranks["p_adjusted"] == pytest.approx(wilcox_test("gap ~ site", TWO).p_value)


def test_dunn_of_two_groups_is_kruskal_and_wallis():
    z = dunn_test("gap ~ site", TWO).tidy()["statistic"].iloc[0]
    assert z**2 == pytest.approx(kruskal_test("gap ~ site", TWO).statistic)


def test_pairs_are_the_later_minus_the_earlier_level():
    means = DATA.groupby("site")["gap"].mean()
    for test in (pairwise_t_test, games_howell_test):
        table = test("gap ~ site", DATA).tidy()
        truth = means[table["group1"]].to_numpy() - means[table["group2"]].to_numpy()
        np.testing.assert_allclose(table["estimate"], truth)
        assert table[["group1", "group2"]].iloc[0].tolist() == ["b", "a"]


def test_games_howell_of_two_groups_is_welch_with_its_limits():
    truth = t_test(*(TWO.loc[TWO["site"] == g, "gap"] for g in "ca"), conf_level=0.9)
    row = games_howell_test("gap ~ site", TWO, conf_level=0.9).tidy().iloc[0]
    assert row["p_adjusted"] == pytest.approx(truth.p_value, rel=1e-6)
    limits = (row["conf_low"], row["conf_high"])
    assert limits == pytest.approx((truth.conf_low, truth.conf_high), rel=1e-6)


def test_the_far_tail_is_that_of_the_integral():
    # integrated to 12 digits; R's ptukey gives 5.57737e-07
    assert stats.studentized_range.sf(7.96084185513523, 3, 94.0254863377648) == pytest.approx(
        5.572539878949887e-07, rel=1e-7
    )


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(DesignError, match="2 values that differ"):
        games_howell_test("gap ~ site", DATA.assign(gap=1.0))
    with pytest.raises(DesignError, match="ranks cannot differ"):
        dunn_test("gap ~ site", DATA.assign(gap=1.0))
    with pytest.raises(InputError, match="p_adjust"):
        dunn_test("gap ~ site", DATA, p_adjust="holms")
