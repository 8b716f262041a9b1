"""TEACHH: points at their thresholds, bounds, the public script's slip, the substitution."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import faceage_stats as fs
from faceage_stats.errors import DesignError, FormulaError, InputError

BASE = {"cancer_type": "breast", "ecog": 0, "age": 50.0, "faceage": 50.0, "prior_chemo_courses": 0,
        "hospital_admissions": 0, "mets_liver": 0, "years": 1.0, "death": 1}  # fmt: skip


def table(*changes):
    return pd.DataFrame([{**BASE, **change} for change in changes])


@pytest.fixture(scope="module")
def cohort():
    raw = fs.simulate("palliative", seed=2, n=400).tables["palliative"]
    needed = ["ecog", "prior_chemo_courses", "hospital_admissions", "mets_liver"]
    return fs.curate(raw, "palliative", complete=needed).rows


# ---- the definition (Krishnan and others 2014), one change at a time


@pytest.mark.parametrize(
    ("change", "score"),
    [
        ({}, 0),
        ({"cancer_type": "prostate"}, 0),
        ({"cancer_type": "lung"}, 1),
        ({"ecog": 1}, 0),
        ({"ecog": 2}, 1),
        ({"age": 60.0}, 0),
        ({"age": 60.01}, 1),
        ({"prior_chemo_courses": 1}, 0),
        ({"prior_chemo_courses": 2}, 1),
        ({"prior_chemo_courses": 10}, 1),
        ({"hospital_admissions": 1}, 1),
        ({"mets_liver": 1}, 1),
    ],
)
def test_each_factor_counts_from_its_threshold(change, score):
    assert fs.teachh(table(change)).score.tolist() == [score]


def test_scores_keep_the_labels_of_the_table(cohort):
    labelled = cohort.set_index(cohort.index[::-1] + 5000)
    fit = fs.teachh(labelled)
    assert fit.augment().index.equals(labelled.index)
    assert fit.score.tolist() == fs.teachh(cohort).score.tolist()


def test_the_public_code_needs_more_than_two_courses():
    courses = table(*({"prior_chemo_courses": n} for n in (1, 2, 3)))
    fit = fs.teachh(courses, chemo_courses=3)
    assert fit.score.tolist() == [0, 0, 1]
    assert "3 or more chemotherapy courses" in repr(fit)


def test_groups_are_0_1_then_2_4_then_5_6():
    steps = [{"cancer_type": "lung"}, {"ecog": 3}, {"age": 70.0}, {"prior_chemo_courses": 4},
             {"hospital_admissions": 2}, {"mets_liver": 1}]  # fmt: skip
    rows = [{k: v for step in steps[:n] for k, v in step.items()} for n in range(7)]
    fit = fs.teachh(table(*rows))
    assert fit.score.tolist() == list(range(7))
    assert "".join(fit.group.astype(str)) == "AABBBCC"
    assert fit.augment().shape == (7, 8)


def test_faceage_takes_the_place_of_age():
    rows = table({"age": 70.0, "faceage": 55.0}, {"age": 55.0, "faceage": 70.0})
    assert fs.teachh(rows).score.tolist() == [1, 0]
    assert fs.teachh(rows, age="faceage").score.tolist() == [0, 1]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 1)] * 6), min_size=1, max_size=8))
def test_the_score_is_the_sum_of_its_points(flags):
    rows = [
        {"cancer_type": "lung" if a else "breast", "ecog": 2 * b, "age": 50.0 + 20 * c,
         "prior_chemo_courses": 2 * d, "hospital_admissions": e, "mets_liver": f}
        for a, b, c, d, e, f in flags
    ]  # fmt: skip
    assert fs.teachh(table(*rows)).score.tolist() == [sum(flag) for flag in flags]


# ---- medians


def test_medians_are_those_of_the_kaplan_meier_curves(cohort):
    fit = fs.teachh(cohort)
    for row in fit.tidy().itertuples():
        rows = cohort[(fit.group == row.group).to_numpy()]
        km = fs.survfit("Surv(years, death) ~ 1", data=rows).median().iloc[0]
        assert (row.median, row.conf_low) == pytest.approx((km["median"], km["conf_low"]))
        assert (row.n, row.n_event) == (len(rows), rows["death"].sum())
    assert fit.glance()["n"][0] == len(cohort)
    assert "TEACHH with age over 60 (2014 definition)" in repr(fit)


def test_an_empty_group_is_shown_with_no_patients():
    rows = fs.teachh(table({}, {"ecog": 2})).tidy().set_index("group")
    assert rows["n"].tolist() == [2, 0, 0]
    assert rows["median"].isna()[["B", "C"]].all()


# ---- missing components


def test_missing_components_are_counted_and_refused():
    rows = table({"ecog": None}, {"mets_liver": None, "ecog": None}, {})
    with pytest.raises(InputError, match="in 2 of 3 rows: ecog in 2, hepatic_metastases in 1"):
        fs.teachh(rows)


def test_bounds_hold_every_way_of_filling_in(cohort):
    rng = np.random.default_rng(1)
    gaps = cohort.assign(ecog=cohort["ecog"].mask(rng.random(len(cohort)) < 0.2))
    best, worst = (fs.teachh(gaps, missing=side) for side in ("best", "worst"))
    truth = fs.teachh(cohort)
    assert (best.score <= truth.score).all()
    assert (truth.score <= worst.score).all()
    assert (worst.score - best.score).sum() == gaps["ecog"].isna().sum()
    assert best.n_missing["ecog"] == gaps["ecog"].isna().sum() == best.glance()["n_missing"][0]
    assert "best case" in repr(best)


# ---- the public script


def test_text_comparison_as_in_the_public_script():
    # by hand: as text "10" <= "2", "3" > "2", "60.0" > "60", "7.5" > "60", "100.0" < "60"
    ages = [60.0, 7.5, 100.0, 72.0]
    courses = [10, 3, 2, 25]
    rows = table(
        *({"age": a, "prior_chemo_courses": c} for a, c in zip(ages, courses, strict=True))
    )
    fit = fs.teachh(rows, as_published=True)
    assert fit.points["age"].tolist() == [1, 1, 0, 1]
    assert fit.points["chemotherapy"].tolist() == [0, 1, 0, 1]
    slip = fs.teachh(rows).text_slip().set_index("quantity")["n"]
    # numbers with more than 2 courses: age 0 0 1 1, courses 1 1 0 1, so scores 1 1 1 2 (text:
    # 1 2 0 2); the second patient moves from A to B
    assert slip.to_dict() == {"point of age": 3, "point of chemotherapy": 1, "score": 2,
                              "group": 1}  # fmt: skip
    assert "as published" in repr(fit)


def test_without_decimals_an_age_of_60_stays_60_in_text():
    rows = table({"age": 60.0}, {"age": 61.0})
    assert fs.teachh(rows, as_published=True).points["age"].tolist() == [0, 1]


def test_text_and_numbers_agree_on_short_numbers(cohort):
    whole = cohort.assign(age=cohort["age"].clip(10.01, 99), prior_chemo_courses=2)
    assert fs.teachh(whole).text_slip()["n"].tolist() == [0, 0]


# ---- refusals


def test_bad_input_is_refused():
    with pytest.raises(FormulaError, match="'mets_liver'"):
        fs.teachh(table({}).drop(columns="mets_liver"))
    with pytest.raises(InputError, match="missing is 'drop'"):
        fs.teachh(table({}), missing="drop")
    with pytest.raises(InputError, match="chemo_courses is 0"):
        fs.teachh(table({}), chemo_courses=0)
    with pytest.raises(DesignError, match="no row"):
        fs.teachh(table({}).head(0))
    with pytest.raises(InputError, match="'hospital_admissions' is negative in 1 rows"):
        fs.teachh(table({"hospital_admissions": -1}))
    with pytest.raises(InputError, match="'ecog' holds text"):
        fs.teachh(table({"ecog": "two"}))


# ---- the substitution


@pytest.fixture(scope="module")
def substitution(cohort):
    return fs.teachh_substitution(cohort)


def test_follow_up_is_cut_with_its_events(cohort, substitution):
    rows = substitution.rows
    assert rows["time"].max() == 3
    assert rows["event"].sum() == ((cohort["years"] <= 3) & (cohort["death"] == 1)).sum()
    whole = fs.teachh_substitution(cohort, follow_up_cap=None)
    assert whole.rows["time"].max() == cohort["years"].max()


def test_every_part_is_the_stand_alone_analysis(cohort, substitution):
    rows = substitution.rows
    test = fs.survdiff("Surv(time, event) ~ group_faceage", data=rows)
    assert substitution.logrank()["p_value"][1] == pytest.approx(test.p_value)
    c = fs.concordance_test(
        "Surv(time, event) ~ score_age + score_faceage", data=rows, reverse=True
    ).tidy()
    difference = substitution.contrasts()
    for column in ("estimate", "std_error", "p_value", "conf_low", "conf_high"):
        assert difference[column][0] == pytest.approx(c[column][0]), column
    assert difference["marker1"][0] == "faceage"
    cox = fs.coxph('Surv(time, event) ~ C(group_age, ref="B")', data=rows)
    hr = substitution.hazard_ratios().query("marker == 'age' and group == 'C'")["estimate"].iloc[0]
    assert hr == pytest.approx(np.exp(cox.coef.iloc[1]))
    auc = fs.time_roc("Surv(time, event) ~ score_age + score_faceage", rows, [0.25, 1.0])
    assert substitution.auc_contrasts()["estimate"].tolist() == pytest.approx(
        auc.contrasts()["estimate"].tolist()
    )
    assert set(substitution.auc()["marker"]) == {"age", "faceage"}
    estimate = substitution.concordance().set_index("marker")["estimate"]
    assert estimate["faceage"] - estimate["age"] == pytest.approx(difference["estimate"][0])
    assert substitution.glance()["p_value"][0] == pytest.approx(difference["p_value"][0])
    assert len(substitution.tidy()) == 6
    assert substitution.km("age").strata == ("group_age=A", "group_age=B", "group_age=C")
    assert "faceage in place of age" in repr(substitution)


def test_the_cross_table_has_the_margins_of_both_scores(substitution):
    table = substitution.reclassification().pivot(index="group1", columns="group2", values="n")
    counts = substitution.tidy().pivot(index="marker", columns="group", values="n")
    assert table.sum(axis=1).tolist() == counts.loc["age"].tolist()
    assert table.sum(axis=0).tolist() == counts.loc["faceage"].tolist()
    assert table.loc["A", "C"] == table.loc["C", "A"] == 0  # one point apart at most


def test_net_reclassification_without_censoring_is_a_count(cohort):
    # closed form: nobody censored, so the NRI is proportions of deaths and survivors that move
    rows = cohort.assign(death=1)
    fit = fs.teachh_substitution(rows, times=(0.5,), follow_up_cap=None)
    table = fit.net_reclassification().set_index("quantity")["estimate"]
    codes = [fit.scores[name].group.cat.codes for name in ("age", "faceage")]
    move = np.sign(codes[1] - codes[0]).to_numpy()
    dead = rows["years"].to_numpy() <= 0.5
    assert table["nri_event"] == pytest.approx(move[dead].mean())
    assert table["nri_nonevent"] == pytest.approx(-move[~dead].mean())


def test_swapping_the_ages_turns_the_difference(cohort, substitution):
    back = fs.teachh_substitution(cohort, other="age", age="faceage")
    assert back.glance()["estimate"][0] == pytest.approx(-substitution.glance()["estimate"][0])


def test_a_substitution_that_is_none_is_refused(cohort, substitution):
    with pytest.raises(InputError, match="both scores would use 'age'"):
        fs.teachh_substitution(cohort, other="age")
    with pytest.raises(InputError, match="follow_up_cap is -1"):
        fs.teachh_substitution(cohort, follow_up_cap=-1)
    with pytest.raises(InputError, match="marker is 'face'"):
        substitution.km("face")
    with pytest.raises(FormulaError, match="'years'"):
        fs.teachh_substitution(cohort.drop(columns="years"))
