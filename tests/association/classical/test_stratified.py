"""Truth: a second library, one table, and refusals; R's numbers are in the conformance cases."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.contingency_tables import StratifiedTable

from faceage_stats.association.classical.counts import fisher_test
from faceage_stats.association.classical.exact_strata import exact_strata
from faceage_stats.association.classical.stratified import mantelhaen_test
from faceage_stats.errors import DesignError, FormulaError, InputError

TABLES = [[[10, 5], [4, 11]], [[8, 7], [5, 9]]]


def test_limits_at_any_level_are_those_of_statsmodels():
    row = mantelhaen_test(TABLES).tidy(conf_level=0.8).iloc[0]
    low, high = StratifiedTable(TABLES).oddsratio_pooled_confint(alpha=0.2)
    assert (row["conf_low"], row["conf_high"]) == pytest.approx((low, high))
    assert row["scale"] == "odds ratio"


def test_strata_in_which_nothing_varies_are_refused():
    with pytest.raises(DesignError, match="in no stratum do both factors vary"):
        mantelhaen_test([[[3, 2], [0, 0]], [[0, 0], [4, 1]]])


def test_an_odds_ratio_without_bound_is_infinite():
    test = mantelhaen_test([[[3, 0], [2, 4]], [[1, 0], [1, 2]]])  # as in R
    assert test.estimate == np.inf
    assert 0 < test.p_value < 1


def test_what_is_no_stack_of_tables_is_refused():
    with pytest.raises(InputError, match="is needed"):
        mantelhaen_test([[1, 2], [3, 4]])


@pytest.mark.parametrize("alternative", ["two.sided", "less", "greater"])
def test_exact_of_one_stratum_is_fishers_test(alternative):
    one = mantelhaen_test([[[12, 7], [6, 7]]], exact=True, alternative=alternative).tidy()
    fisher = fisher_test([[12, 7], [6, 7]], alternative=alternative).tidy()
    for name in ("estimate", "p_value", "conf_low", "conf_high"):
        assert one[name][0] == pytest.approx(fisher[name][0], rel=1e-7)


def test_each_exact_limit_leaves_half_of_the_rest_in_its_tail():
    strata = exact_strata(np.array(TABLES), "two.sided")
    low, high = np.log(strata.limits(0.95))
    above, below = strata.support >= strata.total, strata.support <= strata.total
    assert strata._density(low)[above].sum() == pytest.approx(0.025, rel=1e-9)
    assert strata._density(high)[below].sum() == pytest.approx(0.025, rel=1e-9)


def test_exact_limits_are_those_of_r_where_its_root_is_exact():
    # mantelhaen.test(exact = TRUE) of R 4.2.2 with tol = 1e-15 in its uniroot()
    tables = [[[10, 5], [4, 11]], [[8, 7], [5, 9]], [[3, 6], [0, 2]]]
    expected = {
        "two.sided": (1.103392131784419, 11.320270404675471, 0.02561688200567414),
        "greater": (1.28913259310225, np.inf, 0.01539050445357039),
        "less": (0, 9.470257052295301, 0.9962482312335698),
    }
    for alternative, row in expected.items():
        test = mantelhaen_test(tables, exact=True, alternative=alternative)
        assert test.estimate == pytest.approx(3.405311838960921, rel=1e-11)
        assert (test.conf_low, test.conf_high, test.p_value) == pytest.approx(row, rel=1e-11)


def test_a_table_without_the_first_cells_has_no_lower_limit():
    test = mantelhaen_test([[[0, 5], [4, 1]], [[0, 7], [5, 9]]], exact=True)
    assert (test.estimate, test.conf_low) == (0.0, 0.0)
    assert np.isfinite(test.conf_high)


def test_the_generalised_statistic_of_2_x_2_is_that_without_correction():
    from faceage_stats.association.classical.stratified import _generalised

    plain = mantelhaen_test(TABLES, correct=False)
    general = _generalised(np.array(TABLES, float))
    assert general.statistic == pytest.approx(plain.statistic)


def test_columns_are_counted_as_tables_are_given():
    rows = [
        (k, i, j) for k in (0, 1) for i in (0, 1) for j in (0, 1) for _ in range(TABLES[k][i][j])
    ]
    data = pd.DataFrame(rows, columns=["site", "x", "y"], dtype=float)
    data.loc[len(data)] = [0, np.nan, 1]
    test = mantelhaen_test("~ x + y | site", data)
    assert test.n_missing == 1
    assert test.p_value == mantelhaen_test(TABLES).p_value
    assert test.cells()["observed"].tolist() == np.ravel(TABLES).tolist()
    with pytest.raises(FormulaError, match=r"`~ x \+ y \| stratum`"):
        mantelhaen_test("~ x + y", data)
    with pytest.raises(InputError, match="2 rows and columns or more"):
        mantelhaen_test("~ x + y | site", data.assign(y=1))


def test_exact_and_one_sided_tests_are_of_2_x_2_tables():
    with pytest.raises(InputError, match="tables of 2 x 3"):
        mantelhaen_test([[[1, 2, 3], [3, 4, 5]]], exact=True)
    with pytest.raises(DesignError, match="empty in every stratum"):
        mantelhaen_test([[[1, 0], [3, 0]]])
