"""Figure 2a. Age gap by cohort and tumour group, against people without cancer."""

from functools import partial

import pandas as pd

import faceage_stats as fs
from items._present import curate
from items._quoted import quoted
from items._sites import SITES

TABLES = ("utk", "maastro", "thoracic", "palliative")
ANY_OF = ("maastro", "thoracic", "palliative")
REFERENCE = "UTKFace, 60+"


def make(data, settings):
    """Mean gap of each group, and Welch tests against the reference."""
    reference = curate(data["utk"], "utk", min_age=60).rows.assign(cohort="utk")
    cohorts = {name: curate(data[name], name).rows for name in ANY_OF if name in data}
    keep = ["cohort", "faceage", "age", "gap", "sex", "site"]
    rows = pd.concat(
        [reference, *(frame.assign(cohort=name) for name, frame in cohorts.items())],
        ignore_index=True,
    ).reindex(columns=keep)
    found = groups(rows, settings.short_names)
    gaps = fs.age_gap(rows, by=found, reference=REFERENCE)
    differences = gaps.contrasts()
    figure = partial(
        fs.figures.gap_by_group,
        gaps,
        points=all(settings.points(table) for table in data),
        width="double",
    )
    line = gaps.regression_to_mean()
    corrected = gaps.corrected().contrasts()
    return fs.Item(
        figure=fs.Figure(figure, label="Figure 2a"),
        caption=(
            "FaceAge minus age of {n} patients with cancer and {n_reference} people without, aged "
            "60 or more. Box: quartiles and median; whiskers: 5th and 95th percentile; diamond: "
            "mean. At the right: difference of means from the reference with 95% confidence "
            "interval (Welch)."
        ),
        answer=(
            "FaceAge minus age is {faceage_gap_cancer_vs_reference} years higher in {n} patients "
            "with cancer than in {n_reference} people without ({faceage_gap_cancer_vs_reference:p})"
            ". That compares a mean age of {age_cancer} with one of {age_reference}; at equal age "
            "the difference is {gap_at_equal_age} years and "
            "{gap_at_equal_age:vs 0|stays above zero|is below zero|can no longer be told from zero}"
            "."
        ),
        checks=(
            "The gap falls with age ({regression_slope} years per year of age, [regression to the "
            "mean](fig2a-table-regression-to-the-mean)), so that groups of different age differ "
            "in it without any effect of disease; the [corrected "
            "table](fig2a-table-differences-corrected-for-age) takes that away. Welch's test "
            "assumes no equal variances."
        ),
        numbers={
            "n": int((rows["cohort"] != "utk").sum()),
            "n_reference": len(reference),
            "age_cancer": round(float(rows.loc[rows["cohort"] != "utk", "age"].mean()), 1),
            "age_reference": round(float(reference["age"].mean()), 1),
        },
        tables={
            "gaps": gaps.tidy(),
            "differences": differences,
            "differences_corrected_for_age": corrected,
            "regression_to_the_mean": line.tidy(),
        },
        values=pd.concat(
            [
                values(differences),
                quoted(
                    gap_at_equal_age=corrected[corrected["group1"] == "All cancer"],
                    regression_slope=line.tidy().query("term == 'slope'"),
                ),
            ]
        ),
        source_data=partial(fs.figures.gap_by_group_data, gaps),
        notes=(
            "FaceAge of the reference is real; the patients' values are what the label says. "
            "Groups of fewer than two patients are left out."
        ),
    )


def groups(rows, names):
    """Group name -> which rows belong to it; groups overlap, and those without rows are dropped."""
    cancer = rows["cohort"] != "utk"
    maastro = rows["cohort"] == "maastro"
    sex = rows["sex"].astype(str)
    others = {name: rows["cohort"] == name for name in ("thoracic", "palliative")}
    both = {"Thoracic and palliative": others["thoracic"] | others["palliative"]}
    found = {
        REFERENCE: ~cancer,
        "All cancer": cancer,
        names["maastro"]: maastro,
        **{label: maastro & (rows["site"] == site) for site, label in SITES.items()},
        **(both if all(mask.any() for mask in others.values()) and maastro.any() else {}),
        **{names[name]: mask for name, mask in others.items()},
        "Men with cancer": cancer & sex.isin(["M", "male"]),
        "Women with cancer": cancer & sex.isin(["F", "female"]),
    }
    # of one cohort alone, its row is that of all: no patients stand there twice
    again = {
        label for label, mask in found.items() if label != "All cancer" and mask.equals(cancer)
    }
    return {label: mask for label, mask in found.items() if mask.sum() > 1 and label not in again}


def values(differences):
    """The published difference of all cancer patients from the reference."""
    row = differences[differences["group1"] == "All cancer"].assign(
        id="faceage_gap_cancer_vs_reference"
    )
    return row[["id", "estimate", "conf_low", "conf_high", "p_value"]]
