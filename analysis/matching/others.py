"""What the matched cohorts other than maastro must give, and what is turned to that end."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

import faceage_stats as fs
from faceage_stats.cohorts.synthetic import fahr, palliative, serial, survey, thoracic
from faceage_stats.cohorts.synthetic.gap import COHORT_GAP
from faceage_stats.cohorts.synthetic.matched import SEED
from faceage_stats.prediction.readers.covariance import auc_covariance, reader_aucs
from faceage_stats.prediction.readers.obuchowski_rockette import ObuchowskiRockette
from faceage_stats.reporting.paper import paper_values
from items import _palliative, _survey, ext8_teachh, fahr_quartiles, far
from items import thoracic as thoracic_item
from matching.goals import goal, inside
from matching.knobs import Knob, Study

__all__ = ["FAHR", "PALLIATIVE", "SERIAL", "SURVEY", "THORACIC"]

Vector = NDArray[np.float64]
FACEAGE = ("ratios", "faceage per decade")
GAP_MEAN = Knob(("gap", "mean"), 0.2, 0.5, log=False)
GAP_NOISE = Knob(("gap", "noise_sd"), 0.05, 0.2)
GAP_TOLERANCE, RATIO_TOLERANCE, ERROR_TOLERANCE = 0.01, 0.0015, 0.0002
PRINTED = paper_values().set_index("id").to_dict("index")


def _cox(rows: pd.DataFrame, term: str, *covariates: str) -> pd.Series:
    fit = fs.coxph(f"Surv(years, death) ~ {' + '.join(covariates)}", data=rows).tidy()
    return fit[fit["term"] == term].iloc[0]


def _thoracic(design: thoracic.Design) -> Vector:
    rows = fs.curate(thoracic.build(SEED, thoracic.N, design)[0]["thoracic"], "thoracic").rows
    faceage, age = (
        _cox(rows, marker, marker, *thoracic_item.COVARIATES) for marker in ("faceage10", "age10")
    )
    numbers = [faceage["estimate"], faceage["std_error"], age["p_value"], rows["gap"].mean()]
    return np.array(numbers)


def _thoracic_margin(value: Vector) -> float:
    p = PRINTED["faceage_thoracic_age_not_significant"]["p_reported"]
    return min(
        inside(tuple(value[:2]), PRINTED["faceage_thoracic_hr_adjusted"]),
        1 - abs(value[2] - float(p)) / 0.005,
        1 - abs(value[3] - COHORT_GAP["thoracic"]) / 0.01,
    )


THORACIC = Study(
    "thoracic",
    thoracic.DESIGN,
    [Knob(FACEAGE, 0.05, 0.2), Knob(("ratios", "age per decade"), 0.05, 0.2), GAP_MEAN, GAP_NOISE],
    _thoracic,
    np.array([*goal("faceage_thoracic_hr_adjusted"), 0.16, COHORT_GAP["thoracic"]]),
    np.array([RATIO_TOLERANCE, ERROR_TOLERANCE, 0.004, GAP_TOLERANCE]),
    _thoracic_margin,
)

MEDIANS = {"faceage": 0.21, "age": 0.24}


def _palliative_numbers(design: palliative.Design) -> Vector:
    table = palliative.build(SEED, palliative.N, design)[0]["palliative"]
    rows = fs.curate(table, "palliative").rows
    faceage = _cox(rows, "faceage10", "faceage10", *_palliative.COVARIATES)
    scored = rows.dropna(subset=list(ext8_teachh.COMPONENTS))
    medians = []
    for as_published in (False, True):
        fit = fs.teachh_substitution(
            scored, follow_up_cap=ext8_teachh.CAP, times=ext8_teachh.TIMES,
            as_published=as_published,
        )  # fmt: skip
        high = fit.tidy().query("group == 'C'").set_index("marker")["median"]
        medians += [high[marker] for marker in MEDIANS]
    return np.array([faceage["estimate"], faceage["std_error"], rows["gap"].mean(), *medians])


def _palliative_margin(value: Vector) -> float:
    medians = [*MEDIANS.values()] * 2
    return min(
        inside(tuple(value[:2]), PRINTED["faceage_palliative_hr_adjusted"]),
        1 - abs(value[2] - COHORT_GAP["palliative"]) / 0.02,
        *(
            1 - abs(found - median) / 0.005
            for found, median in zip(value[3:], medians, strict=True)
        ),
    )


PALLIATIVE = Study(
    "palliative",
    palliative.DESIGN,
    [
        Knob(FACEAGE, 0.04, 0.2),
        Knob(("ratios", "more than 2 courses of palliative chemotherapy"), 0.15, 0.5),
        GAP_MEAN,
        GAP_NOISE,
        Knob(("scale",), 0.1, 0.5),
        Knob(("high_risk_hr",), 0.15, 0.5),
    ],
    _palliative_numbers,
    np.array(
        [*goal("faceage_palliative_hr_adjusted"), COHORT_GAP["palliative"], *MEDIANS.values(),
         *MEDIANS.values()]
    ),
    np.array([RATIO_TOLERANCE, ERROR_TOLERANCE, GAP_TOLERANCE, *[0.003] * 4]),
    _palliative_margin,
)  # fmt: skip


def _survey_numbers(design: survey.Design) -> Vector:
    """Mean AUC of each arm with its limits, of all patients and of those who died.

    Last the p value of the model's gain over the chart, by the signed rank over readers.
    """
    rows = _survey.known(survey.build(SEED, survey.N, design)[0]["survey"])
    rows = rows[(rows["occupation"] != "lay") & rows["dead"].notna()]
    found, aucs = [], []
    for answers in (rows, rows[rows["death"] == 1]):
        for arm in survey.AUC:
            wide = answers[answers["arm"] == arm].pivot(
                index="reader_id", columns=["dead", "patient_id"], values="rating"
            )
            dead = wide.columns.get_level_values("dead").to_numpy(bool)
            rated = wide.to_numpy(float)
            positive, negative = rated[:, dead], rated[:, ~dead]
            auc = reader_aucs(positive, negative).auc[None]
            vcov = auc_covariance(positive, negative, "delong")
            mean = ObuchowskiRockette(auc, vcov, None).mean(0)
            found.append([mean.estimate, *mean.limits(0.95)])
            aucs.append(auc[0])
    p = stats.wilcoxon(aucs[2] - aucs[1], method="exact").pvalue
    return np.append(np.ravel(found), p)


AUC_PRINTED = np.tile(
    [PRINTED[survey.IDS[arm]][name] for arm in survey.AUC for name in
     ("estimate", "conf_low", "conf_high")], 2
)  # fmt: skip


def _survey_margin(value: Vector) -> float:
    """How far inside the rounding of all that was printed: of the photograph no interval was.

    The gain is significant by the test of the paper.
    """
    return float(
        min(1 - np.nanmax(np.abs(value[:-1] - AUC_PRINTED)) / 0.005, 20 * (0.05 - value[-1]))
    )


HALF = 0.0375  # of the intervals: what those that were printed leave open
AUC_GOAL = np.add.outer([0.61, 0.7415, 0.7965], [0, -HALF, HALF]).ravel()
SURVEY = Study(
    "survey",
    survey.DESIGN,
    [
        *(Knob(("auc", arm), 0.01, 0.03, log=False) for arm in survey.AUC),
        *(Knob(("later", arm), 0.1, 0.3, log=False) for arm in survey.AUC),
        *(Knob(("apart", arm), 0.3, 0.6) for arm in survey.AUC),
        *(Knob(("variance", part), 0.3, 0.8) for part in ("case", "arm_case", "reader_case")),
    ],
    _survey_numbers,
    np.append(np.tile(AUC_GOAL, 2), 0.02),
    np.append(np.tile([0.002, *[1.0] * 2, *[0.002, 0.003, 0.003] * 2], 2), 0.05),
    _survey_margin,
)

Q4 = "fahr_survival_q4_vs_q1"


def _fahr(design: fahr.Design) -> Vector:
    table = fahr.build_harvard(SEED, fahr.N["harvard_rt"], design)[0]["harvard_rt"]
    rows = fs.curate(table, "fahr_rt").rows
    cuts = np.quantile(rows["fahr_survival"], [0.25, 0.5, 0.75])
    rows = fahr_quartiles.quartered(rows, cuts)
    highest = _cox(rows, "quartileQ4", "quartile", fahr_quartiles.COVARIATES["harvard_rt"])
    error = (rows["fahr_faceage"] - rows["age"]).abs().mean()
    return np.array([np.exp(highest["estimate"]), error])


FAHR = Study(
    "harvard_rt",
    fahr.DESIGN,
    [
        Knob(("quartiles", "harvard_rt", "fourth"), 0.05, 0.2),
        Knob(("fahr_gap",), 0.1, 0.5, log=False),
    ],
    _fahr,
    np.array([PRINTED[Q4]["estimate"], PRINTED["fahr_age_mae"]["estimate"]]),
    np.array([0.002, 0.02]),
    lambda value: min(1 - abs(value[0] - 3.22) / 0.005, 1 - abs(value[1] - 5.1) / 0.05),
)


def _serial(design: serial.Design) -> Vector:
    table = serial.build(SEED, serial.N, design)[0]["serial_photos"]
    rows = fs.curate(table, "serial_photos").rows
    fits = [
        _cox(rows[rows["interval_class"] == name], "far_group>1", "far_group", *far.COVARIATES)
        for name in far.CLASSES
    ]
    return np.array([fit[name] for fit in fits for name in ("estimate", "std_error")])


def _serial_margin(value: Vector) -> float:
    pairs = zip(value[::2], value[1::2], far.CLASSES, strict=True)
    return min(inside((log, error), PRINTED[f"far_{name}_ahr"]) for log, error, name in pairs)


SERIAL = Study(
    "serial",
    serial.DESIGN,
    [Knob((field, name), 0.1, 0.3) for field in ("far_hr", "class_hr") for name in far.CLASSES],
    _serial,
    np.array([number for name in far.CLASSES for number in goal(f"far_{name}_ahr")]),
    np.array([0.002, 0.0004] * 3),
    _serial_margin,
)
