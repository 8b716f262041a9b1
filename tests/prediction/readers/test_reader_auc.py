"""Readers: AUC of each, arms over readers, average curve, agreement, follow-up, power."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import faceage_stats as fs
from faceage_stats.errors import DesignError, EstimationWarning, FormulaError, InputError
from faceage_stats.prediction.readers.curve import sensitivity_at

ANSWERS = {"reader": "reader_id", "case": "patient_id"}


@pytest.fixture(scope="module")
def survey():
    data = fs.simulate("survey", seed=3, n=60).tables["survey"]
    return data.assign(dead=fs.state_by(data, 0.5))


# ---- reader_auc


@pytest.mark.filterwarnings("ignore:the AUC of `rating`")  # a reader below one half, by chance
def test_each_reader_is_an_ordinary_roc_curve(survey):
    # second implementation: the ROC curve of the reader's own rows
    fit = fs.reader_auc("dead ~ rating", modality="arm", data=survey, **ANSWERS)
    for row in fit.tidy().itertuples():
        own = survey[(survey["reader_id"] == row.reader) & (survey["arm"] == row.modality)]
        roc = fs.roc("dead ~ rating", own, direction="<").tidy().iloc[0]
        expected = (roc["estimate"], roc["std_error"], roc["conf_low"], roc["conf_high"], roc["n"])
        assert (row.estimate, row.std_error, row.conf_low, row.conf_high, row.n) == pytest.approx(
            expected, rel=1e-10
        )


def test_groups_keep_their_order_and_average_their_readers(survey):
    ordered = survey.assign(
        occupation=pd.Categorical(survey["occupation"], ["staff", "resident", "lay"])
    )
    fit = fs.reader_auc(
        "dead ~ rating", modality="arm", group="occupation", data=ordered, **ANSWERS
    )
    groups = fit.groups()
    assert groups["group"].head(3).tolist() == ["staff", "resident", "lay"]
    assert groups["n_reader"].head(3).tolist() == [5, 3, 2]
    means = fit.tidy().groupby(["modality", "group"], observed=True)["estimate"].mean()
    for row in groups.itertuples():
        assert row.estimate == pytest.approx(means[(row.modality, row.group)])
    assert fit.glance()["n_reader"][0] == 10
    assert "10 readers" in repr(fit)


def test_the_mean_of_a_group_is_that_of_mrmc(survey):
    staff = survey[(survey["occupation"] == "staff") & (survey["arm"] == "photo")]
    mean = fs.reader_auc("dead ~ rating", data=staff, **ANSWERS).groups().iloc[0]
    mrmc = fs.mrmc("dead ~ rating", data=staff, **ANSWERS).tidy().iloc[0]
    for column in ("estimate", "std_error", "df", "conf_low"):
        assert mean[column] == pytest.approx(mrmc[column], rel=1e-12), column


def test_signed_rank_is_scipys(survey):
    fit = fs.reader_auc("dead ~ rating", modality="arm", data=survey, **ANSWERS)
    wide = fit.tidy().pivot(index="reader", columns="modality", values="estimate").dropna()
    row = fit.signed_rank().iloc[0]
    test = stats.wilcoxon(wide["photo"], wide["photo_chart"], method="exact")
    assert row["n"] == len(wide) == 8
    assert row["p_value"] == pytest.approx(test.pvalue, rel=1e-10)


def test_arms_without_any_difference_have_no_test(survey):
    photo = survey[survey["arm"] == "photo"]
    twice = pd.concat([photo.assign(arm="one"), photo.assign(arm="two")])
    row = fs.reader_auc("dead ~ rating", modality="arm", data=twice, **ANSWERS)
    table = row.signed_rank().iloc[0]
    assert (table["n"], table["method"]) == (10, "no reader differs")
    assert np.isnan(table["p_value"])


def test_readers_who_skip_cases_are_counted(survey):
    photo = survey[survey["arm"] == "photo"].reset_index(drop=True)
    gaps = photo.assign(rating=photo["rating"].mask(photo.index % 7 == 0))
    fit = fs.reader_auc("dead ~ rating", data=gaps, **ANSWERS)
    known = gaps[gaps["dead"].notna()]
    assert fit.glance()["n_skipped"][0] == known["rating"].isna().sum()
    assert (fit.tidy()["n"] + fit.tidy()["n_skipped"]).nunique() == 1


def test_a_reader_with_one_case_or_two_groups_is_refused(survey):
    photo = survey[(survey["arm"] == "photo") & survey["dead"].notna()]
    first = photo["patient_id"].iloc[0]
    one = photo[(photo["reader_id"] != "lay-1") | (photo["patient_id"] == first)]
    with pytest.raises(DesignError, match="1 of 10 reader-by-modality curves have fewer"):
        fs.reader_auc("dead ~ rating", data=one, **ANSWERS)
    torn = photo.assign(occupation=np.where(photo.index % 2 == 0, "staff", "lay"))
    with pytest.raises(InputError, match="'occupation' differs between the rows of 10 readers"):
        fs.reader_auc("dead ~ rating", group="occupation", data=torn, **ANSWERS)


# ---- the average curve


def test_sensitivity_is_read_off_the_empirical_curve():
    positive, negative = np.array([3.0, 2.0, 2.0, 1.0]), np.array([2.0, 1.0])
    # corners (0, .25), (.5, .75), (1, 1), by hand
    at = sensitivity_at(positive, negative, np.array([0, 0.25, 0.5, 0.75, 1]))
    assert at == pytest.approx([0.25, 0.5, 0.75, 0.875, 1])


def test_the_area_under_the_average_curve_is_the_mean_auc(survey):
    photo = survey[survey["arm"] == "photo"]
    fit = fs.reader_auc("dead ~ rating", data=photo, **ANSWERS)
    curve = fit.curve(n_points=2001, n_resamples=100)
    area = np.trapezoid(curve["estimate"], curve["one_minus_specificity"])
    assert area == pytest.approx(fit.tidy()["estimate"].mean(), abs=1e-3)


def test_the_band_holds_the_curve_and_depends_on_the_seed_only(survey):
    photo = survey[survey["arm"] == "photo"]
    fit = fs.reader_auc("dead ~ rating", group="occupation", data=photo, **ANSWERS)
    curve = fit.curve(n_points=11, n_resamples=100, seed=4)
    drawn = curve.dropna()
    assert (drawn["conf_low"] <= drawn["estimate"]).all()
    assert (drawn["estimate"] <= drawn["conf_high"]).all()
    pd.testing.assert_frame_equal(curve, fit.curve(n_points=11, n_resamples=100, seed=4))
    assert list(curve.columns[:2]) == ["modality", "group"]
    with pytest.raises(InputError, match="n_points is 1"):
        fit.curve(n_points=1)


def test_draws_without_a_rated_case_of_a_reader_are_left_out(survey):
    photo = survey[(survey["arm"] == "photo") & survey["dead"].notna()]
    dead = photo.loc[photo["dead"] == 1, "patient_id"].unique()
    lazy = (photo["reader_id"] == "lay-1") & photo["patient_id"].isin(dead[2:])
    fit = fs.reader_auc("dead ~ rating", data=photo[~lazy], **ANSWERS)
    with pytest.warns(EstimationWarning, match="of 100 replicates gave no estimate"):
        curve = fit.curve(n_points=5, n_resamples=100)
    assert curve["estimate"].notna().all()
    assert (curve["std_error"].iloc[1:-1] > 0).all()


# ---- state_by


def test_state_by_says_who_is_known():
    data = pd.DataFrame({"years": [0.4, 0.5, 0.5, 0.4, 0.6, np.nan], "death": [1, 1, 0, 0, 1, 1]})
    state = fs.state_by(data, 0.5)
    assert state.tolist()[:3] == [1, 1, 0]
    assert state.isna().tolist() == [False, False, False, True, False, True]
    with pytest.raises(InputError, match="times must be positive"):
        fs.state_by(data, 0)
    both = fs.state_by(data, [0.45, 0.5])
    assert list(both) == ["death_by_0.45", "death_by_0.5"]
    pd.testing.assert_series_equal(both["death_by_0.5"], state)


# ---- follow-up


def test_c_index_and_weighted_auc_of_each_reader(survey):
    rows = survey[survey["occupation"] == "staff"]
    c = fs.reader_survival("Surv(years, death) ~ rating", modality="arm", data=rows, **ANSWERS)
    auc = fs.reader_survival(
        "Surv(years, death) ~ rating", modality="arm", data=rows, times=0.5, **ANSWERS
    )
    own = rows[(rows["reader_id"] == "staff-2") & (rows["arm"] == "photo_chart")]
    harrell = fs.concordance("Surv(years, death) ~ rating", own, reverse=True).tidy().iloc[0]
    weighted = fs.time_roc("Surv(years, death) ~ rating", own, [0.5]).tidy().iloc[0]
    for fit, expected in ((c, harrell), (auc, weighted)):
        table = fit.readers().query("reader == 'staff-2' and modality == 'photo_chart'").iloc[0]
        assert table["estimate"] == pytest.approx(expected["estimate"], rel=1e-10)
        assert table["std_error"] == pytest.approx(expected["std_error"], rel=1e-8)
    assert c.signed_rank()["n"].tolist() == [5, 5, 5]
    assert c.glance()["n"][0] == 60
    assert c.contrasts()["estimate"][0] == pytest.approx(
        c.tidy()["estimate"][1] - c.tidy()["estimate"][0]
    )
    assert "weighted for censoring" in repr(auc)
    assert "C index" in repr(c)


def test_the_event_may_be_an_expression(survey):
    staff = survey[survey["occupation"] == "staff"].assign(state=lambda d: d["death"] + 1)
    options = {"modality": "arm", "data": staff, **ANSWERS}
    plain = fs.reader_survival("Surv(years, death) ~ rating", **options)
    coded = fs.reader_survival("Surv(years, state == 2) ~ rating", **options)
    pd.testing.assert_frame_equal(plain.tidy(), coded.tidy())


def test_cases_that_not_all_rated_are_counted(survey):
    photo = survey[(survey["arm"] == "photo") & (survey["occupation"] == "staff")]
    patient = photo["patient_id"].iloc[0]
    gap = (photo["patient_id"] == patient) & (photo["reader_id"] == "staff-1")
    fit = fs.reader_survival(
        "Surv(years, death) ~ rating", data=photo.assign(rating=photo["rating"].mask(gap)),
        **ANSWERS,
    )  # fmt: skip
    assert (fit.n, fit.n_missing) == (59, 1)


def test_follow_up_studies_that_cannot_be_read_are_refused(survey):
    options = {"modality": "arm", **ANSWERS}
    formula = "Surv(years, death) ~ rating"
    with pytest.raises(DesignError, match="photo: 10, photo_chart: 8, photo_chart_faceage: 8"):
        fs.reader_survival(formula, data=survey, **options)
    staff = survey[survey["occupation"] == "staff"]
    with pytest.raises(DesignError, match="only one reader"):
        fs.reader_survival(formula, data=staff[staff["reader_id"] == "staff-1"], **options)
    with pytest.raises(InputError, match="3 rows repeat an answer"):
        fs.reader_survival(formula, data=pd.concat([staff, staff.head(3)]), **options)
    torn = staff.assign(years=staff["years"] + (staff["reader_id"] == "staff-1"))
    with pytest.raises(InputError, match="years or death differs between the rows of 60 cases"):
        fs.reader_survival(formula, data=torn, **options)
    nobody = staff.assign(rating=staff["rating"].mask(staff["reader_id"] == "staff-1"))
    with pytest.raises(DesignError, match="no case was rated by every reader"):
        fs.reader_survival(formula, data=nobody, **options)
    with pytest.raises(FormulaError, match="'ratin'"):
        fs.reader_survival("Surv(years, death) ~ ratin", data=staff, **options)


# ---- agreement


def test_fleiss_kappa_of_his_own_example():
    # Fleiss (1971), 10 subjects, 14 raters, 5 categories: kappa 0.210 (worked in textbooks)
    counts = [[0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
              [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0],
              [0, 2, 2, 3, 7]]  # fmt: skip
    rows = [
        {"case": case, "reader": reader, "call": call}
        for case, row in enumerate(counts)
        for reader, call in enumerate(np.repeat(np.arange(5), row))
    ]
    fit = fs.reader_agreement(value="call", reader="reader", case="case", data=pd.DataFrame(rows))
    assert fit.tidy()["estimate"][0] == pytest.approx(0.210, abs=5e-4)
    assert fit.tidy()["std_error"][0] > 0
    assert fit.glance()["n_reader"][0] == 14


def test_icc_of_shrout_and_fleiss():
    # Shrout and Fleiss (1979), 6 targets and 4 judges: ICC(2,1) 0.29; limits of R's psych::ICC
    ratings = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    data = pd.DataFrame(ratings).rename_axis("case").reset_index()
    data = data.melt("case", var_name="reader", value_name="rating")
    fit = fs.reader_agreement(value="rating", reader="reader", case="case", data=data, kind="icc")
    row = fit.tidy().iloc[0]
    assert row["estimate"] == pytest.approx(0.2897638, rel=1e-6)
    assert (row["conf_low"], row["conf_high"]) == pytest.approx((0.0187865, 0.7610844), rel=1e-5)
    assert len(fit.pairs()) == 6
    assert "Agreement of 4 readers on 6 cases" in repr(fit)


def test_agreement_counts_and_refuses(survey):
    photo = survey[survey["arm"] == "photo"]
    gap = photo["call_dead_6mo"].astype(float).mask(photo["patient_id"] == photo["patient_id"][0])
    partial = photo.assign(call=gap.where(photo["reader_id"] == "lay-1", photo["call_dead_6mo"]))
    fit = fs.reader_agreement(value="call", data=partial, **ANSWERS)
    assert (fit.tidy()["n"][0], fit.n_missing) == (59, 1)
    with pytest.raises(InputError, match="kind is 'alpha'"):
        fs.reader_agreement(value="rating", data=photo, kind="alpha", **ANSWERS)
    with pytest.raises(InputError, match=r"rows repeat an answer.*use one modality only"):
        fs.reader_agreement(value="rating", data=survey, **ANSWERS)
    with pytest.raises(DesignError, match="1 readers and 60 such cases"):
        fs.reader_agreement(value="rating", data=photo[photo["reader_id"] == "lay-1"], **ANSWERS)
    with pytest.raises(InputError, match="rating 'occupation' holds text"):
        fs.reader_agreement(value="occupation", data=photo, kind="icc", **ANSWERS)


def test_readers_who_all_say_the_same_have_no_kappa(survey):
    photo = survey[survey["arm"] == "photo"].assign(call=1)
    assert np.isnan(fs.reader_agreement(value="call", data=photo, **ANSWERS).tidy()["estimate"][0])


# ---- power

PILOT = fs.ReaderVariance(8e-4, 3.4e-4, 3.4e-4, 2.4e-4, 2e-4, n_case=100)


@pytest.mark.parametrize("fixed", [None, "readers", "cases"])
def test_power_is_the_rejection_rate_of_the_analysis(fixed):
    # simulation from the Obuchowski-Rockette model with known components
    from faceage_stats.prediction.readers.obuchowski_rockette import ObuchowskiRockette

    r, gain, n_sim = 6, 0.05, 3000
    same_t = np.kron(np.eye(2), np.ones((r, r))) == 1
    same_r = np.kron(np.ones((2, 2)), np.eye(r)) == 1
    v = PILOT
    vcov = np.where(same_t & same_r, v.error_variance,
                    np.where(same_r, v.cov1, np.where(same_t, v.cov2, v.cov3)))  # fmt: skip
    rng = np.random.default_rng(5)
    if fixed == "cases":  # given the cases, only what differs between readers is left to chance
        own = v.error_variance - v.cov1 - (v.cov2 - v.cov3)
        errors = np.sqrt(own) * rng.normal(size=(n_sim, 2 * r))
    else:
        errors = rng.multivariate_normal(np.zeros(2 * r), vcov, n_sim)
    between = 0.0 if fixed == "readers" else np.sqrt(v.modality_reader_variance)
    auc = errors + between * rng.normal(size=(n_sim, 2 * r)) + np.repeat([0.0, gain], r)
    rejected = np.mean(
        [ObuchowskiRockette(a.reshape(2, r), vcov, fixed or "").test().p_value < 0.05 for a in auc]
    )
    power = fs.reader_power(v, gain, n_reader=r, n_case=100, fixed=fixed).tidy()["power"][0]
    assert rejected == pytest.approx(power, abs=0.03)


def test_power_grows_with_everything_and_starts_at_alpha():
    table = fs.reader_power(PILOT, [1e-6, 0.05, 0.1], n_reader=[3, 6], n_case=[50, 200]).tidy()
    wide = table.pivot(index="gain", columns=["n_reader", "n_case"], values="power")
    assert wide.loc[1e-6].to_numpy() == pytest.approx(0.05, abs=1e-4)
    assert (wide.diff().dropna() > 0).all().all()
    assert (wide[(6, 50)].iloc[1:] > wide[(3, 50)].iloc[1:]).all()
    assert (wide[(3, 200)].iloc[1:] > wide[(3, 50)].iloc[1:]).all()


def test_power_from_a_pilot_study_and_the_smallest_size(survey):
    physicians = survey[survey["occupation"] != "lay"]
    pilot = fs.mrmc("dead ~ rating", modality="arm", data=physicians, **ANSWERS)
    fit = fs.reader_power(pilot, 0.1, n_reader=range(2, 41), n_case=[200, 400])
    assert fit.variance.n_case == pilot.study.n_case
    smallest = fit.smallest(0.8)
    assert (smallest["power"] >= 0.8).all()
    assert "level 0.05" in repr(fit)
    assert fs.reader_power(PILOT, 0.05, n_reader=1, n_case=100, fixed="readers").glance().size


def test_power_refuses_impossible_studies(survey):
    with pytest.raises(InputError, match="fixed is 'both'"):
        fs.reader_power(PILOT, 0.1, n_reader=4, n_case=50, fixed="both")
    with pytest.raises(InputError, match="gain is a difference"):
        fs.reader_power(PILOT, 1.2, n_reader=4, n_case=50)
    with pytest.raises(InputError, match="at least 2 readers"):
        fs.reader_power(PILOT, 0.1, n_reader=1, n_case=50)
    with pytest.raises(InputError, match="sig_level is 2"):
        fs.reader_power(PILOT, 0.1, n_reader=4, n_case=50, sig_level=2)
    photo = survey[survey["arm"] == "photo"]
    single = fs.mrmc("dead ~ rating", data=photo, **ANSWERS)
    with pytest.raises(InputError, match="two or more modalities"):
        fs.reader_power(single, 0.1, n_reader=4, n_case=50)
