"""Fine-Gray regression. Truths: cmprsk (reference/competing_risks.R), the Cox model, invariance."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from faceage_stats.errors import ConvergenceError, DesignError, FormulaError, InputError
from faceage_stats.survival.competing.crr import crr
from faceage_stats.survival.cox.coxph import coxph

REFERENCE = json.loads(
    (Path(__file__).parents[1] / "reference" / "competing_risks.json").read_text(encoding="utf-8")
)
ROWS = pd.DataFrame(REFERENCE["data"])


def test_fine_gray_is_that_of_cmprsk() -> None:
    for key, groups in (("crr", None), ("crr_grouped", "g")):
        fit = crr("Surv(time, status) ~ x + z", ROWS, censoring_groups=groups)
        assert fit.estimate.coefficients == pytest.approx(REFERENCE[key]["coef"], rel=1e-9)
        assert fit.vcov().to_numpy() == pytest.approx(np.array(REFERENCE[key]["var"]), rel=1e-8)


def test_fine_gray_of_one_cause_is_a_breslow_cox_model() -> None:
    data = ROWS.assign(status=(ROWS["status"] == 1).astype(int))
    fit = crr("Surv(time, status) ~ x + z", data)
    cox = coxph("Surv(time, status) ~ x + z", data, ties="breslow", robust=True)
    assert fit.estimate.coefficients == pytest.approx(cox.coef.to_numpy(), rel=1e-8)
    assert fit.estimate.log_lik == pytest.approx(cox.log_lik, rel=1e-10)
    assert fit.tidy()["std_error"].to_numpy() == pytest.approx(
        np.sqrt(np.diag(cox.vcov())), rel=1e-8
    )


def test_units_of_a_covariate_do_not_matter() -> None:
    data = ROWS.assign(big=ROWS["x"] * 1e6 + 3e6)
    plain, scaled = (crr(f"Surv(time, status) ~ {c}", data) for c in ("x", "big"))
    assert scaled.tidy()["statistic"].item() == pytest.approx(plain.tidy()["statistic"].item())
    new = data.head(2)
    pd.testing.assert_frame_equal(
        plain.predict(new, times=[5]), scaled.predict(new, times=[5]), rtol=1e-9
    )


def test_a_covariate_far_from_zero_is_predicted_as_well() -> None:
    near, far = (crr("Surv(time, status) ~ x", ROWS.assign(x=ROWS["x"] + k)) for k in (0, 1e8))
    pd.testing.assert_frame_equal(far.tidy(), near.tidy(), rtol=1e-6)
    pd.testing.assert_frame_equal(far.predict(times=[1, 5]), near.predict(times=[1, 5]), rtol=1e-6)


def test_predictions_keep_the_labels_of_their_rows() -> None:
    fit = crr("Surv(time, status) ~ x", ROWS)
    assert "Fine-Gray model for cause 1" in repr(fit)
    ratio = fit.tidy(exponentiate=True).iloc[0]
    assert ratio["conf_low"] < ratio["estimate"] < ratio["conf_high"]
    new = ROWS.head(2).set_axis(["p", "q"])
    assert fit.predict(new, times=[1, 2]).index.tolist() == ["p", "p", "q", "q"]
    assert fit.predict(times=1).index.equals(ROWS.index)


def test_a_missing_censoring_group_drops_the_row() -> None:
    data = ROWS.assign(centre=["u", "v"] * (len(ROWS) // 2) + ["u"] * (len(ROWS) % 2))
    data.loc[data.index[3], "centre"] = None
    fit = crr("Surv(time, status) ~ x", data, censoring_groups="centre")
    without = crr("Surv(time, status) ~ x", data.drop(data.index[3]), censoring_groups="centre")
    pd.testing.assert_frame_equal(fit.tidy(), without.tidy())
    assert (fit.n, fit.glance()["n_missing"].item()) == (len(data) - 1, 1)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: crr("Surv(time, status) ~ x", ROWS, cause=3), InputError, "causes are 1, 2"),
        (lambda: crr("time ~ x", ROWS), FormulaError, "must be Surv"),
        (
            lambda: crr("Surv(time, status) ~ x + cluster(g)", ROWS),
            FormulaError,
            r"cluster\(g\) is not used",
        ),
        (lambda: crr("Surv(time, status) ~ 1", ROWS), DesignError, "no covariate"),
        (
            lambda: crr("Surv(time, status) ~ x + y", ROWS.assign(y=2 * ROWS["x"])),
            DesignError,
            "column 'y' is constant or a linear combination of other",
        ),
        (
            lambda: crr("Surv(time, status) ~ y", ROWS.assign(y=ROWS["status"] == 1)),
            ConvergenceError,
            "runs to infinity",
        ),
    ],
)
def test_bad_requests_are_refused(call, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()
