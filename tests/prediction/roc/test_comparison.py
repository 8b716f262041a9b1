"""Comparisons of ROC curves against matrix algebra, properties and pROC 1.18.0."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from faceage_stats.errors import DesignError, EstimationWarning, InputError
from faceage_stats.prediction.roc.comparison import roc_test
from faceage_stats.prediction.roc.roc import roc

DATA = Path(__file__).parents[2] / "conformance" / "cases" / "data"


@pytest.fixture(scope="module")
def asah() -> pd.DataFrame:
    return pd.read_csv(DATA / "asah.csv")


def test_identical_curves_do_not_differ(asah: pd.DataFrame) -> None:
    # truth: a curve against itself, or a monotone transform of it
    curve = roc("outcome ~ s100b", asah, direction="<")
    other = roc("outcome ~ I(s100b ** 2)", asah, direction="<")
    for method in ("delong", "bootstrap"):
        test = roc_test(curve, other, method=method, n_resamples=200)
        row = test.tidy().iloc[0]
        assert (row["estimate"], row["std_error"], row["p_value"]) == (0, 0, 1)
        assert test.glance()["p_value"].iloc[0] == 1


def test_contrast_test_of_three_curves(asah: pd.DataFrame) -> None:
    # truth: the Wald statistic of the two differences, with a plain inverse
    rocs = roc("outcome ~ s100b + ndka + wfns", asah, direction="<")
    test = roc_test(rocs)
    step = np.array([[1, -1, 0], [0, 1, -1]])
    difference = step @ test.estimate
    chi2 = difference @ np.linalg.solve(step @ rocs.vcov().to_numpy() @ step.T, difference)
    row = test.glance().iloc[0]
    assert row["statistic"] == pytest.approx(chi2)
    assert row["df"] == 2
    assert row["p_value"] == pytest.approx(stats.chi2.sf(chi2, 2))
    assert len(test.tidy()) == 3
    # the order of the curves does not matter
    turned = roc_test(rocs["wfns"], rocs["s100b"], rocs["ndka"])
    assert turned.glance()["statistic"].iloc[0] == pytest.approx(chi2)
    assert "3 correlated" in repr(test)


def test_two_curves_have_the_square_of_z(asah: pd.DataFrame) -> None:
    test = roc_test(roc("outcome ~ s100b + ndka", asah, direction="<"))
    z = test.tidy()["statistic"].iloc[0]
    assert test.glance()["statistic"].iloc[0] == pytest.approx(z**2)


def test_bootstrap_agrees_with_proc(asah: pd.DataFrame) -> None:
    # truth: pROC 1.18.0, roc.test(method = "bootstrap", boot.n = 10000), seed 42: D = 1.398,
    # with partial.auc = c(1, .8): D = 1.872, areas 0.080589431 and 0.038482385
    rocs = roc("outcome ~ ndka + s100b", asah, direction="<")  # pROC: first minus second
    whole = roc_test(rocs, method="bootstrap", n_resamples=4000).tidy().iloc[0]
    assert whole["statistic"] == pytest.approx(1.398, rel=0.04)
    part = roc_test(rocs, method="bootstrap", partial_auc=(1, 0.8), n_resamples=4000)
    row = part.tidy().iloc[0]
    assert row["statistic"] == pytest.approx(1.872, rel=0.04)
    assert row[["estimate1", "estimate2"]].tolist() == pytest.approx([0.080589431, 0.038482385])
    assert row["conf_low"] < row["estimate"] < row["conf_high"]
    assert part.glance()["metric"].iloc[0] == "partial AUC, specificity 0.8 to 1"


def test_seed_decides_the_resamples(asah: pd.DataFrame) -> None:
    rocs = roc("outcome ~ s100b + ndka", asah, direction="<")
    one, same, other = (
        roc_test(rocs, method="bootstrap", n_resamples=100, seed=seed).draws for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_unpaired_curves(asah: pd.DataFrame) -> None:
    groups = [asah[asah["gender"] == sex] for sex in ("Male", "Female")]
    curves = [roc("outcome ~ s100b", group, direction="<") for group in groups]
    delong = roc_test(*curves, paired=False).tidy().iloc[0]
    assert delong["std_error"] == pytest.approx(np.hypot(*(c.std_error for c in curves)))
    half = stats.t.ppf(0.975, delong["df"]) * delong["std_error"]
    assert delong["conf_high"] == pytest.approx(delong["estimate"] + half)
    boot = roc_test(*curves, paired=False, method="bootstrap", n_resamples=1000).tidy().iloc[0]
    assert boot["std_error"] == pytest.approx(delong["std_error"], rel=0.1)
    assert np.isinf(boot["df"])


def test_paired_curves_are_compared_on_common_rows(asah: pd.DataFrame) -> None:
    thinned = asah.copy()
    thinned.loc[[2, 5], "s100b"] = np.nan
    thinned.loc[[5, 7], "ndka"] = np.nan
    test = roc_test(*(roc(f"outcome ~ {m}", thinned, direction="<") for m in ("s100b", "ndka")))
    together = roc_test(roc("outcome ~ s100b + ndka", thinned, direction="<"))
    assert test.n_missing == 3
    np.testing.assert_allclose(test.vcov(), together.vcov(), rtol=1e-13)
    np.testing.assert_allclose(test.estimate, together.estimate, rtol=1e-13)


def test_one_sided_alternatives_add_up(asah: pd.DataFrame) -> None:
    rocs = roc("outcome ~ s100b + ndka", asah, direction="<")
    p = [
        roc_test(rocs, alternative=side).tidy()["p_value"].iloc[0]
        for side in ("less", "greater", "two.sided")
    ]
    assert p[0] + p[1] == pytest.approx(1)
    assert p[2] == pytest.approx(2 * min(p[:2]))


def test_single_case_leaves_the_test_undefined() -> None:
    data = pd.DataFrame({"y": [1, 0, 0, 0], "a": [2.0, 1, 3, 0], "b": [3.0, 1, 2, 0]})
    test = roc_test(roc("y ~ a + b", data, direction="<"))
    assert np.isnan(test.tidy()["p_value"].iloc[0])
    assert np.isnan(test.glance()["p_value"].iloc[0])


def test_bad_comparisons_are_refused(asah: pd.DataFrame) -> None:
    curve = roc("outcome ~ s100b", asah, direction="<")
    rocs = roc("outcome ~ s100b + ndka + wfns", asah, direction="<")
    fewer = roc("outcome ~ ndka", asah.iloc[:60], direction="<")
    flipped = asah.assign(outcome=["Poor", *asah["outcome"].iloc[1:]])
    other = roc("outcome ~ ndka", flipped, direction="<")
    apart = pd.DataFrame({"y": [1, 1, 0, 0], "a": [3, None, 1, 2], "b": [None, 3, 2, 1]})
    lone = [roc(f"y ~ {marker}", apart, direction="<") for marker in ("a", "b")]
    for call, error, text in (
        (lambda: roc_test(curve), DesignError, "only one curve"),
        (lambda: roc_test(curve, fewer), DesignError, "different data"),
        (lambda: roc_test(curve, other), DesignError, "different outcomes"),
        (lambda: roc_test(*lone), DesignError, "common to all curves have one class only"),
        (
            lambda: roc_test(rocs, method="venkatraman"),
            InputError,
            "choose one of delong, bootstrap",
        ),
        (lambda: roc_test(rocs, alternative="up"), InputError, "choose one of two.sided"),
        (lambda: roc_test(rocs, alternative="less"), InputError, "is for two curves"),
        (lambda: roc_test(rocs, partial_auc=(1, 0.9)), InputError, 'method="bootstrap"'),
    ):
        with pytest.raises(error, match=text):
            call()


def test_different_directions_are_announced(asah: pd.DataFrame) -> None:
    up = roc("outcome ~ s100b", asah, direction="<")
    down = roc("outcome ~ I(-ndka)", asah, direction=">")
    with pytest.warns(EstimationWarning, match="different directions"):
        turned = roc_test(up, down)
    straight = roc_test(up, roc("outcome ~ ndka", asah, direction="<"))
    assert turned.tidy()["estimate"].iloc[0] == pytest.approx(straight.tidy()["estimate"].iloc[0])
