"""Truth: R's lm/coxph-style fits by a small fake, the tidy table of real fits, printed layout."""

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.errors import InputError, SingularColumnWarning
from faceage_stats.reporting import formats
from faceage_stats.reporting.tables.tbl_regression import tbl_regression
from tests.survival.cox.test_predict import read


class Fit:
    """The result protocol, and nothing else."""

    def __init__(self, rows, **glance):
        self.rows, self.summary = rows, glance

    def tidy(self, exponentiate=False, conf_level=0.95):
        table = pd.DataFrame(self.rows)
        if exponentiate:
            columns = ["estimate", "conf_low", "conf_high"]
            table[columns] = np.exp(table[columns])
            table["scale"] = table["scale"].str.removeprefix("log ")
        return table

    def glance(self):
        return pd.DataFrame([self.summary])


def row(variable, level=None, reference=False, estimate=0.1, n=100, n_event=40):
    width = np.nan if reference else 0.1
    return {
        "term": f"{variable}{level or ''}",
        "variable": variable,
        "level": level,
        "is_reference": reference,
        "estimate": 0.0 if reference else estimate,
        "conf_low": estimate - width,
        "conf_high": estimate + width,
        "p_value": np.nan if reference else 0.0123,
        "n": n,
        "n_event": n_event,
        "scale": "log hazard ratio",
    }


AGE = Fit([row("faceage10", estimate=np.log(1.151))], n=100, n_missing=0)

SEX = Fit([row("sex", "F", True, n=60), row("sex", "M", estimate=0.2, n=40)], n=100, n_missing=3)

BOTH = Fit([*AGE.rows, *SEX.rows], n=97, n_missing=3)


def test_one_model():
    text = tbl_regression(BOTH, labels={"faceage10": "FaceAge, per decade"}).to_csv()
    assert text.splitlines() == [
        "Characteristic,n,Events,HR (95% CI),p",
        '"FaceAge, per decade",100,40,1.15 (1.04–1.27),0.012',
        "sex,,,,",
        "  F,60,40,Reference,",
        "  M,40,40,1.22 (1.11–1.35),0.012",
    ]


def test_univariable_beside_multivariable():
    table = tbl_regression({"Univariable": [SEX, AGE], "Multivariable": AGE}, digits=3)
    lines = table.to_csv().splitlines()
    assert lines[0].split(",")[1] == "Univariable: n"
    assert lines[1].startswith("sex,")
    assert lines[3].endswith(",,,,")  # sex is not in the multivariable model
    assert lines[4].count("1.151 (1.041–1.272)") == 2
    html = table.to_html()
    assert "Univariable" in html
    assert "0 to 3 rows per model" in html
    assert list(table.tidy()["model"]) == ["Univariable"] * 3 + ["Multivariable"]
    assert table.glance()["model"].tolist() == ["Univariable", "Univariable", "Multivariable"]
    assert r"\cmidrule" in table.to_latex()


def test_coefficients_and_order():
    table = tbl_regression(BOTH, effect="Beta", exponentiate=False, include=["sex", "faceage10"])
    lines = table.to_csv().splitlines()
    assert lines[0] == "Characteristic,n,Events,Beta (95% CI),p"
    assert lines[-1].startswith("faceage10,100,40,0.14 (0.04–0.24)")
    assert table._repr_html_() == table.to_html()
    assert "Reference" in repr(table)
    assert table.gt() is not None


def test_without_counts_or_reference_columns():
    bare = Fit([{k: v for k, v in row("x").items() if k not in ("n", "n_event", "is_reference")}])
    assert tbl_regression(bare, effect="ratio").to_csv().splitlines()[1].startswith("x,,1.11")


def test_a_real_fit():

    frame = pd.DataFrame(
        {
            "time": np.arange(1, 13.0),
            "death": [1, 1, 0, 1] * 3,
            "age": [70, 61, 66, 75, 58, 62, 69, 55, 71, 64, 60, 68],
            "sex": list("FMFMMFMFFMMF"),
        }
    )
    fit = fs.coxph("Surv(time, death) ~ age + sex", data=frame)
    shown = tbl_regression({"Cox": fit}).tidy().set_index("term")
    expected = fit.tidy(exponentiate=True).set_index("term")
    pd.testing.assert_series_equal(shown["estimate"], expected["estimate"])
    assert shown.loc["sexF", "is_reference"]


@pytest.fixture
def blood():
    years = [40.0, 50, 60, 70, 80, 45, 55, 65]
    return pd.DataFrame({"pressure": [118, 121, 130, 133, 142, 119, 126, 129], "age": years})


def test_differences_stay_differences(blood):
    fit = fs.lm("pressure ~ age", data=blood)
    table = tbl_regression(fit)
    assert table.tidy()["estimate"].tolist() == fit.tidy()["estimate"].tolist()[1:]
    assert "(Intercept)" in tbl_regression(fit, include=["age", "(Intercept)"]).to_csv()
    assert "difference (95% CI)" in table.to_csv()
    asked = tbl_regression(fit, exponentiate=True).tidy()
    np.testing.assert_allclose(asked["estimate"], np.exp(fit.tidy()["estimate"][1:]))


def test_what_is_no_fit_and_what_cannot_be_printed_is_refused(blood):
    with pytest.raises(InputError, match=r"tbl_regression\(\): got a DataFrame; pass a fit"):
        tbl_regression(blood)
    with pytest.raises(InputError, match="digits is -1"):
        tbl_regression(AGE, digits=-1)
    assert tbl_regression(BOTH, include="sex").tidy()["variable"].unique().tolist() == ["sex"]


