"""Limits of coefficients. Truth: the likelihood itself, and R 4.2.2 (confint, by MASS for glm)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import faceage_stats as fs
from faceage_stats.errors import InputError

DATA = pd.DataFrame(
    {
        "x": [52.1, 60.3, 71.2, 48.9, 66.0, 58.4, 75.5, 63.7, 55.2, 69.8, 61.1, 50.6],
        "g": list("abcabcabcabc"),
        "y": [0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0],
        "k": [1, 3, 6, 0, 4, 2, 7, 3, 1, 6, 3, 2],
        "off": [0.8, 1.2, 1.9, 1.0, 1.3, 0.7, 1.8, 1.1, 0.9, 1.5, 1.2, 1.4],
        "z": [5.0, 6.2, 7.4, 4.8, 6.9, 5.5, 7.2, 6.6, 5.9, 7.1, 6.0, 5.4],
    }
)
# confint(lm(z ~ x + g, d), level = 0.9); confint(glm(...)) of the others
R = {
    "lm": [
        [-1.223209621, 1.021449179],
        [0.08170318336, 0.1172697836],
        [-0.06812807963, 0.6293605193],
        [-0.0553470739, 0.6475484089],
    ],
    "poisson": [
        [-6.492943657, 0.2074083188],
        [0.01294277995, 0.1071601837],
        [-0.5591461202, 1.112833456],
        [-0.7590818838, 0.9178786776],
    ],
    "quasipoisson": [
        [-4.667174218, -1.149643218],
        [0.03269028393, 0.08208990805],
        [-0.1705102219, 0.7070914291],
        [-0.3536636278, 0.527184416],
    ],
    "logistic": [[-32.53156697, -1.463718789], [0.02509150389, 0.5336484438]],
}


def _fit(name: str):
    if name == "lm":
        return fs.lm("z ~ x + g", DATA)
    if name == "logistic":
        return fs.logistic("y ~ x", DATA)
    return fs.glm("k ~ x + g + offset(log(off))", DATA, family=name)


@pytest.mark.parametrize("name", R)
def test_limits_are_those_of_r(name: str) -> None:
    found = _fit(name).confint(conf_level=0.9 if name == "lm" else 0.95)
    # R interpolates the profile; the root is exact
    within = 1e-9 if name == "lm" else 2e-3
    assert found[["conf_low", "conf_high"]].to_numpy() == pytest.approx(
        np.array(R[name]), abs=within
    )


def test_the_deviance_rises_by_the_quantile_at_a_profile_limit() -> None:
    fit = _fit("poisson")
    limits = fit.confint(conf_level=0.9).set_index("term")
    for term, column in (("x", "x"), ("(Intercept)", None)):
        for value in limits.loc[term]:
            held = DATA.assign(held=value * (1 if column is None else DATA[column]))
            right = "0 + x + b + c" if column is None else "g"
            held = held.assign(b=1.0 * (held["g"] == "b"), c=1.0 * (held["g"] == "c"))
            other = fs.glm(f"k ~ {right} + offset(held + log(off))", held, family="poisson")
            rise = other.glance()["deviance"][0] - fit.glance()["deviance"][0]
            assert rise == pytest.approx(stats.chi2.ppf(0.9, 1), rel=1e-6)


def test_a_sandwich_has_normal_limits() -> None:
    fit = fs.glm("k ~ x", DATA, family="poisson", robust="HC0")
    wald = fit.tidy()[["term", "conf_low", "conf_high"]]
    pd.testing.assert_frame_equal(fit.confint(), wald)
    with pytest.raises(InputError, match="knows no sandwich"):
        fit.tidy(limits="profile")


# confint.default(fit, level = 0.9), glm with epsilon = 1e-14
NORMAL = {
    "lm": [
        [-1.09363090363, 0.8918704620],
        [0.08375635706, 0.1152166099],
        [-0.02786375179, 0.5890961914],
        [-0.01477061975, 0.6069719548],
    ],
    "quasipoisson": [
        [-4.28880892448, -1.34630603024],
        [0.03570680954, 0.07701104897],
        [-0.10217932412, 0.63186676090],
        [-0.27896833123, 0.45803582490],
    ],
    "logistic": [[-24.69527204570, -0.8636774848], [0.01466476805, 0.4049718268]],
}


@pytest.mark.parametrize("name", NORMAL)
def test_normal_limits_are_those_of_confint_default(name: str) -> None:
    found = _fit(name).confint(limits="normal", conf_level=0.9)
    assert found[["conf_low", "conf_high"]].to_numpy() == pytest.approx(np.array(NORMAL[name]))


def test_normal_limits_of_a_log_scale_are_not_exponentiated() -> None:
    fit = fs.survreg("Surv(z, y) ~ x", DATA)
    found = fit.confint(limits="normal", exponentiate=True, conf_level=0.9)
    r = np.array([0.006278609775, 0.01598681669])  # confint(survreg(Surv(z, y) ~ x, d), level = .9)
    assert found.loc[1, ["conf_low", "conf_high"]].to_list() == pytest.approx(list(np.exp(r)))
    assert found.equals(fit.confint(exponentiate=True, conf_level=0.9))
    with pytest.raises(InputError, match="limits is 'wald'"):
        fit.confint(limits="wald")


def test_every_fit_with_coefficients_has_limits_on_both_scales() -> None:
    data = DATA.assign(t=DATA["z"], d=DATA["y"])
    for fit in (
        fs.coxph("Surv(t, d) ~ x + g", data),
        fs.survreg("Surv(t, d) ~ x", data),
        fs.coxphf("Surv(t, d) ~ x", data),
        fs.logistf("y ~ x", data),
        fs.crr("Surv(t, d) ~ x", data),
    ):
        plain, ratio = fit.confint(), fit.confint(exponentiate=True)
        assert list(plain) == ["term", "conf_low", "conf_high"]
        at = plain["term"].eq("x").idxmax()
        assert ratio["conf_low"][at] == pytest.approx(np.exp(plain["conf_low"][at]))
