"""Multi-reader multi-case analysis: closed forms, R's published numbers, invariances, refusals."""

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import faceage_stats as fs
from faceage_stats.errors import DesignError, FormulaError, InputError
from faceage_stats.prediction.readers.covariance import auc_covariance, reader_aucs
from faceage_stats.prediction.readers.obuchowski_rockette import ObuchowskiRockette

STUDY = {"reader": "reader", "case": "case"}


def study(seed=1, n_reader=4, arms=("a", "b"), n_pos=12, n_neg=15, skip=0.0):
    """A crossed study with ties, and optionally skipped cases."""
    rng = np.random.default_rng(seed)
    truth = np.r_[np.ones(n_pos, int), np.zeros(n_neg, int)]
    case_effect = rng.normal(size=len(truth))
    rows = []
    for arm, reader in itertools.product(arms, range(n_reader)):
        score = truth * (0.6 + 0.4 * arms.index(arm)) + case_effect + rng.normal(size=len(truth))
        rating = np.round(score * 2) / 2
        rating[rng.random(len(truth)) < skip] = np.nan
        rows.append(
            pd.DataFrame({"modality": arm, "reader": f"r{reader}", "case": np.arange(len(truth)),
                          "truth": truth, "rating": rating})
        )  # fmt: skip
    return pd.concat(rows, ignore_index=True)


def arrays(data):
    wide = data.pivot(index=["modality", "reader"], columns="case", values="rating").to_numpy()
    truth = data.drop_duplicates("case").sort_values("case")["truth"].to_numpy()
    return wide[:, truth == 1], wide[:, truth == 0]


def brute_auc(x, y):
    x, y = x[~np.isnan(x)], y[~np.isnan(y)]
    return np.mean((x[:, None] > y) + 0.5 * (x[:, None] == y))


# ---- closed forms, written out pair by pair


def test_auc_is_the_share_of_won_pairs():
    x, y = arrays(study(skip=0.2))
    expected = [brute_auc(a, b) for a, b in zip(x, y, strict=True)]
    assert reader_aucs(x, y)[0] == pytest.approx(expected, rel=1e-14)


def test_jackknife_leaves_out_one_case_from_everything():
    x, y = arrays(study(skip=0.15))
    without = [
        [brute_auc(a, b) for a, b in zip(np.delete(x, i, 1), y, strict=True)]
        for i in range(x.shape[1])
    ] + [
        [brute_auc(a, b) for a, b in zip(x, np.delete(y, i, 1), strict=True)]
        for i in range(y.shape[1])
    ]
    n = len(without)
    expected = (n - 1) ** 2 / n * np.cov(np.array(without), rowvar=False)
    assert auc_covariance(x, y, "jackknife") == pytest.approx(expected, rel=1e-10)


def test_delong_covariance_of_two_curves_is_that_of_the_roc_test():
    # second implementation: our own paired DeLong test of two markers
    data = study(n_reader=1)
    wide = data.pivot(index="case", columns="modality", values="rating")
    wide["truth"] = data.drop_duplicates("case").set_index("case")["truth"]
    both = fs.roc("truth ~ a + b", wide, direction="<")
    assert auc_covariance(*arrays(data), "delong") == pytest.approx(
        both.vcov().to_numpy(), rel=1e-12
    )


def test_unbiased_covariance_has_the_mean_of_the_true_covariance():
    # E over all equally likely samples of a small population, drawn with replacement: the
    # estimate's mean equals the variance of the AUC (an exact enumeration, no simulation)
    x, y = np.array([0.0, 1.0, 3.0]), np.array([0.0, 2.0])
    draws = [
        (np.array(p), np.array(q))
        for p in itertools.product(x, repeat=2)
        for q in itertools.product(y, repeat=2)
    ]
    auc = np.array([brute_auc(p, q) for p, q in draws])
    estimates = [auc_covariance(p[None], q[None], "unbiased")[0, 0] for p, q in draws]
    assert np.mean(estimates) == pytest.approx(auc.var(), abs=1e-14)


def test_a_case_that_only_one_curve_rated_adds_nothing_to_the_covariance():
    x, y = arrays(study(n_reader=2, arms=("a",)))
    x[0, 6:], x[1, :6] = np.nan, np.nan
    y[0, 7:], y[1, :7] = np.nan, np.nan
    for method in ("delong", "unbiased"):
        assert auc_covariance(x, y, method)[0, 1] == pytest.approx(0, abs=1e-15), method


