"""No text of any figure overlaps another or leaves the page, marked or not, at both widths."""

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats import figures

RNG = np.random.default_rng(11)
N = 600


@pytest.fixture(scope="module")
def patients():
    age = RNG.uniform(45, 92, N)
    faceage = age + RNG.normal(3, 7, N)
    time = RNG.exponential(40 / (faceage - 30), N) * 4
    return pd.DataFrame(
        {
            "age": age,
            "faceage": faceage,
            "gap": faceage - age,
            "t": np.round(np.minimum(time, 9) + 0.01, 2),
            "d": (time < 9).astype(int),
            "faceage_group": pd.cut(
                faceage, [-np.inf, 65, 75, 85, np.inf], labels=["<=65", "(65,75]", "(75,85]", ">85"]
            ),
            "site": RNG.choice(["Breast", "Gastrointestinal", "Head and neck"], N),
            "x": RNG.normal(size=N),
        }
    )


def km(p):
    fit = fs.survfit("Surv(t, d) ~ faceage_group", data=p)
    return figures.km(fit, max_time=7, p_value=1e-9)


def km_wide(p):
    fit = fs.survfit("Surv(t, d) ~ site", data=p)
    return figures.km(fit, p_value=0.31, width="double", time_label="Years since radiotherapy")


def forest(p):
    by_site = {}
    for site, rows in p.assign(faceage10=p["faceage"] / 10, age10=p["age"] / 10).groupby("site"):
        models = {
            "univariable": fs.coxph("Surv(t, d) ~ faceage10", data=rows),
            "adjusted for age, x and a long list of others": fs.coxph(
                "Surv(t, d) ~ faceage10 + age10 + x", data=rows
            ),
        }
        hr = fs.bind_tidy(models, exponentiate=True).query("term == 'faceage10'")
        by_site[site] = hr.assign(site=site, n=len(rows), n_event=rows["d"].sum())
    frame = pd.concat(by_site.values())
    return figures.forest(frame, effect="HR per decade of FaceAge", label="model", group="site")


def gap(p):
    result = fs.age_gap(p, by="site", reference="Breast")
    return figures.gap_by_group(result, points=True)


def gap_single(p):
    return figures.gap_by_group(p.assign(group=p["site"]), width="single")


def matrix(p):
    return figures.pairwise_matrix(fs.age_gap(p, by="site").contrasts(pairs="all"))


def decades(p):
    rows = p.assign(decade=fs.age_decade(p["age"]))
    table = fs.accuracy(rows[rows["age"] < 90], by="decade", n_resamples=50).tidy()
    mae = table.query("variable == 'decade' and metric == 'mae'")
    both = pd.concat([mae.assign(model="FaceAge"), mae.assign(model="FAHR-FaceAge")])
    return figures.mae_by_decade(both, group="model")


def bars(p):
    table = fs.accuracy(p, by="site", n_resamples=50).tidy().query("metric == 'rmse'")
    return figures.bars_with_ci(table, label="Root mean squared error (years)")


def scatter(p):
    values = fs.accuracy(p, n_resamples=50).tidy()
    return figures.scatter_with_margins(p["age"], p["faceage"], values=values)


def gap_vs(p):
    return figures.gap_vs(p["age"], p["gap"], x_label="Age (years)", points=True)


def limits(p):
    return figures.bland_altman(fs.bland_altman(p))


def calibration(p):
    x = np.linspace(0.1, 0.8, 6)
    bins = pd.DataFrame({"predicted": x, "estimate": x, "conf_low": x - 0.1, "conf_high": x + 0.1})
    values = pd.DataFrame({"term": ["Slope", "Intercept"], "estimate": [0.95, 0.01]})
    return figures.calibration_line(bins, values=values)


def zph(p):
    fit = fs.coxph("Surv(t, d) ~ faceage + age + x", data=p)
    return figures.zph_plot(fs.cox_zph(fit), points=True)


def flow(p):
    steps = pd.DataFrame(
        {"step": ["photograph of sufficient quality is missing", "survival is not known"],
         "n_before": [600, 580], "n_excluded": [20, 3], "n_after": [580, 577]}
    )  # fmt: skip
    return figures.consort(steps)


def published(p):
    values = fs.accuracy(p, n_resamples=50).tidy().rename(columns={"metric": "label"})
    parts = [values.assign(source=s) for s in ("published", "planted", "recovered")]
    unit = values["label"].map(lambda name: "years" if name in ("mae", "rmse") else "")
    return figures.published_vs_recovered(pd.concat([part.assign(unit=unit) for part in parts]))


DRAWN = [km, km_wide, forest, gap, gap_single, matrix, decades, bars, scatter, gap_vs, limits,
         calibration, zph, flow, published]  # fmt: skip


@pytest.mark.parametrize("draw", DRAWN, ids=lambda f: f.__name__)
def test_nothing_overlaps_and_the_figure_describes_itself(draw, patients):
    fig = draw(patients)
    assert figures.text_overlaps(fig) == []
    assert len(fig.alt_text) > 40
    figures.mark_synthetic(fig)
    assert figures.text_overlaps(fig) == []
    assert fig.get_figwidth() * 25.4 <= 183.01


def test_overlaps_are_found():
    fig = figures.new_figure()
    axes = fig.add_subplot(xlim=(0, 1), ylim=(0, 1))
    axes.text(0.5, 0.5, "first")
    axes.text(0.52, 0.5, "second")
    axes.text(0.5, 0.9, "hidden").set_visible(False)
    assert ("first", "second") in figures.text_overlaps(fig)
    assert not any("hidden" in found for found in figures.text_overlaps(fig))
