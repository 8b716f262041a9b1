"""PhenoAge. Truth: the published two-step formula, values computed by R, and arithmetic."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from faceage_stats.cohorts.phenoage import phenoage
from faceage_stats.errors import FormulaError, InputError

PUBLIC = Path(__file__).parents[2] / "analysis" / "public"
# truth: nhanes_lib.R, by respondent number of the public file
BY_R = {2: 70.636779, 5: 41.052556, 7: 49.105553, 9965: 78.306483}


@pytest.fixture(scope="module")
def people():
    return pd.read_csv(PUBLIC / "nhanes_phenoage.csv")


def published(d):
    """The two steps as printed: a 10-year mortality score, then an age."""
    creatinine = (0.147 + 1.013 * d["creatinine_mg_dl"]) * 88.4017
    xb = (
        -19.90667 - 0.03359355 * d["albumin_g_dl"] * 10 + 0.009506491 * creatinine
        + 0.1953192 * d["glucose_mg_dl"] * 0.0555 + 0.09536762 * np.log(d["crp_mg_l"] / 10)
        - 0.01199984 * d["lymphocyte_pct"] + 0.02676401 * d["mcv_fl"] + 0.3306156 * d["rdw_pct"]
        + 0.001868778 * d["alp_u_l"] + 0.05542406 * d["wbc_k_ul"] + 0.08035356 * d["age"]
    )  # fmt: skip
    score = 1 - np.exp(-1.51714 * np.exp(xb) / 0.007692696)
    with np.errstate(divide="ignore"):
        return score, 141.50225 + np.log(-0.0055305 * np.log(1 - score)) / 0.09165


def test_people_have_the_ages_that_r_computes(people):
    years = phenoage(people)
    by_number = years.set_index(people["seqn"])["phenoage"]
    assert by_number[list(BY_R)].tolist() == pytest.approx(list(BY_R.values()), abs=1e-6)
    np.testing.assert_allclose(years["phenoage_uncapped"], people["phenoage"], atol=1e-6)
    assert years["phenoage"].max() == 100
    assert (years["phenoage_uncapped"] > 100).sum() == 41


def test_the_sickest_whom_the_two_steps_lose_are_kept(people):
    years = phenoage(people)
    score, two_steps = published(people)
    lost = np.isinf(two_steps)
    assert (int(lost.sum()), int(people["death"][lost].sum())) == (15, 13)
    assert years["phenoage_uncapped"][lost].between(90, 210).all()
    low = score < 0.5  # above, 1 - score loses digits
    np.testing.assert_allclose(years["phenoage_uncapped"][low], two_steps[low], rtol=1e-10)
    np.testing.assert_allclose(years["mortality10"], score, rtol=1e-10)


def test_arguments_do_what_they_say(people):
    plain = phenoage(people, cap=None)
    assert plain["phenoage"].equals(plain["phenoage_uncapped"])
    stretched = phenoage(people, divisor=0.090165, cap=None)["phenoage"]
    shift = (plain["phenoage"] - 141.50225) * 0.09165 / 0.090165
    np.testing.assert_allclose(stretched - 141.50225, shift, rtol=1e-12)
    measured = phenoage(people, calibrate_creatinine=False, cap=None)["phenoage"]
    change = 0.009506491 * 88.4017 * (0.147 + 0.013 * people["creatinine_mg_dl"]) / 0.09165
    np.testing.assert_allclose(plain["phenoage"] - measured, change, rtol=1e-9)
    renamed = people.rename(columns={"albumin_g_dl": "alb"})
    again = phenoage(renamed, columns={"albumin_g_dl": "alb"}, cap=None)
    assert again["phenoage"].equals(plain["phenoage"])


def test_a_missing_marker_is_a_missing_age_under_its_label(people):
    few = people.head(3).astype({"glucose_mg_dl": float}).set_index("seqn")
    few.loc[5, "glucose_mg_dl"] = np.nan
    assert phenoage(few)["phenoage"].isna().to_dict() == {2: False, 5: True, 7: False}


OTHER_UNITS = {
    "age": (12, r"divide months by 12"),
    "albumin_g_dl": (10, r"4086 of 4086 values outside 0\.5 to 8 g/dL: divide g/L by 10"),
    "creatinine_mg_dl": (88.4, r"divide umol/L by 88\.4017"),
    "glucose_mg_dl": (0.0555, r"divide mmol/L by 0\.0555"),
    "crp_mg_l": (0.1, r"median below 0\.3 mg/L: multiply mg/dL by 10"),
    "lymphocyte_pct": (0.01, "multiply a fraction by 100"),
    "rdw_pct": (3, "RDW-SD in fL cannot be converted"),
    "alp_u_l": (1 / 60, "divide ukat/L"),
    "wbc_k_ul": (1000, "divide cells/uL by 1000"),
}


@pytest.mark.parametrize("marker", OTHER_UNITS)
def test_another_unit_is_refused_by_name(people, marker):
    factor, cure = OTHER_UNITS[marker]
    with pytest.raises(InputError, match=f"'{marker}' has .*{cure}"):
        phenoage(people.assign(**{marker: people[marker] * factor}))


def test_what_has_no_age_is_refused(people):
    with pytest.raises(InputError, match=r"'crp_mg_l' has 4086 of 4086 values outside 0\.001"):
        phenoage(people.assign(crp_mg_l=0))
    with pytest.raises(FormulaError, match="no column 'mcv_fl'"):
        phenoage(people.drop(columns="mcv_fl"))
    with pytest.raises(InputError, match="columns names albumin; the markers are age, albumin_g_d"):
        phenoage(people, columns={"albumin": "albumin_g_dl"})
    for wrong in (0, -1, "0.09"):
        with pytest.raises(InputError, match="divisor"):
            phenoage(people, divisor=wrong)
