"""Figure 2d. Age gap by ECOG performance status."""

from functools import partial

import pandas as pd

import faceage_stats as fs
from items._classes import SMALLEST, frequent

TABLES = ("maastro", "thoracic", "palliative")
# where the boxes and the matrix of a cohort stand in the paper
LABELS = {
    "MAASTRO": ("Figure 2d, left", "Extended figure 4c, left"),
    "Harvard": ("Figure 2d, right", "Extended figure 4c, right"),
}


def make(data, settings):
    """Every pair of ECOG grades and the trend over them, curative and Harvard patients."""
    maastro = fs.curate(data["maastro"], "maastro", complete=["ps"])
    harvard = pd.concat(
        [fs.curate(data[name], name).rows.assign(cohort=name) for name in TABLES[1:]]
    )
    blocks = {
        "MAASTRO": graded(maastro.rows, "ps"),
        "Harvard": graded(harvard.dropna(subset="ecog"), "ecog"),
    }
    gaps = {name: fs.age_gap(rows, by="grade", reference="ECOG 0") for name, rows in blocks.items()}
    figures = {}
    for name, fit in gaps.items():
        key = "" if name == "MAASTRO" else name.lower()
        shown = all(settings.points(table) for table in TABLES)
        figures[key] = fs.Figure(
            partial(fs.figures.gap_by_group, fit, points=shown, width="double"),
            caption=(
                f"FaceAge minus age by ECOG performance status of {{n_{name.lower()}}} {name} "
                "patients. Box: quartiles and median; whiskers: 5th and 95th percentile; diamond: "
                "mean. At the right: difference of means from ECOG 0 with 95% confidence interval "
                "(Welch)."
            ),
            label=LABELS[name][0],
        )
        figures[f"{name.lower()}_pairs"] = fs.Figure(
            partial(fs.figures.pairwise_matrix, fit.contrasts(pairs="all")),
            caption=(
                f"Difference of mean gap between every pair of grades, {{n_{name.lower()}}} {name} "
                "patients, with p values adjusted within the matrix (Holm)."
            ),
            label=LABELS[name][1],
        )
    return fs.Item(
        figure=figures,
        numbers={f"n_{name.lower()}": len(rows) for name, rows in blocks.items()},
        tables={
            "gaps": fs.bind_tidy(gaps),
            "pairwise": stacked(gaps, lambda fit: fit.contrasts(pairs="all")),
            "trend": stacked(gaps, lambda fit: fit.trend()),
            "adjusted_for_age_and_sex": stacked(gaps, lambda fit: fit.adjusted(["age", "sex"])),
        },
        source_data=partial(drawn, gaps),
        flow=maastro.flow,
        notes=(
            "In the public code two cells of this matrix compare a group with itself, so that "
            "their p value is 1 for any data; here every pair of different grades is tested "
            f"once. Grades with fewer than {SMALLEST} patients are excluded from the comparison. "
            "The flow is that of the MAASTRO patients."
        ),
    )


def graded(rows, column):
    """Rows with an ordered grade, without grades of very few patients."""
    rows = frequent(rows, column)
    kept = sorted(rows[column].unique())
    labels = [f"ECOG {grade:g}" for grade in kept]
    return rows.assign(
        grade=pd.Categorical(
            rows[column].map(dict(zip(kept, labels, strict=True))), labels, ordered=True
        )
    )


def drawn(gaps):
    """What the figures of both cohorts show."""
    return stacked(gaps, fs.figures.gap_by_group_data)


def stacked(gaps, table):
    """One table of both cohorts."""
    frames = [table(fit).assign(cohort=name) for name, fit in gaps.items()]
    return pd.concat(frames, ignore_index=True)
