"""Risk models: predictions, points, validation, recalibration, checklist rows."""

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.errors import DesignError, FormulaError, InputError

FORMULA = "Surv(years, death) ~ faceage10 + cancer_group + ecog_group + any_admission"
TIMES = [0.25, 0.5, 1]


def cohort(seed, n=400):
    return fs.curate(fs.simulate("palliative", seed=seed, n=n).tables["palliative"],
                     "palliative").rows  # fmt: skip


@pytest.fixture(scope="module")
def rows():
    return cohort(1)


@pytest.fixture(scope="module")
def model(rows):
    return fs.risk_model(FORMULA, rows, times=TIMES)


# ---- predictions


def test_survival_is_that_of_the_cox_curves(rows, model):
    some = rows.dropna(subset=["ecog", "any_admission"]).head(25)
    curves = model.fit.predict(some, "survival", times=TIMES)["estimate"].to_numpy()
    ours = model.predict(some).drop(columns="linear_predictor").to_numpy()
    assert ours == pytest.approx(curves.reshape(-1, 3), rel=1e-12)


def test_rows_used_and_new_rows_get_the_same_survival(rows, model):
    used = model.augment()
    again = model.predict(rows).iloc[used["row"]]
    pd.testing.assert_frame_equal(used.drop(columns="row"), again)  # labels included
    assert model.predict(rows).isna().any(axis=1).sum() == model.fit.n_missing > 0


def test_baseline_before_the_first_event_is_one():
    data = pd.DataFrame({"t": [2.0, 3, 4, 5, 6], "d": 1, "x": [1, 3, 2, 5, 4]})
    fit = fs.risk_model("Surv(t, d) ~ x", data, times=[1, 2])
    assert fit.baseline()["estimate"].tolist()[0] == 1.0
    assert fit.tidy()["term"].tolist() == ["x"]
    assert fit.glance()["n"][0] == 5
    assert "survival at 1, 2" in repr(fit)


def test_a_new_level_is_refused(rows, model):
    other = rows.head(3).assign(cancer_group="skin")
    with pytest.raises(InputError, match="3 rows that are none of the known levels: skin"):
        model.predict(other)


# ---- points


def test_points_add_up_to_the_linear_predictor(rows, model):
    points = model.points()
    table = points.tidy()
    assert table["points"].max() == pytest.approx(100)
    assert table.groupby("variable")["points"].min().abs().max() < 1e-9
    numbers = table[table["variable"] == "faceage10"]
    patients = model.data.head(30)
    line = np.polyfit(numbers["level"].astype(float), numbers["points"], 1)  # also beyond its ends
    total = np.polyval(line, patients["faceage10"])
    for variable in ("cancer_group", "ecog_group", "any_admission"):
        level = patients[variable].map(lambda v: f"{v:g}" if isinstance(v, float) else str(v))
        lookup = table[table["variable"] == variable].set_index("level")["points"]
        total = total + lookup[level].to_numpy()
    expected = model.predict(patients)
    lp = points.offset + total * points.per_point
    assert lp == pytest.approx(expected["linear_predictor"].to_numpy(), abs=1e-4)
    survival = points.survival(total[:1])
    assert survival["estimate"].tolist() == pytest.approx(expected.iloc[0, 1:].tolist(), abs=1e-4)
    assert points.survival()["points"].max() == pytest.approx(
        table.groupby("variable")["points"].max().sum()
    )
    assert points.glance()["estimate"][0] == points.per_point
    assert points.glance()["n_missing"][0] == model.fit.n_missing
    assert "multiplies the hazard" in repr(points)


def test_a_spline_gets_points_and_an_interaction_does_not(rows):
    spline = fs.risk_model("Surv(years, death) ~ ns(faceage10, df=3)", rows, times=[1])
    shown = spline.points().tidy()["level"].astype(float)
    low, high = rows["faceage10"].quantile([0.05, 0.95])
    assert low <= shown.min() <= shown.max() <= high
    assert (shown * 2 % 1 == 0).all()  # halves of decades, and the value of no patient
    assert len(shown) > 3
    crossed = fs.risk_model("Surv(years, death) ~ faceage10 * any_admission", rows, times=[1])
    with pytest.raises(DesignError, match="covariates without interactions"):
        crossed.points()


# ---- validation


def test_the_development_cohort_validates_with_slope_one(rows, model):
    # property: in its own rows a Cox model has slope 1 and no coefficient to change
    table = model.validate(rows, n_resamples=0).tidy().set_index("quantity")
    assert table.loc["calibration slope", "estimate"] == pytest.approx(1, abs=1e-6)
    assert table.loc["coefficients", "p_value"] == pytest.approx(1, abs=1e-6)
    assert table.loc["concordance", "estimate"] == pytest.approx(model.fit.concordance)


