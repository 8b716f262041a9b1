"""The rules of each cohort: steps that are counted, then columns that are derived."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from faceage_stats._units import DAYS_PER_YEAR
from faceage_stats.cohorts.phenoage import phenoage
from faceage_stats.cohorts.schema.load_schema import load_schema
from faceage_stats.cohorts.schema.schema import Field

__all__ = ["COHORTS", "PUBLISHED_DAYS_PER_YEAR", "Rules", "Step"]

PUBLISHED_DAYS_PER_YEAR = 365  # in the public figure code

Mask = pd.Series
Frame = pd.DataFrame


@dataclass(frozen=True)
class Step:
    """One rule: the rows that it concerns, and what happens to them (default: excluded)."""

    name: str
    reason: str
    where: Callable[[Frame], Mask]
    change: Callable[[Frame, Mask], Frame] | None = None


@dataclass(frozen=True)
class Rules:
    """The steps of one cohort and the columns derived once they are done."""

    steps: tuple[Step, ...]
    derive: tuple[Callable[[Frame], Frame], ...]
    min_age: float | None = None


# ---- kinds of step


def _set_missing(column: str) -> Callable[[Frame, Mask], Frame]:
    return lambda rows, mask: rows.assign(**{column: rows[column].mask(mask)})


def _pool(cohort: str, column: str, name: str, reason: str, into: str | None = None) -> Step:
    """Recode through the schema's labels; counted are the rows whose label pools several codes."""
    entry = load_schema(cohort).field(column)
    labels = [entry.labels[str(level)] for level in entry.levels]
    pooled = [
        level for level, label in zip(entry.levels, labels, strict=True) if labels.count(label) > 1
    ]

    def change(rows: Frame, mask: Mask) -> Frame:
        return rows.assign(**{into or column: _labelled(rows[column], entry)})

    return Step(name, reason, lambda rows: rows[column].isin(pooled), change)


def _labelled(values: pd.Series, entry: Field) -> pd.Series:
    labels = {level: entry.labels[str(level)] for level in entry.levels}
    return values.astype(object).map(labels).astype(pd.CategoricalDtype(entry.label_levels))


# ---- derived columns


def _relabel(cohort: str, column: str, into: str | None = None) -> Callable[[Frame], Frame]:
    """Codes to their labels, one to one."""
    entry = load_schema(cohort).field(column)

    def derive(rows: Frame) -> Frame:
        rows = rows.assign(**{into or column: _labelled(rows[column], entry)})
        return rows if into is None else rows.drop(columns=column)

    return derive


def _flag(column: str, source: str) -> Callable[[Frame], Frame]:
    """1 where a count is above 0, 0 where it is 0, missing where it is missing."""
    return lambda rows: rows.assign(
        **{column: (rows[source] > 0).astype(float).mask(rows[source].isna())}
    )


def _classes(
    column: str, source: str, edges: list[float], labels: list[str], *, right: bool = True
) -> Callable[[Frame], Frame]:
    """Ordered classes of a number; `right`: an edge belongs to the class below it."""
    bins = [-np.inf, *edges, np.inf]
    return lambda rows: rows.assign(
        **{column: pd.cut(rows[source], bins, right=right, labels=labels, ordered=True)}
    )


def _ages(rows: Frame) -> Frame:
    return rows.assign(
        gap=rows["faceage"] - rows["age"], faceage10=rows["faceage"] / 10, age10=rows["age"] / 10
    )


def _groups(marker: str) -> Callable[[Frame], Frame]:
    """The published groups of a biological age."""
    return _classes(f"{marker}_group", marker, [65, 75, 85], ["<=65", "(65,75]", "(75,85]", ">85"])


_FACEAGE = (_ages, _groups("faceage"))


def _phenoage(rows: Frame) -> Frame:
    """PhenoAge of the blood markers, capped, in the columns that FaceAge has elsewhere."""
    years = phenoage(rows)
    gap = years["phenoage"] - rows["age"]
    return rows.assign(
        **years, phenoage10=years["phenoage"] / 10, age10=rows["age"] / 10, gap=gap, gap10=gap / 10
    )


def _logarithms(rows: Frame) -> Frame:
    return rows.assign(log_nodes=np.log(rows["nodes"]), log_pgr=np.log(rows["pgr"] + 1))


def _drop(*columns: str) -> Callable[[Frame], Frame]:
    return lambda rows: rows.drop(columns=list(columns))


def _known_smoking(rows: Frame) -> Frame:
    smoking = rows["smoking"]  # remove_categories would sort the remaining levels
    levels = [level for level in smoking.cat.categories if level != "passive"]
    return rows.assign(smoking=smoking.cat.set_categories(levels))


def _fahr(rows: Frame) -> Frame:
    return rows.assign(
        fahr_gap=rows["fahr_faceage"] - rows["age"], fahr_faceage10=rows["fahr_faceage"] / 10
    )