def test_two_modalities_with_fixed_cases_is_a_paired_t_test():
    data = study()
    fit = fs.mrmc("truth ~ rating", modality="modality", data=data, fixed="cases", **STUDY)
    wide = fit.readers().pivot(index="reader", columns="modality", values="estimate")
    t = stats.ttest_rel(wide["b"], wide["a"])
    row = fit.contrasts().iloc[0]
    assert (row["statistic"], row["p_value"]) == pytest.approx((t.statistic, t.pvalue), rel=1e-10)
    assert fit.glance()["p_value"][0] == pytest.approx(t.pvalue, rel=1e-10)


def test_one_fixed_reader_is_the_paired_delong_test():
    data = study(n_reader=1)
    fit = fs.mrmc("truth ~ rating", modality="modality", data=data, fixed="readers", **STUDY)
    row, own = fit.contrasts().iloc[0], fit.reader_contrasts().iloc[0]
    assert row["std_error"] == pytest.approx(own["std_error"], rel=1e-12)
    assert row["p_value"] == pytest.approx(own["p_value"], rel=1e-12)
    assert fit.glance()["p_value"][0] == pytest.approx(own["p_value"], rel=1e-10)


def test_published_analysis_of_van_dyke():
    # Hillis (2007), Van Dyke data: components as published give F(1, 15.1) and its p value
    t, r = 2, 5
    ms_tr, cov2, cov3 = 0.0005510306217440578, 0.0003395265309856288, 0.00023584965323447107
    denominator = ms_tr + r * (cov2 - cov3)
    f = 0.004796170531660259 / denominator
    df2 = denominator**2 / (ms_tr**2 / ((t - 1) * (r - 1)))
    assert stats.f.sf(f, 1, df2) == pytest.approx(0.0512, abs=5e-5)  # the formula itself
    auc = np.array([[0.9196457326892109, 0.8587761674718196, 0.903864734299517,
                     0.973107890499195, 0.8297906602254429],
                    [0.9478260869565217, 0.9053140096618357, 0.9217391304347826,
                     0.9993558776167472, 0.9299516908212561]])  # fmt: skip
    same_t = np.kron(np.eye(2), np.ones((5, 5))) == 1
    same_r = np.kron(np.ones((2, 2)), np.eye(5)) == 1
    vcov = np.where(same_t & same_r, 0.0007921324530765617,
                    np.where(same_r, 0.0003420089577368283,
                             np.where(same_t, cov2, cov3)))  # fmt: skip
    test = ObuchowskiRockette(auc, vcov, "").test()
    assert (test.statistic, test.df_residual) == pytest.approx((f, df2), rel=1e-12)
    assert test.p_value == pytest.approx(0.051233030824810184, rel=1e-10)


# ---- invariances


@pytest.mark.parametrize("covariance", ["delong", "jackknife", "unbiased"])
@pytest.mark.parametrize("fixed", [None, "readers", "cases"])
def test_rows_order_and_rating_scale_do_not_matter(covariance, fixed):
    data = study(skip=0.1)
    options = {"modality": "modality", "covariance": covariance, "fixed": fixed, **STUDY}
    fit = fs.mrmc("truth ~ rating", data=data, **options)
    other = data.sample(frac=1, random_state=3).assign(rating=lambda d: np.exp(d["rating"]))
    pd.testing.assert_frame_equal(
        fit.tidy(), fs.mrmc("truth ~ rating", data=other, **options).tidy()
    )


def test_swapping_the_arms_turns_the_sign():
    data = study()
    swapped = data.assign(modality=data["modality"].map({"a": "b", "b": "a"}))
    options = {"modality": "modality", **STUDY}
    one = fs.mrmc("truth ~ rating", data=data, **options).contrasts().iloc[0]
    two = fs.mrmc("truth ~ rating", data=swapped, **options).contrasts().iloc[0]
    assert one["estimate"] == pytest.approx(-two["estimate"])
    assert one["p_value"] == pytest.approx(two["p_value"])


def test_an_ordered_category_is_read_by_its_order():
    data = study()
    levels = sorted(data["rating"].unique())
    words = data.assign(
        rating=pd.Categorical(
            data["rating"].map({v: f"w{v}" for v in levels}), [f"w{v}" for v in levels],
            ordered=True,
        )
    )  # fmt: skip
    options = {"modality": "modality", **STUDY}
    pd.testing.assert_frame_equal(
        fs.mrmc("truth ~ rating", data=words, **options).tidy(),
        fs.mrmc("truth ~ rating", data=data, **options).tidy(),
    )


# ---- what it counts and shows


