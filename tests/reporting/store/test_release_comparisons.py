"""Comparisons whose numbers tell of how few patients they are. Truth: groups of three by hand."""

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.cohorts.disclosure.rules import RULE_SETS, Rules
from faceage_stats.errors import InputError
from faceage_stats.reporting.store.release import release

RULES = RULE_SETS["opensafely"]


@pytest.fixture(scope="module")
def rows():
    """410 patients, three of them at site d, which comes first in `first`."""
    rng = np.random.default_rng(5)
    site = np.repeat(["a", "b", "c", "d"], [150, 137, 120, 3])
    return pd.DataFrame(
        {
            "site": site,
            "first": pd.Categorical(site, ["d", "a", "b", "c"]),
            "is_d": (site == "d").astype(int),
            "gap": rng.normal(5, 7, 410) + 5 * (site == "d"),
            "later": rng.normal(5, 7, 410),
            "age": rng.normal(65, 9, 410),
        }
    )


def released(**tables):
    item = fs.Item(caption="A caption.", tables=tables)
    return release(item, RULES).frames


def test_a_test_of_two_groups_shows_nothing_of_a_group_of_unknown_size(rows):
    two = rows.query("site in ['a', 'd']")
    tests = {"t": fs.t_test("gap ~ site", two), "w": fs.wilcox_test("gap ~ site", two)}
    for frame in released(**tests, tidy=tests["t"].tidy()).values():
        shown = frame.filter(["estimate", "estimate1", "estimate2", "std_error", "statistic"])
        assert shown.isna().all(axis=None)
        assert frame["suppressed"].all()


def test_a_test_within_patients_says_how_many_they_are(rows):
    tests = {
        "paired": fs.t_test(rows["gap"], rows["later"], paired=True),
        "correlation": fs.cor_test(rows["gap"], rows["age"]),
    }
    for frame in released(**tests).values():
        assert frame[["estimate", "p_value", "n"]].notna().all(axis=None)


def test_pairs_need_the_sizes_of_their_groups_in_the_item(rows):
    pairs = fs.aov("gap ~ site", rows).tukey()
    sizes = rows["site"].value_counts().rename_axis("group").reset_index(name="n")
    alone = released(pairs=pairs)["table_pairs"]
    assert alone["estimate"].isna().all()
    beside = released(pairs=pairs, sizes=sizes)["table_pairs"]
    of_d = beside[["group1", "group2"]].eq("d").any(axis=1)
    assert beside["estimate"].notna().eq(~of_d).all()
    assert of_d.sum() == 3


def test_a_group_of_few_in_one_cohort_is_compared_in_the_others_only():
    """Three of lung never smoked, of breast 260 did: the mean of the three stood in the pair."""
    gaps = pd.DataFrame({"cohort": ["breast", "breast", "lung", "lung"], "estimate": 5.0,
                         "group": ["never", "former"] * 2, "n": [260, 135, 3, 95]})  # fmt: skip
    pairs = pd.DataFrame({"cohort": ["breast", "lung"], "group1": "former", "group2": "never",
                          "estimate1": 7.0, "estimate2": 5.0, "n": [395, 98]})  # fmt: skip
    shown = released(gaps=gaps, pairs=pairs)["table_pairs"].set_index("cohort")
    assert shown.loc["breast", ["estimate2", "n"]].notna().all()
    assert shown.loc["lung", ["estimate1", "estimate2", "n"]].isna().all()


def test_an_intercept_is_not_the_mean_of_a_reference_of_few(rows):
    """Its error beside sigma gave n as well."""
    few = released(fit=fs.lm("gap ~ first + age", rows))["table_fit"].set_index("term")
    assert few.loc[["(Intercept)", "firsta", "firstb", "firstc"], "estimate"].isna().all()
    assert few.loc["age", ["estimate", "std_error"]].notna().all()
    many = released(fit=fs.lm("gap ~ site + age", rows))["table_fit"].set_index("term")
    assert many["estimate"].isna().to_dict() == {
        "(Intercept)": False, "sitea": False, "siteb": False, "sitec": False, "sited": True,
        "age": False,
    }  # fmt: skip


