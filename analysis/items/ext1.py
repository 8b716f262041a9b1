"""Extended figure 1. FaceAge against age in people without cancer."""

from functools import partial

import pandas as pd

import faceage_stats as fs

TABLES = ("utk",)
METRICS = {"mae": "MAE (years)", "pearson_r": "r", "mean_error": "Mean gap (years)"}


def make(data, settings):
    """Error, agreement and calibration of FaceAge on UTKFace, overall and by group."""
    all_rows = fs.curate(data["utk"], "utk", min_age=0).rows
    cohort = fs.curate(data["utk"], "utk")
    rows = cohort.rows.assign(decade=lambda d: fs.age_decade(d["age"]))
    options = {"n_resamples": settings.bootstrap_replicates, "seed": settings.seed}
    accuracy = fs.accuracy(rows, by=["sex", "race", "decade"], **options)
    whole = fs.accuracy(all_rows, **options)
    older = fs.accuracy(all_rows[all_rows["age"] >= 60], **options)
    agreement = fs.bland_altman(rows, "faceage", "age")
    line = fs.calibration_line(rows)
    figures = {
        "": fs.Figure(
            partial(
                fs.figures.scatter_with_margins,
                rows["age"],
                rows["faceage"],
                values=accuracy.tidy().query("variable == 'all' and metric in @METRICS")
                .assign(term=lambda d: d["metric"].map(METRICS)),
                points=settings.points("utk"),
            ),
            caption=(
                "FaceAge against age on {n} UTKFace photographs of people aged 20 or more: "
                "single photographs, the line of identity, and the least-squares line."
            ),
            label="Extended figure 1, scatter",
        ),
        "decade": fs.Figure(
            partial(
                fs.figures.mae_by_decade,
                accuracy.tidy().query("variable == 'decade' and metric == 'mae'")
            ),
            caption=(
                "Mean absolute error by decade of age with 95% bootstrap intervals, {n} "
                "photographs."
            ),
            label="Extended figure 1, error by decade",
        ),
        "agreement": fs.Figure(
            partial(fs.figures.bland_altman, agreement, points=settings.points("utk")),
            caption=(
                "FaceAge minus age against their mean, with the mean difference and the 95% limits "
                "of agreement (Bland and Altman), {n} photographs."
            ),
        ),
    }  # fmt: skip
    return fs.Item(
        figure=figures,
        numbers={"n": len(rows)},
        tables={
            "accuracy": accuracy.tidy(),
            "agreement": agreement.tidy(),
            "calibration": line.tidy(),
            "by_age_limit": pd.concat(
                [whole.tidy().assign(level="all photographs"), older.tidy().assign(level="60+")]
            ),
        },
        values=values(whole, older),
        source_data=accuracy.tidy(),
        flow=cohort.flow,
    )  # fmt: skip


def values(whole, older):
    """The numbers that the published outputs give when they are recomputed."""
    frames = [
        fit.tidy().query("metric in @METRICS").assign(id=lambda d, p=prefix: p + d["metric"])
        for prefix, fit in {"utk_all_": whole, "utk_60_": older}.items()
    ]
    return pd.concat(frames)[["id", "estimate", "conf_low", "conf_high", "n"]]
