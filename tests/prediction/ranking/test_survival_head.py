"""The ranking loss and the linear survival head."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from faceage_stats._glossary import GLOSSARY
from faceage_stats.errors import ConvergenceError, DesignError, FormulaError, InputError
from faceage_stats.prediction.ranking import cross_fitting as module
from faceage_stats.prediction.ranking.kernel import ranking_gradient
from faceage_stats.prediction.ranking.survival_head import survival_head
from faceage_stats.prediction.ranking.survival_ranking_loss import survival_ranking_loss
from faceage_stats.survival.concordance.concordance import concordance

FORMULA = "Surv(time, event) ~ a + b"


def _data(n=80, seed=0, ties=True):
    rng = np.random.default_rng(seed)
    a, b = rng.standard_normal((2, n))
    time = rng.exponential(np.exp(-a))
    censor = rng.exponential(1.5, n)
    event = (time <= censor).astype(int)
    time = np.minimum(time, censor)
    time = np.ceil(time * 5) if ties else time + 1e-3
    return pd.DataFrame({"time": time, "event": event, "a": a, "b": b})


def _by_definition(time, event, score, strata=None):
    strata = np.zeros(len(time)) if strata is None else strata
    losses = [
        np.log1p(np.exp(score[j] - score[i]))
        for i, j in itertools.permutations(range(len(time)), 2)
        if event[i] and strata[i] == strata[j]
        and (time[j] > time[i] or (time[j] == time[i] and not event[j]))
    ]  # fmt: skip
    return np.mean(losses)


class TestLoss:
    # Truth: the definition, pair by pair.
    def test_value(self):
        df = _data()
        found = survival_ranking_loss(FORMULA, df).tidy()["estimate"]
        for name, value in zip("ab", found, strict=True):
            expected = _by_definition(df["time"], df["event"], df[name].to_numpy())
            assert value == pytest.approx(expected, rel=1e-12)

    def test_within_strata(self):
        df = _data().assign(site=lambda d: np.arange(len(d)) % 3)
        found = survival_ranking_loss(FORMULA + " + strata(site)", df).loss[0]
        expected = _by_definition(df["time"], df["event"], df["a"].to_numpy(), df["site"])
        assert found == pytest.approx(expected, rel=1e-12)

    # Truth: the ordinary jackknife, and simulation.
    def test_standard_error(self):
        df = _data(150)
        result = survival_ranking_loss(FORMULA, df)
        left_out = np.array(
            [survival_ranking_loss(FORMULA, df.drop(index=i)).loss for i in range(len(df))]
        )
        n = len(df)
        jackknife = np.cov(left_out.T) * (n - 1) ** 2 / n
        np.testing.assert_allclose(result.vcov(), jackknife, rtol=0.08)

    def test_coverage_of_the_truth(self):
        """95% intervals hold the large-sample value in about 95 of 100 data sets."""
        truth = survival_ranking_loss("Surv(time, event) ~ a", _data(6000, 99)).loss[0]
        held = 0
        for seed in range(200):
            row = survival_ranking_loss("Surv(time, event) ~ a", _data(120, seed)).tidy().iloc[0]
            held += row["conf_low"] <= truth <= row["conf_high"]
        assert 180 <= held <= 199

    def test_true_log_hazard_is_best(self):
        """Under proportional hazards the loss is a proper score of the log hazard."""
        df = _data(3000, 5, ties=False)
        losses = {}
        for scale in (0.5, 0.8, 1.0, 1.25, 2.0):
            losses[scale] = survival_ranking_loss(
                "Surv(time, event) ~ s", df.assign(s=scale * df["a"])
            ).loss[0]
        assert min(losses, key=losses.get) == 1.0
        constant = df.assign(s=3.0)
        assert survival_ranking_loss("Surv(time, event) ~ s", constant).loss[0] == pytest.approx(
            np.log(2)
        )

    def test_differences_are_paired(self):
        result = survival_ranking_loss(FORMULA, _data())
        row = result.contrasts().iloc[0]
        assert row["estimate"] == pytest.approx(result.loss[1] - result.loss[0])
        contrast = np.array([1, -1])
        assert row["std_error"] ** 2 == pytest.approx(
            contrast @ result.vcov().to_numpy() @ contrast
        )
        assert row["p_value"] < 0.05
        same = survival_ranking_loss(
            "Surv(time, event) ~ a + c", _data().assign(c=lambda d: d["a"])
        )
        assert same.contrasts()["p_value"][0] == 1

    def test_extreme_scores_stay_finite(self):
        df = _data().assign(a=lambda d: d["a"] * 1e6)
        assert np.isfinite(survival_ranking_loss(FORMULA, df).tidy().drop(columns="marker")).all(
            None
        )

    @settings(max_examples=30, deadline=None)
    @given(st.integers(0, 1000), st.floats(-5, 5))
    def test_invariances(self, seed, shift):
        """Order of rows, a shift of the score, a monotone change of time: the same."""
        df = _data(40, seed)
        base = survival_ranking_loss(FORMULA, df)
        other = df.sample(frac=1, random_state=seed).assign(
            a=lambda d: d["a"] + shift, time=lambda d: np.sqrt(d["time"])
        )
        again = survival_ranking_loss(FORMULA, other)
        np.testing.assert_allclose(again.loss, base.loss, rtol=1e-9)
        np.testing.assert_allclose(again.vcov(), base.vcov(), rtol=1e-6)

    def test_printing_counts_and_glossary(self):
        df = _data()
        df.loc[3, "a"] = np.nan
        result = survival_ranking_loss(FORMULA, df)
        assert result.glance().iloc[0].tolist() == [79, int(df.drop(index=3)["event"].sum()), 1]
        for table in (result.tidy(), result.glance(), result.contrasts()):
            assert set(table) <= set(GLOSSARY)
        assert repr(result).startswith("Pairwise survival ranking loss")

    @pytest.mark.parametrize(
        ("formula", "change", "error", "message"),
        [
            ("a ~ b", {}, FormulaError, r"left side must be Surv"),
            ("Surv(time, event) ~ 1", {}, FormulaError, "names no score"),
            ("Surv(time, event) ~ a + cluster(b)", {}, FormulaError, "is not used here"),
            ("Surv(start, time, event) ~ a", {"start": 0.0}, InputError, "without delayed entry"),
            (FORMULA, {"event": 0}, DesignError, "No pair can be compared"),
        ],
    )
    def test_refused(self, formula, change, error, message):
        with pytest.raises(error, match=message):
            survival_ranking_loss(formula, _data().assign(**change))


class TestGradient:
    # Truth: finite differences.
    def test_gradient(self):
        df = _data(40).sort_values("time")
        time, event = df["time"].to_numpy(), df["event"].to_numpy()
        score = df["a"].to_numpy()
        value, gradient = ranking_gradient(time, event, score)
        assert value == pytest.approx(_by_definition(time, event, score))
        numeric = optimize.approx_fprime(score, lambda s: ranking_gradient(time, event, s)[0], 1e-6)
        np.testing.assert_allclose(gradient, numeric, atol=1e-7)


def _embedded(n=240, p=6, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, p)) * np.arange(1, p + 1) + 3
    risk = x[:, 0] - 0.5 * x[:, 1]
    time = rng.exponential(np.exp(-risk))
    censor = rng.exponential(np.exp(-risk.mean()) * 3, n)
    frame = pd.DataFrame(x).add_prefix("embedding_")
    event = (time <= censor).astype(int)
    return frame.assign(time=np.minimum(time, censor), event=event, true_risk=risk)


@pytest.fixture(scope="module")
def fitted():
    data = _embedded()
    data.loc[7, "embedding_2"] = np.nan
    return data, survival_head("Surv(time, event)", data, n_folds=4, seed=2)


class TestHead:
    # Truth: the planted linear risk.
    def test_recovers_the_planted_risk(self, fitted):
        data, head = fitted
        assert (
            head.predict()["estimate"].corr(data.drop(index=7)["true_risk"])
            > 0.93  # 239 patients; it tends to 1
        )
        table = head.tidy().set_index(["metric", "marker"])
        planted = concordance("Surv(time, event) ~ true_risk", data, reverse=True)
        for marker in ("ranking head", "Cox elastic net"):
            row = table.loc[("concordance", marker)]
            assert row["conf_low"] < planted.concordance[0] < row["conf_high"] + 0.03
            assert table.loc[("ranking loss", marker), "estimate"] < np.log(2)

    def test_noise_is_recognised(self):
        data = _embedded(seed=3)
        follow_up = data[["time", "event"]].sample(frac=1, random_state=1)
        data = data.assign(time=follow_up["time"].array, event=follow_up["event"].array)
        head = survival_head("Surv(time, event)", data, n_folds=4)
        row = head.tidy().iloc[0]
        assert row["conf_low"] < 0.55  # out of fold, so no better than chance
        assert row["conf_high"] > 0.45

    def test_tables(self, fitted):
        _, head = fitted
        glance = head.glance().iloc[0]
        assert (glance["n"], glance["n_missing"], glance["n_fold"]) == (239, 1, 4)
        assert glance["n_feature"] == 6
        augmented = head.augment()
        assert 7 not in augmented["row"].to_numpy()
        assert augmented["row"].is_monotonic_increasing
        sizes = augmented["fold"].value_counts()
        assert sizes.max() - sizes.min() <= 1
        differences = head.contrasts()
        assert differences["metric"].tolist() == ["concordance", "ranking loss"]
        tidy = head.tidy()
        assert differences["estimate"][0] == pytest.approx(
            tidy["estimate"][0] - tidy["estimate"][1]
        )
        for table in (tidy, head.glance(), augmented, differences):
            assert set(table) <= set(GLOSSARY)
        assert repr(head).startswith("Survival head on 6 features, 4-fold")

    def test_prediction(self, fitted):
        data, head = fitted
        scores = head.predict(data)["estimate"]
        assert np.isnan(scores[7])
        assert abs(scores.mean()) < 1e-9  # the mean patient has score 0
        assert head.predict(data.iloc[[20, 3]])["estimate"].to_dict() == pytest.approx(
            scores[[20, 3]].to_dict()
        )
        pd.testing.assert_series_equal(head.predict()["estimate"], scores.dropna())

    def test_folds_do_not_leak(self, fitted):
        """Changing a held-out patient's features changes no other patient's score of that fold."""
        data, head = fitted
        changed = data.copy()
        row = int(head.scores["row"].iloc[0])
        fold = int(head.scores["fold"].iloc[0])
        changed.loc[row, "embedding_0"] += 0.5
        again = survival_head("Surv(time, event)", changed, n_folds=4, seed=2)
        same = (head.scores["fold"] == fold) & (head.scores["row"] != row)
        for name in ("score_ranking", "score_cox"):
            np.testing.assert_array_equal(again.scores.loc[same, name], head.scores.loc[same, name])

    def test_same_seed_same_numbers(self, fitted):
        data, head = fitted
        again = survival_head("Surv(time, event)", data, n_folds=4, seed=2)
        pd.testing.assert_frame_equal(again.scores, head.scores)
        other = survival_head("Surv(time, event)", data, n_folds=4, seed=3)
        assert (other.scores["fold"] != head.scores["fold"]).any()

    # Truth: optimality of a convex problem, and the unpenalised-limit direction.
    def test_minimum(self):
        df = _embedded(60)
        order = np.argsort(df["time"].to_numpy())
        x = df.filter(like="embedding").to_numpy()[order]
        x = (x - x.mean(0)) / x.std(0)
        sample = module.Sample(df["time"].to_numpy()[order], df["event"].to_numpy()[order], x)
        beta = module.minimise(sample, 0.1, np.zeros(6))

        def target(b):
            return ranking_gradient(sample.time, sample.event, x @ b)[0] + 0.05 * b @ b

        options = {"maxiter": 20_000, "xatol": 1e-7, "fatol": 1e-12}
        other = optimize.minimize(target, beta + 0.1, method="Nelder-Mead", options=options)
        np.testing.assert_allclose(beta, other.x, atol=2e-4)

    def test_no_convergence_is_said(self, monkeypatch):
        def stuck(fun, start, **options):
            return optimize.OptimizeResult(x=start, jac=fun(start)[1] + 1)

        monkeypatch.setattr(module.optimize, "minimize", stuck)
        with pytest.raises(ConvergenceError, match="Use larger penalties"):
            survival_head("Surv(time, event)", _embedded(80), n_folds=2)

    def test_constant_feature_and_single_penalty(self):
        data = _embedded(120).assign(embedding_0=1.0)
        head = survival_head("Surv(time, event)", data, penalties=(0.1,), n_folds=2)
        assert head.coefficients[0] == 0
        assert head.penalty == 0.1


class TestRefusals:
    @pytest.mark.parametrize(
        ("change", "options", "error", "message"),
        [
            ({}, {"features": "deep_"}, InputError, "no column begins with 'deep_'"),
            ({}, {"features": ["x", "embedding_0"]}, InputError, "no column x"),
            ({}, {"features": []}, InputError, "no column was named"),
            ({}, {"features": "e"}, InputError, "'event' is an outcome column"),
            ({"embedding_0": "a"}, {}, InputError, "'embedding_0' is not numeric"),
            ({"embedding_0": np.inf}, {}, InputError, "240 rows hold infinite values"),
            ({}, {"penalties": ()}, InputError, "penalties must be positive"),
            ({}, {"penalties": (0.0,)}, InputError, "penalties must be positive"),
            ({}, {"n_folds": 1}, InputError, "n_folds is 1"),
            ({}, {"n_folds": 100}, DesignError, "too few for 100 folds"),
        ],
    )
    def test_refused(self, change, options, error, message):
        with pytest.raises(error, match=message):
            survival_head("Surv(time, event)", _embedded().assign(**change), **options)

    def test_delayed_entry(self):
        with pytest.raises(InputError, match="without delayed entry"):
            survival_head("Surv(start, time, event)", _embedded().assign(start=0.0))
