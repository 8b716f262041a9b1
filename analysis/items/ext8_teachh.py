"""Extended figure 8. The TEACHH score with age over 60, and with FaceAge over 60 in its place."""

from functools import partial

import pandas as pd

import faceage_stats as fs
from items._present import curate
from items._quoted import quoted

TABLES = ("palliative",)
COMPONENTS = ("ecog", "prior_chemo_courses", "hospital_admissions", "mets_liver")
CAP = 3  # years of follow-up
MONTHS = 12  # in a year: TEACHH gave its medians in months
TIMES = (0.25, 1.0)  # years: three months, one year
IDS = {"age": "faceage_teachh_high_median_age", "faceage": "faceage_teachh_high_median_faceage"}
NAMES = {"age": "TEACHH with age", "faceage": "TEACHH with FaceAge"}


def make(data, settings):
    """Survival in the groups of both scores, and everything that compares the two."""
    cohort = curate(data["palliative"], "palliative", complete=COMPONENTS)
    options = {"follow_up_cap": CAP, "times": TIMES}
    fit = fs.teachh_substitution(cohort.rows, **options)
    by_code = fs.teachh_substitution(cohort.rows, chemo_courses=3, **options)
    published = fs.teachh_substitution(cohort.rows, as_published=True, **options)
    logrank = fit.logrank().set_index("marker")["p_value"]
    figures = {
        key: fs.Figure(
            partial(
                fs.figures.km, fit.km(marker), p_value=logrank[marker], max_time=CAP,
                time_label="Years since consultation",
            ),
            caption=(
                f"Survival of {{n}} palliative patients in the groups of {NAMES[marker]} over 60 "
                f"(A 0-1, B 2-4, C 5-6 points). Follow-up capped at {CAP} years; Kaplan-Meier "
                "estimates with log-transformed 95% confidence bands."
            ),
            label=f"Extended figure 8, {NAMES[marker]}",
        )
        for key, marker in {"": "age", "faceage": "faceage"}.items()
    }  # fmt: skip
    return fs.Item(
        figure=figures,
        answer=(
            "In group C the median survival is {faceage_teachh_high_median_age} years with age "
            "over 60 and {faceage_teachh_high_median_faceage} years with FaceAge over 60. The C "
            "index changes by {teachh_c_gain:.3}, an interval that "
            "{teachh_c_gain:vs 0|lies above|lies below|holds} zero ({teachh_c_gain:p}, {n} "
            "patients)."
        ),
        checks=(
            "Patients with a missing component are left out, and counted; the [table of "
            "medians](ext8-teachh-table-median-survival) bounds what they could change."
        ),
        numbers={"n": len(cohort.rows)},
        tables={
            "median_survival": medians(fit, by_code, published, data["palliative"]),
            "logrank": fit.logrank(),
            "hazard_ratios_against_b": fit.hazard_ratios(),
            "concordance": fit.concordance(),
            "concordance_difference": fit.contrasts(),
            "reclassification": partial(by_groups, fit.reclassification()),
            "reclassification_numbers": fit.reclassification(),
            "net_reclassification": fit.net_reclassification(),
            "auc": fit.auc(),
            "auc_difference": fit.auc_contrasts(),
            "text_comparison": slips(fit),
        },
        values=pd.concat([values(fit, published), quoted(teachh_c_gain=fit.contrasts())]),
        source_data=partial(curves, {m: fit.km(m) for m in NAMES}),
        flow=cohort.flow,
        columns={
            "definition": "how courses of chemotherapy and missing components are counted",
            "n_case": "dead by the time",
            "n_control": "known to live beyond the time",
        },
        notes=(
            "The 2014 definition gives a point for two or more courses of palliative chemotherapy; "
            "FaceAge's public code for more than two. That code also compares the values as text, "
            "and sets the event to 0 beyond the cap without cutting the time; median survival is "
            "the same either way. Net reclassification is known to be optimistic: read the paired "
            "difference of the C index first."
        ),
    )


def medians(fit, by_code, published, all_rows):
    """Median survival by group under each definition, missing components bounded as well."""
    tables = {
        "2 or more courses (2014)": fit,
        "more than 2 courses (public code)": by_code,
        "more than 2 courses, compared as text (as published)": published,
        "2 or more courses, missing components 0": fs.teachh_substitution(
            all_rows, follow_up_cap=CAP, missing="best"
        ),
        "2 or more courses, missing components 1": fs.teachh_substitution(
            all_rows, follow_up_cap=CAP, missing="worst"
        ),
    }
    return pd.concat(
        [fit.tidy().assign(definition=name) for name, fit in tables.items()], ignore_index=True
    )


def by_groups(table):
    """Groups with age in rows, with FaceAge in columns: patients, and deaths among them."""
    deaths = table["n_event"].map("{:,.0f} deaths".format, na_action="ignore")
    cells = table["n"].map("{:,.0f}".format, na_action="ignore").fillna("")
    cells += (" (" + deaths.fillna("deaths withheld") + ")").where(table["n"].notna(), "")
    wide = table.assign(cell=cells).pivot(index="group1", columns="group2", values="cell")
    wide.columns = [f"{name} with FaceAge" for name in wide.columns]
    return wide.fillna("0").rename_axis("With age").reset_index()


def slips(fit):
    """How many points, scores and groups the comparison as text changes."""
    return pd.concat(
        [score.text_slip().assign(marker=name) for name, score in fit.scores.items()],
        ignore_index=True,
    )


def curves(fits):
    """The curves drawn, labelled."""
    return pd.concat(
        [fs.figures.km_data(km).assign(marker=NAMES[marker]) for marker, km in fits.items()],
        ignore_index=True,
    )


def values(fit, published):
    """Medians under the ids of the published values; those of the 2014 paper are in months."""
    tables = {"default": fit.tidy(), "as_published": published.tidy()}
    table = pd.concat([t.assign(variant=v) for v, t in tables.items()], ignore_index=True)
    table = table.assign(quantity="median_survival", estimate=table["median"])
    high = table[table["group"] == "C"]
    high = high.assign(id=high["marker"].map(IDS), term="high-risk group")
    first = table.query("marker == 'age' and variant == 'default'")
    group = first["group"]
    first = first.assign(id="teachh_group_" + group.str.lower() + "_median", term="group " + group)
    first[["estimate", "conf_low", "conf_high"]] *= MONTHS
    first["quantity"] = "median_survival_months"
    return pd.concat([high, first])[["id", "variant", "quantity", "term", "estimate", "conf_low",
                                     "conf_high", "n", "n_event"]]  # fmt: skip