def test_another_cohort_by_the_stand_alone_functions(model):
    other = cohort(9)
    result = model.validate(other, n_resamples=0)
    rows = result.rows
    table = result.tidy().set_index(["quantity", "time"])["estimate"]
    risk = pd.Series(1 - model.predict(rows)["survival_0.5"], name="risk")
    data = rows.assign(risk=risk)
    auc = fs.time_roc("Surv(years, death) ~ risk", data, [0.5]).tidy()["estimate"][0]
    brier = fs.brier("Surv(years, death) ~ risk", data, [0.5]).tidy()["estimate"][1]
    assert table[("AUC", 0.5)] == pytest.approx(auc, rel=1e-10)
    assert table[("Brier score", 0.5)] == pytest.approx(brier, rel=1e-10)
    km = fs.survfit("Surv(years, death) ~ 1", data=data).at([0.5])["estimate"][0]
    assert table[("observed_risk", 0.5)] == pytest.approx(1 - km, rel=1e-10)
    assert table[("observed_expected_ratio", 0.5)] == pytest.approx(
        (1 - km) / risk.mean(), rel=1e-10
    )
    slope = fs.coxph("Surv(years, death) ~ linear_predictor", data=rows).coef.iloc[0]
    assert table.xs("calibration slope").iloc[0] == pytest.approx(slope)
    assert result.n_missing == len(other) - len(rows) > 0
    assert result.glance()["n_missing"][0] == result.n_missing
    assert f"in {len(rows)} patients" in repr(result)
    wide, narrow = result.tidy(), result.tidy(conf_level=0.5)
    known = wide["conf_high"].notna()
    assert (wide["conf_high"] >= narrow["conf_high"])[known].all()
    assert (wide["conf_high"] > narrow["conf_high"])[known].sum() > 10


def test_recalibration_mends_a_baseline_that_is_off(rows, model):
    # planted: time runs three times as fast, the hazard ratios stay
    faster = rows.assign(years=rows["years"] / 3)
    table = model.validate(faster, n_resamples=0).recalibration()
    mean = table.pivot(index="time", columns="method", values="estimate")
    assert (mean["unchanged"] < mean["observed"] - 0.1).all()
    assert (mean["baseline"] - mean["observed"]).abs().max() < 0.03
    assert (mean["baseline and slope"] - mean["observed"]).abs().max() < 0.03


def test_a_dot_means_the_columns_of_the_fit_in_another_cohort_too(rows):
    columns = rows[["years", "death", "faceage10", "cancer_group"]]
    dotted = fs.risk_model("Surv(years, death) ~ .", columns, times=[1])
    named = fs.risk_model("Surv(years, death) ~ faceage10 + cancer_group", rows, times=[1])
    results = [model.validate(rows, n_resamples=0) for model in (dotted, named)]
    assert results[0].refitted.design.names == results[1].refitted.design.names
    pd.testing.assert_frame_equal(results[0].tidy(), results[1].tidy())


def test_a_cohort_without_events_cannot_validate(rows, model):
    with pytest.raises(DesignError, match="0 of them an event"):
        model.validate(rows.assign(death=0))


def test_optimism_lowers_the_apparent_c(model):
    table = model.optimism(20, seed=1).tidy().set_index("term")
    assert table.loc["concordance", "apparent"] == pytest.approx(model.fit.concordance)
    assert table.loc["concordance", "estimate"] < table.loc["concordance", "apparent"]
    assert table.loc["calibration slope", "estimate"] < 1


# ---- checklist


def test_checklist_rows_say_what_the_fit_knows(rows, model):
    table = model.tripod().set_index("item")
    assert f"{model.fit.n_missing} of {len(rows)} patients" in table.loc["11", "report"]
    assert f"{model.fit.n_event} events" in table.loc["10", "report"]
    assert "'death' in 'years'" in table.loc["8a", "report"]
    assert set(table["source"]) == {"fit", "authors"}
    # truth: the published checklist, items with a row here
    assert table.index.tolist() == [
        *("5a", "6a", "6b", "8a", "8c", "9b", "10", "11", "12a", "12b", "12c", "12e", "12g"),
        *("14", "15", "16", "17", "18f", "20a", "20b", "21", "22", "23a", "26"),
    ]
    n_free = model.fit.n - model.fit.n_event
    assert f"{n_free} without the event; median follow-up" in table.loc["20a", "report"]
    assert "95% confidence interval" in table.loc["23a", "report"]
    numbers = [int("".join(c for c in item if c.isdigit())) for item in table.index]
    assert numbers == sorted(numbers)


# ---- refusals


def test_models_without_one_baseline_are_refused(rows):
    with pytest.raises(FormulaError, match="one baseline"):
        fs.risk_model("Surv(years, death) ~ faceage10 + strata(sex)", rows, times=[1])


def test_times_outside_the_follow_up_are_refused(rows):
    for times, message in (
        ([0], "not beyond the last event"),
        ([50], "not beyond the last event"),
        ([np.nan], "times must be finite numbers"),
    ):
        with pytest.raises(InputError, match=message):
            fs.risk_model("Surv(years, death) ~ faceage10", rows, times=times)


@pytest.mark.filterwarnings("ignore::faceage_stats.errors.SingularColumnWarning")
def test_redundant_terms_are_refused(rows):
    twice = rows.assign(again=rows["faceage10"] * 2)
    with pytest.raises(DesignError, match="1 of 2 coefficients cannot be estimated"):
        fs.risk_model("Surv(years, death) ~ faceage10 + again", twice, times=[1])


def test_points_need_an_effect():
    data = pd.DataFrame({"t": [1.0, 1, 2, 2], "d": 1, "x": [0, 1, 0, 1]})
    model = fs.risk_model("Surv(t, d) ~ x", data, times=[1])
    with pytest.raises(DesignError, match="no covariate has an effect"):
        model.points()
