"""Values of expressions against R 4.2.2: missing values, factors, intervals, splines."""

import numpy as np
import pandas as pd
import pytest

from faceage_stats._expression.evaluate import evaluate, evaluate_node, names_in
from faceage_stats._expression.functions import FUNCTIONS
from faceage_stats._expression.names import KNOWN
from faceage_stats._expression.parse import parse
from faceage_stats._expression.values import Basis
from faceage_stats.errors import FormulaError, InputError

TABLE = pd.DataFrame(
    {
        "x": [1, 2, 3, 5, 8, 13, None, 4],
        "small": np.array([100, 120, 3, 4, 5, 6, 7, 8], dtype="int8"),
        "g": ["a", "b", "c", "a", "b", "c", None, "a"],
        "ecog": ["1", "2"] * 4,
        "yes": [True, False] * 4,
        "grade": pd.Categorical(["lo", "hi"] * 4, ["lo", "hi"], ordered=True),
        "start": pd.to_datetime(["2020-01-01"] * 4 + ["2020-02-01"] * 4),
        "stop": pd.to_datetime(["2020-01-05"] * 8),
    },
    index=list("pqrstuvw"),
)
NAN = float("nan")


def value(text, table=TABLE, memory=None):
    return evaluate_node(parse(text, "lm()"), table, "lm()", memory)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("small * small", [10000, 14400, 9, 16, 25, 36, 49, 64]),
        ("-x^2", [-1, -4, -9, -25, -64, -169, NAN, -16]),
        ("pmin(x, 3)", [1, 2, 3, 3, 3, 3, NAN, 3]),
        ("pmin(x, 3, na.rm = TRUE)", [1, 2, 3, 3, 3, 3, 3, 3]),
        ("pmax(x, 3, small)", [100, 120, 3, 5, 8, 13, NAN, 8]),
        ("ifelse(x > 3, 1, 0)", [0, 0, 0, 1, 1, 1, NAN, 1]),
        ("ifelse(is.na(x), 0, x)", [1, 2, 3, 5, 8, 13, 0, 4]),
        ("round(x/2)", [0, 1, 2, 2, 4, 6, NAN, 2]),
        ("log(small - 2, base = 2)", np.log2(TABLE["small"].astype(float) - 2)),
        ("as.numeric(ecog)", [1, 2] * 4),
        ("as.numeric(stop - start)", [4] * 4 + [-27] * 4),
        ("yes + 1", [2, 1] * 4),
        ("cut(x, 3, labels = FALSE)", [1, 1, 1, 1, 2, 3, NAN, 1]),
    ],
)
def test_numbers_are_those_of_r(text, expected):
    found = value(text)
    assert found.dtype == float
    assert found.index.equals(TABLE.index)
    np.testing.assert_allclose(found, expected, rtol=1e-14)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x > 3 & g == 'a'", [0, 0, 0, 1, 0, 0, None, 1]),
        ("x > 3 | yes", [1, 0, 1, 1, 1, 1, 1, 1]),
        ("x > 3 & yes == FALSE", [0, 0, 0, 1, 0, 1, 0, 1]),
        ("!(x == 2)", [1, 0, 1, 1, 1, 1, None, 1]),
        ("x %in% c(1, 2)", [1, 1, 0, 0, 0, 0, 0, 0]),
        ("x %in% 1:2", [1, 1, 0, 0, 0, 0, 0, 0]),
        ("ecog == 1", [1, 0] * 4),
        ("yes == 'TRUE'", [1, 0] * 4),
        ("2 < x", [0, 0, 1, 1, 1, 1, None, 1]),
        ("grade >= 'hi'", [0, 1] * 4),
        ("g > 'a'", [0, 1, 1, 0, 1, 1, None, 0]),
        ("start > '2020-01-15'", [0] * 4 + [1] * 4),
        ("stop >= start", [1] * 4 + [0] * 4),
    ],
)
def test_conditions_have_three_values_as_in_r(text, expected):
    found = value(text)
    assert found.dtype == "boolean"
    assert [None if pd.isna(each) else int(each) for each in found] == expected


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("cut(x, 3)", ["(0.988,5]", "(5,9]", "(9,13]"]),
        ("cut(x, c(0, 2.5, 10, 13))", ["(0,2.5]", "(2.5,10]", "(10,13]"]),
        (
            "cut(x, c(0, 2.5, 10, 13), right = FALSE, include.lowest = TRUE)",
            ["[0,2.5)", "[2.5,10)", "[10,13]"],
        ),
        (
            "cut(x, c(0, 2.123456, 2.123457, 13))",
            ["(0,2.123456]", "(2.123456,2.123457]", "(2.123457,13]"],
        ),
        ("cut(x, c(-Inf, 2, Inf))", ["(-Inf,2]", "(2, Inf]"]),
        ("cut(x, c(0, 1000, 100000))", ["(0,1e+03]", "(1e+03,1e+05]"]),
        ("cut(x, c(0, 5, 13), labels = c('low', 'high'))", ["low", "high"]),
        ("relevel(g, ref = 'b')", ["b", "a", "c"]),
        ("C(g, ref = 'c')", ["c", "a", "b"]),
        ("factor(g, levels = c('c', 'b', 'a'))", ["c", "b", "a"]),
        ("factor(g, labels = c('A', 'B', 'C'))", ["A", "B", "C"]),
        ("as.factor(ecog)", ["1", "2"]),
    ],
)
def test_factors_have_the_levels_of_r(text, levels):
    assert list(value(text).cat.categories) == levels


