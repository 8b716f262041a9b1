"""Extended figure 1. FaceAge against age in people without cancer."""

from functools import partial

import pandas as pd

import faceage_stats as fs
from items._quoted import quoted

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
    fairness = equal_error(rows)
    on_age = fs.lm("gap ~ age", rows, robust="HC3").tidy()
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
            label="Extended figure 1, agreement",
        ),
        "gap_on_age": fs.Figure(
            partial(
                fs.figures.gap_vs,
                rows["age"],
                rows["gap"],
                x_label="Age (years)",
                points=settings.points("utk"),
            ),
            caption=(
                "FaceAge minus age against age, {n} photographs, with the least-squares line and "
                "its 95% confidence band: regression to the mean."
            ),
            label="Extended figure 1, gap on age",
        ),
    }  # fmt: skip
    return fs.Item(
        figure=figures,
        answer=(
            "On {n} photographs of people without cancer FaceAge errs by {utk_all_mae} years "
            "(mean absolute error) and correlates with age by {utk_all_pearson_r}. Its error "
            "{error_by_sex:p<0.05|differs|does not clearly differ} between women and men "
            "({error_by_sex:p}) and {error_by_race:p<0.05|differs|does not clearly differ} between "
            "races ({error_by_race:p}): it is {mae_white} years in white and {mae_black} years in "
            "Black people, and {error_black_at_equal_age} years larger in Black people at equal "
            "decade of age."
        ),
        checks=(
            "Equal error for all is tested by the absolute errors (Kruskal-Wallis for sex and "
            "race, [table](ext1-table-equal-error)); equal age by least squares with HC3 standard "
            "errors. The error depends on age (figure by decade) and the gap falls with it "
            "([line](ext1-table-gap-on-age))."
        ),
        numbers={"n": len(rows)},
        tables={
            "accuracy": accuracy.tidy(),
            "agreement": agreement.tidy(),
            "calibration": line.tidy(),
            "equal_error": fairness,
            "gap_on_age": on_age,
            "by_age_limit": pd.concat(
                [whole.tidy().assign(level="all photographs"), older.tidy().assign(level="60+")]
            ),
        },
        values=pd.concat([values(whole, older), also(accuracy.tidy(), fairness)]),
        source_data=accuracy.tidy(),
        flow=cohort.flow,
    )  # fmt: skip


def equal_error(rows):
    """Tests of equal absolute error of sexes and races, and of Black people at equal age."""
    rows = rows.assign(error=rows["gap"].abs(), decade=fs.age_decade(rows["age"], oldest=80))
    tests = [
        fs.kruskal_test(f"error ~ {by}", rows).tidy().assign(term=by) for by in ("sex", "race")
    ]
    fit = fs.lm("error ~ C(race, ref='white') + C(decade)", rows, robust="HC3").tidy()
    black = fit[fit["term"].str.contains("black")].assign(
        term="Black against white, at equal decade of age"
    )
    table = pd.concat([*tests, black], ignore_index=True)
    shown = ["term", "estimate", "conf_low", "conf_high", "statistic", "df", "p_value", "n"]
    return table.reindex(columns=shown)


def also(accuracy, fairness):
    """Errors by race, and what tests of equal error say; a statistic is its estimate."""
    mae = accuracy.query("metric == 'mae' and variable == 'race'")
    tests = fairness.assign(estimate=fairness["estimate"].fillna(fairness["statistic"]))
    return quoted(
        mae_white=mae[mae["level"] == "white"],
        mae_black=mae[mae["level"] == "black"],
        error_by_sex=tests[tests["term"] == "sex"],
        error_by_race=tests[tests["term"] == "race"],
        error_black_at_equal_age=tests[tests["term"].str.startswith("Black")],
    )


def values(whole, older):
    """The numbers that the published outputs give when they are recomputed."""
    frames = [
        fit.tidy().query("metric in @METRICS").assign(id=lambda d, p=prefix: p + d["metric"])
        for prefix, fit in {"utk_all_": whole, "utk_60_": older}.items()
    ]
    return pd.concat(frames)[["id", "estimate", "conf_low", "conf_high", "n"]]
