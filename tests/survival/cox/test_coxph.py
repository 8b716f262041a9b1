"""coxph: closed forms, other libraries, properties, refusals. R's numbers are conformance cases."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import faceage_stats as fs
from faceage_stats.errors import (
    ConvergenceWarning,
    EstimationWarning,
    FormulaError,
    InfiniteCoefficientWarning,
    InputError,
    SingularColumnWarning,
)

# Therneau & Grambsch (2000), appendix E.1 and E.2: the data of the worked examples.
BOOK1 = pd.DataFrame(
    {"time": [1, 1, 6, 6, 8, 9], "event": [1, 0, 1, 1, 0, 1], "x": [1, 1, 1, 0, 0, 0]}
)
BOOK2 = pd.DataFrame(
    {
        "start": [1, 2, 5, 2, 1, 7, 3, 4, 8, 8],
        "stop": [2, 3, 6, 7, 8, 9, 9, 9, 14, 17],
        "event": [1, 1, 1, 1, 1, 1, 1, 0, 0, 0],
        "x": [1, 0, 0, 1, 0, 1, 1, 1, 0, 0],
    }
)


def simulate(n=200, seed=1, digits=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 3))
    time = rng.exponential(size=n) * 20 * np.exp(-0.5 * x[:, 0] + 0.3 * x[:, 1])
    censor = rng.uniform(5, 40, n)
    return pd.DataFrame(
        {
            "time": np.ceil(np.minimum(time, censor) * 10**digits) / 10**digits,
            "event": (time <= censor).astype(int),
            "a": x[:, 0],
            "b": x[:, 1],
            "c": x[:, 2],
            "g": rng.choice(["u", "v", "w"], n),
            "s": rng.integers(0, 3, n),
            "w": rng.integers(1, 4, n),
            "entry": np.zeros(n),
        }
    )


# ---------------------------------------------------------------- closed forms
def test_book_example_1_breslow():
    # score equation: r^2 - 3 r... solved by hand: r = (3 + sqrt(33)) / 2, beta = log r
    fit = fs.coxph("Surv(time, event) ~ x", BOOK1, ties="breslow")
    r = (3 + np.sqrt(33)) / 2
    assert fit.coef["x"] == pytest.approx(np.log(r), rel=1e-12)
    log_lik = 2 * np.log(r) - np.log(3 * r + 3) - 2 * np.log(r + 3)
    assert fit.log_lik == pytest.approx(log_lik, rel=1e-12)
    information = r / (r + 1) ** 2 + 2 * 3 * r / (r + 3) ** 2
    assert fit.vcov().iloc[0, 0] == pytest.approx(1 / information, rel=1e-10)
    # martingale residuals from the three hazard steps
    steps = [1 / (3 * r + 3), 2 / (r + 3), 1.0]
    h = np.cumsum(steps)
    expected = [h[0] * r, h[0] * r, h[1] * r, h[1], h[1], h[2]]
    np.testing.assert_allclose(fit.residuals("martingale"), BOOK1["event"] - expected, rtol=1e-10)


def test_book_example_1_efron():
    # score equation at 6: two deaths, r + 1 of them among r + 3 at risk
    fit = fs.coxph("Surv(time, event) ~ x", BOOK1)
    r = np.exp(fit.coef["x"])
    score = 1 - 3 * r / (3 * r + 3) + 1 - r / (r + 3) - (r / 2) / (r / 2 + 2.5)
    assert score == pytest.approx(0, abs=1e-12)
    log_lik = 2 * np.log(r) - np.log(3 * r + 3) - np.log(r + 3) - np.log(r / 2 + 2.5)
    assert fit.log_lik == pytest.approx(log_lik, rel=1e-12)
    assert fit.estimate.log_lik_null == pytest.approx(-np.log(6) - np.log(4) - np.log(3), rel=1e-12)


def test_book_example_2_start_stop():
    fit = fs.coxph("Surv(start, stop, event) ~ x", BOOK2, ties="breslow")
    r = np.exp(fit.coef["x"])
    assert fit.coef["x"] == pytest.approx(-0.084526, abs=1e-6)  # printed in the book
    at_risk = [_risk_set(t) for t in (2, 3, 6, 7, 8, 9, 9)]
    log_lik = 4 * np.log(r) - sum(np.log(k1 * r + k0) for k1, k0 in at_risk)
    assert fit.log_lik == pytest.approx(log_lik, rel=1e-12)


def _risk_set(t):
    inside = BOOK2[(BOOK2["start"] < t) & (t <= BOOK2["stop"])]
    return int((inside["x"] == 1).sum()), int((inside["x"] == 0).sum())


def test_two_groups_without_ties_score_test_is_the_logrank_test():
    data = simulate(digits=9)
    data["z"] = (data["a"] > 0).astype(float)
    score = fs.coxph("Surv(time, event) ~ z", data).estimate.score_statistic
    logrank = fs.survdiff("Surv(time, event) ~ z", data).glance()["statistic"].iloc[0]
    assert score == pytest.approx(logrank, rel=1e-9)


# ---------------------------------------------------------------- other libraries
@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_agrees_with_statsmodels(ties):
    from statsmodels.duration.hazard_regression import PHReg

    data = simulate()
    fit = fs.coxph("Surv(time, event) ~ a + b + c + strata(s)", data, ties=ties)
    other = PHReg(
        data["time"], data[["a", "b", "c"]], data["event"], strata=data["s"], ties=ties
    ).fit()
    np.testing.assert_allclose(fit.coef, other.params, rtol=1e-6)
    np.testing.assert_allclose(fit.tidy()["std_error"], other.bse, rtol=1e-6)
    assert fit.log_lik == pytest.approx(other.llf, rel=1e-9)


def test_agrees_with_lifelines_within_its_tolerance():
    from lifelines import CoxPHFitter

    data = simulate()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other = CoxPHFitter().fit(data[["time", "event", "a", "b"]], "time", "event")
    fit = fs.coxph("Surv(time, event) ~ a + b", data)
    np.testing.assert_allclose(fit.coef, other.params_, rtol=1e-4)
    assert fit.log_lik == pytest.approx(other.log_likelihood_, rel=1e-8)


def test_agrees_with_scikit_survival():
    from sksurv.linear_model import CoxPHSurvivalAnalysis
    from sksurv.util import Surv

    data = simulate()
    y = Surv.from_arrays(data["event"].astype(bool), data["time"])
    other = CoxPHSurvivalAnalysis(ties="efron", tol=1e-14).fit(data[["a", "b", "c"]], y)
    fit = fs.coxph("Surv(time, event) ~ a + b + c", data)
    np.testing.assert_allclose(fit.coef, other.coef_, rtol=1e-6)


# ---------------------------------------------------------------- properties
def summary(fit):
    table = fit.tidy()
    return table[["estimate", "std_error"]].to_numpy(), fit.log_lik


def same(one, other, rtol=1e-8):
    np.testing.assert_allclose(one[0], other[0], rtol=rtol, atol=1e-10)
    assert one[1] == pytest.approx(other[1], rel=1e-10)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), shift=st.floats(-1e4, 1e4), scale=st.floats(1e-4, 1e4))
def test_shift_scale_and_order_do_not_matter(ties, seed, shift, scale):
    data = simulate(80, seed)
    formula = "Surv(time, event) ~ a + b + strata(s)"
    plain = fs.coxph(formula, data, ties=ties)
    moved = data.assign(a=data["a"] * scale + shift, time=data["time"] * 3 + 1)
    fit = fs.coxph(formula, moved.sample(frac=1, random_state=seed), ties=ties)
    np.testing.assert_allclose(fit.coef * [scale, 1], plain.coef, rtol=1e-6, atol=1e-9)
    assert fit.log_lik == pytest.approx(plain.log_lik, rel=1e-9)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_weights_are_duplicated_rows_under_breslow(seed):
    data = simulate(60, seed)
    weighted = fs.coxph("Surv(time, event) ~ a + b", data, weights="w", ties="breslow")
    copies = data.loc[data.index.repeat(data["w"])]
    same(summary(weighted), summary(fs.coxph("Surv(time, event) ~ a + b", copies, ties="breslow")))


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), cut=st.integers(10, 200))
def test_split_follow_up_is_the_whole(ties, seed, cut):
    data = simulate(60, seed)
    cut = cut / 10  # never within rounding of a time without being one, which is refused
    early = data.assign(start=0.0, stop=data["time"].clip(upper=cut))
    early["event"] = early["event"] * (data["time"] <= cut)
    late = data[data["time"] > cut].assign(start=cut).rename(columns={"time": "stop"})
    split = pd.concat([early, late], ignore_index=True)
    whole = fs.coxph("Surv(time, event) ~ a + b + C(g)", data, ties=ties)
    same(
        summary(fs.coxph("Surv(start, stop, event) ~ a + b + C(g)", split, ties=ties)),
        summary(whole),
    )


def test_an_interval_that_rounding_makes_empty_is_refused():
    # R: coxph(Surv(c(0, 1), c(1, 1 + 1e-12), c(1, 1)) ~ c(1, 2)) stops with "aeqSurv exception, an
    # interval has effective length 0"; merging 1 and 1 + 1e-12 leaves nothing of the second row.
    data = pd.DataFrame({"start": [0.0, 1.0], "stop": [1.0, 1 + 1e-12], "d": [1, 1], "x": [1, 2]})
    with pytest.raises(
        InputError, match="1 rows start and stop at times that differ only by round"
    ):
        fs.coxph("Surv(start, stop, d) ~ x", data)


def test_entry_at_zero_changes_nothing():
    data = simulate()
    whole = fs.coxph("Surv(time, event) ~ a + b", data)
    entered = fs.coxph("Surv(entry, time, event) ~ a + b", data)
    same(summary(entered), summary(whole))
    np.testing.assert_allclose(entered.residuals("dfbeta"), whole.residuals("dfbeta"), atol=1e-12)


def test_a_leaver_with_a_huge_risk_leaves_no_rounding_behind():
    # One row with relative risk e^30 leaves before most deaths.
    data = simulate(100).assign(start=0.0)
    far = pd.DataFrame({"start": [0.0], "time": [1.5], "event": [0], "a": [0.0], "huge": [30.0]})
    data = pd.concat([data.assign(huge=0.0), far], ignore_index=True)
    kept = fs.coxph("Surv(start, time, event) ~ a + offset(huge)", data[data["time"] > 1.5])
    late = data[~((data["time"] <= 1.5) & (data["event"] == 1))]
    all_rows = fs.coxph("Surv(start, time, event) ~ a + offset(huge)", late)
    np.testing.assert_allclose(all_rows.coef, kept.coef, rtol=1e-9)


def test_cluster_of_split_rows_equals_the_robust_variance_of_whole_rows():
    data = simulate(80)
    robust = fs.coxph("Surv(time, event) ~ a + b", data, robust=True)
    data["id"] = np.arange(len(data))
    early = data.assign(start=0.0, stop=data["time"].clip(upper=6))
    early["event"] = early["event"] * (data["time"] <= 6)
    late = data[data["time"] > 6].assign(start=6.0).rename(columns={"time": "stop"})
    split = fs.coxph("Surv(start, stop, event) ~ a + b + cluster(id)", pd.concat([early, late]))
    np.testing.assert_allclose(split.vcov(), robust.vcov(), rtol=1e-9)


def test_offset_equals_a_fixed_coefficient():
    data = simulate()
    free = fs.coxph("Surv(time, event) ~ a + b", data)
    data["fixed"] = free.coef["b"] * data["b"]
    fit = fs.coxph("Surv(time, event) ~ a + offset(fixed)", data)
    assert fit.coef["a"] == pytest.approx(free.coef["a"], rel=1e-7)
    assert fit.log_lik == pytest.approx(free.log_lik, rel=1e-12)


# ---------------------------------------------------------------- tables
def test_tidy_has_reference_rows_and_counts():
    data = simulate()
    fit = fs.coxph('Surv(time, event) ~ a + C(g, ref="v")', data)
    table = fit.tidy(exponentiate=True, conf_level=0.9)
    assert table["term"].tolist() == ["a", "gv", "gu", "gw"]
    assert table["level"].isna().tolist() == [True, False, False, False]
    assert table["level"].iloc[1:].tolist() == ["v", "u", "w"]
    assert table["is_reference"].tolist() == [False, True, False, False]
    assert table["estimate"].iloc[1] == 1
    assert fit.tidy()["estimate"].iloc[1] == 0
    assert table["n"].iloc[1:].sum() == len(data)
    assert table["n_event"].iloc[1:].sum() == data["event"].sum()
    assert (table["conf_low"] < table["estimate"])[~table["is_reference"]].all()
    stacked = fs.bind_tidy({"one": fit, "two": fit})
    assert stacked["model"].unique().tolist() == ["one", "two"]
    assert "efron ties" in repr(fit)
    assert fit.to_dict()["glance"]["n"] == len(data)


def test_columns_are_in_the_glossary():
    from faceage_stats._glossary import GLOSSARY

    fit = fs.coxph("Surv(time, event) ~ a + C(g)", simulate(), robust=True)
    for frame in (fit.tidy(), fit.glance(), fit.drop1("wald").tidy()):
        assert set(frame) <= set(GLOSSARY)


def test_near_ties_are_merged_and_counted():
    data = simulate()
    moved = data.assign(time=data["time"] * (1 + 1e-12 * np.arange(len(data)) / len(data)))
    fit = fs.coxph("Surv(time, event) ~ a", moved)
    assert fit.log_lik == pytest.approx(fs.coxph("Surv(time, event) ~ a", data).log_lik, rel=1e-9)
    assert fit.glance()["n_merged"].iloc[0] == moved["time"].nunique() - data["time"].nunique()


def test_vcov_robust_and_model_based():
    data = simulate()
    fit = fs.coxph("Surv(time, event) ~ a", data, robust=True)
    plain = fs.coxph("Surv(time, event) ~ a", data)
    np.testing.assert_allclose(fit.vcov(robust=False), plain.vcov())
    assert not np.allclose(fit.vcov(robust=True), plain.vcov())
    assert "robust_se" in fit.tidy()
    with pytest.raises(InputError, match="no sandwich variance; refit with robust=True"):
        plain.vcov(robust=True)


def test_null_model():
    fit = fs.coxph("Surv(time, event) ~ 1", BOOK1)
    assert fit.log_lik == pytest.approx(-np.log(6) - np.log(4) - np.log(3))
    assert fit.tidy().empty
    assert fit.glance()["df"].iloc[0] == 0


# ---------------------------------------------------------------- anova


# ---------------------------------------------------------------- awkward data
def test_constant_and_collinear_columns():
    data = simulate().assign(one=3.1, twice=lambda d: 2 * d["a"] + 1)
    with pytest.warns(SingularColumnWarning, match="column 'one', 'twice' is constant or a linear"):
        fit = fs.coxph("Surv(time, event) ~ a + one + twice", data)
    plain = fs.coxph("Surv(time, event) ~ a", data)
    assert fit.coef["a"] == pytest.approx(plain.coef["a"], rel=1e-9)
    assert fit.coef[["one", "twice"]].isna().all()
    assert fit.vcov().isna().to_numpy().sum() == 8
    assert fit.estimate.df == 1
    np.testing.assert_allclose(fit.predict()["estimate"], plain.predict()["estimate"])


def test_separation_names_the_term_and_suggests_firth():
    data = simulate()
    data["event"] = np.where(data["g"] == "w", 0, data["event"])
    with pytest.warns(InfiniteCoefficientWarning, match=r"before 'gw';.*coxphf\(\)"):
        fs.coxph("Surv(time, event) ~ a + C(g)", data)


def test_a_fit_with_tiny_coefficients_is_not_called_infinite():
    data = simulate()
    flat = pd.concat([data, data.assign(a=-data["a"])], ignore_index=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit = fs.coxph("Surv(time, event) ~ a", flat)
    assert fit.coef["a"] == pytest.approx(0, abs=1e-9)


def test_too_few_iterations_warn():
    with pytest.warns(ConvergenceWarning, match="did not converge in 1 iterations; raise iter_max"):
        fs.coxph("Surv(time, event) ~ a", simulate(), iter_max=1)


def test_no_events_one_row_all_tied():
    data = simulate()
    with pytest.warns(EstimationWarning, match="there are no events among 200 rows"):
        fit = fs.coxph("Surv(time, event) ~ a + C(g)", data.assign(event=0))
    assert fit.coef.isna().all()
    assert np.isnan(fit.bic)
    assert np.isnan(fit.glance()["concordance"].iloc[0])
    with pytest.warns(SingularColumnWarning, match="'a'"):
        fs.coxph("Surv(time, event) ~ a", data.assign(event=1).head(1))
    tied = data.assign(time=1, event=1)
    # everyone dies at one time: Efron's likelihood has its maximum at 0 up to the draw of a
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert abs(fs.coxph("Surv(time, event) ~ a", tied, ties="breslow").coef["a"]) < 1e-9


def test_one_event_against_the_closed_form():
    # one event: the likelihood is a softmax over the risk set
    data = pd.DataFrame({"t": [1, 2, 3], "d": [1, 0, 0], "x": [0.0, 1.0, -2.0]})
    fit = fs.coxph("Surv(t, d) ~ x", data)
    weights = np.exp(fit.coef["x"] * data["x"])
    assert (weights * data["x"]).sum() / weights.sum() == pytest.approx(0, abs=1e-9)


def test_an_unused_level_is_a_singular_column_or_absent():
    data = simulate()
    data["g"] = pd.Categorical(data["g"], ["u", "v", "w", "never"])
    with pytest.warns(SingularColumnWarning, match="'gnever'"):
        fit = fs.coxph("Surv(time, event) ~ C(g)", data)
    assert np.isnan(fit.coef["gnever"])


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"ties": "exakt"}, InputError, "Did you mean 'exact'"),
        ({"init": [1.0, 2.0]}, InputError, "init must hold 1 finite values"),
        ({"weights": "zero"}, InputError, "weights 'zero' are 0 in 200 rows"),
    ],
)
def test_refused_options(options, error, message):
    with pytest.raises(error, match=message):
        fs.coxph("Surv(time, event) ~ a", simulate().assign(zero=0), **options)


def test_refused_formulas():
    data = simulate()
    with pytest.raises(FormulaError, match="left side must be Surv"):
        fs.coxph("time ~ a", data)
    with pytest.raises(FormulaError, match=r"no column 'aa'. Did you mean 'a'"):
        fs.coxph("Surv(time, event) ~ aa", data)
    with pytest.raises(InputError, match="needs to know which rows belong to one subject"):
        fs.coxph("Surv(entry, time, event) ~ a", data, robust=True)
    with pytest.warns(EstimationWarning, match="the cluster is ignored"):
        fit = fs.coxph("Surv(time, event) ~ a", data, cluster="s", robust=False)
    assert fit.robust_variance is None
    infinite = data.assign(a=data["a"].where(data.index > 0, np.inf))
    with pytest.raises(InputError, match="'a' has 1 infinite values"):
        fs.coxph("Surv(time, event) ~ a", infinite)
    with pytest.raises(InputError, match="time 'time' is negative in 1 rows"):
        fs.coxph("Surv(time, event) ~ a", data.assign(time=data["time"].where(data.index > 0, -1)))
    with pytest.warns(EstimationWarning, match="'time' is not after 'entry' in 1 rows"):
        fit = fs.coxph(
            "Surv(entry, time, event) ~ a",
            data.assign(entry=np.where(data.index == 0, data["time"], 0)),
        )
    assert fit.n_missing == 1