def test_what_a_fit_saw_is_kept_for_new_data():
    for text in ("ns(x, 3)", "poly(x, 2)", "scale(x)", "cut(x, 3)", "factor(g)", "C(g, poly)"):
        memory = {}
        whole, part = value(text, memory=memory), value(text, TABLE.iloc[:3], memory)
        if isinstance(whole, Basis):
            np.testing.assert_allclose(part.matrix, whole.matrix[:3], rtol=1e-12, atol=1e-14)
        else:
            assert part.astype(str).tolist() == whole.iloc[:3].astype(str).tolist()
            assert part.dtype == whole.dtype


def test_a_level_is_known_by_its_value_and_a_new_one_refused():
    memory = {}
    fitted = value("factor(small)", memory=memory)
    text = TABLE.assign(small=TABLE["small"].astype(str))
    assert value("factor(small)", text, memory).tolist() == fitted.tolist()
    with pytest.raises(InputError, match="small"):
        value("factor(small)", TABLE.assign(small=99), memory)
    with pytest.raises(InputError, match="known levels"):
        value("factor(g, levels = c('a', 'b'))")


def test_bases_equal_r():
    # of x without its missing value: poly(x, 2), ns(x, 3), bs(x, df = 5), rows 1 to 3
    expected = {
        "poly(x, 2)": [
            [-0.4084912, 0.51658189],
            [-0.3098899, 0.20382142],
            [-0.2112886, -0.05271244],
        ],
        "ns(x, 3)": [
            [0, 0, 0],
            [-0.1519927, 0.3654212, -0.2030118],
            [-0.1852649, 0.6043460, -0.3357478],
        ],
        "bs(x, df = 5)": [
            [0, 0, 0, 0, 0],
            [0.59375, 0.2708333, 0.01041667, 0, 0],
            [0.25, 0.6666667, 0.08333333, 0, 0],
        ],
        "bs(x, degree = 2, knots = 3)": [
            [0, 0, 0],
            [0.7083333, 0.04166667, 0],
            [0.8333333, 0.16666667, 0],
        ],
    }
    for text, rows in expected.items():
        basis = value(text)
        np.testing.assert_allclose(basis.matrix[:3], rows, atol=5e-8)
        assert np.isnan(basis.matrix[6]).all()
        assert basis.index.equals(TABLE.index)


def test_a_number_that_is_not_defined_is_infinite_not_missing():
    found = value("log(x - 3)")
    assert np.isneginf(found.iloc[:3]).all()
    assert np.isnan(found.iloc[6])
    assert value("ifelse(x > 3, log(x - 3), 0)").isna().tolist() == TABLE["x"].isna().tolist()
    with pytest.raises(FormulaError, match="not finite in 3 rows"):
        value("ns(log(x - 3), 2)")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("log(g)", "'g' holds text"),
        ("g + 1", "needs numbers"),
        ("as.numeric(g)", "7 of 8 rows"),
        ("grade > 'zz'", "one of its levels: lo, hi"),
        ("factor(g) > 'a'", "no order"),
        ("start > 5", "holds dates"),
        ("start + 1", "as.numeric"),
        ("x %in% g", "set of constants"),
        ("x == c(1, 2)", "several constants"),
        ("x:small", "joins terms"),
        ("strata(g)", "stands by itself"),
        (". + 1", "stands for all other columns"),
        ("1 + 1", "names no column"),
        ("nope > 1", "no column 'nope'"),
        ("log(x, bas = 2)", "no argument bas; it has x, base"),
        ("ns(x)", "needs df="),
        ("ns(x, df = 0)", "whole number from 1"),
        ("poly(x, 20)", "different values"),
        ("cut(x, c(1, 1))", "different numbers"),
        ("C(g, ref = 'z')", "among the levels: a, b, c"),
        ("C(g, contr = 'sum')", "poly and contr.treatment"),
        ("x %in% 1:1000000000", "whole number"),
    ],
)
def test_refusals_name_the_piece(text, words):
    with pytest.raises(FormulaError, match=words):
        value(text)


def test_a_column_is_found_by_its_name_first():
    table = pd.DataFrame({"a + b": [5, 6], "a": [1, 2]})
    assert evaluate("a + b", table, "weights").tolist() == [5, 6]
    assert evaluate("`a + b` * 2", table, "weights").tolist() == [10, 12]
    assert names_in("`a + b` * a") == ["a + b", "a"]
    with pytest.raises(FormulaError, match="2 columns"):
        evaluate("poly(x, 2)", TABLE, "The left side")


def test_every_function_of_the_language_is_there():
    assert set(KNOWN) == set(FUNCTIONS)
