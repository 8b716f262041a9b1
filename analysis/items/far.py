"""Face Aging Rate. Survival of patients whose face ages faster than the calendar."""

from functools import partial

import pandas as pd

import faceage_stats as fs
from items._present import curate, model, need
from items._quoted import quoted
from items._serial import CLASSES, COVARIATES, FEWEST, by_class

TABLES = ("serial_photos",)


def make(data, settings):
    """Adjusted Cox models of the rate above and below 1, within classes of the interval."""
    cohort = curate(data["serial_photos"], "serial_photos")
    parts = {
        name: rows
        for name, rows in by_class(cohort.rows).items()
        if rows["far_group"].nunique() > 1 and rows["death"].sum() >= FEWEST
    }
    need(parts, "patients on both sides of a rate of 1")
    fits = {
        name: fs.coxph(f"Surv(years, death) ~ {model(rows, ['far_group'], COVARIATES)}", data=rows)
        for name, rows in parts.items()
    }
    every = fs.bind_tidy(fits, exponentiate=True)
    hr = every[every["term"] == "far_group>1"].drop(columns=["n", "n_event"])
    hr["n"] = [fits[name].n for name in hr["model"]]
    hr["n_event"] = [fits[name].n_event for name in hr["model"]]
    hr["label"] = [f"{name} interval, {CLASSES[name]}" for name in hr["model"]]
    zph = fs.bind_tidy({n: fs.cox_zph(f) for n, f in fits.items()})
    drawn = hr[["label", "estimate", "conf_low", "conf_high", "p_value", "n", "n_event", "scale"]]
    figures = {
        "": fs.Figure(
            partial(
                fs.figures.forest,
                drawn, effect="Adjusted HR, Face Aging Rate above 1 against 1 or less",
                label="label", width="double",
            ),
            caption=(
                "Hazard ratios of death of {n} patients with two photographs whose FaceAge rose by "
                "more than one year per year, against the other patients, by the time between the "
                "photographs, with 95% confidence intervals; adjusted for interval, sex, race and "
                "diagnosis."
            ),
            label="Hazard ratios by interval",
        )
    }  # fmt: skip
    curves = {}
    for name, rows in parts.items():
        formula = "Surv(years, death) ~ face_aging_rate"
        rows = rows.assign(face_aging_rate=rows["far_group"])
        km = fs.survfit(formula, data=rows)
        curves[name] = km
        figures[name] = fs.Figure(
            partial(
                fs.figures.km,
                km,
                p_value=fs.survdiff(formula, data=rows).p_value,
                time_label="Years since second photograph",
            ),
            caption=(
                f"Survival by Face Aging Rate, photographs {CLASSES[name]} apart "
                f"({{n_{name}}} patients). Kaplan-Meier estimates with log-transformed 95% "
                "confidence bands and log-rank test, not adjusted."
            ),
            label=f"Survival, photographs {CLASSES[name]} apart",
        )
    return fs.Item(
        figure=figures,
        answer=(
            "Patients whose FaceAge rose by more than a year per year have a hazard ratio of "
            "{far_short_ahr} over intervals of up to a year, {far_mid_ahr} over up to two and "
            "{far_long_ahr} over up to four years ({n} patients)."
        ),
        checks=(
            "Proportional hazards, score test over all terms: {far_zph_short:p}, {far_zph_mid:p} "
            "and {far_zph_long:p} in the three classes ([table](far-table-proportional-hazards)). "
            "An interval of 95% misses what was planted in 1 of 20 data sets by design: a single "
            "miss is no fault."
        ),
        numbers={
            "n": sum(fit.n for fit in fits.values()),
            **{f"n_{name}": len(rows) for name, rows in parts.items()},
        },
        tables={
            "hazard_ratios": every,
            "median_survival": partial(medians, curves),
            "rates": pd.concat([describe(rows, name) for name, rows in parts.items()]),
            "proportional_hazards": zph,
            "per_unit_of_rate": per_unit(parts),
        },
        values=pd.concat([values(hr), also(zph)]),
        source_data=drawn,
        flow=cohort.flow,
        columns={"label": "interval class"},
        notes=(
            "The rate is the change of FaceAge over the time between the photographs, in years per "
            "year; follow-up starts at the second photograph. Over a short interval the noise of "
            "two photographs is large beside a year's ageing, which the spread of the rates shows."
        ),
    )


def medians(curves):
    """Median survival by rate, of each interval class."""
    return pd.concat(km.median().assign(model=name) for name, km in curves.items())


def describe(rows, name):
    """Distribution of the rate in an interval class."""
    rate = rows["far"]
    quantiles = rate.quantile([0.05, 0.25, 0.5, 0.75, 0.95]).to_numpy()
    shown = dict(zip(["q05", "q25", "median", "q75", "q95"], quantiles, strict=True))
    above = int((rate > 1).sum())
    return pd.DataFrame(
        [{"group": name, "n": len(rate), "mean": rate.mean(), "std_dev": rate.std(), **shown,
          "fraction": above / len(rate)}]
    )  # fmt: skip


def per_unit(parts):
    """Hazard ratio per standard deviation of the rate in its class."""
    tables = []
    for name, rows in parts.items():
        rows = rows.assign(far_sd=rows["far"] / rows["far"].std())
        fit = fs.coxph(f"Surv(years, death) ~ {model(rows, ['far_sd'], COVARIATES)}", data=rows)
        tables.append(fit.tidy(exponentiate=True).head(1).assign(model=name))
    return pd.concat(tables, ignore_index=True)


def also(zph):
    """The tests of all terms; a statistic is its estimate."""
    whole = zph[zph["term"] == "GLOBAL"].assign(estimate=zph["statistic"])
    return quoted(**{f"far_zph_{name}": whole[whole["model"] == name] for name in CLASSES})


def values(hr):
    """The published hazard ratios of the three interval classes."""
    rows = hr.assign(id=["far_" + name + "_ahr" for name in hr["model"]], quantity="hazard_ratio")
    columns = ["id", "quantity", "term", "estimate", "conf_low", "conf_high", "p_value"]
    return rows[[*columns, "n", "n_event"]]
