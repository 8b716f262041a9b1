"""Figures of predicted risks: calibration and net benefit."""

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.errors import InputError
from faceage_stats.reporting.figures import calibration, decision_curve, text_overlaps


@pytest.fixture(scope="module")
def risks():
    rng = np.random.default_rng(1)
    lp = rng.normal(size=300)
    risk = 1 / (1 + np.exp(-lp))
    return pd.DataFrame({"y": (rng.random(300) < risk).astype(int), "risk": risk})


def test_calibration_draws_the_frames_of_the_fit(risks):
    fit = fs.calibration("y ~ risk", risks, groups=5, n_resamples=0)
    fig = calibration(fit, label="Risk of death")
    axes = fig.axes[0]
    dots = next(line for line in axes.lines if line.get_marker() == "o")
    assert dots.get_xdata().tolist() == fit.groups()["predicted"].tolist()
    assert dots.get_ydata().tolist() == fit.groups()["estimate"].tolist()
    assert axes.get_ylabel() == "Risk of death, observed"
    assert axes.get_xlabel() == "Risk of death, predicted, n = 300"
    unknown = {"curve": fit.curve().assign(n=np.nan), "groups": fit.groups()}
    assert calibration(unknown, label="Risk").axes[0].get_xlabel() == "Risk, predicted"
    row = fit.groups().iloc[0]
    assert f"predicted {row['predicted']:.2f}, observed {row['estimate']:.2f}" in fig.alt_text
    assert text_overlaps(fig) == []
    with pytest.raises(InputError, match="lacks the column"):
        calibration({"curve": fit.curve(), "groups": fit.groups().drop(columns="conf_low")})


def test_decision_curve_draws_every_strategy(risks):
    fit = fs.decision_curve("y ~ risk", risks, [0.1, 0.3, 0.5], n_resamples=100)
    fig = decision_curve(fit, labels={"risk": "Model"})
    axes = fig.axes[0]
    names = [line.get_label() for line in axes.lines]
    assert names == ["treat all", "treat none", "Model"]
    assert axes.get_xlabel() == "Threshold risk, n = 300"
    model = fit.tidy().query("marker == 'risk'")["estimate"]
    assert axes.lines[2].get_ydata().tolist() == model.tolist()
    assert f"at a threshold of 0.30: treat all {fit.tidy()['estimate'][1]:.3f}" in fig.alt_text
    assert text_overlaps(fig) == []


def test_nothing_to_draw_is_refused(risks):
    table = fs.decision_curve("y ~ risk", risks, [0.1], n_resamples=0).tidy()
    with pytest.raises(InputError, match="no net benefit"):
        decision_curve(table.assign(estimate=np.nan))
    with pytest.raises(InputError, match="lacks the column"):
        decision_curve(table.drop(columns="threshold"))


def test_a_useless_risk_still_has_axes(risks):
    table = fs.decision_curve("y ~ risk", risks, [0.9, 0.95], n_resamples=0).tidy()
    assert decision_curve(table.assign(estimate=-0.1)).axes[0].get_xlim() == (0.9, 0.95)
