"""Two stages. A head for age on embeddings, trained on balanced ages, then fitted to the clinic."""

from functools import partial

import numpy as np
import pandas as pd

import faceage_stats as fs
from items._embeddings import N_FEATURES, Network
from items._quoted import quoted

TABLES = ()
READS = "embeddings drawn by the item"
SIMULATES = True
N_TRAITS = 6
SIZES = {"public": 4000, "clinic": 1000, "patients": 3000}
GAP = {"public": (0.0, 4.0), "clinic": (4.0, 6.0)}  # of the true face age; years
DIMMER, SHIFT_SD = 0.8, 1.0  # how photographs of the clinic differ: contrast, and a shift
GAP_PER_YEAR, AGE_PER_YEAR, HAZARD = 0.04, 0.05, 0.08  # log hazards
HEADS = {
    "as_it_is": "Public photographs as they are",
    "balanced": "Public photographs, ages balanced",
    "two_stages": "Balanced, then fitted to the clinic",
    "clinic_only": "Photographs of the clinic only",
    "best": "True face age (known)",
}
TRAINED = list(HEADS)[:-1]
COX = "Surv(years, death)"


def make(data, settings):
    """Train the heads, then judge ages, gaps and hazards in patients that no head has seen."""
    rng = np.random.default_rng(settings.seed)
    network = Network(rng, N_TRAITS)
    shift = SHIFT_SD * rng.normal(size=N_FEATURES)
    public = people(rng, network, "public", 20 + 65 * rng.beta(1.2, 3, SIZES["public"]), 0 * shift)
    clinic, patients = (
        people(rng, network, "clinic", rng.normal(66, 10, SIZES[name]).clip(30, 95), shift)
        for name in ("clinic", "patients")
    )
    heads = trained(public, clinic)
    rows = patients.assign(**{name: head(patients) for name, head in heads.items()})
    rows["decade"] = fs.age_decade(rows["age"], youngest=50, oldest=80)
    errors, tests = accuracy(rows, settings)
    gaps = judged_gaps(rows, clinic, heads)
    hazards = hazard_ratios(rows, clinic, heads)
    shown = errors.query("metric == 'mae' and variable == 'decade'")
    return fs.Item(
        figure={
            "": fs.Figure(
                partial(fs.figures.mae_by_decade, shown, group="head", width="double"),
                caption=(
                    "Mean absolute error of age by decade, with 95% bootstrap intervals, of heads "
                    "on one embedding in {n_patients} patients whom no head has seen; the true "
                    "face age, which differs from age, is an error here as well."
                ),
                label="Error by age and head",
            ),
            "hazard": fs.Figure(
                partial(
                    fs.figures.forest, hazards, effect="HR per decade of the gap", label="head",
                    group="model", width="double",
                ),
                caption=(
                    "Hazard ratio of death per decade of the gap, with 95% confidence interval, "
                    "in {n_patients} patients: as it is, corrected for age, and given age."
                ),
                label="Hazard ratio by head",
            ),
        },
        answer=(
            "Fitted to the clinic in a second stage, the head trained on balanced ages misses the "
            "age of its patients by {mae_two_stages} years, before that stage by {mae_balanced}. "
            "Its gap as it is correlates with the true gap with {gap_two_stages_raw}, corrected "
            "for age with {gap_two_stages}, and its hazard ratio per decade is {hr_raw} and "
            "{hr_corrected}: without the correction, regression to the mean is taken for youth."
        ),
        checks=(
            "The true face age and the true gap are known here. The second stage and the "
            "correction are fitted in {n_clinic} patients of the clinic and judged in others."
        ),
        numbers={"n_patients": SIZES["patients"], "n_clinic": SIZES["clinic"]},
        tables={
            "accuracy": errors.query("variable == 'all' and metric in ['mae', 'mean_error']"),
            "balanced_over_decades": tests,
            "gaps": gaps,
            "hazard_ratios": hazards,
        },
        values=values(errors, gaps, hazards),
        source_data=shown,
        columns={
            "head": "head on the embedding",
            "gap": "predicted age minus age, or the same corrected for age",
            "r_true_gap": "correlation with the true gap",
            "r_true_gap_low": "its lower confidence limit",
            "r_true_gap_high": "its upper confidence limit",
            "r_age": "correlation with age",
            "calibration_slope": "change of the gap with the true gap",
        },
    )  # fmt: skip


def people(rng, network, kind, age, shift):
    """Embeddings, true face age and follow-up; photographs of the clinic are of another kind."""
    gap = rng.normal(*GAP[kind], len(age))
    traits = rng.normal(size=(len(age), N_TRAITS))
    traits[:, 0] = (age + gap - 50) / 18
    contrast = DIMMER if kind == "clinic" else 1.0
    rows = contrast * network.embed(rng, traits) + shift
    log_hazard = GAP_PER_YEAR * gap + AGE_PER_YEAR * (age - 65)
    death, end = rng.exponential(np.exp(-log_hazard) / HAZARD), rng.uniform(1, 8, len(age))
    return rows.assign(
        age=age, true_gap=gap, best=age + gap, years=np.minimum(death, end),
        death=(death <= end).astype(int),
    )  # fmt: skip


