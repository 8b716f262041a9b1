"""Terms and their coding: names and columns of R's model.matrix(), from R 4.2.2."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceage_stats._formula.frame import model_frame, survival_frame
from faceage_stats._formula.parse import parse_right
from faceage_stats.errors import FormulaError

DATA = pd.DataFrame(
    {
        "y": [2.0, 1, 3, 5, 4, 6],
        "x": [1.0, 2, 4, 7, 3, 5],
        "f": list("abcabc"),
        "g": list("uuvvuv"),
        "h": [True, False, True, True, False, False],
    }
)
# right side -> names, and the sums of each column times 1:6
R_CODING = {
    "f": ("(Intercept) fb fc", "21 7 9"),
    "f - 1": ("fa fb fc", "5 7 9"),
    "0 + x + f + g": ("x fa fb fc gv", "90 5 7 9 13"),
    "f:g": ("(Intercept) fa:gu fb:gu fc:gu fa:gv fb:gv fc:gv", "21 1 7 0 4 0 9"),
    "f + f:g": ("(Intercept) fb fc fa:gv fb:gv fc:gv", "21 7 9 4 0 9"),
    "x:f": ("(Intercept) x:fa x:fb x:fc", "21 29 19 42"),
    "x + x:f": ("(Intercept) x x:fb x:fc", "21 90 19 42"),
    "f/x": ("(Intercept) fb fc fa:x fb:x fc:x", "21 7 9 29 19 42"),
    "f + x %in% f": ("(Intercept) fb fc fa:x fb:x fc:x", "21 7 9 29 19 42"),
    "(x + f + h)^2 - f:h": (
        "(Intercept) x fb fc hTRUE x:fb x:fc x:hTRUE",
        "21 90 7 9 8 19 42 41",
    ),
    "f*g*h": (
        "(Intercept) fb fc gv hTRUE fb:gv fc:gv fb:hTRUE fc:hTRUE gv:hTRUE fb:gv:hTRUE fc:gv:hTRUE",
        "21 7 9 13 8 0 9 0 3 7 0 3",
    ),
    "f:g + f:h": (
        "(Intercept) fa:gu fb:gu fc:gu fa:gv fb:gv fc:gv fa:hTRUE fb:hTRUE fc:hTRUE",
        "21 1 7 0 4 0 9 5 0 3",
    ),
    "g:x - 1": ("gu:x gv:x", "20 70"),
    "0 + x + x:g": ("x x:gu x:gv", "90 20 70"),
    "x:h + h": ("(Intercept) hTRUE x:hFALSE x:hTRUE", "21 8 49 41"),
    "C(f, contr.poly) + x": ("(Intercept) f.L f.Q x", f"21 {2 * 2**0.5} 0 90"),
    "C(f, contr.treatment)": ("(Intercept) fb fc", "21 7 9"),
    "0 + C(f, poly)": ("fa fb fc", "5 7 9"),
    "-1 + f:x + g": ("gu gv fa:x fb:x fc:x", "8 13 29 19 42"),
    "x^2": ("(Intercept) x", "21 90"),
    "(f + g)^3 - f:g": ("(Intercept) fb fc gv", "21 7 9 13"),
    "f*x - f": ("(Intercept) x fb:x fc:x", "21 90 19 42"),
    "x*f - f": ("(Intercept) x x:fb x:fc", "21 90 19 42"),
    ". - f - h": ("(Intercept) x gv", "21 90 13"),
}


@pytest.mark.parametrize("right", R_CODING)
def test_columns_are_those_of_model_matrix(right):
    frame = model_frame(f"y ~ {right}", DATA, allow={"- 1"})
    names, sums = R_CODING[right]
    x = frame.design.with_intercept(frame.x)
    assert frame.design.names_with_intercept == names.split()
    np.testing.assert_allclose(np.arange(1, 7) @ x, [float(s) for s in sums.split()], atol=1e-12)
    np.testing.assert_array_equal(frame.design.encode(DATA), frame.x)


def test_polynomial_contrasts_are_those_of_r():
    data = pd.DataFrame({"y": range(4), "dose": [1, 2, 3, 4]})
    frame = model_frame("y ~ C(dose, poly)", data)
    assert frame.design.names == ["dose.L", "dose.Q", "dose.C"]
    contr_poly = [
        [-0.6708204, 0.5, -0.2236068],
        [-0.2236068, -0.5, 0.6708204],
        [0.2236068, -0.5, -0.6708204],
        [0.6708204, 0.5, 0.2236068],
    ]
    np.testing.assert_allclose(frame.x, contr_poly, atol=5e-8)


ATOMS = st.sampled_from(["x", "f", "g", "h", "log(x)"])


@given(st.lists(ATOMS, min_size=1, max_size=3), st.lists(ATOMS, min_size=1, max_size=3))
def test_the_algebra_keeps_its_laws(left, right):
    a, b = " + ".join(left), " + ".join(right)

    def products(text):
        return {frozenset(each) for each in parse_right(text, text).products}

    crossed = products(f"({a})*({b})")
    assert crossed == products(f"{a} + {b} + ({a}):({b})")
    assert products(f"({a})/({b})") == products(f"{a} + {':'.join(left)}:({b})")
    assert products(f"({a}) %in% ({b})") == products(f"({a}):{':'.join(right)}")
    assert products(f"({a})^2") == products(f"({a})*({a})")
    assert products(f"({a}) - ({a})") == set()
    assert products(f"{a} + {b} - ({b})") == products(a) - products(b)


def test_strata_have_no_column_of_their_own_and_code_what_they_multiply():
    data = DATA.assign(t=[3.0, 1, 2, 5, 4, 6], d=1, z=[1, 2, 1, 2, 1, 2])
    names = {
        "x*strata(z)": ["x", "x:strata(z)z=2"],
        "x:strata(z)": ["x:strata(z)z=1", "x:strata(z)z=2"],
        "x*strata(g)": ["x", "x:strata(g)v"],
        "x + x:strata(g, h)": [
            *("x", "x:strata(g, h)g=u, h=TRUE"),
            *("x:strata(g, h)g=v, h=FALSE", "x:strata(g, h)g=v, h=TRUE"),
        ],
        "f*strata(g) - 1": ["fb", "fc", "fb:strata(g)v", "fc:strata(g)v"],
    }
    for right, expected in names.items():
        frame = survival_frame(f"Surv(t, d) ~ {right}", data, allow={"strata"})
        assert frame.design.names == expected, right
        assert len(set(frame.strata.tolist())) == len(frame.strata_labels) > 1


@pytest.mark.parametrize(
    ("right", "told"),
    [
        ("x/10", "Arithmetic goes into I"),
        ("x + 2", "Arithmetic goes into I"),
        ("x^1.5", "whole number"),
        ("x^f", "whole number"),
        ("x | f", "without `|`"),
        ("log(strata(f))", "terms of their own"),
        ("tt(x)", "not used here"),
        ("x:tt(x)", "cannot be part of an interaction"),
        ("tt(x, f)", "takes one column"),
        ("log(tt(x))", "terms of their own"),
        ("x:offset(x)", "cannot be part of an interaction"),
        ("cluster(f) + cluster(g)", "2 cluster terms"),
        ("strata(f, sep=1)", "without sep="),
        ("log(.)", "stands alone"),
        ("(" + " + ".join(f"x{i}" for i in range(200)) + ")^4", "more than 20000 terms"),
    ],
)
def test_what_is_no_term_is_refused_by_name(right, told):
    with pytest.raises(FormulaError, match=told):
        model_frame(f"y ~ {right}", DATA, allow={"strata", "cluster", "offset"})


def test_an_intercept_is_removed_where_that_is_said_and_refused_where_it_cannot():
    for right in ("x - 1", "0 + x", "x + 0", "-1 + x", "(x - 1)"):
        assert not model_frame(f"y ~ {right}", DATA, allow={"- 1"}).design.intercept
        with pytest.raises(FormulaError, match=r"no intercept.* is not used here"):
            model_frame(f"y ~ {right}", DATA)
    for right in ("x + 1", "x - 0", "x - 1 + 1", "I(x - 1)"):
        assert model_frame(f"y ~ {right}", DATA).design.intercept
    survival = DATA.assign(t=range(1, 7))
    frame = survival_frame("Surv(t, h) ~ f - 1", survival)
    assert frame.design.names == ["fb", "fc"]


def test_a_sum_of_thousands_of_columns_is_read():
    wide = pd.DataFrame(np.eye(3, 1500), columns=[f"g{i}" for i in range(1500)]).assign(y=1.0)
    formula = "y ~ " + " + ".join(wide.columns[:-1])
    assert model_frame(formula, wide).x.shape == (3, 1500)
    assert model_frame("y ~ .", wide).x.shape == (3, 1500)


def test_rows_are_the_same_wherever_a_block_of_them_begins():
    # 33,333 rows of three columns are a block of the design, 50,000 of two one of the reading
    n = 60_001
    x = np.sin(np.arange(n))
    x[[33_332, 33_333, 49_999, 50_000, n - 1]] = np.nan
    data = pd.DataFrame({"y": 1.0, "x": x, "g": np.resize(["a", "b", None], n)})
    frame = model_frame("y ~ x * g", data)
    used = ~(data["x"].isna() | data["g"].isna()).to_numpy()
    is_b = (data["g"] == "b").to_numpy(float)
    expected = np.column_stack([x, is_b, x * is_b])[used]
    np.testing.assert_array_equal(frame.x, expected)
    np.testing.assert_array_equal(frame.rows, np.flatnonzero(used))
    assert frame.n_missing == n - used.sum()
