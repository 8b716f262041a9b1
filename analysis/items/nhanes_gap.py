"""Real people: the age gap of blood, and its correction for age."""

from functools import partial

import pandas as pd

import faceage_stats as fs

TABLES = ("nhanes",)
MARKER, NAME = "phenoage", "PhenoAge"


def make(data, settings):
    """Mean gap by sex and age band, agreement with age, and the gap that age does not explain."""
    cohort = fs.curate(data["nhanes"], "nhanes")
    gaps = fs.age_gap(cohort.rows, by=groups(cohort.rows), faceage=MARKER)
    named = cohort.rows.assign(sex=cohort.rows["sex"].map({"female": "Women", "male": "Men"}))
    by_sex = fs.age_gap(named, by="sex", reference="Women", faceage=MARKER)
    line = gaps.regression_to_mean()
    r = fs.cor_test(f"~ {MARKER} + age", cohort.rows)
    return fs.Item(
        figure=fs.Figure(
            partial(fs.figures.gap_by_group, gaps, label=f"{NAME} − age (years)"),
            label="The gap by sex and by age",
        ),
        caption=(
            f"{NAME} minus age of {{n}} people of NHANES 1999-2000, by sex and by age. Box: "
            "quartiles and median; whiskers: 5th and 95th percentile; diamond: mean."
        ),
        answer=(
            "Given age, men's blood is {nhanes_gap_men:.1} years older than women's; the "
            "correlation of PhenoAge with age is {nhanes_r}."
        ),
        numbers={"n": len(cohort.rows)},
        tables={
            "gaps": gaps.tidy(),
            "men_against_women": by_sex.contrasts(),
            "men_against_women_corrected": by_sex.corrected().contrasts(),
            "regression_to_the_mean": line.tidy(),
            "agreement": fs.bland_altman(cohort.rows, MARKER).tidy(),
            "correlation": r.tidy(),
        },
        values=values(cohort.rows, r),
        source_data=partial(fs.figures.gap_by_group_data, gaps),
        flow=cohort.flow,
    )


def groups(rows):
    """Group name -> which rows belong to it; groups overlap."""
    return {
        "All": rows["age"] > 0,
        "Women": rows["sex"] == "female",
        "Men": rows["sex"] == "male",
        **{f"Age {band}": rows["age_band"] == band for band in rows["age_band"].cat.categories},
    }


def values(rows, r):
    """The gap of men against women given age, and the correlation."""
    men = fs.lm("gap ~ sex + age", rows).tidy().query("term == 'sexmale'")
    men = men.assign(id="nhanes_gap_men", quantity="difference", n=len(rows))
    correlation = r.tidy().assign(id="nhanes_r", quantity="correlation", n=len(rows))
    columns = ["id", "quantity", "estimate", "conf_low", "conf_high", "p_value", "n"]
    return pd.concat([men, correlation], ignore_index=True).reindex(columns=columns)
