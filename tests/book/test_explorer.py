"""The explorer's script against the package, on the same counts; and the page that it fills."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.reporting.book.explorer import explorer_app, explorer_counts
from tests.book.conftest import ROOT

pytestmark = pytest.mark.browser
SCRIPT = (ROOT / "book" / "_scripts" / "explorer.js").read_text(encoding="utf-8")
ABOVE = [0, 45, 50, 55, 60, 65, 70, 75, 80, 85, 90]
JUDGE = """
const groups = explorer.groups(arguments[0], arguments[1]);
return {labels: groups.map(g => g.label), n: groups.map(g => g.n),
        survival: groups.map(explorer.survival),
        test: explorer.logrank(groups), cox: explorer.cox(groups)};
"""


@pytest.fixture(scope="module")
def rows():
    """Patients whose times are ends of quarters; the hazard grows with FaceAge."""
    rng = np.random.default_rng(7)
    above = rng.choice(ABOVE, 600)
    death = rng.exponential(6 * np.exp(-(above - 60) / 40))
    leaves = rng.uniform(0.5, 9, 600)
    time = np.minimum(np.minimum(death, leaves), 7)
    years = np.maximum(np.ceil(time / 0.25), 1) * 0.25
    died = (death <= np.minimum(leaves, 7)).astype(int)
    return pd.DataFrame({"above": above, "years": years, "death": died})


@pytest.fixture(scope="module")
def table(rows):
    every = pd.MultiIndex.from_product([ABOVE, np.arange(1, 29) / 4], names=["above", "years"])
    counts = {
        name: rows[rows["death"] == value].groupby(["above", "years"]).size()
        for name, value in {"n_event": 1, "n_censor": 0}.items()
    }
    table = pd.DataFrame(counts).reindex(every).fillna(0).reset_index()
    return table.rename(columns={"above": "faceage_above", "years": "year"})


@pytest.mark.parametrize("cuts", [(65, 75, 85), (60, 60, 60), (45, 70, 90), (50, 55, 60)])
def test_the_script_agrees_with_the_package(browser, rows, table, cuts):
    ours = browser.execute_script(f"{SCRIPT}\n{JUDGE}", explorer_counts(table), list(cuts))
    edges = [-np.inf, *sorted(set(cuts)), np.inf]
    data = rows.assign(group=pd.cut(rows["above"], edges, right=False, labels=ours["labels"]))
    fit = fs.survfit("Surv(years, death) ~ group", data)
    for label, survival in zip(ours["labels"], ours["survival"], strict=True):
        curve = fit.tidy().query("strata == @name", local_dict={"name": f"group={label}"})
        drawn = np.interp(curve["time"], np.arange(1, 29) / 4, survival)
        np.testing.assert_allclose(drawn, curve["estimate"], rtol=1e-12)
    at_zero = data.groupby("group", observed=True).size()
    assert ours["n"] == at_zero.tolist()
    test = fs.survdiff("Surv(years, death) ~ group", data)
    assert ours["test"]["statistic"] == pytest.approx(test.statistic, rel=1e-9)
    assert ours["test"]["df"] == len(edges) - 2
    assert ours["test"]["p"] == pytest.approx(test.p_value, rel=1e-7)
    cox = fs.coxph("Surv(years, death) ~ group", data).tidy().query("not is_reference")
    assert [row["logRatio"] for row in ours["cox"]] == pytest.approx(
        list(cox["estimate"]), rel=1e-7
    )
    assert [row["se"] for row in ours["cox"]] == pytest.approx(list(cox["std_error"]), rel=1e-7)


def test_a_page_from_a_folder_follows_the_sliders(browser, table, tmp_path):
    app = explorer_app(table).removeprefix("```{raw} html\n").removesuffix("```\n")
    (tmp_path / "explorer.js").write_text(SCRIPT, encoding="utf-8")
    page = tmp_path / "explorer.html"
    page.write_text(f"<meta charset='utf-8'>{app}", encoding="utf-8")
    browser.get(page.as_uri())
    state = "return [document.querySelectorAll('svg.curves path[stroke-width]').length," \
            "document.querySelectorAll('#explorer tbody tr').length," \
            "document.querySelector('[role=status]').textContent]"  # fmt: skip
    curves, groups, test = browser.execute_script(state)
    assert (curves, groups) == (4, 4)
    assert "3 df" in test
    browser.execute_script(
        "document.querySelectorAll('#explorer input').forEach(slider => {"
        "slider.value = 70; slider.dispatchEvent(new Event('input'))})"
    )
    curves, groups, test = browser.execute_script(state)
    assert (curves, groups) == (2, 2)
    assert "1 df" in test
    assert [e for e in browser.get_log("browser") if e["level"] == "SEVERE"] == []


def test_withheld_counts_are_told(table):
    hidden = table.assign(n_event=table["n_event"].where(table["n_event"] > 2))
    app = explorer_app(hidden)
    n_hidden = int((table["n_event"] <= 2).sum())
    assert f"{n_hidden} of {2 * len(table)} counts are withheld" in app
    start = app.index('id="explorer-counts">') + len('id="explorer-counts">')
    assert None in json.loads(app[start : app.index("</script>", start)])["events"][0]
