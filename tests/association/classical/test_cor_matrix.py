"""Truth: R 4.2, `cor.test` of each pair of complete rows and `p.adjust` over the pairs."""

import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.errors import DesignError, FormulaError

DATA = pd.DataFrame(
    {
        "faceage": [61, 70, 58, 66, 75, 69, 73, 62],
        "age": [60, 68, 61, 63, 71, None, 70, 66],
        "bmi": [25, 24, 31, 22, 27, 26, 21, 30],
    }
)
FORMULA = "~ faceage + age + bmi"
R = {  # estimates, p values; adjusted by Holm; by Benjamini and Hochberg
    "pearson": (
        [0.9037118076136, -0.5584534737644, -0.269355348942],
        [0.005243343511209, 0.1502372020025, 0.559134101818],
        [0.01573003053363, 0.3004744040051, 0.559134101818],
        [0.01573003053363, 0.2253558030038, 0.559134101818],
    ),
    "spearman": (
        [0.9285714285714, -0.452380952381, -0.2857142857143],
        [0.006746031746032, 0.2674603174603, 0.5559523809524],
        [0.0202380952381, 0.5349206349206, 0.5559523809524],
        [0.0202380952381, 0.4011904761905, 0.5559523809524],
    ),
    "kendall": (
        [0.8095238095238, -0.3571428571429, -0.2380952380952],
        [0.01071428571429, 0.2750992063492, 0.5619047619048],
        [0.03214285714286, 0.5501984126984, 0.5619047619048],
        [0.03214285714286, 0.4126488095238, 0.5619047619048],
    ),
}


@pytest.mark.parametrize("method", R)
def test_the_numbers_of_r(method):
    table = fs.cor_matrix(FORMULA, DATA, method=method).tidy()
    estimate, p, holm, bh = R[method]
    assert table["estimate"].tolist() == pytest.approx(estimate, rel=1e-12)
    assert table["p_value"].tolist() == pytest.approx(p, rel=1e-11)
    assert table["p_adjusted"].tolist() == pytest.approx(holm, rel=1e-11)
    other = fs.cor_matrix(FORMULA, DATA, method=method, p_adjust="BH").tidy()
    assert other["p_adjusted"].tolist() == pytest.approx(bh, rel=1e-11)
    assert table["n"].tolist() == [7, 8, 7]
    assert table["n_missing"].tolist() == [1, 0, 1]


def test_limits_at_another_level():
    limits = [0.5847698470456, 0.9806611272999]
    fit = fs.cor_matrix(FORMULA, DATA, conf_level=0.9)
    for table in (fit.tidy(), fs.cor_matrix(FORMULA, DATA).tidy(conf_level=0.9)):
        assert table.loc[0, ["conf_low", "conf_high"]].tolist() == pytest.approx(limits, rel=1e-12)
    assert fit.glance().loc[0].to_dict() == {
        "method": "Pearson's product-moment correlation",
        "family": "3 pairs, holm",
        "n": 8,
        "n_missing": 0,
    }


def test_order_of_the_formula():
    table = fs.cor_matrix("~ bmi + `face age`", DATA.rename(columns={"faceage": "face age"})).tidy()
    assert table.loc[0, ["variable1", "variable2"]].tolist() == ["bmi", "face age"]
    assert table.loc[0, "estimate"] == pytest.approx(R["pearson"][0][1], rel=1e-12)


@pytest.mark.parametrize(
    ("formula", "error", "message"),
    [
        ("~ faceage", FormulaError, "two columns or more"),
        ("age ~ faceage + bmi", FormulaError, "two columns or more"),
        ("~ faceage:age + bmi", FormulaError, "two columns or more"),
        ("~ faceage + strata(bmi)", FormulaError, "is not used here"),
        ("~ faceage + bmii", FormulaError, "Did you mean 'bmi'"),
        ("~ faceage + age + same", DesignError, "faceage and same: .* both columns must vary"),
    ],
)
def test_refused(formula, error, message):
    with pytest.raises(error, match=message):
        fs.cor_matrix(formula, DATA.assign(same=1.0))