def test_a_difference_of_yes_against_no_may_be_of_few(rows):
    table = released(fit=fs.lm("gap ~ is_d + age", rows))["table_fit"].set_index("term")
    assert table["estimate"].isna().to_dict() == {"(Intercept)": False, "is_d": True, "age": False}


@pytest.mark.parametrize("n", [60, 412, 1500, 5000])
def test_a_sum_over_patients_is_as_coarse_as_their_number(n):
    """With the mean of one patient, 0.6931 of a log likelihood, it was n."""
    each = np.log(2)

    def printed(patients):
        table = pd.DataFrame({"model": ["a"], "log_lik": [-each * patients], "n": [n]})
        return -released(fits=table)["table_fits"]["log_lik"].iloc[0]

    shown = printed(n)
    assert sum(printed(other) == shown for other in range(n - 4, n + 5)) >= 3
    # of the rounded number, and then to a step that is as wide
    assert shown == pytest.approx(each * n, rel=max(10 / n, 0.005))


def test_a_small_p_is_the_next_power_of_ten():
    given = [0.0, 4.3e-22, 1e-4, 0.00099, 0.001, 0.0449, 1.0]
    table = pd.DataFrame({"marker": list("abcdefg"), "p_value": given})
    shown = released(tests=table)["table_tests"]["p_value"].tolist()
    assert shown == [0.0, 1e-21, 1e-4, 1e-3, 0.001, 0.045, 1.0]


def test_where_counts_are_exact_a_p_value_is_as_well():
    table = pd.DataFrame({"marker": ["Null model"], "p_value": [4.3e-22], "n": [300],
                          "estimate": [0.1876], "std_error": [0.01]})  # fmt: skip
    item = fs.Item(caption="People of a public survey.", tables={"x": table})
    shown = release(item, Rules("public", minimum=5, base=1)).frames["table_x"].iloc[0]
    assert shown[["p_value", "estimate", "std_error"]].tolist() == [4.3e-22, 0.188, 0.01]


def test_the_score_of_no_model_is_a_risk_in_disguise():
    """B = p (1 - p): of 300 patients, three digits gave the number of deaths."""
    marker = ["Null model", "Clinical"]
    table = pd.DataFrame({"marker": marker, "estimate": [0.1876, 0.1632], "n": 300})
    risk = pd.DataFrame({"quantity": ["observed_risk", "Brier score"], "estimate": [0.2506, 0.1632],
                         "std_error": [0.025, 0.01]})  # fmt: skip
    frames = released(scores=table, risks=risk)
    assert frames["table_scores"]["estimate"].tolist() == [0.18, 0.163]
    assert frames["table_risks"]["estimate"].tolist() == [0.26, 0.163]
    assert frames["table_risks"]["std_error"].isna().tolist() == [True, False]


def test_no_note_says_how_few_they_are():
    table = pd.DataFrame({"variable": "site", "level": ["lung", "hn"], "n": [200, 3],
                          "note": ["a level has no events", "more covariates than patients"],
                          "estimate": [1.2, np.nan]})  # fmt: skip
    notes = released(forest=table)["table_forest"]["note"].tolist()
    assert notes == ["", ""]


def test_other_curves_are_withheld(rows):
    """Their rows are the times of the deaths, one each, whatever the rounding of the times."""
    data = rows.assign(years=np.linspace(0.013, 8, 410), cause=np.arange(410) % 3)
    data["death"] = (data["cause"] > 0).astype(int)
    fits = {
        "incidence": fs.cuminc("Surv(years, cause) ~ 1", data),
        "predicted": fs.coxph("Surv(years, death) ~ age", data).survfit(),
    }
    for name, fit in fits.items():
        note = released(**{name: fit})[f"table_{name}"]["note"]
        assert note.str.startswith("withheld: of curves only").all()
        frame = fit.tidy().filter(["time", "estimate"])
        with pytest.raises(InputError, match="holds exact times"):
            released(frame=frame)
    chosen = pd.DataFrame({"time": [0.1, 0.5, 1.0, 5.0], "estimate": 0.7, "marker": "a"})
    assert released(auc=chosen)["table_auc"]["estimate"].notna().all()