def _discordance(rows: Frame) -> Frame:
    """Classes of the gap; the reference, between the outer two, is our reading of the abstract."""
    classes = np.select([rows["gap"] <= -5, rows["gap"] >= 10], ["<=-5", ">=10"], "-5 to 10")
    return rows.assign(discordance=pd.Categorical(classes, ["-5 to 10", "<=-5", ">=10"]))


def _first_photograph(rows: Frame) -> Frame:
    return rows.assign(faceage=rows["faceage1"])


def _aging_rate(rows: Frame) -> Frame:
    interval = rows["interval_days"] / DAYS_PER_YEAR
    return rows.assign(
        interval_years=interval, far=(rows["faceage2"] - rows["faceage1"]) / interval
    )


def _thoracic_pool(column: str, name: str, reason: str, into: str | None = None) -> Step:
    return _pool("thoracic", column, name, reason, into)


COHORTS: dict[str, Rules] = {
    "utk": Rules(
        steps=(),
        derive=(_relabel("utk", "gender", into="sex"), _relabel("utk", "race"), *_FACEAGE),
        min_age=20,
    ),
    "maastro": Rules(
        steps=(
            Step(
                "Invasive cancer",
                "breast patients with ductal carcinoma in situ only are excluded",
                lambda rows: (rows["site"] == "MAM") & (rows["exclude"] == 1),
            ),
            _pool("maastro", "site", "Tumour sites", "sites with few patients are pooled as other"),
            Step(
                "Smoking",
                "passive smoking counts as not known",
                lambda rows: rows["smoking"] == "passive",
                _set_missing("smoking"),
            ),
            Step(
                "Body mass index",
                "a value above 100 kg/m² is a typing error and counts as not known",
                lambda rows: rows["bmi"] > 100,
                _set_missing("bmi"),
            ),
        ),
        derive=(
            _relabel("maastro", "sex"),
            _known_smoking,
            _classes(
                "bmi_class",
                "bmi",
                [18.5, 25, 30],
                ["<18.5", "18.5-24.9", "25-29.9", ">=30"],
                right=False,
            ),
            _drop("exclude", "time_days"),
            *_FACEAGE,
        ),
    ),
    "thoracic": Rules(
        steps=(
            _thoracic_pool(
                "clinical_stage", "Stage", "substages are pooled as stage I to IV", into="stage"
            ),
            _thoracic_pool(
                "smoking", "Smoking", "former and current are pooled as ever", into="smoker"
            ),
            _thoracic_pool("ethnicity", "Ethnicity", "all but white are pooled"),
            _thoracic_pool("intent", "Intent", "all but palliative are pooled as curative"),
            _thoracic_pool("histology", "Histology", "pooled as NSCLC, SCLC and other"),
        ),
        derive=(
            _relabel("thoracic", "sex"),
            _classes("ecog_group", "ecog", [1], ["0-1", ">1"]),
            _classes("grade_group", "grade", [1], ["1", ">1"]),
            *_FACEAGE,
        ),
    ),
    "palliative": Rules(
        steps=(
            _pool(
                "palliative",
                "cancer_type",
                "Cancer type",
                "breast and colorectal are pooled as the reference, gynaecological counts as other",
                into="cancer_group",
            ),
        ),
        derive=(
            _relabel("palliative", "sex"),
            _classes("ecog_group", "ecog", [1, 2], ["0-1", "2", "3-4"]),
            _flag("any_prior_rt", "prior_rt_courses"),
            _flag("any_admission", "hospital_admissions"),
            _flag("any_er_admission", "er_admissions"),
            *_FACEAGE,
        ),
    ),
    "nhanes": Rules(
        steps=(),
        derive=(
            _relabel("nhanes", "sex"),
            _phenoage,
            _classes("age_band", "age", [49, 64, 74], ["20-49", "50-64", "65-74", "75-85"]),
            _groups("phenoage"),
        ),
    ),
    "node_positive": Rules(
        steps=(),
        derive=(
            _relabel("node_positive", "size"),
            lambda rows: rows.assign(age10=rows["age"] / 10),
            _logarithms,
        ),
    ),
    "fahr_rt": Rules(steps=(), derive=(_relabel("fahr_rt", "sex"), *_FACEAGE, _fahr)),
    "serial_photos": Rules(
        steps=(
            Step(
                "Interval",
                "the Face Aging Rate is defined for 10 to 1,460 days between photographs",
                lambda rows: ~rows["interval_days"].between(10, 1460),
            ),
            Step(
                "Age",
                "patients of 20 years or less are excluded, as in the article",
                lambda rows: rows["age"] <= 20,
            ),
        ),
        derive=(
            _relabel("serial_photos", "sex"),
            _aging_rate,
            _classes("interval_class", "interval_days", [365, 730], ["short", "mid", "long"]),
            _classes("far_group", "far", [1], ["<=1", ">1"]),
            _drop("time_days"),
            _first_photograph,
            *_FACEAGE,
        ),
    ),
    "older_rt": Rules(
        steps=(),
        derive=(_relabel("older_rt", "sex"), _drop("time_days"), *_FACEAGE, _discordance),
    ),
}
