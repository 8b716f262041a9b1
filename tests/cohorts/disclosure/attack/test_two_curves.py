"""Curves of two builds. Truth: the one patient whom the second build lacks, at 2.37 years."""

import json

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.cohorts.disclosure.attack.build import read_build
from faceage_stats.cohorts.disclosure.attack.two_curves import _curves, _window, last_days_of_one
from faceage_stats.cohorts.disclosure.rules import RULE_SETS
from faceage_stats.reporting.store.disclose_curves import disclose_curves

LAST_DAY = 2.37


@pytest.fixture(scope="module", params=[0, 1], ids=["censored", "dead"])
def builds(request):
    rng = np.random.default_rng(8)
    years = np.append(np.ceil(rng.exponential(1100, 799)) / 365.25, LAST_DAY)
    cause = np.append(rng.integers(0, 3, 799), request.param)
    rows = pd.DataFrame({"years": years, "cause": cause, "death": (cause > 0).astype(int)})
    return rows, rows[:-1]


def written(folder, table, **disclosure):
    folder.mkdir(parents=True)
    table.to_csv(folder / "table_curve.csv", index=False)
    (folder / "item.json").write_text(json.dumps({"disclosure": disclosure}), encoding="utf-8")
    (folder / "values.json").write_text("[]", encoding="utf-8")
    return read_build(folder, 5)[0]


def found(tmp_path, tables, **disclosure):
    pages = [
        written(tmp_path / f"build{i}" / "x", table, **disclosure) for i, table in enumerate(tables)
    ]
    return pages, [finding.kind for finding in last_days_of_one(*pages)]


def survival(rows):
    return fs.survfit("Surv(years, death) ~ 1", rows)


def test_survival_without_counts_tells_the_last_day(tmp_path, builds):
    tables = [survival(rows).tidy()[["time", "estimate"]] for rows in builds]
    pages, kinds = found(tmp_path, tables)
    assert kinds == ["times"]
    curves = [_curves(page.tables["table_curve.csv"])[""] for page in pages]
    assert _window(*curves) < 1 / 12


def test_incidence_of_one_cause_tells_it_too(tmp_path, builds):
    fits = [fs.cuminc("Surv(years, cause) ~ 1", rows) for rows in builds]
    one = [fit.tidy().query("time > 0")[["time", "cause", "estimate"]] for fit in fits]
    assert found(tmp_path, one)[1] == ["times"]


def test_released_curves_tell_no_more_than_the_grid(tmp_path, builds):
    for name, rules in RULE_SETS.items():
        tables = [disclose_curves(survival(rows), rules).tidy() for rows in builds]
        assert found(tmp_path / name, tables, **rules.record())[1] == []


def test_the_same_patients_tell_nothing(tmp_path, builds):
    same = survival(builds[0]).tidy()[["time", "estimate"]]
    assert found(tmp_path, [same, same])[1] == []
