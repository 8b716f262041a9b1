"""Numbers whose squares no float holds are refused in every model, not fitted to zeros."""

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.errors import InputError

RNG = np.random.default_rng(3)
DATA = pd.DataFrame(
    {
        "t": RNG.integers(1, 90, 60),
        "d": RNG.integers(0, 2, 60),
        "cause": RNG.integers(0, 3, 60),
        "x": RNG.normal(size=60),
        "y": RNG.normal(size=60),
        "id": range(60),
    }
)
MODELS = {
    "lm": lambda d: fs.lm("y ~ x", d),
    "logistic": lambda d: fs.logistic("d ~ x", d),
    "logistf": lambda d: fs.logistf("d ~ x", d),
    "coxph": lambda d: fs.coxph("Surv(t, d) ~ x", d),
    "coxphf": lambda d: fs.coxphf("Surv(t, d) ~ x", d),
    "crr": lambda d: fs.crr("Surv(t, cause) ~ x", d),
}


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize(("unit", "far"), [(1e200, "beyond 1e150"), (1e-200, "all below 1e-150")])
def test_extremes_are_refused(name, unit, far):
    with pytest.raises(InputError, match=f"the numbers of 'x' are {far}. Use another unit"):
        MODELS[name](DATA.assign(x=DATA["x"] * unit))


def test_an_outcome_of_extremes_is_refused():
    with pytest.raises(InputError, match="the numbers of 'y' are all below 1e-150"):
        fs.lm("y ~ x", DATA.assign(y=DATA["y"] * 1e-200))


@pytest.mark.parametrize("name", MODELS)
def test_what_can_be_squared_is_fitted(name):
    near, far = (MODELS[name](DATA.assign(x=DATA["x"] * u)).tidy() for u in (1.0, 1e100))
    np.testing.assert_allclose(far["p_value"], near["p_value"], rtol=1e-6)


MEASURES = {
    "bland_altman": lambda d: fs.bland_altman(d, x="x", y="y"),
    "icc": lambda d: fs.icc(d, ["x", "y"]),
    "repeatability": lambda d: fs.repeatability(d, ["x", "y"]),
    "accuracy": lambda d: fs.accuracy(d, "x", "y"),
    "calibration_line": lambda d: fs.calibration_line(d, "x", "y"),
    "lin_ccc": lambda d: fs.lin_ccc("~ x + y", d),
    "t_test": lambda d: fs.t_test(d["x"], d["y"]),
    "t_test of pairs": lambda d: fs.t_test(d["x"], d["y"], paired=True),
    "gene_screen": lambda d: fs.gene_screen(
        d[["id", "x"]], d[["id", "y"]], "y", id="id", methods=["lm"]
    ),
    "impute": lambda d: fs.impute(
        "y ~ x + z", d[["x", "y"]].assign(z=d["y"].where(d["d"] == 1)), m=2, seed=1
    ),
    "outcome of impute": lambda d: fs.impute(
        "x ~ y + z", d[["x", "y"]].assign(z=d["y"].where(d["d"] == 1)), m=2, seed=1
    ),
}


@pytest.mark.parametrize("name", MEASURES)
def test_extremes_of_measures_are_refused(name):
    for unit in (1e200, 1e-200):
        with pytest.raises(InputError, match="other unit"):
            MEASURES[name](DATA.assign(x=DATA["x"] * unit))
    MEASURES[name](DATA)
