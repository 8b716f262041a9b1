"""Figure 2a. Age gap by cohort and tumour group, against people without cancer."""

from functools import partial

import pandas as pd

import faceage_stats as fs
from items._sites import SITES

TABLES = ("utk", "maastro", "thoracic", "palliative")
REFERENCE = "UTKFace, 60+"


def make(data, settings):
    """Mean gap of each group, and Welch tests against the reference."""
    reference = fs.curate(data["utk"], "utk", min_age=60).rows.assign(cohort="utk")
    cohorts = {name: fs.curate(data[name], name).rows for name in TABLES[1:]}
    keep = ["cohort", "faceage", "age", "gap", "sex", "site"]
    rows = pd.concat(
        [reference, *(frame.assign(cohort=name) for name, frame in cohorts.items())],
        ignore_index=True,
    ).reindex(columns=keep)
    gaps = fs.age_gap(rows, by=groups(rows), reference=REFERENCE)
    differences = gaps.contrasts()
    figure = partial(
        fs.figures.gap_by_group,
        gaps,
        points=all(settings.points(table) for table in TABLES),
        width="double",
    )
    line = gaps.regression_to_mean()
    return fs.Item(
        figure=figure,
        caption=(
            "FaceAge minus age of {n} patients with cancer and {n_reference} people without, aged "
            "60 or more. Box: quartiles and median; whiskers: 5th and 95th percentile; diamond: "
            "mean. At the right: difference of means from the reference with 95% confidence "
            "interval (Welch)."
        ),
        numbers={"n": int((rows["cohort"] != "utk").sum()), "n_reference": len(reference)},
        tables={
            "gaps": gaps.tidy(),
            "differences": differences,
            "differences_corrected_for_age": gaps.corrected().contrasts(),
            "regression_to_the_mean": line.tidy(),
        },
        values=values(differences),
        source_data=partial(fs.figures.gap_by_group_data, gaps),
        notes="FaceAge of the reference is real; the patients' values are what the label says.",
    )


def groups(rows):
    """Group name -> which rows belong to it; groups overlap."""
    cancer = rows["cohort"] != "utk"
    maastro = rows["cohort"] == "maastro"
    sex = rows["sex"].astype(str)
    return {
        REFERENCE: ~cancer,
        "All cancer": cancer,
        "MAASTRO": maastro,
        **{label: maastro & (rows["site"] == site) for site, label in SITES.items()},
        "Harvard": rows["cohort"].isin(["thoracic", "palliative"]),
        "Thoracic": rows["cohort"] == "thoracic",
        "Palliative": rows["cohort"] == "palliative",
        "Men with cancer": cancer & sex.isin(["M", "male"]),
        "Women with cancer": cancer & sex.isin(["F", "female"]),
    }


def values(differences):
    """The published difference of all cancer patients from the reference."""
    row = differences[differences["group1"] == "All cancer"].assign(
        id="faceage_gap_cancer_vs_reference"
    )
    return row[["id", "estimate", "conf_low", "conf_high", "p_value"]]
