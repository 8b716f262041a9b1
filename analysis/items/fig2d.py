"""Figure 2d. Age gap by ECOG performance status."""

from functools import partial

import pandas as pd

import faceage_stats as fs
from items._classes import SMALLEST, frequent
from items._present import HOSPITAL, adjusters, curate, need
from items._quoted import quoted

TABLES = ("maastro", "thoracic", "palliative")
ANY_OF = ("maastro", "thoracic", "palliative")
OTHERS = "Thoracic and palliative"
# where the boxes and the matrix of a cohort stand in the paper
LABELS = {
    "maastro": ("Figure 2d, left", "Extended figure 4c, left"),
    "others": ("Figure 2d, right", "Extended figure 4c, right"),
}
ANSWERS = {
    "maastro": (
        "{gap_per_grade_maastro:vs 0|rises|falls|changes} by {gap_per_grade_maastro} years in "
        "{n_maastro} patients of {short_name_maastro}"
    ),
    "others": (
        "{gap_per_grade_others:vs 0|rises|falls|changes} by {gap_per_grade_others} years in "
        "{n_others} patients ({short_name_others})"
    ),
}


def make(data, settings):
    """Every pair of ECOG grades and the trend over them, curative and other patients."""
    blocks, flow = graded_blocks(data)
    need(blocks, "two grades of performance status")
    adjusted_for = {key: adjusters(rows, ["age", "sex"]) for key, rows in blocks.items()}
    others = [name for name in TABLES[1:] if name in data]
    only = settings.short_names[others[0]] if len(others) == 1 else OTHERS
    labels = {"maastro": settings.short_names["maastro"], "others": only}
    gaps = {
        key: fs.age_gap(rows, by="grade", reference=rows["grade"].cat.categories[0])
        for key, rows in blocks.items()
    }
    trends = {key: fit.trend() for key, fit in gaps.items()}
    points = all(settings.points(table) for table in data)
    drawings = {
        place: drawing
        for name, fit in gaps.items()
        for place, drawing in boxes_and_matrix(name, fit, points).items()
    }
    figures = {"" if i == 0 else place: each for i, (place, each) in enumerate(drawings.items())}
    numbers = {f"n_{key}": len(rows) for key, rows in blocks.items()}
    numbers |= {f"short_name_{key}": labels[key] for key in blocks}
    adjusted = pd.concat(
        [fit.adjusted(adjusted_for[key]).assign(cohort=labels[key]) for key, fit in gaps.items()],
        ignore_index=True,
    )
    gaps = {labels[key]: fit for key, fit in gaps.items()}
    ordered = {labels[k]: gaps[labels[k]] for k in blocks if blocks[k]["grade"].nunique() > 2}
    return fs.Item(
        figure=figures,
        answer=answer(blocks),
        checks=(
            "The trend assumes equal steps; the [pairs](fig2d-table-pairwise) do not. Its standard "
            "errors allow unequal variances (HC3). Grades differ in age and sex: the [adjusted "
            "table](fig2d-table-adjusted-for-age-and-sex) compares them at equal age and sex."
        ),
        numbers=numbers,
        tables={
            "gaps": fs.bind_tidy(gaps),
            "pairwise": stacked(gaps, lambda fit: fit.contrasts(pairs="all")),
            "trend": stacked(ordered, lambda fit: fit.trend()),
            "adjusted_for_age_and_sex": adjusted,
        },
        values=quoted(**{f"gap_per_grade_{key}": trend for key, trend in trends.items()}),
        source_data=partial(drawn, gaps),
        flow=flow,
        notes=(
            "In the public code two cells of this matrix compare a group with itself, so that "
            "their p value is 1 for any data; here every pair of different grades is tested "
            f"once. Grades with fewer than {SMALLEST} patients are excluded from the comparison. "
            "The flow is that of the patients with curative intent."
        ),
    )


def answer(blocks):
    """One half of the sentence for each block that is there."""
    return "With every ECOG grade the gap " + " and ".join(ANSWERS[key] for key in blocks) + "."


def graded_blocks(data):
    """Patients with a grade, curative and others, and the flow of the curative ones."""
    blocks, flow = {}, None
    if "maastro" in data:
        maastro = curate(data["maastro"], "maastro", complete=["ps"])
        blocks["maastro"] = graded(maastro.rows, "ps")
        flow = maastro.flow
    others = [curate(data[name], name).rows.assign(cohort=name)
              for name in TABLES[1:] if name in data]  # fmt: skip
    if others:
        together = pd.concat(others).dropna(subset="ecog")
        if HOSPITAL in together:  # of one cohort only: the other is one hospital more
            together = together.fillna({HOSPITAL: together["cohort"]})
        blocks["others"] = graded(together, "ecog")
    return {key: rows for key, rows in blocks.items() if rows["grade"].nunique() > 1}, flow


def boxes_and_matrix(name, fit, points):
    """The two figures of a block."""
    return {
        name: fs.Figure(
            partial(fs.figures.gap_by_group, fit, points=points, width="double"),
            caption=(
                f"FaceAge minus age by ECOG performance status of {{n_{name}}} patients "
                f"({{short_name_{name}}}). Box: quartiles and median; whiskers: 5th and 95th "
                "percentile; diamond: mean. At the right: difference of means from the lowest "
                "grade with 95% confidence interval (Welch)."
            ),
            label=LABELS[name][0],
        ),
        f"{name}_pairs": fs.Figure(
            partial(fs.figures.pairwise_matrix, fit.contrasts(pairs="all")),
            caption=(
                f"Difference of mean gap between every pair of grades, {{n_{name}}} patients "
                f"({{short_name_{name}}}), with p values adjusted within the matrix (Holm)."
            ),
            label=LABELS[name][1],
        ),
    }


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
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=["cohort"])
