"""What the matched maastro cohort must give, figures 2a, 2b, 3b and 3c, and what is turned.

First the effects that are planted come near. Then single patients are adjusted: whole deaths and
days until the crude ratios of the FaceAge groups are right, exchanges of follow-up that leave these
as they are, and FaceAge and age by fractions of a year.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from faceage_stats.cohorts.synthetic import maastro
from faceage_stats.cohorts.synthetic.adjustment import LIMITS
from faceage_stats.cohorts.synthetic.gap import COHORT_GAP
from faceage_stats.cohorts.synthetic.matched import SEED
from faceage_stats.reporting.paper import paper_values
from matching import exchanges, follow_up
from matching.goals import goal, inside
from matching.knobs import Knob, Study
from matching.models import (
    CRUDE,
    LAST_DAY,
    NAMES,
    REST,
    models,
    numbers,
    outcome,
    rest,
    slopes,
)  # fmt: skip
from matching.shifts import rounded, shifted

__all__ = ["COLUMNS", "DESIGN", "adjusted_rows", "drawn", "margins"]

Vector = NDArray[np.float64]
COLUMNS = ["faceage", "age", "time_days", "death"]  # that are adjusted
SITES = list(maastro.SITES)
# an interval says what a p value does, and more: of those printed one has a slip
PRINTED = {
    name: row | {"p_reported": ""} if row["conf_low"] > 0 else row
    for name, row in paper_values().set_index("id").to_dict("index").items()
}
MEANS = np.array([PRINTED["faceage_gap_current_vs_never"]["estimate"], COHORT_GAP["maastro"]])
NEAR_MEANS = np.array([0.3, 0.003])
GOAL = np.ravel([goal(PRINTED[name]) for name in NAMES])
# what is left for the tumour groups of which no ratio was published
LEFT = np.full(len(REST), np.log(1.02))
GROUPS = np.transpose([goal(PRINTED[name]) for name in CRUDE]).ravel()  # log ratios, errors
NEAR_GROUPS = np.repeat([6e-7, 4e-7], len(CRUDE))
NEAR = 0.004 * np.ravel([(1.0, goal(PRINTED[name])[1]) for name in NAMES])  # before ages are moved
NEAR_LEFT = 0.02
FAR = 7.5  # of `NEAR`
EXCHANGES = 10  # rounds
DECIMALS, FARTHEST = 2, 16.0  # of ages; years that one is moved
YOUNGEST, OLDEST = 18.0, 98.0  # as drawn
HIGHEST = 110.0  # FaceAge


def drawn(design: maastro.Design) -> pd.DataFrame:
    """The patients of the analysis, as a design draws them."""
    patients = maastro.draw_patients(SEED, maastro.N, design)
    return patients[patients["exclude"] == 0].reset_index(drop=True)


def margins(patients: pd.DataFrame) -> dict[str, float]:
    """How far inside the rounding of everything that was printed; below 0 outside."""
    found = {
        name: inside((float(fit.log_ratios[term]), float(fit.errors[term])), PRINTED[name])
        for names, fit in ((model.names, model.fit) for model in models(patients))
        for term, name in enumerate(names)
    }
    months, gap = 1 - np.abs(_mean_gaps(patients)[0] - MEANS) / [0.5, 0.004]
    return found | {"months": float(months), "gap": float(gap)}


def _mean_gaps(patients: pd.DataFrame) -> tuple[Vector, Vector]:
    """Months that smokers look older than those who never smoked, years of all; their weights."""
    smoking, n = patients["smoking"], len(patients)
    current, never = ((smoking == name) / (smoking == name).sum() for name in ("current", "never"))
    weights = np.array([12 * (current - never), np.full(n, 1 / n)])
    return weights @ (patients["faceage"] - patients["age"]).to_numpy(), weights


def _realised(design: maastro.Design) -> Vector:
    """What a design gives before single patients are adjusted.

    Of the crude groups the ratios that are left once deaths were turned.
    """
    patients = drawn(design)
    *others, crude = models(patients)
    band, _, death = outcome(patients)
    after = follow_up.ratios_after(crude.fit, np.bincount(band, death), GROUPS)
    left = numbers(rest(patients))[::2]
    return np.concatenate([numbers(others), after, left, _mean_gaps(patients)[0]])


def _margin(value: Vector) -> float:
    """Above 0 where single patients can do the rest."""
    away = (value - DESIGN.goal) / DESIGN.tolerance
    return float(FAR - np.sqrt((away**2).mean()))


START = replace(
    maastro.DESIGN,
    faceage_in=dict.fromkeys(SITES, maastro.DESIGN.faceage_hr),
    age_in=dict.fromkeys(SITES, maastro.AGE_HR),
    male_in=dict.fromkeys(SITES[1:], maastro.MALE_HR),
    site_hr={name: site.hazard_ratio for name, site in maastro.SITES.items()},
    slope_in=dict.fromkeys(SITES, 0.0),
    men_in=dict.fromkeys(SITES[1:], 0.0),
)
DESIGN = Study(
    "maastro",
    START,
    [
        *(Knob((name, site), 0.12, 0.3) for name in ("faceage_in", "age_in") for site in SITES),
        *(Knob((name, site), 0.15, 0.4) for name in ("site_hr", "male_in") for site in SITES[1:]),
        *(Knob(("slope_in", site), 0.06, 0.15, log=False) for site in SITES),
        *(Knob(("men_in", site), 0.5, 1.5, log=False) for site in SITES[1:]),
        *(Knob(("limits", str(limit)), 0.4, 1.0, log=False) for limit in LIMITS),
        Knob(("scale",), 0.1, 0.3),
        Knob(("gap_mean",), 0.2, 0.5, log=False),
        Knob(("gap_noise",), 0.05, 0.15),
        Knob(("months_of_smoking",), 3.0, 8.0, log=False),
    ],
    _realised,
    np.concatenate([GOAL, GROUPS[: len(CRUDE)], LEFT, MEANS]),
    np.concatenate(
        [NEAR, np.full(len(CRUDE), 0.002), np.full(len(REST), NEAR_LEFT), 10 * NEAR_MEANS]
    ),
    _margin,
    random_steps=0,
)


def adjusted_rows(design: maastro.Design) -> pd.DataFrame:
    """`COLUMNS` of every patient, drawn under a design and then adjusted."""
    rng = np.random.default_rng(SEED)
    patients = _groups_right(drawn(design), rng)
    patients = _exchanged(patients, rng)
    return _ages_moved(patients)


def _groups_right(patients: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Deaths and days under which the crude ratios of the groups are the published ones."""
    band, days, death = outcome(patients)
    fit = follow_up.grouped(band, days, death)
    wanted = follow_up.deaths_wanted(fit, np.bincount(band, death), GROUPS)
    death = follow_up.turned(band, days, death, last=LAST_DAY, wanted=wanted, rng=rng)
    days = follow_up.moved(band, days, death, last=LAST_DAY, goal=GROUPS, near=NEAR_GROUPS, rng=rng)
    seen = (patients["time_days"] <= LAST_DAY).to_numpy()
    return patients.assign(
        time_days=np.where(seen, days, patients["time_days"]),
        death=np.where(seen, death, patients["death"]),
    )


