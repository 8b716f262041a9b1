"""Marginal means. Truths: cell means, predictions at the mean covariate, Tukey's own test."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import faceage_stats as fs
from faceage_stats.errors import InputError
from tests.association.regression.test_glm import visits


def test_of_one_factor_they_are_its_means_and_tukey_is_tukeys():
    data = visits()
    means = fs.emmeans(fs.lm("cost ~ g", data), data, "g")
    np.testing.assert_allclose(means.tidy()["estimate"], data.groupby("g")["cost"].mean())
    groups = [part["cost"] for _, part in data.groupby("g")]
    other = stats.tukey_hsd(*groups)
    table = means.contrasts()
    pairs = ([0, 0, 1], [1, 2, 2])
    np.testing.assert_allclose(table["p_adjusted"], other.pvalue[pairs], rtol=1e-7)
    interval = other.confidence_interval()
    np.testing.assert_allclose(table["conf_low"], interval.low[pairs], rtol=1e-5)


def test_other_columns_stand_at_their_means():
    data = visits().assign(h=lambda d: np.where(d["id"] % 2, "u", "v"))
    fit = fs.glm("ill ~ g + h + ns(x, df=2)", data)
    table = fs.emmeans(fit, data, "g").tidy()
    new = pd.DataFrame({"g": ["a"] * 2, "h": ["u", "v"], "x": data["x"].mean()})
    assert table["estimate"][0] == pytest.approx(fit.predict(new, "link")["estimate"].mean())
    share = data["h"].value_counts(normalize=True)[["u", "v"]].to_numpy()
    weighed = fs.emmeans(fit, data, "g", averaging="proportional").tidy()["estimate"][0]
    assert weighed == pytest.approx(share @ fit.predict(new, "link")["estimate"])


def test_a_number_of_two_values_is_a_factor():
    """emmeans 1.8 of R 4.2.2: emmeans(lm(y ~ g + z + s * x, d), "g"), and of "z"."""
    data = pd.DataFrame({"y": [3.0, 5, 1, 6, 2, 8, 4, 7, 5, 9], "g": list("ababababab"),
                         "z": [0, 1, 1, 0, 0, 0, 1, 0, 0, 0], "s": list("xxyxyxxyxx"),
                         "x": [1.5, 2, 3, 4, 2, 1, 5, 3, 2, 2]})  # fmt: skip
    fit = fs.lm("y ~ g + z + s * x", data)
    equal, proportional = (
        fs.emmeans(fit, data, "g", averaging=each).tidy() for each in ("equal", "proportional")
    )
    np.testing.assert_allclose(equal["estimate"], [2.65071428571429, 5.83642857142857], rtol=1e-12)
    np.testing.assert_allclose(
        equal["std_error"], [0.734950865183991, 0.948325440754194], rtol=1e-12
    )
    np.testing.assert_allclose(
        proportional["estimate"], [3.36414285714286, 6.54985714285714], rtol=1e-12
    )
    of_z = fs.emmeans(fit, data, "z").tidy()
    assert of_z["group"].tolist() == ["z=0", "z=1"]
    np.testing.assert_allclose(of_z["estimate"], [5.17928571428571, 3.30785714285714], rtol=1e-12)


def test_contrasts_of_a_cox_model_are_its_log_hazard_ratios():
    data = visits().assign(died=lambda d: d["id"] % 2)
    fit = fs.coxph("Surv(years, died) ~ g + x", data)
    table = fs.emmeans(fit, data, "g").contrasts(pairs="reference", p_adjust="none")
    of_fit = fit.tidy().query("variable == 'g' and not is_reference")
    for column in ("estimate", "std_error", "p_value", "conf_low"):
        np.testing.assert_allclose(table[column], of_fit[column], rtol=1e-9)
    assert table["scale"].unique().tolist() == ["log hazard ratio"]


def test_by_compares_within_levels():
    data = visits().assign(h=lambda d: np.where(d["id"] % 2, "u", "v"))
    means = fs.emmeans(fs.lm("cost ~ g * h", data), data, "g", by="h")
    table = means.contrasts(p_adjust="bonferroni")
    assert table["strata"].tolist() == ["h=u"] * 3 + ["h=v"] * 3
    cells = data.groupby(["h", "g"])["cost"].mean()
    assert table["estimate"][0] == pytest.approx(cells["u", "a"] - cells["u", "b"])
    np.testing.assert_allclose(table["p_adjusted"], np.minimum(3 * table["p_value"], 1))


@pytest.mark.parametrize(
    ("call", "estimate", "std_error"),  # of R's emmeans 1.8.4
    [
        (
            {"over": "g"},
            [7.02883278483, 5.75205064099, 5.58397904699],
            [0.716311112364, 0.689049831532, 0.656560509250],
        ),
        (
            {"over": "g", "averaging": "proportional"},
            [6.97687870607, 5.72285577829, 5.51181257831],
            [0.709983365308, 0.690807067442, 0.657421008784],
        ),
        (
            {"over": "g", "at": {"old": 1}},
            [8.00297176142, 6.29945431656, 6.93710033474],
            [1.105749580994, 0.963889987900, 0.929392964258],
        ),
        (
            {"over": "years", "by": "old", "at": {"years": [1, 3]}},
            [5.46492253644, 4.99569622977, 7.38136516305, 6.91213885638],
            [0.748024531403, 0.603623009537, 0.756660716021, 0.646716172790],
        ),
    ],
)
def test_a_number_of_two_values_is_a_factor_and_others_are_held_where_told(
    call, estimate, std_error
):
    data = visits().assign(old=lambda d: (d["x"] > 60).astype(int))
    table = fs.emmeans(fs.lm("cost ~ g * old + years", data), data, **call).tidy()
    np.testing.assert_allclose(table["estimate"], estimate, rtol=1e-10)
    np.testing.assert_allclose(table["std_error"], std_error, rtol=1e-10)


def test_a_number_of_two_values_is_compared():
    data = visits().assign(old=lambda d: (d["x"] > 60).astype(int))
    means = fs.emmeans(fs.lm("cost ~ g * old + years", data), data, "old", by="g")
    p_value = [0.1759460963590, 0.4280969934483, 0.0410864011386]  # of R's pairs(emmeans())
    np.testing.assert_allclose(means.contrasts()["p_value"], p_value, rtol=1e-10)


def test_what_has_no_means_is_refused():
    data = visits()
    fit = fs.lm("cost ~ g + x", data)
    with pytest.raises(InputError, match=r"say which: at=\{'x': \[50, 70\]\}"):
        fs.emmeans(fit, data, "x")
    with pytest.raises(InputError, match=r"'gg' is no column of the model\. Did you mean 'g'"):
        fs.emmeans(fit, data, "gg")
    with pytest.raises(InputError, match="at has 'age', no column of the model"):
        fs.emmeans(fit, data, "g", at={"age": 60})
    with pytest.raises(InputError, match="is for all pairs"):
        fs.emmeans(fit, data, "g").contrasts(pairs="reference", p_adjust="tukey")
    with pytest.raises(InputError, match="takes a fit of lm"):
        fs.emmeans("cost ~ g", data, "g")
