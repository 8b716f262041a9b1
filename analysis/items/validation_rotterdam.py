"""Real external validation: a model of Rotterdam, unchanged in a German trial."""

from functools import partial

import faceage_stats as fs

TABLES = ("rotterdam", "gbsg")
FORMULA = "Surv(years, event) ~ age10 + size + grade3 + log_nodes + log_pgr + hormon"
TIMES = [1, 3, 5]
HORIZON = 5
THRESHOLDS = [i / 50 for i in range(5, 41)]
LABELS = {"risk": "Model of Rotterdam"}
QUOTED = {
    ("concordance", None): "rotterdam_c",
    ("calibration slope", None): "rotterdam_slope",
    ("observed_expected_ratio", 1): "rotterdam_oe_1",
    ("observed_expected_ratio", 5): "rotterdam_oe_5",
}


def make(data, settings):
    """Fit in Rotterdam, validate in GBSG, recalibrate, and ask what acting on it would bring."""
    rotterdam, gbsg = (fs.curate(data[name], "node_positive").rows for name in TABLES)
    model = fs.risk_model(FORMULA, rotterdam, times=TIMES)
    cohorts = {"Rotterdam (apparent)": rotterdam, "GBSG": gbsg}
    fits = {
        name: model.validate(rows, n_resamples=100, seed=settings.seed)
        for name, rows in cohorts.items()
    }
    external = fits["GBSG"]
    scored = external.rows.assign(risk=external.rows[f"risk_{TIMES.index(HORIZON)}"])
    benefit = fs.decision_curve(
        "Surv(years, event) ~ risk", scored, THRESHOLDS, times=HORIZON, seed=settings.seed
    )
    patients = " in {n} patients of GBSG, by the model of {n_development} patients of Rotterdam."
    return fs.Item(
        figure={
            "": fs.Figure(
                partial(
                    fs.figures.calibration,
                    external.calibrations[HORIZON],
                    label="Five-year risk of recurrence or death",
                ),
                caption=f"Observed against predicted risk within {HORIZON} years{patients}",
                label="Calibration within five years",
            ),
            "first_year": fs.Figure(
                partial(
                    fs.figures.calibration,
                    external.calibrations[1],
                    label="One-year risk of recurrence or death",
                ),
                caption=f"Observed against predicted risk within one year{patients}",
                label="Calibration within the first year",
            ),
            "net_benefit": fs.Figure(
                partial(fs.figures.decision_curve, benefit, labels=LABELS),
                caption=f"Net benefit of treating by the five-year risk{patients}",
            ),
        },
        answer=(
            "Unchanged in another country the model has a C index of {rotterdam_c:.3}; its O/E is "
            "{rotterdam_oe_5} at five years and {rotterdam_oe_1} at one year, its calibration "
            "slope {rotterdam_slope}."
        ),
        checks=(
            "Proportional hazards are violated in Rotterdam (table of the test: nodes and "
            "progesterone receptors), which shows as predictions too high in the first year."
        ),
        numbers={"n": len(gbsg), "n_development": len(rotterdam)},
        tables={
            "performance": fs.bind_tidy(fits),
            "recalibration": external.recalibration(),
            "groups_of_risk": external.calibrations[HORIZON].groups(),
            "coefficients": model.tidy(exponentiate=True),
            "proportional_hazards": fs.cox_zph(model.fit).tidy(),
        },
        values=values(external),
        source_data=benefit.tidy(),
        columns={
            "threshold": "risk from which treatment is chosen",
            "tp_rate": "proportion treated and with an event by five years",
            "fp_rate": "proportion treated and without",
            "net_intervention_avoided": "treatments spared per patient, against treating all",
        },
    )


def values(external):
    """What the answer quotes."""
    table = external.tidy()
    keys = zip(table["quantity"], table["time"].astype(object).where(table["time"].notna(), None),
               strict=True)  # fmt: skip
    rows = table.assign(id=[QUOTED.get(key) for key in keys]).dropna(subset="id")
    return rows[["id", "quantity", "estimate", "conf_low", "conf_high", "p_value"]]
