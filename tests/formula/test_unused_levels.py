"""A level that no row has: gone in lm and glm, a singular column in coxph. Truth: R 4.2.2."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.errors import InputError, SingularColumnWarning

DATA = pd.DataFrame(
    {
        "y": [1, 2, 4, 3, 6, 5, 7, 9],
        "x": [1, 1, 0, 1, 0, 1, 0, 0],
        "f": pd.Categorical(list("aabbccba"), ["z", "a", "b", "c", "q"]),
        "d": [0, 1, 0, 1, 1, 0, 1, 0],
    }
)


def _coefficients(fit) -> dict[str, float]:
    return dict(zip(fit.coef.index, fit.coef, strict=True))


@pytest.mark.parametrize(
    ("formula", "subset", "r"),
    [
        ("y ~ f", None, {"(Intercept)": 4, "fb": 2 / 3, "fc": 1.5}),
        ("y ~ factor(f)", None, {"(Intercept)": 4, "fb": 2 / 3, "fc": 1.5}),
        ("y ~ x + f", 'f != "a"', {"(Intercept)": 37 / 7, "x": -13 / 7, "fc": 8 / 7}),
    ],
)
def test_lm_has_the_levels_of_its_rows(formula, subset, r):
    fit = fs.lm(formula, DATA, subset=subset)
    assert _coefficients(fit) == pytest.approx(r)
    with pytest.raises(InputError, match="none of the known levels"):
        fit.predict(DATA.assign(f=pd.Categorical(["z"] * 8, ["z", "a", "b", "c", "q"])))


def test_logistic_and_glm_have_the_levels_of_their_rows():
    odds = {"(Intercept)": np.log(1 / 2), "fb": np.log(2) - np.log(1 / 2), "fc": -np.log(1 / 2)}
    assert _coefficients(fs.logistic("d ~ f", DATA)) == pytest.approx(odds)
    assert _coefficients(fs.glm("d ~ f", DATA, family="binomial")) == pytest.approx(odds)


def test_coxph_keeps_every_level_as_in_r():
    with pytest.warns(SingularColumnWarning, match="'fc', 'fq'"):
        fit = fs.coxph("Surv(y, d) ~ f", DATA)
    assert fit.coef.index.tolist() == ["fa", "fb", "fc", "fq"]
    assert fit.coef.isna().tolist() == [False, False, True, True]
