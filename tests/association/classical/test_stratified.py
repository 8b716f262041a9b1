"""Truth: a second library and refusals; R's numbers are in the conformance cases."""

import pytest
from statsmodels.stats.contingency_tables import StratifiedTable

from faceage_stats.association.classical.stratified import mantelhaen_test
from faceage_stats.errors import InputError

TABLES = [[[10, 5], [4, 11]], [[8, 7], [5, 9]]]


def test_limits_at_any_level_are_those_of_statsmodels():
    row = mantelhaen_test(TABLES).tidy(conf_level=0.8).iloc[0]
    low, high = StratifiedTable(TABLES).oddsratio_pooled_confint(alpha=0.2)
    assert (row["conf_low"], row["conf_high"]) == pytest.approx((low, high))
    assert row["scale"] == "odds ratio"


def test_what_is_no_stack_of_tables_is_refused():
    with pytest.raises(InputError, match="is needed"):
        mantelhaen_test([[1, 2], [3, 4]])
