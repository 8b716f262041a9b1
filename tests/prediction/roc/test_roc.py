"""ROC curves against closed forms, brute force, scikit-learn and pROC 1.18.0."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from faceage_stats.errors import DesignError, EstimationWarning, FormulaError, InputError
from faceage_stats.prediction.roc.comparison import roc_test
from faceage_stats.prediction.roc.delong import auc_and_placements, placement_covariance
from faceage_stats.prediction.roc.roc import ROC, roc

DATA = Path(__file__).parents[2] / "conformance" / "cases" / "data"


@pytest.fixture(scope="module")
def asah() -> pd.DataFrame:
    return pd.read_csv(DATA / "asah.csv")


def random_rows(seed: int, n: int = 200, digits: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, n)
    a = np.round(y + rng.normal(size=n), digits)
    b = np.round(0.5 * y + 0.3 * a + rng.normal(size=n), digits)
    return pd.DataFrame({"y": y, "a": a, "b": b})


def brute_placements(x: np.ndarray, case: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    won = (x[case][:, None] > x[~case]) + 0.5 * (x[case][:, None] == x[~case])
    return won.mean(axis=1), won.mean(axis=0)


@pytest.mark.parametrize("digits", [0, 1, 6])
def test_auc_and_delong_covariance_equal_the_definition(digits: int) -> None:
    # truth: the double sum over pairs, and DeLong's components from it
    data = random_rows(3, 150, digits)
    case = data["y"].to_numpy() == 1
    place, v10, v01 = [], [], []
    for name in ("a", "b"):
        x = data[name].to_numpy()
        auc, own = auc_and_placements(x, case)
        of_cases, of_controls = brute_placements(x, case)
        assert auc == pytest.approx(of_cases.mean(), rel=1e-14)
        np.testing.assert_allclose(own[case], of_cases, rtol=1e-13)
        np.testing.assert_allclose(own[~case], of_controls, rtol=1e-13)
        place.append(own)
        v10.append(of_cases)
        v01.append(of_controls)
    expected = np.cov(v10) / case.sum() + np.cov(v01) / (~case).sum()
    np.testing.assert_allclose(placement_covariance(np.array(place).T, case), expected, rtol=1e-12)


def test_auc_equals_scikit_learn() -> None:
    # truth: a second library
    data = random_rows(5)
    curve = roc("y ~ a", data, direction="<")
    assert curve.auc == pytest.approx(roc_auc_score(data["y"], data["a"]), rel=1e-13)


markers = st.lists(st.integers(-5, 5), min_size=6, max_size=40)


@settings(deadline=None, max_examples=60)
@given(values=markers, seed=st.integers(0, 1000))
def test_swapping_classes_or_sign_mirrors_the_auc(values: list[int], seed: int) -> None:
    # truth: a property of the statistic
    y = np.random.default_rng(seed).integers(0, 2, len(values)) == 1
    x = np.array(values, float)
    if y.all() or not y.any():
        return
    auc, place = auc_and_placements(x, y)
    assert auc_and_placements(x, ~y)[0] == pytest.approx(1 - auc)
    assert auc_and_placements(-x, y)[0] == pytest.approx(1 - auc)
    grown, grown_place = auc_and_placements(np.exp(x / 3), y)
    assert grown == auc
    np.testing.assert_array_equal(grown_place, place)


def test_set_direction_keeps_an_auc_below_one_half_and_says_so(asah: pd.DataFrame) -> None:
    with pytest.warns(EstimationWarning, match="reversed"):
        curve = roc("outcome ~ age", asah, direction=">")
    other = roc("outcome ~ age", asah, direction="<")
    assert curve.auc == pytest.approx(1 - other.auc)
    assert curve.curve.variance == pytest.approx(other.curve.variance)
    # thresholds of ">" run down from +inf, with everybody positive first
    first = curve.coords("all", ci="none").iloc[0]
    assert first[["threshold", "sensitivity", "specificity"]].tolist() == [np.inf, 1.0, 0.0]


def test_auto_direction_is_reported_and_held_in_resamples() -> None:
    # an uninformative marker: resamples fall on both sides of one half
    data = random_rows(8, 40).assign(noise=np.random.default_rng(1).normal(size=40))
    curve = roc("y ~ noise", data)
    assert curve.curve.direction_auto
    draws = curve.bootstrap(200, seed=1)
    assert (draws["noise"] < 0.5).any()
    assert curve._title().endswith("chosen by the data)")


def test_intervals(asah: pd.DataFrame) -> None:
    curve = roc("outcome ~ s100b", asah, direction="<")
    # truth: logit interval by hand
    auc, se = curve.auc, curve.std_error
    centre, width = np.log(auc / (1 - auc)), 1.959963984540054 * se / (auc * (1 - auc))
    row = curve.ci("logit").iloc[0]
    assert row["conf_low"] == pytest.approx(1 / (1 + np.exp(-(centre - width))), rel=1e-12)
    # truth: pROC 1.18.0, ci.auc(method = "bootstrap", boot.n = 10000): 0.6267 to 0.8274
    row = curve.ci("bootstrap", n_resamples=4000).iloc[0]
    assert row["conf_low"] == pytest.approx(0.6267, abs=0.006)
    assert row["conf_high"] == pytest.approx(0.8274, abs=0.006)


def test_perfect_marker_and_single_case_are_announced(asah: pd.DataFrame) -> None:
    perfect = roc("outcome ~ gos6", asah)
    assert perfect.auc == 1
    for method, low in (("delong", 1.0), ("logit", np.nan)):
        with pytest.warns(EstimationWarning, match="interval is misleading"):
            row = perfect.ci(method).iloc[0]
        assert row["conf_low"] == pytest.approx(low, nan_ok=True)
    one = pd.DataFrame({"y": [1, 0, 0, 0], "m": [2.0, 1, 3, 0]})
    curve = roc("y ~ m", one, direction="<")
    assert curve.auc == pytest.approx(2 / 3)
    with pytest.warns(EstimationWarning, match="one member"):
        assert np.isnan(curve.ci()["std_error"].iloc[0])


def test_operating_points(asah: pd.DataFrame) -> None:
    curve = roc("outcome ~ s100b", asah, direction="<")
    at = curve.coords(threshold=0.205).iloc[0]
    positive = asah["s100b"] >= 0.205
    poor = asah["outcome"] == "Poor"
    # truth: counting, and Wilson's limits from statsmodels
    from statsmodels.stats.proportion import proportion_confint

    assert at[["tp", "fp", "tn", "fn"]].tolist() == [
        (positive & poor).sum(), (positive & ~poor).sum(),
        (~positive & ~poor).sum(), (~positive & poor).sum(),
    ]  # fmt: skip
    low, high = proportion_confint(at["tp"], at["tp"] + at["fn"], method="wilson")
    assert at[["sensitivity_low", "sensitivity_high"]].tolist() == pytest.approx([low, high])
    for name, other in (("sensitivity", "specificity"), ("specificity", "sensitivity")):
        point = curve.coords(**{name: 0.9}, n_resamples=200).iloc[0]
        everything = curve.coords("all", ci="none")
        reached = everything[everything[name] >= 0.9]
        assert point[name] >= 0.9
        assert point[other] == reached[other].max()
        assert point[f"{other}_low"] <= point[other] <= point[f"{other}_high"]
    youden = curve.coords("youden", n_resamples=200)
    assert youden["youden"].iloc[0] == pytest.approx(curve.coords("all")["youden"].max())
    assert youden["threshold"].iloc[0] == pytest.approx(0.205)


def test_partial_area_equals_scikit_learn(asah: pd.DataFrame) -> None:
    # truth: scikit-learn's McClish-corrected area up to a false positive rate of 0.2
    curve = roc("outcome ~ s100b", asah, direction="<")
    poor = (asah["outcome"] == "Poor").astype(int)
    part = curve.partial_auc(0.8, 1, n_resamples=500)
    assert part.corrected == pytest.approx(roc_auc_score(poor, asah["s100b"], max_fpr=0.2))
    table = part.tidy().set_index("quantity")
    assert (table["conf_low"] < table["estimate"]).all()
    # truth: pROC 1.18.0, ci.auc(boot.n = 10000, partial.auc = c(1, .8), focus sensitivity)
    other = curve.partial_auc(1, 0.8, focus="sensitivity", n_resamples=2000).tidy().iloc[0]
    assert other["conf_low"] == pytest.approx(0.0223, abs=0.003)
    assert other["conf_high"] == pytest.approx(0.0894, abs=0.003)
    assert curve.partial_auc(0, 1, n_resamples=100).raw == pytest.approx(curve.auc)


def test_partial_area_below_chance_is_undefined() -> None:
    data = pd.DataFrame({"y": [1, 1, 0, 0, 0], "m": [1.0, 2, 3, 4, 5]})
    with pytest.warns(EstimationWarning, match="reversed"):
        curve = roc("y ~ m", data, direction="<")
    with pytest.warns(EstimationWarning, match="below chance"):
        assert np.isnan(curve.partial_auc(0.5, 1, n_resamples=100).corrected)


def test_missing_rows_and_other_levels_are_counted() -> None:
    data = pd.DataFrame({"g": ["a", "b", "c", "b", "a", None], "m": [1, 2, 3, None, 5, 6]})
    with pytest.warns(EstimationWarning, match="neither a nor b in 1 rows"):
        curve = roc("g ~ m", data, levels=("a", "b"))
    row = curve.tidy().iloc[0]
    assert (row["n_missing"], curve.curve.n_rows, row["n"]) == (3, 6, 3)
    assert (row["negative"], row["positive"]) == ("a", "b")


def test_several_markers_share_their_rows() -> None:
    data = random_rows(2)
    data.loc[3, "b"] = np.nan
    rocs = roc("y ~ a + b", data, direction="<")
    assert isinstance(rocs, ROC)
    assert len(rocs) == 2
    assert rocs["a"].curve.n_missing == rocs["b"].curve.n_missing == 1
    assert [curve.markers for curve in rocs] == [("a",), ("b",)]
    np.testing.assert_allclose(np.sqrt(np.diag(rocs.vcov())), rocs.tidy()["std_error"])
    with pytest.raises(InputError, match="there are 2 curves; choose one"):
        _ = rocs.auc
    assert rocs.glance()["n"].iloc[0] == 199
    assert "ROC curves for y" in repr(rocs)
    with pytest.raises(KeyError, match="the markers are a, b"):
        rocs["c"]


def test_tables_use_the_glossary() -> None:
    from faceage_stats._glossary import GLOSSARY

    rocs = roc("y ~ a + b", random_rows(1), direction="<")
    for table in (rocs.tidy(), rocs.glance(), rocs.contrasts(), rocs["a"].ci()):
        assert set(table.columns) <= set(GLOSSARY)
    assert len(rocs["a"].augment()) == 200
    assert list(rocs.to_dict()) == ["tidy", "glance", "contrasts"]


def test_rows_keep_the_labels_of_the_data() -> None:
    data = random_rows(2).set_index(np.arange(200)[::-1] + 1000)
    data.loc[1150, "a"] = np.nan
    rows = roc("y ~ a + b", data, direction="<").augment()
    a = rows[rows["marker"] == "a"]
    assert 1150 not in a.index
    pd.testing.assert_series_equal(a["value"], data["a"].dropna(), check_names=False)


def test_contrasts_of_a_set_are_the_paired_delong_test() -> None:
    # truth: roc_test, which pROC pins
    rocs = roc("y ~ a + b", random_rows(4), direction="<")
    table = roc_test(rocs).tidy(conf_level=0.8).drop(columns="df")
    pd.testing.assert_frame_equal(rocs.contrasts(conf_level=0.8), table, rtol=1e-12)
    assert "ROC curve of a" in repr(rocs["a"])


BAD = [
    ("Surv(a, y) ~ b", {}, FormulaError, "must be binary"),
    ("y ~ 1", {}, FormulaError, "names no marker"),
    ("ones ~ a", {}, DesignError, "one class only"),
    ("y ~ ones", {}, DesignError, "constant"),
    ("three ~ a", {}, InputError, "levels=\\(negative, positive\\)"),
    ("a ~ b", {}, InputError, "not 0/1"),
    ("nothing ~ a", {}, DesignError, "no value. 'nothing' is missing in all 60 rows"),
    ("y ~ a", {"direction": "up"}, InputError, "direction is 'up'"),
    ("y ~ a", {"levels": "01"}, InputError, "must be a pair"),
    ("y ~ a", {"levels": (0, 7)}, DesignError, "no row with the level 7"),
    ("y ~ word", {}, InputError, "marker 'word' is text"),
]


@pytest.mark.parametrize(("formula", "options", "error", "text"), BAD)
def test_bad_input_is_refused(formula: str, options: dict, error: type, text: str) -> None:
    data = random_rows(1, 60).assign(ones=1, three=["u", "v", "w"] * 20, nothing=np.nan)
    data["word"] = [f"p{i}" for i in range(60)]
    with pytest.raises(error, match=text):
        roc(formula, data, **options)


def test_bad_options_are_refused() -> None:
    curve = roc("y ~ a", random_rows(1), direction="<")
    for call, text in (
        (lambda: curve.ci("exact"), "choose one of delong"),
        (lambda: curve.ci(conf_level=95), "between 0 and 1"),
        (lambda: curve.ci("bootstrap", n_resamples=5), "at least 100"),
        (lambda: curve.bootstrap(100, seed=-1), "seed is -1"),
        (lambda: curve.coords(), "name one kind of point"),
        (lambda: curve.coords("youden", threshold=1), "name one kind of point"),
        (lambda: curve.coords("best"), "choose one of youden"),
        (lambda: curve.coords("youden", ci="exact"), "choose one of wilson"),
        (lambda: curve.coords(threshold=1, ci="bootstrap"), "that the data choose"),
        (lambda: curve.coords(threshold=np.nan), "missing values"),
        (lambda: curve.coords(sensitivity=90), "between 0 and 1"),
        (lambda: curve.partial_auc(0.5, 0.5), "must be a part of 0 to 1"),
        (lambda: curve.partial_auc(0.5, 1, focus="ppv"), "choose one of specificity"),
    ):
        with pytest.raises(InputError, match=text):
            call()


def test_outcomes_of_every_kind_mean_the_same() -> None:
    data = random_rows(4)
    kinds = {
        "number": data["y"],
        "logical": data["y"] == 1,
        "text": data["y"].map({0: "alive", 1: "dead"}),
        "ordered": pd.Categorical(data["y"].map({0: "z", 1: "a"}), ["z", "x", "a"]),
    }
    aucs = {roc(f"{k} ~ a", data.assign(**{k: v}), direction="<").auc for k, v in kinds.items()}
    assert len(aucs) == 1


def test_partial_area_is_tabulated() -> None:
    part = roc("y ~ a", random_rows(6), direction="<").partial_auc(0.9, 1, n_resamples=100)
    assert part.glance()["metric"].iloc[0] == "partial AUC, specificity 0.9 to 1"
    assert "specificity 0.9 to 1" in repr(part)
    curve = roc("y ~ a", random_rows(6), direction="<")
    assert len(curve.coords("closest_topleft", n_resamples=100)) >= 1


def test_band_of_the_curve_equals_proc(asah: pd.DataFrame) -> None:
    # truth: pROC 1.18.0, ci.se(specificities, boot.n = 10000), set.seed(1), and
    # coords(r, c(.25, .5, .75), input = "specificity", ret = "sensitivity")
    band = roc("outcome ~ s100b", asah, direction="<").band(5, n_resamples=2000)
    assert band["sensitivity"].tolist() == pytest.approx(
        [1, 0.8943089, 0.7743902, 0.6341463, 0.2926829], abs=1e-7
    )
    np.testing.assert_allclose(band["conf_low"], [1, 0.7805, 0.5935, 0.4634, 0.1707], atol=0.025)
    np.testing.assert_allclose(band["conf_high"], [1, 0.9791, 0.9024, 0.7805, 0.439], atol=0.025)
    with pytest.raises(InputError, match="n_points is 1"):
        roc("outcome ~ s100b", asah, direction="<").band(1)