def test_the_heading_is_the_scale_of_the_fits():
    odds = Fit([row("x") | {"scale": "log odds ratio"}], n=100)
    assert "OR (95% CI)" in tbl_regression(odds).to_csv()
    assert "OR: odds ratio" in repr(tbl_regression(odds))
    assert "log HR (95% CI)" in tbl_regression(AGE, exponentiate=False).to_csv()
    with pytest.raises(InputError, match=r"on 2 scales \(hazard ratio, odds ratio\)"):
        tbl_regression({"Cox": AGE, "Logistic": odds})


def test_tbl_regression_refuses():
    with pytest.raises(InputError, match="no fit was given"):
        tbl_regression({})
    with pytest.raises(InputError, match="sex occurs in two fits under 'Uni'"):
        tbl_regression({"Uni": [SEX, SEX]})
    with pytest.raises(InputError, match="include names 'smoking', which is not there"):
        tbl_regression(BOTH, include=["smoking"])
    with pytest.raises(InputError, match="of a Fit has no column p_value"):
        tbl_regression(Fit([{k: v for k, v in row("x").items() if k != "p_value"}]))
    with pytest.raises(InputError, match=r"labels names 'sexx'.* Did you mean 'sex'"):
        tbl_regression(BOTH, labels={"sexx": "Sex"})
    with pytest.raises(InputError, match="several rows for 'x'"):
        tbl_regression(Fit([row("x"), row("x")]))


@pytest.fixture(scope="module")
def cohort():
    rng = np.random.default_rng(4)
    n = 200
    frame = pd.DataFrame(
        {
            "t": rng.exponential(3, n) + 0.01,
            "d": rng.integers(0, 2, n),
            "cause": rng.integers(0, 3, n),
            "x": rng.normal(size=n),
            "g": rng.choice(list("abc"), n),
        }
    )
    return frame.assign(twice=2 * frame["x"])


MODELS = {
    "interaction": ("HR", lambda d: fs.coxph("Surv(t, d) ~ g * x", d)),
    "spline": ("HR", lambda d: fs.coxph("Surv(t, d) ~ ns(x, df=3) + strata(g)", d)),
    "polynomial": ("difference", lambda d: fs.lm("t ~ poly(x, 2) + g", d)),
    "logistic": ("OR", lambda d: fs.logistic("d ~ g + ns(x, df=3)", d)),
    "competing": ("sHR", lambda d: fs.crr("Surv(t, cause) ~ g + x", d, cause=1)),
    "firth": ("HR", lambda d: fs.coxphf("Surv(t, d) ~ g * x", d)),
    "firth logistic": ("OR", lambda d: fs.logistf("d ~ g * x", d)),
    "screen": ("HR", lambda d: fs.coxph_screen(d, ["x", "twice"], time="t", event="d")),
}


@pytest.mark.parametrize("name", MODELS)
def test_every_coefficient_has_a_row_with_its_own_numbers(name, cohort):
    """Not one per variable: an interaction or a spline of three coefficients has three."""
    short, make = MODELS[name]
    fit = make(cohort)
    ratio = short != "difference"
    shown = fit.tidy(exponentiate=True) if ratio else fit.tidy()
    shown = shown[~shown["term"].eq("(Intercept)") & shown["std_error"].notna()]
    text = tbl_regression(fit).to_csv()
    assert f"{short} (95% CI)" in text
    cells = [
        formats.format_estimate_ci(*numbers)
        for numbers in shown[["estimate", "conf_low", "conf_high"]].to_numpy()
    ]
    assert [text.count(cell) for cell in cells] == [cells.count(cell) for cell in cells]


def test_a_spline_is_headed_by_its_name_and_its_coefficients_by_theirs(cohort):
    table = tbl_regression(MODELS["spline"][1](cohort), labels={"ns(x, df = 3)": "x, cubic"})
    printed = table.display()
    assert printed.body["row"].tolist() == ["x, cubic", *(f"ns(x, df = 3){i}" for i in (1, 2, 3))]
    assert list(printed.indented) == [1, 2, 3]


def test_what_is_not_estimated_and_what_has_no_limit_is_printed_as_such(cohort):
    with pytest.warns(SingularColumnWarning):
        aliased = tbl_regression(fs.coxph("Surv(t, d) ~ x + twice", cohort))
    assert "twice,200," in aliased.to_csv()
    assert aliased.to_csv().splitlines()[2].endswith(",NA,NA")
    assert "NA: not estimated" in repr(aliased)
    far = tbl_regression(Fit([row("x") | {"conf_high": 75.0}], n=100))
    assert "1.11 (1.00–3.73e+32)" in far.to_csv()


def test_a_regression_table_at_another_level_is_that_of_its_fits():
    class Level(Fit):
        def tidy(self, exponentiate=False, conf_level=0.95):
            return super().tidy(exponentiate).assign(conf_low=conf_level)

    table = tbl_regression({"Cox": Level(AGE.rows, n=100)}, include=["faceage10"])
    assert table.tidy()["conf_low"].tolist() == [0.95]
    assert table.tidy(conf_level=0.9)["conf_low"].tolist() == [0.9]


def test_a_parametric_model_shows_its_time_ratios_without_the_scale():
    data = read("lung.csv")
    for formula in ("Surv(time, status) ~ age", "Surv(time, status) ~ age + strata(sex)"):
        for distribution in ("weibull", "lognormal"):
            fit = fs.survreg(formula, data, distribution=distribution)
            shown = fs.tbl_regression(fit).tidy()
            assert shown["term"].tolist() == ["age"]
            assert shown["scale"].unique().tolist() == ["time ratio"]
    assert "TR" in fs.figures.forest(fit).alt_text
