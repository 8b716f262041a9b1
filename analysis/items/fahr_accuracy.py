"""FAHR-FaceAge and FaceAge. Mean absolute error by decade of age and cohort."""

from functools import partial

import pandas as pd

import faceage_stats as fs
from items._quoted import quoted

TABLES = ("harvard_rt", "maastro_rt")
NAMES = {"harvard_rt": "Development", "maastro_rt": "Independent"}
MODELS = {"fahr_faceage": "FAHR-FaceAge", "faceage": "FaceAge"}


def make(data, settings):
    """Errors of both models on the same photographs, and their paired comparison."""
    cohorts = {name: decades(fs.curate(data[name], "fahr_rt").rows) for name in TABLES}
    options = {"n_resamples": settings.bootstrap_replicates, "seed": settings.seed}
    errors = pd.concat(
        [
            fs.accuracy(rows, model, "age", by="decade", **options)
            .tidy()
            .assign(model=label, cohort=NAMES[name])
            for name, rows in cohorts.items()
            for model, label in MODELS.items()
        ],
        ignore_index=True,
    )
    tests = pd.concat(
        [
            fs.accuracy_test(rows, list(MODELS), by="decade").tidy().assign(cohort=NAMES[name])
            for name, rows in cohorts.items()
        ],
        ignore_index=True,
    )
    shown = errors.query("metric == 'mae' and variable == 'decade'")
    figures = {
        key: fs.Figure(
            partial(
                fs.figures.mae_by_decade,
                shown[shown["cohort"] == name],
                group="model",
                width="double",
            ),
            caption=(
                "Mean absolute error against age by decade, with 95% bootstrap intervals, of "
                "FAHR-FaceAge and FaceAge on the same photographs: "
                f"{{n_{name.lower()}}} patients of the {name.lower()} cohort."
            ),
            label=f"Error by age, {name.lower()} cohort",
        )
        for key, name in {"": "Development", "independent": "Independent"}.items()
    }
    return fs.Item(
        figure=figures,
        answer=(
            "On the same photographs the mean absolute error of FAHR-FaceAge is "
            "{fahr_age_mae} years and that of FaceAge {mae_faceage} years in {n_development} "
            "patients of the development cohort. FaceAge's is larger by {mae_difference} years, "
            "and by {mae_difference_independent} years in {n_independent} patients of the "
            "independent one."
        ),
        checks=(
            "Errors depend on age in both models, which the [comparison by "
            "decade](fahr-accuracy-table-comparison) and the mean over decades show."
        ),
        numbers={f"n_{name.lower()}": len(cohorts[table]) for table, name in NAMES.items()},
        tables={"comparison": tests, "errors": errors.query("metric in ['mae', 'mean_error']")},
        values=also(errors, tests),
        source_data=shown,
        columns={"cohort": "dataset", "metric": "mae, or balanced_mae: the mean over decades"},
        notes=(
            "A patient who looks older than their age counts as an error here; in patients the "
            "gap is the biomarker, so that a small error is no aim by itself."
        ),
    )


def also(errors, tests):
    """Overall errors and their paired differences."""
    mae = errors.query("metric == 'mae' and variable == 'all' and cohort == 'Development'")
    pairs = tests.query("metric == 'mae' and variable == 'all'")
    return quoted(
        fahr_age_mae=mae[mae["model"] == "FAHR-FaceAge"],
        mae_faceage=mae[mae["model"] == "FaceAge"],
        mae_difference=pairs[pairs["cohort"] == "Development"],
        mae_difference_independent=pairs[pairs["cohort"] == "Independent"],
    )


def decades(rows):
    """Decades of age; those at the ends are joined where they hold too few patients."""
    return rows.assign(decade=fs.age_decade(rows["age"], youngest=40, oldest=80))
