"""Real people: what a biological age adds to telling who dies first."""

from functools import partial

import numpy as np
import pandas as pd

import faceage_stats as fs
from items._marker import OUTCOME

TABLES = ("nhanes",)
MARKER, NAME = "phenoage", "PhenoAge"
TIMES = [5, 10, 15]
GAINS = {
    f"{NAME} beside age and sex": ("age10 + sex", f"{MARKER}10 + age10 + sex"),
    f"{NAME} in place of age, beside sex": ("age10 + sex", f"{MARKER}10 + sex"),
    f"{NAME} alone against age alone": ("age10", f"{MARKER}10"),
}
LABELS = {"age": "Age", MARKER: NAME, "gap": "Gap alone", "residual": "Gap corrected for age"}


def make(data, settings):
    """C index, AUC at fixed times, and a points score with the marker in the place of age."""
    cohort = fs.curate(data["nhanes"], "nhanes")
    rows = with_points(cohort.rows)
    rows["residual"] = fs.lm(f"{MARKER} ~ age", rows).augment()["residual"]
    models = {name: [f"{OUTCOME} ~ {right}" for right in pair] for name, pair in GAINS.items()}
    models["Points score"] = [f"{OUTCOME} ~ points_{name}" for name in ("age", MARKER)]
    gains = pd.concat([gain(rows, name, pair) for name, pair in models.items()])
    auc = fs.time_roc(f"{OUTCOME} ~ {' + '.join(LABELS)}", rows, TIMES)
    areas = auc.tidy().assign(level=lambda d: d["time"].map("{:g} years".format))
    swap = fs.marker_substitution(f"{OUTCOME} ~ sex", rows, marker=f"{MARKER}10", other="age10")
    return fs.Item(
        figure={
            "": fs.Figure(
                partial(
                    fs.figures.forest, gains, effect="Gain of the C index", label="model",
                    ratio=False,
                ),
                caption=(
                    "Gain of the C index, new minus old, with 95% confidence interval from the "
                    "joint covariance, in the {n} people ({n_event} deaths) that the models were "
                    "fitted to."
                ),
                label="Gain of the C index",
            ),
            "auc": fs.Figure(
                partial(
                    fs.figures.forest, areas.replace({"marker": LABELS}), label="level",
                    effect="AUC for death", group="marker", ratio=False, null=0.5,
                ),
                caption=(
                    "AUC for death within 5, 10 and 15 years, with 95% confidence interval. Nobody "
                    "of the {n} people is censored before, so that no weights are needed."
                ),
                label="AUC for death",
            ),
        },
        answer=(
            "Beside age and sex, PhenoAge "
            "{nhanes_c_gain:vs 0|raises|lowers|does not clearly change} the C index, by "
            "{nhanes_c_gain:.3}: a strong hazard ratio can be a small gain of discrimination."
        ),
        numbers={"n": len(rows), "n_event": int(rows["death"].sum())},
        tables={
            "concordance_gains": gains,
            "auc": auc.tidy().replace({"marker": LABELS}),
            "auc_gains": auc.contrasts().replace(dict.fromkeys(("marker1", "marker2"), LABELS)),
            "substitution": swap.tests(),
            "models": swap.fits(),
        },
        values=gains.head(1).assign(id="nhanes_c_gain", quantity="difference")[
            ["id", "quantity", "estimate", "conf_low", "conf_high", "p_value"]
        ],
        source_data=areas.replace({"marker": LABELS}),
        flow=cohort.flow,
    )  # fmt: skip


def with_points(rows):
    """A simple score: one point for each five years above 20, two for a man."""
    for name in ("age", MARKER):
        years = np.maximum(0, (rows[name] - 20) // 5)
        rows[f"points_{name}"] = years + 2 * (rows["sex"] == "male")
    return rows


def gain(rows, name, pair):
    """The paired gain of one model over another."""
    old, new = (fs.coxph(formula, data=rows) for formula in pair)
    return (
        fs.concordance_test(old, new)
        .tidy()
        .assign(model=name, marker1=pair[1].partition("~ ")[2], marker2=pair[0].partition("~ ")[2])
    )
