"""Formulas: names as R gives them, missing rows counted once, encodings remembered."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from faceage_stats._formula import group_frame, model_frame
from faceage_stats.errors import DesignError, EstimationWarning, FormulaError, InputError


@pytest.fixture
def df() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "g": pd.Categorical(list("abca"), categories=list("bac")),
            "h": list("xyxy"),
            "z": [1.0, 2, 3, 4],
            "t": [1.0, 2, 3, 4],
            "d": [1, 0, 1, 1],
            "k": [1, 2, 1, 2],
            "my column": [5.0, 6, 7, 8],
        }
    )


def names(formula: str, data: pd.DataFrame) -> list[str]:
    return model_frame(formula, data).design.names


# colnames(model.matrix(...)) of R 4.2.2, without the intercept
@pytest.mark.parametrize(
    ("right", "expected"),
    [
        ("g*h + I(z/2)", ["ga", "gc", "hy", "I(z/2)", "ga:hy", "gc:hy"]),
        (
            "z*g*h",
            ["z", "ga", "gc", "hy", "z:ga", "z:gc", "z:hy", "ga:hy", "gc:hy", "z:ga:hy", "z:gc:hy"],
        ),
        ("z + z:g", ["z", "z:ga", "z:gc"]),
        ("h:z", ["hx:z", "hy:z"]),
        ("g - 1", ["ga", "gc"]),  # coxph ignores the removal of an intercept it does not have
    ],
)
def test_coefficient_names_are_those_of_r(df, right, expected):
    assert names(f"Surv(t, d) ~ {right}", df) == expected


def test_reference_levels(df):
    assert names("Surv(t, d) ~ C(g, ref='c')", df) == ["gb", "ga"]
    assert names("Surv(t, d) ~ C(k)", df) == ["k2"]
    assert names("Surv(t, d) ~ factor(k, levels=[2, 1])", df) == ["k1"]
    term = model_frame("Surv(t, d) ~ C(g, ref='c')", df).design.terms[0]
    assert (term.label, term.levels, term.reference) == ("g", ("b", "a", "c"), "c")


def test_a_categorical_keeps_its_unused_levels_as_r_does(df):
    df["u"] = pd.Categorical(list("abba"), categories=list("abc"))
    frame = model_frame("Surv(t, d) ~ u", df)
    assert frame.design.names == ["ub", "uc"]
    assert frame.x[:, 1].tolist() == [0, 0, 0, 0]


def test_design_columns_are_the_products_they_name(df):
    frame = model_frame("Surv(t, d) ~ z*g", df)
    z, ga, gc = df.z, df.g == "a", df.g == "c"
    expected = np.column_stack([z, ga, gc, z * ga, z * gc])
    np.testing.assert_array_equal(frame.x, expected)


def test_specials_leave_the_design(df):
    frame = model_frame("Surv(t, d) ~ z + strata(h, k) + cluster(k) + offset(0.5 * z)", df)
    assert frame.design.names == ["z"]
    assert frame.strata_labels == ("h=x, k=1", "h=y, k=2")
    assert frame.strata.tolist() == [0, 1, 0, 1]
    assert frame.cluster.tolist() == [0, 1, 0, 1]
    assert frame.offset.tolist() == [0.5, 1, 1.5, 2]


def test_missing_rows_are_dropped_once_and_counted(df):
    df.loc[0, "z"] = np.nan
    df.loc[1, "h"] = None
    frame = model_frame("Surv(t, d) ~ z + strata(h)", df)
    assert frame.n_missing == 2
    assert frame.rows.tolist() == [2, 3]
    df["d"] = df["d"].astype("Int64")
    df.loc[2, "d"] = pd.NA
    assert model_frame("Surv(t, d == 1) ~ z + strata(h)", df).rows.tolist() == [3]


def test_outcomes_by_expression_and_with_entry(df):
    surv = model_frame("Surv(t - 1, t, d == 0) ~ 1", df).surv
    assert surv.entry.tolist() == [0, 1, 2, 3]
    assert surv.event.tolist() == [0, 1, 0, 0]
    assert model_frame("`my column` ~ z", df).y.tolist() == [5, 6, 7, 8]
    states = model_frame("Surv(t, g) ~ 1", df, states=True).surv
    assert states.states == ("a", "c")
    assert states.event.tolist() == [1, 0, 2, 1]


def test_a_polars_frame_is_read_at_the_door(df):
    frame = model_frame("Surv(t, d) ~ z + h", pl.DataFrame(df.drop(columns="g").to_dict("list")))
    assert frame.design.names == ["z", "hy"]


def test_new_data_use_the_fitted_encoding(df):
    design = model_frame("Surv(t, d) ~ g + scale(z)", df).design
    new = pd.DataFrame({"g": ["c", None], "z": [2.5, 1.0]})
    encoded = design.encode(new)
    np.testing.assert_allclose(encoded[0], [0, 1, 0], atol=1e-15)  # 2.5 is the mean of the fit
    assert np.isnan(encoded[1]).all()
    with pytest.raises(InputError, match=r"column 'g' has 1 levels that the model never saw \(q"):
        design.encode(pd.DataFrame({"g": ["q"], "z": [1.0]}))
    with pytest.raises(FormulaError, match="no column 'z'"):
        design.encode(pd.DataFrame({"g": ["a"]}))


def test_groups_are_labelled_and_ordered_as_r_does(df):
    frame, groups = group_frame("Surv(t, d) ~ g + C(k)", df)
    assert groups.labels == ("g=b, k=2", "g=a, k=1", "g=a, k=2", "g=c, k=1")
    assert groups.codes.tolist() == [1, 0, 3, 2]
    assert frame.n == 4
    _, overall = group_frame("Surv(t, d) ~ 1", df)
    assert overall is None
    _, logical = group_frame("Surv(t, d) ~ I(z > 2)", df)
    assert logical.labels == ("z > 2=FALSE", "z > 2=TRUE")
    df.loc[3, "h"] = None
    frame, groups = group_frame("Surv(t, d) ~ h + strata(k)", df)
    assert (frame.n_missing, frame.rows.tolist()) == (1, [0, 1, 2])


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("t, d", "is not a formula"),
        ("Surv(t, d) ~ zz", r"no column 'zz'\. Did you mean 'z'\?"),
        ("Surv(tt, d) ~ z", r"no column 'tt'\. Did you mean 't'\?"),
        ("Surv(t) ~ z", r"must be Surv\(time, event\)"),
        ("Surv(t, d) ~ z | h", "one right side"),
        ("Surv(t, d) ~ (z", "Cannot read the right side"),
        ("Surv(t, d) ~ I(z^2)", r"write \*\* for powers"),
        ("Surv(t, d) ~ spline(z)", r"spline\(\) is not known in formulas"),
        ("Surv(t, d) ~ C(g, ref='q')", "the levels are b, a, c"),
        ("Surv(t, d) ~ C(h, levels=['x'])", "values that are not among levels=: y"),
        ("Surv(t, d) ~ z:cluster(k)", "cannot be part of an interaction"),
        ("Surv(t, d) ~ cluster(k) + cluster(h)", "has 2 cluster terms"),
    ],
)
def test_unreadable_formulas_are_refused(df, formula, message):
    with pytest.raises(FormulaError, match=message):
        model_frame(formula, df)


def test_unusable_columns_are_refused_by_name_and_count(df):
    with pytest.raises(InputError, match=r"`k` has values other than 0/1: 2 \(2 rows\)"):
        model_frame("Surv(t, k) ~ z", df)
    with pytest.raises(InputError, match=r'`h` is text, not 0/1: .*Surv\(time, h == "x"\)'):
        model_frame("Surv(t, h) ~ z", df)
    with pytest.raises(InputError, match="'h' holds text \\(4 of 4 rows"):
        model_frame("Surv(h, d) ~ z", df)
    with pytest.raises(InputError, match="not finite in 1 rows"):
        model_frame("Surv(t, d) ~ log(z - 1)", df)
    with pytest.raises(InputError, match="time 't' is negative in 2 rows"):
        model_frame("Surv(t, d) ~ z", df.assign(t=[-1.0, -2, 3, 4]))
    with pytest.raises(InputError, match="'z' has 1 infinite values"):
        model_frame("Surv(t, d) ~ z", df.assign(z=[np.inf, 2, 3, 4]))
    with pytest.raises(InputError, match="weights 'w' are negative in 1 rows"):
        model_frame("Surv(t, d) ~ z", df.assign(w=[-1, 1, 1, 1]), weights="w")
    with pytest.raises(InputError, match="'when' holds dates"):
        model_frame("Surv(when, d) ~ z", df.assign(when=pd.Timestamp("2020-01-01")))
    with pytest.raises(InputError, match="pass a pandas or polars DataFrame"):
        model_frame("Surv(t, d) ~ z", {"t": [1]})
    with pytest.raises(DesignError, match="none of the 4 rows is complete"):
        model_frame("Surv(t, d) ~ z", df.assign(z=np.nan))
    with pytest.raises(FormulaError, match="cluster is given twice"):
        model_frame("Surv(t, d) ~ z + cluster(k)", df, cluster="h")


def test_columns_named_like_python_keywords(df):
    df = df.assign(**{"lambda": [1.0, 2, 4, 8]})
    assert names("Surv(t, d) ~ `lambda` + `my column`", df) == ["lambda", "my column"]
    assert model_frame("Surv(`lambda`, d) ~ `my column`", df).surv.time.tolist() == [1, 2, 4, 8]
    with pytest.raises(FormulaError, match="cannot stand inside a function: rename it"):
        model_frame("Surv(t, d) ~ log(`lambda`)", df)


def test_plain_numbers_and_the_general_way_agree(df):
    plain = model_frame("Surv(t, d) ~ z + k", df)
    general = model_frame("Surv(t, d) ~ I(z) + I(k)", df)
    np.testing.assert_array_equal(plain.x, general.x)
    np.testing.assert_array_equal(plain.design.encode(df), plain.x)
    assert [term.columns for term in plain.design.terms] == [slice(0, 1), slice(1, 2)]
    assert model_frame("Surv(t, d) ~ z + h", df).design.names == ["z", "hy"]


def test_an_identifier_is_not_a_factor():
    many = pd.DataFrame({"t": range(1, 101), "d": 1, "id": [f"p{i}" for i in range(100)]})
    with pytest.raises(InputError, match="'id' is text with 100 distinct values in 100 rows"):
        model_frame("Surv(t, d) ~ id", many)


def test_intervals_without_length_are_left_out_with_a_warning(df):
    with pytest.warns(EstimationWarning, match="1 rows end at or before they start"):
        frame = model_frame("Surv(s, t, d) ~ z", df.assign(s=[0.0, 2.0, 1.0, 1.0]))
    assert (frame.rows.tolist(), frame.n_missing) == ([0, 2, 3], 1)