def _estimates(patients: pd.DataFrame) -> tuple[Vector, Vector]:
    """Log ratios and errors in the order of `GOAL`, log ratios of `LEFT`; and their slopes."""
    found, others = models(patients)[:-1], rest(patients)
    values = np.concatenate([numbers(found), numbers(others)[::2]])
    return values, np.concatenate([slopes(found), slopes(others)[::2]])


def _exchanged(patients: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Follow-up exchanged within FaceAge groups and tumour groups, everyone's once at most."""
    patients, used = patients.copy(), np.zeros(len(patients), bool)
    band, site = outcome(patients)[0], patients["group"].map(SITES.index).to_numpy()
    covariates = np.array(
        [patients["faceage"] / 10, patients["age"] / 10, patients["sex"] == "M"], float
    )
    goals = np.concatenate([GOAL, LEFT])
    near = np.concatenate([NEAR, np.full(len(REST), NEAR_LEFT)])
    for _ in range(EXCHANGES):
        values, by = _estimates(patients)
        missing = (goals - values) / near
        cell = np.where(used, -1, len(SITES) * band + site)
        pairs = exchanges.pairs_within(cell, outcome(patients)[2] == 1, rng)
        first, second = pairs.T
        change = (by[:, :, first] - by[:, :, second]) * (
            covariates[:, second] - covariates[:, first]
        )
        kept = exchanges.chosen(pairs, change.sum(1) / near[:, None], missing)
        followed = patients[["time_days", "death"]].to_numpy()
        followed[kept] = followed[kept[:, ::-1]]
        patients[["time_days", "death"]] = followed
        used[kept] = True
    return patients


def _ages_moved(patients: pd.DataFrame) -> pd.DataFrame:
    """FaceAge within its group, and age, under which all that was printed is given."""
    n, unit = len(patients), 10.0**-DECIMALS
    band = outcome(patients)[0]
    start = patients[["faceage", "age"]].to_numpy().T.ravel()
    edges = np.array([YOUNGEST, *LIMITS, HIGHEST])
    low = np.concatenate([edges[band] + unit, np.full(n, YOUNGEST)])
    high = np.concatenate([edges[band + 1], np.full(n, OLDEST)])
    # at most half of the way to a limit: nobody comes to lie on it beside others
    low, high = (
        (np.maximum(low, start - FARTHEST) + start) / 2,
        (np.minimum(high, start + FARTHEST) + start) / 2,
    )

    def after(x: Vector) -> pd.DataFrame:
        return patients.assign(faceage=x[:n], age=x[n:])

    def realised(x: Vector) -> tuple[Vector, Vector]:
        values, by = _estimates(after(x))
        means, weights = _mean_gaps(after(x))
        by_year = by[:, :2].reshape(-1, 2 * n) / 10
        both = np.vstack([by_year, np.hstack([weights, -weights])])
        return np.concatenate([values, means]), both

    goals = np.concatenate([GOAL, LEFT, MEANS])
    near = np.concatenate([_half_units(), np.full(len(REST), NEAR_LEFT), NEAR_MEANS])
    x = shifted(
        start,
        realised,
        low=low,
        high=high,
        goal=goals,
        near=near,
    )
    x = rounded(x, realised(x)[1], near, DECIMALS)
    return after(x)[COLUMNS].astype({"time_days": int, "death": int})


def _half_units() -> Vector:
    """Half a unit of the last printed digit of each ratio and its upper limit, as logarithms."""
    halves = []
    for name in NAMES:
        printed = PRINTED[name]
        half = 0.5 * 10.0 ** -printed["decimals"]
        halves += [half / printed["estimate"], half / printed["conf_high"] / 1.96]
    return np.array(halves)
