"""Figure 2c. Age gap and body mass index."""

from functools import partial

import pandas as pd

import faceage_stats as fs
from items._classes import SMALLEST, frequent
from items._present import adjusters, curate, need
from items._quoted import quoted

TABLES = ("maastro",)
GROUPS = {"all": "All", "male": "Men", "female": "Women"}
NORMAL = "18.5-24.9"
COLUMNS = {"adjusted_for": "columns held fixed in the partial correlation"}


def make(data, settings):
    """Correlation of gap and BMI overall and by sex; the gap by BMI class, every pair."""
    cohort = curate(data["maastro"], "maastro", complete=["bmi"])
    rows = cohort.rows
    classes = frequent(rows, "bmi_class")
    need(classes["bmi_class"].nunique() > 1, "two classes of the body mass index")
    parts = {label: subset(rows, key) for key, label in GROUPS.items()}
    correlations = pd.concat(
        [correlate(part, label) for label, part in parts.items() if len(part) >= SMALLEST]
    )
    levels = list(classes["bmi_class"].cat.categories)
    gaps = fs.age_gap(classes, by="bmi_class", reference=NORMAL if NORMAL in levels else levels[0])
    pearson = correlations.query("group == 'All' and method.str.startswith('Pearson')")
    figures = {
        "": fs.Figure(
            partial(
                fs.figures.gap_vs,
                rows["bmi"],
                rows["gap"],
                x_label="Body mass index (kg/m²)",
                values=pearson.assign(term="r").head(1),
                points=settings.points("maastro"),
            ),
            caption=(
                "FaceAge minus age against body mass index in {n} patients whose index is "
                "known, with the least-squares line and its 95% confidence band."
            ),
            label="Figure 2c",
        ),
        "classes": fs.Figure(
            partial(
                fs.figures.gap_by_group, gaps, points=settings.points("maastro"), width="double"
            ),
            caption=(
                "FaceAge minus age by class of body mass index (kg/m²), {n} patients. Box: "
                "quartiles and median; whiskers: 5th and 95th percentile; diamond: mean. At the "
                "right: difference of means from 18.5-24.9 with 95% confidence interval (Welch)."
            ),
            label="Extended figure 4b",
        ),
    }
    return fs.Item(
        figure=figures,
        answer=(
            "Body mass index and the age gap "
            "{bmi_gap_r:vs 0|rise together|move in opposite directions|are not clearly related} in "
            "{n} patients (Pearson r {bmi_gap_r}, {bmi_gap_r:p}; given age {bmi_gap_r_given_age})."
        ),
        checks=(
            "Spearman's correlation, which assumes no line, is in the "
            "[table](fig2c-table-correlations); a relation that is not monotonic would show in the "
            "[classes](fig2c-table-pairwise)."
        ),
        numbers={"n": len(rows)},
        tables={
            "correlations": correlations,
            "gap_with_age": pd.concat(
                [with_age(part, label) for label, part in parts.items() if len(part) >= SMALLEST]
            ),
            "gap_by_class": gaps.tidy(),
            "pairwise": gaps.contrasts(pairs="all"),
            "adjusted_for_age_sex_site": gaps.adjusted(adjusters(classes, ["age", "sex", "site"])),
            "trend": gaps.trend(),
        },
        values=quoted(
            bmi_gap_r=pearson,
            bmi_gap_r_given_age=correlations.query("group == 'All' and adjusted_for == 'age'"),
        ),
        source_data=partial(fs.figures.gap_by_group_data, gaps),
        flow=cohort.flow,
        columns=COLUMNS,
    )


def subset(rows, key):
    """All rows, or one sex."""
    return rows if key == "all" else rows[rows["sex"] == key]


def with_age(rows, label):
    """How strongly the gap depends on age, which any other correlation of it inherits."""
    shown = ["group", "estimate", "conf_low", "conf_high", "p_value", "n"]
    return fs.cor_test("~ gap + age", rows).tidy().assign(group=label)[shown]


def correlate(rows, label):
    """Pearson, Spearman, and Pearson given age."""
    tests = {
        "": fs.cor_test("~ bmi + gap", rows),
        " ": fs.cor_test("~ bmi + gap", rows, method="spearman", exact=False),
        "age": fs.partial_cor("~ bmi + gap | age", rows),
    }
    parts = [test.tidy().assign(group=label, adjusted_for=name.strip())
             for name, test in tests.items()]  # fmt: skip
    table = pd.concat(parts, ignore_index=True)
    shown = ["group", "method", "adjusted_for", "estimate", "conf_low", "conf_high", "statistic",
             "p_value", "n"]  # fmt: skip
    return table[shown]
