"""cox_zph against R (reference/coxph_more.R made the values) and by hand."""

import itertools
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.errors import DesignError, EstimationWarning, InputError, SingularColumnWarning

HERE = Path(__file__).resolve().parents[1]
DATA = HERE.parent / "conformance" / "cases" / "data"
R = json.loads((HERE / "reference" / "coxph_more.json").read_text(encoding="utf-8"))


def read(name):
    return pd.read_csv(DATA / name, keep_default_na=False, na_values=[""])


def heart():
    data = read("heart.csv")
    data["stop2"] = np.ceil(data["stop"] / 20) * 20
    data["start2"] = np.floor(data["start"] / 20) * 20
    return data


def lung():
    data = read("lung.csv")
    return data.assign(menonly=np.where(data["sex"] == 1, data["meal_cal"] / 100, 0))


GBSG = "Surv(rfstime, status) ~ age + C(grade) + strata(meno)"
CASES = {
    "zph_heart_ties": (
        "Surv(start2, stop2, event) ~ age + transplant + strata(surgery)", heart, {}, "rank", True,
    ),
    "zph_heart_breslow_km": (
        "Surv(start2, stop2, event) ~ age + surgery", heart, {"ties": "breslow"}, "km", True,
    ),
    "zph_weights_factor": (
        GBSG, lambda: read("gbsg.csv"), {"weights": "w_int"}, "log", True,
    ),
    "zph_weights_columns": (
        GBSG, lambda: read("gbsg.csv"), {"weights": "w_int"}, "km", False,
    ),
    "zph_constant_in_stratum": (
        "Surv(time, status) ~ age + menonly + strata(sex)", lung, {}, "identity", True,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_equals_r(name):
    formula, data, options, transform, terms = CASES[name]
    test = fs.cox_zph(fs.coxph(formula, data(), **options), transform, terms=terms)
    table, reference = test.tidy(), R[name]
    np.testing.assert_allclose(table["statistic"], reference["chisq"], rtol=1e-6)
    assert table["df"].tolist() == np.ravel(reference["df"]).tolist()
    np.testing.assert_allclose(table["p_value"], reference["p"], rtol=1e-5)
    np.testing.assert_allclose(test.x[:6], reference["x"], rtol=1e-8)
    np.testing.assert_allclose(test.time[:6], reference["time"])
    y = np.array(reference["y"], dtype=float)
    np.testing.assert_allclose(test.y[:6], y, rtol=1e-5, atol=1e-8)


def test_a_singular_column_is_left_out_as_in_r():
    with pytest.warns(SingularColumnWarning):
        fit = fs.coxph("Surv(time, status) ~ age + I(2 * age) + sex", read("lung.csv"))
    table = fs.cox_zph(fit).tidy()
    assert table["term"].tolist() == ["age", "sex", "GLOBAL"]
    np.testing.assert_allclose(table["statistic"], R["zph_singular"]["chisq"], rtol=1e-6)


def test_the_score_test_of_a_time_interaction():
    # The definition: split follow-up at every event time, add x * g(t), take the score test of
    # the added column at the estimate of the model without it.
    data = read("veteran.csv").head(60)
    fit = fs.coxph("Surv(time, status) ~ karno", data, ties="breslow")
    cuts = np.unique(data.loc[data["status"] == 1, "time"])
    rows = []
    for row in data.itertuples():
        bounds = np.concatenate([[0.0], cuts[cuts < row.time], [row.time]])
        for start, stop in itertools.pairwise(bounds):
            died = row.status if stop == row.time else 0
            rows.append((start, stop, died, row.karno, row.karno * stop))
    split = pd.DataFrame(rows, columns=["start", "stop", "died", "karno", "karno_t"])
    both = fs.coxph(
        "Surv(start, stop, died) ~ karno + karno_t",
        split,
        ties="breslow",
        init=[fit.coef["karno"], 0.0],
    )
    score = both.tests().set_index("method").loc["score", "statistic"]
    statistic = fs.cox_zph(fit, "identity").tidy()["statistic"].iloc[0]
    assert statistic == pytest.approx(score, rel=1e-8)


def test_residuals_for_plotting():
    fit = fs.coxph("Surv(time, status) ~ karno + C(celltype)", read("veteran.csv"))
    test = fs.cox_zph(fit)
    long = test.augment()
    assert list(long) == ["time", "transformed_time", "term", "residual"]
    assert len(long) == 2 * fit.n_event
    assert test.glance()["method"].iloc[0] == "score test, g(t) = km"
    assert "cox_zph Surv(time, status)" in repr(test)
    # scaled residuals average to the coefficient
    karno = long.loc[long["term"] == "karno", "residual"]
    assert karno.mean() == pytest.approx(fit.coef["karno"], abs=1e-8)


def test_refusals():
    data = read("lung.csv")
    fit = fs.coxph("Surv(time, status) ~ age", data)
    with pytest.raises(InputError, match="transform is 'sqrt'; choose one of km"):
        fs.cox_zph(fit, "sqrt")
    zero = data.assign(time=data["time"].where(data.index > 0, 0))
    with pytest.raises(InputError, match=r"needs positive times; 1 rows"):
        fs.cox_zph(fs.coxph("Surv(time, status) ~ age", zero), "log")
    with pytest.warns(EstimationWarning, match="no events"):
        empty = fs.coxph("Surv(time, status) ~ age", data.assign(status=0))
    with pytest.raises(DesignError, match="no estimable coefficient"):
        fs.cox_zph(empty)
