"""Truth: planted models whose parameters must come back, invariances, library fits."""

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.association.missing import chained
from faceage_stats.association.missing.columns import event_and_hazard
from faceage_stats.association.missing.impute import impute
from faceage_stats.errors import DesignError, FormulaError, InputError

FORMULA = "Surv(time, dead) ~ x + group + z"


def cohort(n=400, seed=8, missing=True):
    rng = np.random.default_rng(seed)
    z = rng.normal(size=n)
    x = 0.7 * z + rng.normal(size=n)
    odds = np.column_stack([np.zeros(n), z, 0.5 * x])
    share = np.exp(odds) / np.exp(odds).sum(axis=1, keepdims=True)
    codes = (rng.random(n)[:, None] > share.cumsum(axis=1)[:, :-1]).sum(axis=1)
    event = rng.exponential(np.exp(-(0.5 * x + 0.6 * (codes == 2))))
    end = rng.uniform(0.3, 3, n)
    frame = pd.DataFrame(
        {
            "x": x,
            "z": z,
            "group": pd.Categorical.from_codes(codes, ["none", "some", "much"]),
            "grade": rng.integers(0, 4, n).astype(float),
            "time": np.minimum(event, end),
            "dead": (event <= end).astype(int),
        }
    )
    if missing:  # at random given z and the event
        lost = rng.random(n) < 1 / (1 + np.exp(1 - z - frame["dead"]))
        frame.loc[lost, "x"] = np.nan
        frame.loc[rng.random(n) < 0.2, "group"] = np.nan
    return frame


def test_imputation_repairs_what_complete_cases_distort():
    """E[x] under values missing for large z: the mean over imputations comes back."""
    frame = cohort(1500)
    truth = cohort(1500, missing=False)["x"].mean()
    imputed = impute(FORMULA, frame, m=5, iterations=4, seed=1)
    means = [table["x"].mean() for table in imputed]
    assert abs(frame["x"].mean() - truth) > 0.1
    assert np.mean(means) == pytest.approx(truth, abs=0.04)
    shares = np.mean([table["group"].value_counts(normalize=True) for table in imputed], axis=0)
    expected = cohort(1500, missing=False)["group"].value_counts(normalize=True)
    np.testing.assert_allclose(shares, expected, atol=0.03)


def test_pooled_cox_model_recovers_the_planted_coefficients():
    estimates, errors = [], []
    for seed in range(12):
        imputed = impute(FORMULA, cohort(300, seed), m=4, iterations=3, seed=seed)
        table = imputed.pool(lambda d: fs.coxph(FORMULA, data=d)).tidy().set_index("term")
        estimates.append(table.loc[["x", "groupmuch"], "estimate"])
        errors.append(table.loc[["x", "groupmuch"], "std_error"])
    mean = np.mean(estimates, axis=0)
    margin = 3 * np.mean(errors, axis=0) / np.sqrt(12)
    assert (np.abs(mean - [0.5, 0.6]) < margin).all()


def test_known_values_stay_and_only_observed_numbers_are_drawn():
    frame = cohort()
    for table in impute(FORMULA, frame, m=2, iterations=2, seed=3):
        known = frame["x"].notna()
        pd.testing.assert_series_equal(table.loc[known, "x"], frame.loc[known, "x"])
        assert set(table.loc[~known, "x"]) <= set(frame.loc[known, "x"])
        assert table["group"].dtype == frame["group"].dtype
        assert table["group"].notna().all()


def test_same_seed_same_numbers_and_more_imputations_only_add():
    frame = cohort(120)
    one, two = (impute(FORMULA, frame, m=m, iterations=2, seed=5) for m in (2, 4))
    for name in one.values:
        np.testing.assert_array_equal(one.values[name], two.values[name][:2])
    other = impute(FORMULA, frame, m=2, iterations=2, seed=6)
    assert (one.values["x"] != other.values["x"]).any()


def test_every_kind_of_column_comes_back_as_it_was():
    frame = cohort(150)
    rng = np.random.default_rng(1)
    lost = rng.random(150) < 0.2
    frame["text"] = np.where(lost, None, np.where(frame["z"] > 0, "old", "young"))
    frame["flag"] = pd.Series(np.where(lost, None, frame["z"] > 0.5), dtype=object)
    frame["nullable"] = pd.array(np.where(lost, pd.NA, frame["z"] > 0.2), dtype="boolean")
    grades = pd.Categorical.from_codes(rng.integers(0, 3, 150), ["I", "II", "III"], ordered=True)
    frame["stage"] = pd.Series(grades).mask(lost)
    auxiliary = ["text", "flag", "nullable", "stage"]
    imputed = impute(FORMULA, frame, auxiliary=auxiliary, m=2, iterations=2)
    table = imputed.completed(1)
    assert set(table["text"]) == {"old", "young"}
    assert table["flag"].dtype == bool
    assert table["nullable"].dtype == bool
    assert table["stage"].dtype == frame["stage"].dtype
    methods = imputed.tidy().set_index("variable")["method"]
    assert methods["stage"].unique().item() == "predictive mean matching"
    assert methods["text"].unique().item() == "logistic regression, bootstrap"
    # text follows z exactly, and so must its imputations, almost always
    agree = (table["text"] == np.where(frame["z"] > 0, "old", "young"))[lost].mean()
    assert agree > 0.8


