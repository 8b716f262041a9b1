"""Truth: hand-made values, planted and published numbers whose status is known."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from faceage_stats.errors import InputError
from faceage_stats.reporting.paper import STATUS, compare, paper_values

ADJUSTED, UNIVARIABLE = "faceage_maastro_hr_adjusted", "faceage_maastro_hr_uva"


def status(recovered, truth=(), real=(), original=()):
    values = pd.DataFrame([recovered])
    table = compare(values, list(truth), real=real, original=original).set_index("id")
    return table.loc[recovered["id"], "status"]


def test_published_values_are_typed_and_unique():
    values = paper_values()
    assert values["id"].is_unique
    assert values["estimate"].dtype == float
    assert str(values["n"].dtype) == "Int64"
    row = values.set_index("id").loc["faceage_group2_hr_uva"]
    assert row["decimals"] == 5  # printed 1.33300
    assert values.set_index("id").loc["faceage_gap_current_vs_never", "decimals"] == 0
    assert values.set_index("id").loc["faceage_cdk6", "decimals"] == 0


def test_a_callers_change_does_not_reach_the_next_call():
    values = paper_values()
    values.loc[:, "estimate"] = 0
    assert paper_values()["estimate"].iloc[0] == 1.151


def test_synthetic_values_are_judged_by_what_was_planted():
    truth = [{"id": ADJUSTED, "estimate": 1.3}, {"id": None, "estimate": 9.0}]
    inside = {"id": ADJUSTED, "estimate": 1.28, "conf_low": 1.2, "conf_high": 1.4}
    assert status(inside, truth) == "holds"
    # the published 1.151 lies inside this interval, the planted value does not
    assert status(inside | {"conf_low": 1.1, "conf_high": 1.29}, truth) == "misses"
    assert status({"id": ADJUSTED, "estimate": 1.3}, truth) == "no interval"
    assert status(inside) == "not planted"


def test_values_of_the_published_data_equal_the_publication():
    here = {"real": {ADJUSTED}, "original": {ADJUSTED}}
    assert status({"id": ADJUSTED, "estimate": 1.1514}, **here) == "reproduced"
    assert status({"id": ADJUSTED, "estimate": 1.1516}, **here) == "not reproduced"
    assert status({"id": "faceage_cdk6", "estimate": 1.0}, real={"faceage_cdk6"}) == (
        "real, unpublished"
    )


def test_another_hospital_differs_only_when_it_does():
    """By hand: published 1.428 (1.351 to 1.510); z of the difference of the logarithms."""
    near = {"id": UNIVARIABLE, "estimate": 1.3, "conf_low": 1.1, "conf_high": 1.54}
    assert status(near, real={UNIVARIABLE}) == "compatible"
    far = near | {"estimate": 1.1, "conf_low": 1.0, "conf_high": 1.21}
    assert status(far, real={UNIVARIABLE}) == "differs"
    assert status({"id": UNIVARIABLE, "estimate": 1.3}, real={UNIVARIABLE}) == "no interval"
    row = compare(pd.DataFrame([far]), [], real={UNIVARIABLE}).set_index("id").loc[UNIVARIABLE]
    se = np.hypot(np.log(1.21 / 1.0), np.log(1.510 / 1.351)) / (2 * 1.959964)
    assert row["difference"] == pytest.approx(1.1 / 1.428, rel=1e-12)
    limit = np.log(1.1 / 1.428) + 1.959964 * se
    assert row["difference_conf_high"] == pytest.approx(np.exp(limit), rel=1e-6)
    p = 2 * stats.norm.sf(abs(np.log(1.1 / 1.428)) / se)
    assert row["difference_p"] == pytest.approx(p, rel=1e-5)


def test_where_no_interval_was_printed_the_p_value_says_how_sure_the_authors_were():
    found = {"id": ADJUSTED, "estimate": 1.151, "conf_low": 1.05, "conf_high": 1.26}
    row = compare(pd.DataFrame([found]), [], real={ADJUSTED}).set_index("id").loc[ADJUSTED]
    assert row["difference_p"] == pytest.approx(1.0)
    assert row["status"] == "compatible"


def test_column_groups_stay_apart_and_rows_keep_the_published_order():
    table = compare(
        pd.DataFrame({"id": [ADJUSTED], "estimate": [1.2], "p_value": [0.01], "n": [4906]}),
        [{"id": "ours_only", "estimate": 2.0}],
    )
    assert table["id"].tolist() == [*paper_values()["id"], "ours_only"]
    row = table.set_index("id").loc[ADJUSTED]
    assert (row["published_estimate"], row["recovered_estimate"]) == (1.151, 1.2)
    assert pd.isna(row["planted"])
    assert (row["published_p"], row["recovered_p"], row["recovered_n"]) == ("0.013", 0.01, 4906)
    assert table.set_index("id").loc["ours_only", "planted"] == 2.0
    assert set(table["status"]) <= set(STATUS)
    assert table.set_index("id").loc["ours_only", "status"] == "not recovered"


def test_variants_have_a_row_each():
    values = pd.DataFrame(
        {"id": [ADJUSTED] * 2, "estimate": [1.2, 1.3], "variant": [None, "as_published"]}
    )
    table = compare(values, pd.DataFrame({"id": [], "estimate": []}))
    assert table.loc[table["id"] == ADJUSTED, "variant"].tolist() == ["default", "as_published"]


def test_refusals():
    values = pd.DataFrame({"id": ["a"], "estimate": [1.0]})
    with pytest.raises(InputError, match="values have no column estimate"):
        compare(values[["id"]], [])
    with pytest.raises(InputError, match="truth has no column estimate"):
        compare(values, [{"id": "a"}])
    with pytest.raises(InputError, match="two different values: a"):
        compare(values, [{"id": "a", "estimate": 1.0}, {"id": "a", "estimate": 2.0}])
