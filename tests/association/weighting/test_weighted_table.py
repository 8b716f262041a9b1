"""Truth: unweighted formulas, invariances; R's survey package in the conformance cases."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import faceage_stats as fs
from faceage_stats.errors import DesignError, InputError

RNG = np.random.default_rng(4)
N = 90
DATA = pd.DataFrame(
    {
        "age": RNG.normal(65, 9, N).round(1),
        "site": RNG.choice(["a", "b", "c"], N),
        "arm": RNG.choice(["x", "y"], N),
        "w": RNG.uniform(0.5, 3, N).round(2),
        "one": 1.0,
    }
)


def test_equal_weights_are_no_weights():
    found = fs.weighted_table(DATA, "arm", ["age", "site"], weights="one")
    cells, tests = found.tidy(), found.comparisons().set_index("variable")
    ages = [DATA.loc[DATA["arm"] == arm, "age"] for arm in "xy"]
    plain = cells[cells["variable"] == "age"]
    assert plain["mean"].to_numpy() == pytest.approx([a.mean() for a in ages])
    assert plain["std_error"].to_numpy() == pytest.approx(
        [np.sqrt(N / (N - 1) * ((a - a.mean()) ** 2).sum()) / len(a) for a in ages]
    )
    table = pd.crosstab(DATA["site"], DATA["arm"])
    assert cells[cells["variable"] == "site"]["n"].tolist() == table.to_numpy().ravel().tolist()
    pearson = stats.chi2_contingency(table, correction=False).statistic
    assert tests.loc["site", "statistic"] == pytest.approx(pearson / 2 * (N - 1) / N)
    assert tests.loc["site", ["df", "df_residual"]].tolist() == pytest.approx([2, 2 * (N - 1)])


def test_the_unit_of_the_weights_does_not_matter():
    one = fs.weighted_table(DATA, "arm", ["age", "site"], weights="w")
    other = fs.weighted_table(DATA.assign(w=DATA["w"] * 40), "arm", ["age", "site"], weights="w")
    pd.testing.assert_frame_equal(one.comparisons(), other.comparisons())
    changed = other.tidy().assign(weight=other.tidy()["weight"] / 40)
    pd.testing.assert_frame_equal(one.tidy(), changed)


def test_the_f_test_of_two_groups_is_the_square_of_t():
    two = fs.weighted_table(DATA, "arm", "age", weights="w").comparisons().iloc[0]
    same = DATA.assign(arm=DATA["arm"].map({"x": "k", "y": "m"}))
    extra = pd.DataFrame({"age": [50.0, 80.0], "arm": "z", "w": 1.0})
    three = fs.weighted_table(pd.concat([same, extra]), "arm", "age", weights="w")
    assert three.comparisons()["method"][0].endswith("F test of means")
    from faceage_stats.association.weighting.linearised import group_scores, wald_f

    codes = (DATA["arm"] == "y").to_numpy().astype(int)
    f = wald_f(group_scores(DATA["age"].to_numpy(), DATA["w"].to_numpy(), codes, 2))
    assert f.statistic == pytest.approx(two["statistic"] ** 2)
    assert f.p_value == pytest.approx(two["p_value"])


def test_missing_rows_are_counted_and_quartiles_are_values():
    data = DATA.assign(age=DATA["age"].where(DATA.index != 3))
    found = fs.weighted_table(data, "arm", "age", weights="w")
    assert found.glance().iloc[0].tolist() == [N - 1, 1]
    row = found.tidy().iloc[0]
    inside = data[(data["arm"] == "x")].dropna().sort_values("age")
    share = inside["w"].cumsum() / inside["w"].sum()
    assert row["median"] == inside["age"][share >= 0.5].iloc[0]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: fs.weighted_table(DATA.assign(w=DATA["w"] - 1), "arm", "age", weights="w"),
            InputError,
            "must be above 0",
        ),
        (
            lambda: fs.weighted_table(DATA[DATA["arm"] == "x"], "arm", "age", weights="w"),
            DesignError,
            "1 groups",
        ),
        (
            lambda: fs.weighted_table(DATA.assign(age=5.0), "arm", "age", weights="w"),
            DesignError,
            "does not vary",
        ),
        (
            lambda: fs.weighted_table(DATA.assign(site="a"), "arm", "site", weights="w"),
            DesignError,
            "one level",
        ),
    ],
)
def test_bad_requests_are_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()
