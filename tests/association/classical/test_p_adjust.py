"""Truth: R 4.2.2 p.adjust (the open reference cases repeated here), and order properties."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceage_stats.association.classical.p_adjust import P_ADJUST_METHODS, adjust_family, p_adjust
from faceage_stats.errors import InputError

nan = np.nan


# R: p.adjust(p, m, n) for p = c(0.01, NA, 0.02, 0.03, NA, 0.04, 0.05)
@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("holm", [0.05, nan, 0.08, 0.09, nan, 0.09, 0.09]),
        ("hochberg", [0.05, nan, 0.05, 0.05, nan, 0.05, 0.05]),
        ("hommel", [0.05, nan, 0.05, 0.05, nan, 0.05, 0.05]),
        ("bonferroni", [0.05, nan, 0.1, 0.15, nan, 0.2, 0.25]),
        ("BH", [0.05, nan, 0.05, 0.05, nan, 0.05, 0.05]),
        ("fdr", [0.05, nan, 0.05, 0.05, nan, 0.05, 0.05]),
        ("BY", np.array([0.05, nan, 0.05, 0.05, nan, 0.05, 0.05]) * (137 / 60)),
        ("none", [0.01, nan, 0.02, 0.03, nan, 0.04, 0.05]),
    ],
)
def test_missing_p_values_stay_missing_and_are_not_counted(method, expected):
    p = [0.01, None, 0.02, 0.03, nan, 0.04, 0.05]
    np.testing.assert_allclose(p_adjust(p, method), expected, rtol=1e-12)


# R: p.adjust(c(0.001, 0.01, 0.02), m, n = 10)
@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("holm", [0.01, 0.09, 0.16]),
        ("hochberg", [0.01, 0.09, 0.16]),
        ("hommel", [0.01, 0.09, 0.16]),
        ("bonferroni", [0.01, 0.1, 0.2]),
        ("BH", [0.01, 0.05, 0.0666666666666667]),
        ("BY", [0.0292896825396825, 0.146448412698413, 0.19526455026455]),
    ],
)
def test_tests_that_are_not_listed_count(method, expected):
    np.testing.assert_allclose(p_adjust([0.001, 0.01, 0.02], method, n=10), expected, rtol=1e-12)


def test_one_and_none():
    assert p_adjust([0.03], "BH").tolist() == [0.03]
    assert p_adjust([], "BH").shape == (0,)
    assert np.isnan(p_adjust([nan], "holm")).all()


@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=20), st.sampled_from(sorted(P_ADJUST_METHODS))
)
def test_adjusted_values_are_never_smaller_and_keep_the_order(p, method):
    adjusted = p_adjust(p, method)
    assert (adjusted >= np.asarray(p) * (1 - 1e-12)).all()
    assert (adjusted <= 1).all()
    order = np.argsort(p, kind="stable")
    assert (np.diff(adjusted[order]) >= -1e-15).all()


def test_refusals():
    with pytest.raises(InputError, match="choose one of holm, hochberg"):
        p_adjust([0.1], "sidak")
    with pytest.raises(InputError, match="2 values outside 0 to 1"):
        p_adjust([0.1, 1.2, -1])
    with pytest.raises(InputError, match="n is 1, but 2 p values"):
        p_adjust([0.1, 0.2], n=1)
    with pytest.raises(InputError, match="no column 'p_value', 'site'"):
        adjust_family(pd.DataFrame({"p": [1]}), family="x", by="site")


def test_families_are_adjusted_apart_and_keep_their_rows():
    tests = pd.DataFrame({"site": ["a", "b", "a"], "p_value": [0.01, 0.02, 0.03]}, index=[5, 3, 9])
    out = adjust_family(tests, family="smoking", by="site", method="bonferroni")
    assert out.index.tolist() == [5, 3, 9]
    assert out["p_adjusted"].tolist() == [0.02, 0.02, 0.06]
    assert out["family"].tolist() == [
        "smoking, a (2 tests)",
        "smoking, b (1 test)",
        "smoking, a (2 tests)",
    ]