def test_the_outcome_enters_as_event_and_nelson_aalen():
    """Truth: lifelines' Nelson-Aalen estimator; with entry, its increments by hand."""
    from lifelines import NelsonAalenFitter

    frame = cohort(60)
    start = np.full(60, -np.inf)
    columns = event_and_hazard(np.column_stack([start, frame["time"], frame["dead"]]))
    np.testing.assert_array_equal(columns[:, 0], frame["dead"])
    fitter = NelsonAalenFitter(nelson_aalen_smoothing=False).fit(frame["time"], frame["dead"])
    expected = fitter.cumulative_hazard_at_times(frame["time"]).to_numpy()
    np.testing.assert_allclose(columns[:, 1], expected, rtol=1e-9)
    late = np.array([[0, 1, 1], [0, 2, 1], [1, 3, 1.0]])  # at risk: 2, 2, 1
    np.testing.assert_allclose(event_and_hazard(late)[:, 1], [1 / 2, 1, 2 - 1 / 2])


def test_other_outcomes_predict_too():
    frame = cohort(200)
    frame["y"] = cohort(200, missing=False)["x"] * 2
    table = impute("y ~ x", frame, m=2, iterations=2).completed(0)
    assert table[["x", "y"]].corr().iloc[0, 1] > 0.97
    frame["status"] = np.where(frame["dead"] == 1, "dead", "alive")
    frame.loc[:3, "status"] = None
    imputed = impute("status ~ x", frame, m=2, iterations=1)
    assert imputed.glance()[["n", "n_missing"]].iloc[0].tolist() == [196, 4]


def test_reports():
    imputed = impute(FORMULA, cohort(150), m=3, iterations=4, seed=2)
    assert len(imputed) == 3
    assert "3 imputations of 2 columns, 150 rows" in repr(imputed)
    trace = imputed.trace()
    assert len(trace) == 2 * 3 * 4
    assert trace.groupby("variable")["iteration"].max().tolist() == [4, 4]
    table = imputed.tidy()
    assert table["r_hat"].notna().all()
    groups = table[table["variable"] == "group"]
    assert groups[["estimate1", "estimate2"]].sum().tolist() == pytest.approx([1, 1])
    one_step = impute(FORMULA, cohort(150), m=2, iterations=1)
    assert one_step.tidy()["r_hat"].isna().all()


def test_donors_are_the_closest_predictions():
    """Truth: sorting by distance, the slow way."""
    rng = np.random.default_rng(0)
    donors, wanted = rng.normal(size=40), rng.normal(size=25) * 3
    y = np.arange(40.0)
    drawn = {i: set() for i in range(25)}
    for _ in range(200):
        for i, value in enumerate(chained._match(donors, wanted, y, rng)):
            drawn[i].add(value)
    for i, value in enumerate(wanted):
        closest = np.argsort(np.abs(donors - value))[: chained.DONORS]
        assert drawn[i] == set(closest)


def test_a_bootstrap_sample_of_one_level_gives_that_level():
    target = chained.Target("g", np.array([1.0] * 11 + [0.0]), np.arange(12) == 11, 2)
    drawn = chained._draw_level(target, np.zeros((12, 1)), np.random.default_rng(0))
    assert drawn.tolist() == [1.0]


def test_refusals():
    frame = cohort(60)
    with pytest.raises(InputError, match="m is 1; it must be a whole number, 2 or more"):
        impute(FORMULA, frame, m=1)
    with pytest.raises(DesignError, match="nothing to impute"):
        impute(FORMULA, cohort(60, missing=False))
    with pytest.raises(DesignError, match="column 'x' has 5 known values; at least 10"):
        impute(FORMULA, frame.assign(x=frame["z"].where(frame.index < 5)))
    constant = frame.assign(x=np.where(frame.index < 30, 1.0, np.nan))
    with pytest.raises(DesignError, match="'x' has 30 known values, all equal; at least 10"):
        impute(FORMULA, constant)
    named = frame.assign(name=[*(f"patient {i}" for i in range(59)), None])
    with pytest.raises(InputError, match="'name' is text with 59 distinct values"):
        impute(FORMULA, named, auxiliary=["name"])
    with pytest.raises(InputError, match="imputation 2 does not exist; there are 2, from 0"):
        impute(FORMULA, frame, m=2, iterations=1).completed(2)
    with pytest.raises(InputError, match="'ages'"):
        impute(FORMULA, frame, auxiliary=["ages"])


@pytest.mark.parametrize("special", ["cluster(z)", "offset(z)"])
def test_an_unused_special_is_refused(special):
    with pytest.raises(FormulaError, match=r"impute\(\).*is not used here"):
        impute(f"Surv(time, dead) ~ x + {special}", cohort(60))


def test_completed_tables_keep_the_index_of_the_data():
    frame = cohort(60)
    frame.index = range(500, 560)
    frame.loc[503, "time"] = np.nan
    imputed = impute(FORMULA, frame, m=2, iterations=1)
    assert imputed.completed(0).index.tolist() == [i for i in range(500, 560) if i != 503]


def test_a_normal_model_draws_what_a_regression_predicts_and_categories_as_before():
    """Values between the observed ones; their mean and spread given z are those of the model."""
    frame = cohort(1500)
    imputed = impute(FORMULA, frame, m=3, iterations=4, method="norm", seed=1)
    methods = imputed.tidy().drop_duplicates("variable").set_index("variable")["method"]
    assert methods["x"] == "Bayesian linear regression"
    assert methods["group"] == "logistic regression, bootstrap"
    for table in imputed:
        drawn = table[frame["x"].isna()]
        assert not drawn["x"].isin(frame["x"]).any()
        fit = fs.lm("x ~ z", drawn)
        assert fit.coef.iloc[1] == pytest.approx(0.7, abs=0.2)
        assert fit.glance()["sigma"].iloc[0] == pytest.approx(1, abs=0.12)


def test_an_unknown_method_is_refused():
    with pytest.raises(InputError, match="norm"):
        impute(FORMULA, cohort(60), method="normal")