def test_skipped_and_unknown_cases_are_counted():
    data = study(skip=0.1)
    data["truth"] = data["truth"].astype(float).mask(data["case"] == 3)
    fit = fs.mrmc("truth ~ rating", modality="modality", data=data, **STUDY)
    row = fit.glance().iloc[0]
    known = data[data["case"] != 3]
    assert row["n_skipped"] == known["rating"].isna().sum() > 0
    assert (row["n_missing"], row["n"]) == (1, 26)


def test_a_single_arm_has_a_mean_and_no_difference():
    fit = fs.mrmc("truth ~ rating", data=study(arms=("a",)), **STUDY)
    assert len(fit.tidy()) == 1
    with pytest.raises(DesignError, match="only one modality"):
        fit.contrasts()
    assert np.isnan(fit.glance()["statistic"][0])
    assert fit.tidy()["conf_high"][0] <= 1
    assert "random readers and cases" in repr(fit)


def test_components_are_reported_even_when_negative():
    data = study(seed=8)
    fit = fs.mrmc("truth ~ rating", modality="modality", data=data, **STUDY)
    table = fit.components().set_index("quantity")["estimate"]
    c = fit.analysis.components()
    expected = table["ms_modality_reader"] - c.error_variance + c.cov1 + c.cov2 - c.cov3
    assert table["modality_reader_variance"] == pytest.approx(expected)
    assert fit.vcov().loc[("a", "r0"), ("a", "r0")] == pytest.approx(
        fit.readers()["std_error"][0] ** 2
    )


def test_no_variation_between_readers_leaves_no_test():
    data = study(n_reader=1)
    twins = pd.concat([data, data.assign(reader="twin")], ignore_index=True)
    fit = fs.mrmc("truth ~ rating", modality="modality", data=twins, fixed="cases", **STUDY)
    assert np.isnan(fit.glance()["statistic"][0])
    assert np.isnan(fit.contrasts()["p_value"][0])


def test_arms_keep_the_order_of_a_category():
    data = study()
    ordered = data.assign(modality=pd.Categorical(data["modality"], ["b", "unused", "a"]))
    fit = fs.mrmc("truth ~ rating", modality="modality", data=ordered, **STUDY)
    assert fit.tidy()["modality"].tolist() == ["b", "a"]
    assert fit.contrasts().loc[0, ["modality1", "modality2"]].tolist() == ["a", "b"]


# ---- refusals


def refuse(error, match, data=None, **changes):
    options = {"modality": "modality", **STUDY, **changes}
    with pytest.raises(error, match=match):
        fs.mrmc("truth ~ rating", data=study() if data is None else data, **options)


def test_bad_input_is_refused_by_name_and_count():
    data = study()
    refuse(InputError, "fixed is 'reader'", fixed="reader")
    refuse(InputError, "covariance is 'boot'", covariance="boot")
    refuse(FormulaError, "'armm'", modality="armm")
    refuse(InputError, "without an order", data.assign(
        rating=pd.Categorical(np.where(data["rating"] > 0, "x", "y"))))  # fmt: skip
    refuse(InputError, "rating 'rating' is text or a category", data.assign(rating="high"))
    refuse(InputError, "2 rows repeat an answer.*same 'modality'",
           pd.concat([data, data.head(2)]))  # fmt: skip
    refuse(InputError, "54 rows repeat.*name the arms with modality=", modality=None,
           data=study(n_reader=2))  # fmt: skip
    torn = data.copy()
    torn.loc[0, "truth"] = 1 - torn.loc[0, "truth"]
    refuse(InputError, "'truth' differs between the rows of 1 cases", torn)
    refuse(InputError, "'reader' is missing in 3 rows",
           data.assign(reader=data["reader"].mask(data.index < 3)))  # fmt: skip
    refuse(DesignError, "one class only: 27 of the 27", data.assign(truth=1))
    refuse(InputError, "truth", data.assign(truth=data["truth"] + 1))


def test_designs_that_cannot_be_analysed_are_refused():
    data = study()
    lost = data[~((data["reader"] == "r0") & (data["modality"] == "b"))]
    refuse(DesignError, r"not every reader read in every modality \(a: 4, b: 3 of 4", lost)
    few = data.assign(rating=data["rating"].mask((data["reader"] == "r0") & (data["case"] > 0)))
    refuse(DesignError, "not every reader|fewer than 2", few)
    one = data[(data["reader"] != "r0") | data["case"].isin([0, 1, 12])]
    refuse(DesignError, "2 of 8 reader-by-modality curves have fewer than 2", one)
    refuse(DesignError, "one reader is no sample", study(n_reader=1))
