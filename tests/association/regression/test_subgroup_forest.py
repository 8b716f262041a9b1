"""Truth: R 4.2.2 (survival 3.5-3) coxph, glm and lm on lung.csv, by subset and with anova."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.errors import FormulaError, InputError

DATA = Path(__file__).resolve().parents[2] / "conformance" / "cases" / "data"
COX = "Surv(time, status) ~ faceage + ph_karno"


@pytest.fixture
def lung():
    return pd.read_csv(DATA / "lung.csv")


def test_hazard_ratios_and_interaction_equal_r(lung):
    forest = fs.subgroup_forest(COX, lung, by="sex")
    rows = forest.tidy()
    assert rows["level"].tolist() == ["All patients", "1", "2"]
    np.testing.assert_allclose(
        rows.loc[1:, ["estimate", "std_error", "p_value"]],
        [[0.00838697739735709, 0.00971179491871922, 0.38781494620870105],
         [-0.0112612230769500, 0.0143051028189442, 0.4311547264881033]],
        rtol=1e-7,
    )  # fmt: skip
    test = forest.tests().iloc[0]
    assert test["statistic"] == pytest.approx(0.174482669088320, rel=1e-6)
    assert test["p_value"] == pytest.approx(0.676158262880776, rel=1e-6)
    assert test["df"] == 1
    ratio = forest.tidy(exponentiate=True)
    np.testing.assert_allclose(np.log(ratio["conf_low"]), rows["conf_low"])
    assert forest.glance()["scale"].iloc[0] == "hazard ratio"


def test_factor_among_strata_stays_a_stratum_of_the_interaction(lung):
    forest = fs.subgroup_forest(f"{COX} + strata(sex)", lung, by="sex")
    test = forest.tests().iloc[0]
    assert test["statistic"] == pytest.approx(0.154406574444010, rel=1e-6)
    assert test["p_value"] == pytest.approx(0.694359350934664, rel=1e-6)


def test_factor_among_covariates_is_left_out_within_it(lung):
    plain = fs.subgroup_forest(COX, lung, by="sex")
    adjusted = fs.subgroup_forest(f"{COX} + C(sex)", lung, by="sex")
    pd.testing.assert_frame_equal(plain.tidy()[1:], adjusted.tidy()[1:])
    pd.testing.assert_frame_equal(plain.tests(), adjusted.tests())


def test_odds_ratios_equal_r(lung):
    forest = fs.subgroup_forest("status ~ faceage + ph_karno", lung, by=["sex"])
    np.testing.assert_allclose(
        forest.tidy().loc[1:, ["estimate", "std_error", "p_value"]],
        [[0.0194941732826848, 0.0204744190734992, 0.3410344083412982],
         [-0.00167407640458158, 0.02261125592607159, 0.94098070325363836]],
        rtol=1e-6,
    )  # fmt: skip
    assert forest.tests()["statistic"].iloc[0] == pytest.approx(0.2737186662933, rel=1e-6)
    assert forest.family == "binomial"


def test_mean_differences_equal_r(lung):
    forest = fs.subgroup_forest("wt_loss ~ faceage + age", lung, by="sex")
    np.testing.assert_allclose(
        forest.tidy().loc[1:, ["estimate", "std_error", "p_value", "conf_low", "conf_high"]],
        [[-0.391280212331555, 0.241739269553142, 0.108052940679774, -0.8697122288986727,
          0.0871518042355632],
         [-0.253146729423125, 0.297100571620647, 0.396634130390239, -0.844067817043642,
          0.337774358197391]],
        rtol=1e-8,
    )  # fmt: skip
    test = forest.tests().iloc[0]  # anova(m0, m1): F = 0.00424 on 1 and 209, p = 0.94812
    assert test["statistic"] == pytest.approx(0.7227319634767 / (35596.24893592 / 209), rel=1e-7)
    assert test["p_value"] == pytest.approx(0.94812, abs=5e-6)
    assert test["n_missing"] == lung["wt_loss"].isna().sum()
    assert "n_event" not in forest.tidy()
    with pytest.raises(InputError, match="a mean difference has no ratio"):
        forest.tidy(exponentiate=True)


def test_several_factors_are_adjusted_together(lung):
    lung["old"] = np.where(lung["age"] > 65, "old", "young")
    forest = fs.subgroup_forest(COX, lung, by=["sex", "old", "ph_ecog"])
    rows, tests = forest.tidy(), forest.tests()
    np.testing.assert_allclose(
        rows["p_adjusted"][1:], fs.p_adjust(rows["p_value"][1:], "holm"), equal_nan=True
    )
    assert np.isnan(rows["p_adjusted"].iloc[0])
    np.testing.assert_allclose(tests["p_adjusted"], fs.p_adjust(tests["p_value"], "holm"))
    assert tests["family"].iloc[0] == "interactions with faceage (3 tests)"
    assert rows.loc[rows["variable"] == "ph_ecog", "level"].tolist() == ["0", "1", "2", "3"]


@pytest.fixture
def awkward():
    rng = np.random.default_rng(4)
    n = 240
    data = pd.DataFrame({"x": rng.normal(size=n), "z": rng.normal(size=n)})
    data["time"], data["event"] = rng.exponential(1, n), rng.integers(0, 2, n)
    data["y"] = data["x"] + rng.normal(size=n)
    data["site"] = np.repeat(
        ["none", "few", "one", "tiny", "flat", "rest"], [30, 40, 30, 3, 30, 107]
    )
    data.loc[data["site"] == "none", "event"] = 0
    few = data.index[data["site"] == "few"]
    data.loc[few, "event"] = 0
    data.loc[few[:4], "event"] = 1
    data.loc[data["site"] == "one", "event"] = 1
    data.loc[data["site"] == "tiny", "event"] = [0, 1, 1]
    data.loc[data["site"] == "flat", "x"] = 0.0
    return data


def test_levels_without_an_estimate_stay_and_say_why(awkward):
    forest = fs.subgroup_forest("Surv(time, event) ~ x + z", awkward, by="site")
    rows = forest.tidy().set_index("level")
    assert rows.loc["none", "note"] == "no events"
    assert rows.loc["none", "n_event"] == 0
    assert rows.loc["flat", "note"] == "the first term does not vary"
    assert rows.loc["tiny", "note"] == "more covariates than patients"
    assert rows.loc["few", "note"] == "fewer than 10 events"
    assert np.isfinite(rows.loc["few", "estimate"])
    assert rows.loc[["none", "flat", "tiny"], "estimate"].isna().all()
    assert rows.loc["rest", "note"] == ""
    test = forest.tests().iloc[0]
    assert test["note"] == "3 levels have no estimate"
    assert np.isfinite(test["p_value"])
    assert forest.glance()["n_no_estimate"].iloc[0] == 3
    figure = fs.figures.forest(
        forest.tidy(exponentiate=True), effect="HR", label="level", group="variable"
    )
    assert "NA" in figure.alt_text


def test_logistic_levels_of_one_outcome_or_separated(awkward):
    awkward.loc[awkward["site"] == "few", "event"] = (
        awkward.loc[awkward["site"] == "few", "x"] > 0
    ).astype(int)
    rows = fs.subgroup_forest("event ~ x", awkward, by="site").tidy().set_index("level")
    assert rows.loc["one", "note"] == "events only"
    assert rows.loc["none", "note"] == "no events"
    assert rows.loc["few", "note"] == "no finite estimate: separation"


def test_covariates_that_cannot_be_told_apart(awkward):
    awkward["copy"] = np.where(awkward["site"] == "one", awkward["x"], awkward["z"])
    # in R's order the first term stays and the later copy is dropped: the effect has an estimate
    cox = fs.subgroup_forest("Surv(time, event) ~ x + copy", awkward, by="site").tidy()
    assert np.isfinite(cox.set_index("level").loc["one", "estimate"])
    rows = fs.subgroup_forest("y ~ x + copy", awkward, by="site").tidy().set_index("level")
    assert rows.loc["one", "note"] == "determined by the covariates"


def test_empty_covariate_level_is_noted(awkward):
    awkward["g"] = np.where(awkward["z"] > 1, "c", np.where(awkward["z"] > 0, "b", "a"))
    inside = (awkward["site"] == "rest") & (awkward["g"] == "c")
    awkward.loc[inside, "event"] = 0
    rows = fs.subgroup_forest("Surv(time, event) ~ x + g", awkward, by="site").tidy()
    assert rows.set_index("level").loc["rest", "note"] == "a covariate level has no events"


def test_level_without_complete_patients(awkward):
    awkward.loc[awkward["site"] == "rest", "z"] = np.nan
    forest = fs.subgroup_forest("Surv(time, event) ~ x + z", awkward, by="site")
    rows = forest.tidy().set_index("level")
    assert rows.loc["rest", ["n", "note"]].tolist() == [0, "no complete patients"]
    assert forest.tests()["n_missing"].iloc[0] == 107


def test_factor_known_only_where_a_covariate_is_missing(awkward):
    awkward["late"] = np.where(awkward.index % 2, "a", "b")
    awkward.loc[awkward.index < 100, "late"] = None
    awkward.loc[awkward.index >= 100, "z"] = np.nan
    forest = fs.subgroup_forest("Surv(time, event) ~ x + z", awkward, by="late")
    assert forest.tidy()["note"].tolist()[1:] == ["no complete patients"] * 2
    assert "complete" in forest.tests()["note"].iloc[0]


def test_other_strata_stay(lung):
    lung["half"] = np.arange(len(lung)) % 2
    kept = fs.subgroup_forest(f"{COX} + strata(sex, half)", lung, by="sex")
    women = fs.coxph(f"{COX} + strata(half)", lung[lung["sex"] == 2]).tidy().iloc[0]
    assert kept.tidy()["estimate"].iloc[2] == pytest.approx(women["estimate"])
    assert "faceage within subgroups (hazard ratio)" in repr(kept)


def test_interaction_that_no_level_can_show(awkward):
    data = awkward[awkward["site"].isin(["flat", "rest"])]
    test = fs.subgroup_forest("Surv(time, event) ~ x", data, by="site").tests().iloc[0]
    assert test["note"] == "the interaction cannot be estimated"
    assert np.isnan(test["p_value"])


def test_refusals(lung):
    with pytest.raises(InputError, match="'age' has 42 levels; subgroups need 2 to 20"):
        fs.subgroup_forest(COX, lung, by="age")
    with pytest.raises(InputError, match="'one' has 1 levels"):
        fs.subgroup_forest(COX, lung.assign(one=1), by="one")
    with pytest.raises(InputError, match="by names no column"):
        fs.subgroup_forest(COX, lung, by=[])
    with pytest.raises(InputError, match="faceage involves 'faceage'"):
        fs.subgroup_forest(COX, lung.assign(faceage=lung["age"] > 60), by="faceage")
    with pytest.raises(InputError, match=r"sex:age involves 'sex'|age:sex involves 'sex'"):
        fs.subgroup_forest(f"{COX} + age:sex", lung, by="sex")
    with pytest.raises(FormulaError, match="has 3 coefficients"):
        fs.subgroup_forest("Surv(time, status) ~ C(ph_ecog)", lung, by="sex")
    with pytest.raises(FormulaError, match="has no term to estimate"):
        fs.subgroup_forest("Surv(time, status) ~ 1", lung, by="sex")
    with pytest.raises(FormulaError, match="'sx'"):
        fs.subgroup_forest(COX, lung, by="sx")


@pytest.mark.parametrize(
    ("formula", "special"),
    [
        ("status ~ faceage + strata(sex)", "strata"),
        ("status ~ faceage + cluster(id)", "cluster"),
        ("wt_loss ~ faceage + strata(sex)", "strata"),
    ],
)
def test_an_unused_special_is_refused(lung, formula, special):
    data = lung.assign(id=range(len(lung)))
    with pytest.raises(FormulaError, match=rf"{special}\(.*is not used here"):
        fs.subgroup_forest(formula, data, by="sex")


def test_the_specials_of_a_linear_model_are_used(lung):
    data = lung.assign(id=np.arange(len(lung)) // 2, half=lung["age"] / 2)
    formula = "wt_loss ~ faceage + age + offset(half) + cluster(id)"
    forest = fs.subgroup_forest(formula, data, by="sex")
    rows = forest.tidy()
    with_men = formula.replace("faceage", "faceage * woman")
    larger = fs.lm(with_men, data.assign(woman=data["sex"] - 1))
    interaction = larger.tidy().set_index("term").loc["faceage:woman"]
    assert forest.tests()["p_value"].item() == pytest.approx(interaction["p_value"])
    men = fs.lm(formula, data[data["sex"] == 1]).tidy().set_index("term").loc["faceage"]
    assert rows.loc[1, "std_error"] == pytest.approx(men["std_error"])
    assert rows.loc[1, "conf_low"] == pytest.approx(men["conf_low"])


def test_the_level_is_honoured(lung):
    forest = fs.subgroup_forest(COX, lung, by="sex", conf_level=0.8)
    same = fs.subgroup_forest(COX, lung, by="sex").tidy(conf_level=0.8)
    pd.testing.assert_frame_equal(forest.tidy(), same)
