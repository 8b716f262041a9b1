"""strata() stratifies wherever it stands in a formula.

Truth: a model with its own slopes in every stratum is one model per stratum, so its log-likelihood
is their sum and its slopes are theirs.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs


@pytest.fixture(scope="module")
def data() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    x, z = rng.normal(size=150), rng.integers(0, 3, 150)
    frame = pd.DataFrame({"x": x, "z": z, "g": rng.choice(["no", "yes"], 150)})
    frame["time"] = rng.exponential(np.exp(-x * (z - 1)))
    return frame.assign(event=rng.binomial(1, 0.8, 150), half=frame["z"] > 0)


STORED = {
    "text": lambda z: z.map({0: "lung", 1: "Breast", 2: "brain"}),
    "number": lambda z: z,
    "true/false": lambda z: z > 0,
    "levels": lambda z: pd.Categorical(z, [2, 0, 1]),
}


@pytest.mark.parametrize("stored", STORED)
@pytest.mark.parametrize(
    ("covariate", "right"),
    [
        ("x", "x*strata(z)"),
        ("x", "strata(z)*x"),
        ("x", "x + x:strata(z)"),
        ("x", "x:strata(z) + x"),
        (
            "g",
            "g*strata(z)",
        ),  # g + g:strata(z) has a column for each level of g, some singular, as R
        ("g", "strata(z)*g"),
    ],
)
def test_slopes_of_strata_are_those_of_models_of_each(data, stored, covariate, right) -> None:
    data = data.assign(z=STORED[stored](data["z"]))
    fit = fs.coxph(f"Surv(time, event) ~ {right}", data)
    parts = [
        fs.coxph(f"Surv(time, event) ~ {covariate}", own)
        for _, own in data.groupby("z", observed=True)
    ]
    assert fit.log_lik == pytest.approx(sum(part.log_lik for part in parts), rel=1e-9)
    first = fit.coef.iloc[0]
    slopes = sorted([first, *(first + fit.coef.iloc[1:])])
    assert slopes == pytest.approx(sorted(part.coef.iloc[0] for part in parts), rel=1e-5)
    terms = fit.tidy()["term"]
    assert terms[terms.str.contains("strata(", regex=False)].str.contains(":").all()
    assert fit.coef.notna().all()


def test_an_interaction_alone_has_a_slope_in_every_stratum_and_no_more(data) -> None:
    alone = fs.coxph("Surv(time, event) ~ x:strata(z)", data)
    crossed = fs.coxph("Surv(time, event) ~ x*strata(z)", data)
    assert alone.log_lik == pytest.approx(crossed.log_lik, rel=1e-9)
    assert len(alone.coef) == 3


def test_two_strata_in_one_interaction_are_their_cells(data) -> None:
    fit = fs.coxph("Surv(time, event) ~ x*strata(half, g)", data)
    cells = [fs.coxph("Surv(time, event) ~ x", own) for _, own in data.groupby(["half", "g"])]
    assert fit.log_lik == pytest.approx(sum(cell.log_lik for cell in cells), rel=1e-9)
