"""Exact counts from shares. Truth: the counts from which shares and curves were computed."""

import json
from functools import partial

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.cohorts.disclosure.attack.attack import attack
from faceage_stats.cohorts.disclosure.attack.cells import decimal
from faceage_stats.cohorts.disclosure.attack.shares import _limits
from faceage_stats.cohorts.disclosure.rounding import round_digits
from faceage_stats.cohorts.disclosure.rules import RULE_SETS
from faceage_stats.reporting.store.release import release
from faceage_stats.reporting.store.write_item import write_item

RULES = RULE_SETS["opensafely"]
RECORD = {"item": "x", "parameters": {"sources": {"maastro": "private"}}}


def found(folder, **tables):
    """What the attack finds in tables as they are, called a release under the rules."""
    folder = folder / "x"
    folder.mkdir()
    for name, table in tables.items():
        table.to_csv(folder / f"table_{name}.csv", index=False)
    described = {"caption": "", "disclosure": RULES.record()}
    (folder / "item.json").write_text(json.dumps(described), encoding="utf-8")
    (folder / "values.json").write_text("[]", encoding="utf-8")
    return attack(folder)


def released(folder, **tables):
    """What the attack finds in the same tables once they are released, and what they show."""
    frames = release(fs.Item(caption="Patients.", tables=tables), RULES)
    write_item(frames, folder / "x", provenance=RECORD)
    return attack(folder / "x"), frames.frames


@pytest.mark.parametrize("k", [0, 3, 27, 420])
def test_intervals_of_a_proportion_are_those_of_the_tests(k):
    """Truth: Wilson's by prop_test without and with correction, Clopper and Pearson's."""
    tests = [fs.prop_test(k, 420, correct=False), fs.prop_test(k, 420), fs.binom_test(k, 420)]
    for limits, test in zip(_limits(k, 420), tests, strict=False):
        np.testing.assert_allclose(limits, [test.conf_low, test.conf_high], atol=1e-9)


@pytest.mark.parametrize("unit", [1, 100])
def test_a_share_with_three_digits_is_a_count(tmp_path, unit):
    """Three of 420 are 0.00714; its own count is nowhere."""
    row = fs.prop_test(3, 421, correct=False).tidy()[["estimate", "conf_low", "conf_high", "n"]]
    limits = ["estimate", "conf_low", "conf_high"]
    name = {1: "proportion", 100: "percent"}[unit]
    exact = row.assign(group="rare", quantity=name)
    exact[limits] *= unit
    printed = exact.assign(n=420)
    printed[limits] = round_digits(printed[limits], 3)
    assert found(tmp_path, classes=printed)["what"].tolist() == ["count behind a proportion"]
    left, frames = released(tmp_path / "released", classes=exact)
    assert left.empty
    steps = frames["table_classes"][limits] / unit / 0.02
    np.testing.assert_allclose(steps, steps.round(), atol=1e-9)


def test_an_area_or_a_correlation_is_no_share(tmp_path):
    row = {"estimate": [0.714, 0.012], "conf_low": [0.61, 0.004], "conf_high": [0.81, 0.02]}
    assert found(tmp_path, auc=pd.DataFrame(row).assign(n=420)).empty


@pytest.fixture(scope="module")
def rows():
    """421 patients, three of them men; nobody is censored in the first two years."""
    rng = np.random.default_rng(4)
    time, end = rng.exponential(1.2, 421), rng.uniform(2, 5, 421)
    return pd.DataFrame(
        {"years": np.ceil(np.minimum(time, end) * 365) / 365, "death": (time <= end).astype(int),
         "sex": ["M"] * 3 + ["F"] * 418}
    )  # fmt: skip


def counted(curve, n):
    """The numbers of patients around `n` of which each share is of whole deaths, and the deaths."""
    steps = curve[curve["estimate"] < 1].drop_duplicates("estimate")
    lost = 1 - steps["estimate"].to_numpy()
    fits = {}
    for size in range(n - 4, n + 5):
        deaths = np.round(lost * size)
        if (np.abs(lost * size - deaths) <= 5e-4 * size).all():
            fits[size] = deaths
    return steps["time"].to_numpy(), fits


def test_the_curve_of_all_less_that_of_the_women_gives_the_men_unless_it_is_of_rounded(
    tmp_path, rows
):
    """With S to three digits n itself is found, and so are the deaths of the three."""
    early = [month / 12 for month in range(1, 24)]
    kms = [fs.survfit(f"Surv(years, death) ~ {group}", data=rows) for group in ("1", "sex")]
    exact = [km.at(early).round(3) for km in kms]
    exact[1] = exact[1][exact[1]["strata"] == "sex=F"]
    (_, everyone), (_, women) = (counted(curve, 420) for curve in exact)
    assert list(everyone), list(women) == ([421], [418])
    printed = exact[0][["time", "strata", "estimate"]].assign(n_risk=420)
    what = found(tmp_path, curve=printed)["what"]
    assert what.tolist() == ["deaths along the curve"]
    tables = {f"at{i}": partial(fs.SurvFit.at, km, early) for i, km in enumerate(kms)}
    left, frames = released(tmp_path / "released", **tables)
    assert left.empty
    for table in (frames["table_at0"], frames["table_at1"]):
        assert table["estimate"].nunique() > 10
        patients = 5 * np.arange(80, 90)
        lost = np.outer(1 - table["estimate"], patients) / 5
        assert (np.abs(lost - lost.round()).max(axis=0) < 0.01).any()


def test_survival_of_two_groups_by_a_day_tells_who_died(tmp_path):
    """Two of 76 have died: 0.974. In a release such a table has the fit, not its numbers."""
    table = pd.DataFrame(
        {"days": [30], "group1": ["a"], "group2": ["b"], "estimate1": [0.974], "estimate2": [0.965]}
    )
    sizes = pd.DataFrame({"group": ["a", "b"], "n": [75, 285]})
    assert found(tmp_path, early=table, sizes=sizes)["what"].tolist() == [
        "deaths of two groups by a time"
    ]


def test_the_test_of_a_net_reclassification_tells_who_moves(tmp_path):
    """Of 118 who die 25 move up and 3 down: the net proportion alone does not say so."""
    risk = np.repeat([0.3, 0.6, 0.3], [25, 90, 3]), np.repeat([0.6, 0.6, 0.1], [25, 90, 3])
    rows = pd.DataFrame({"died": [1] * 118 + [0] * 100})
    rows["old"] = np.append(risk[0], np.linspace(0.1, 0.6, 100))
    rows["new"] = np.append(risk[1], np.linspace(0.1, 0.7, 100))
    table = fs.nri("died ~ old + new", rows, cuts=[0.2, 0.5]).tidy()
    printed = table[["quantity", "estimate", "p_value"]].copy()
    printed["estimate"] = printed["estimate"].round(1)
    printed["p_value"] = round_digits(printed["p_value"], 2)
    sizes = pd.DataFrame({"group": ["died"], "n": [120]})
    assert found(tmp_path, nri=printed, sizes=sizes)["what"].tolist() == [
        "moves of a net reclassification"
    ]
    left, frames = released(tmp_path / "released", nri=table, sizes=sizes)
    assert left.empty
    assert frames["table_nri"]["p_value"].isna().all()
    assert frames["table_nri"]["conf_low"].notna().all()


@pytest.mark.parametrize(
    ("text", "half"),
    [("3", 0), ("12.50", 0.005), ("4.8e-07", 5e-9), ("5e-06", 5e-7), ("120.0", 0.05)],
)
def test_half_a_unit_of_the_last_digit(text, half):
    assert decimal(text) == (float(text), pytest.approx(half))