def trained(public, clinic):
    """Functions from people to predicted ages."""
    columns = [name for name in public if name.startswith("embedding_")]
    formula = f"age ~ {' + '.join(columns)}"
    weighted = public.assign(weight=balance(public["age"]))
    balanced = fs.lm(formula, weighted, weights="weight")
    second = fs.lm("age ~ score", clinic.assign(score=predicted(balanced, clinic)))
    return {
        "as_it_is": partial(predicted, fs.lm(formula, public)),
        "balanced": partial(predicted, balanced),
        "two_stages": lambda rows: predicted(
            second, rows.assign(score=predicted(balanced, rows))
        ),
        "clinic_only": partial(predicted, fs.lm(formula, clinic)),
        "best": lambda rows: rows["best"],
    }  # fmt: skip


def balance(age):
    """Weights under which every decade of the sample counts the same; their mean is 1."""
    decade = pd.Series(fs.age_decade(age, youngest=30, oldest=80), index=age.index)
    count = decade.map(decade.value_counts()).astype(float)
    return (1 / count) * len(age) / decade.nunique()


def predicted(fit, rows):
    """Predicted values, by row."""
    return fit.predict(rows)["estimate"]


def accuracy(rows, settings):
    """Errors of every head by decade, and the heads compared on the same patients."""
    errors = [
        fs.accuracy(
            rows, name, by="decade", n_resamples=settings.bootstrap_replicates, seed=settings.seed
        ).tidy().assign(head=label)
        for name, label in HEADS.items()
    ]  # fmt: skip
    tests = fs.accuracy_test(rows, TRAINED, by="decade").tidy()
    tests = tests[tests["metric"] == "balanced_mae"]
    return pd.concat(errors, ignore_index=True), tests.replace({"marker1": HEADS, "marker2": HEADS})


def corrected(name, rows, clinic, heads):
    """The gap of a head, and what of it age does not explain, by a line of the clinic's sample."""
    gap = rows[name] - rows["age"]
    line = fs.lm("gap ~ age", clinic.assign(gap=heads[name](clinic) - clinic["age"]))
    return {"as it is": gap, "corrected for age": gap - predicted(line, rows)}


def judged_gaps(rows, clinic, heads):
    """How the gaps of each head go with the true gap and with age."""
    records = []
    for name, label in HEADS.items():
        for kind, gap in corrected(name, rows, clinic, heads).items():
            each = rows.assign(gap=gap)
            truth, age = (fs.cor_test(f"~ gap + {x}", each) for x in ("true_gap", "age"))
            line = fs.lm("gap ~ true_gap", each).coef.iloc[1]
            records.append(
                {"head": label, "gap": kind, "r_true_gap": truth.estimate,
                 "r_true_gap_low": truth.conf_low, "r_true_gap_high": truth.conf_high,
                 "r_age": age.estimate, "calibration_slope": line, "n": len(rows)}
            )  # fmt: skip
    return pd.DataFrame(records)


def hazard_ratios(rows, clinic, heads):
    """Of the gap per decade: alone, corrected for age, and in a model with age."""
    models = {
        "Gap as it is": ("as it is", ""),
        "Gap corrected for age": ("corrected for age", ""),
        "Gap given age": ("as it is", " + age"),
    }
    parts = []
    for model, (kind, given) in models.items():
        for name, label in HEADS.items():
            each = rows.assign(gap10=corrected(name, rows, clinic, heads)[kind] / 10)
            fit = fs.coxph(f"{COX} ~ gap10{given}", data=each)
            parts.append(fit.tidy(exponentiate=True).head(1).assign(head=label, model=model))
    return pd.concat(parts, ignore_index=True)


def values(errors, gaps, hazards):
    """Errors before and after the second stage, and its gap with the correction and without it."""
    mae = errors.query("metric == 'mae' and variable == 'all'").set_index("head")
    names = {"": "estimate", "_low": "conf_low", "_high": "conf_high"}
    gaps = gaps.rename(columns={f"r_true_gap{end}": name for end, name in names.items()})
    two = gaps[gaps["head"] == HEADS["two_stages"]]
    ratio = hazards[hazards["head"] == HEADS["two_stages"]]
    return quoted(
        mae_balanced=mae.loc[[HEADS["balanced"]]],
        mae_two_stages=mae.loc[[HEADS["two_stages"]]],
        gap_two_stages=two[two["gap"] == "corrected for age"],
        gap_two_stages_raw=two[two["gap"] == "as it is"],
        hr_raw=ratio[ratio["model"] == "Gap as it is"],
        hr_corrected=ratio[ratio["model"] == "Gap corrected for age"],
    )
