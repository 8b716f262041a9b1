"""Real people: values removed from a skewed marker, complete cases, and imputation."""

from functools import partial

import numpy as np
import pandas as pd

import faceage_stats as fs
from items._marker import OUTCOME

TABLES = ("nhanes",)
FORMULA = f"{OUTCOME} ~ glucose + log_crp + age10 + sex"
IMPUTATIONS = 20


def fit(table):
    """The model of every completed table."""
    return fs.coxph(FORMULA, data=table)


def make(data, settings):
    """Remove glucose by a rule, then compare what remains of its hazard ratio with the truth."""
    cohort = fs.curate(data["nhanes"], "nhanes")
    whole = cohort.rows.assign(
        glucose=cohort.rows["glucose_mg_dl"] * 0.0555,
        log_crp=np.log(cohort.rows["crp_mg_l"] / 10),
    )
    number = whole["seqn"].astype(int)
    gone = ((number % 2 == 0) & (whole["age"] >= 55)) | (number % 7 == 0)
    holed = whole.assign(glucose=whole["glucose"].mask(gone))
    imputed = {
        method: fs.impute(
            FORMULA, holed, m=IMPUTATIONS, iterations=5, method=method, seed=settings.seed
        )
        for method in ("pmm", "norm")
    }
    fits = {
        "Truth: nothing removed": fs.coxph(FORMULA, data=whole),
        "Complete cases": fs.coxph(FORMULA, data=holed.dropna(subset="glucose")),
        "Imputed by predictive mean matching": imputed["pmm"].pool(fit),
        "Imputed from a normal model": imputed["norm"].pool(fit),
    }
    table = fs.side_by_side(fits, ["glucose"], exponentiate=True)
    columns = ["id", "quantity", "estimate", "conf_low", "conf_high", "p_value"]
    ids = ["nhanes_glucose_truth", "nhanes_glucose_complete", "nhanes_glucose_imputed",
           "nhanes_glucose_normal"]  # fmt: skip
    return fs.Item(
        figure=fs.Figure(partial(
            fs.figures.forest, table.drop(columns="fmi"), label="model",
            effect="HR per mmol/L of glucose", width="double",
        ), label="Hazard ratios by how missing values are treated"),
        caption=(
            "Hazard ratio of death per mmol/L of glucose given C-reactive protein, age and sex, "
            "with 95% confidence interval: in all {n} people, and after glucose was removed by "
            f"rule in {{n_gone}} of them ({IMPUTATIONS} imputations)."
        ),
        answer=(
            "With every value the hazard ratio is {nhanes_glucose_truth:.3}, in complete cases "
            "{nhanes_glucose_complete:.3}; after imputation by predictive mean matching "
            "{nhanes_glucose_imputed:.3}, from a normal model {nhanes_glucose_normal:.3}."
        ),
        numbers={"n": len(whole), "n_gone": int(gone.sum())},
        tables={
            "glucose": table,
            "all_terms": fs.side_by_side(fits, exponentiate=True),
            "imputation": pd.concat([each.tidy() for each in imputed.values()]),
        },
        values=table.assign(id=ids, quantity="hazard_ratio")[columns],
        source_data=table,
        flow=cohort.flow,
    )  # fmt: skip
