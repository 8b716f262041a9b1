"""The attacker. Truth: what version 0.1.0 is known to have given away, and planted counts."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from faceage_stats.cohorts.disclosure.attack.attack import attack
from faceage_stats.cohorts.disclosure.attack.findings import KINDS
from faceage_stats.cohorts.disclosure.attack.pictures import steps
from faceage_stats.cohorts.disclosure.attack.solver import Integers
from faceage_stats.errors import InputError

LEAKY = Path(__file__).parent / "leaky"
# what was given away: item -> kinds
KNOWN = {
    "cohort_maastro": {"printed", "difference"},
    "ext8_teachh": {"printed", "unchecked"},
    "fig2a": {"printed", "solved", "few"},
    "fig2b": {"patients"},
    "fig3a": {"printed", "times", "solved"},
    "fig3c": {"printed", "solved", "difference"},
}


@pytest.fixture(scope="module")
def findings():
    return attack(LEAKY / "now", LEAKY / "before", synthetic=True)


@pytest.mark.parametrize(("item", "kinds"), KNOWN.items(), ids=KNOWN)
def test_what_version_0_1_0_gave_away_is_found(findings, item, kinds):
    assert kinds <= set(findings.loc[findings["item"] == item, "kind"])


def test_every_kind_is_found(findings):
    """But for files that cannot be read, of which it wrote none, and digits of a release."""
    assert set(findings["kind"]) == set(KINDS) - {"unread", "digits"}


def test_every_death_is_read_from_the_curve():
    """The curves of fig3a step at 88 deaths; each step lies at a day of follow-up."""
    times = steps((LEAKY / "now" / "fig3a" / "figure.svg").read_text(encoding="utf-8"))
    days = times * 365.25
    assert len(times) > 80
    assert abs(days - days.round()).max() < 0.03


def test_a_finding_never_holds_the_value(findings):
    """The group of three and its deaths are named by their place, never by their number."""
    texts = findings[findings["kind"].isin(["solved", "few", "printed"])]["what"]
    assert not texts.str.contains(r"=|\b[1-4]\b").any()


def test_items_of_synthetic_rows_are_left_alone():
    assert "fig2b" not in set(attack(LEAKY / "now")["item"])


def test_a_folder_without_items_is_refused(tmp_path):
    with pytest.raises(InputError, match="no item to attack"):
        attack(tmp_path)


def item(folder: Path, table: pd.DataFrame, **disclosure: float) -> Path:
    folder.mkdir(parents=True)
    table.to_csv(folder / "table_groups.csv", index=False)
    (folder / "item.json").write_text(
        json.dumps({"caption": "", "disclosure": disclosure or None}), encoding="utf-8"
    )
    (folder / "values.json").write_text("[]", encoding="utf-8")
    return folder


def test_a_margin_gives_the_one_count_that_is_hidden_and_two_hide_each_other(tmp_path):
    labels = ["Overall", "a", "b", "c"]
    one = pd.DataFrame({"group": labels, "n": [100, 60, None, 37]})
    assert attack(item(tmp_path / "one", one))["kind"].tolist() == ["solved"]
    two = pd.DataFrame({"group": labels, "n": [100, 60, None, None]})
    assert attack(item(tmp_path / "two", two)).empty


def test_rounding_hides_it_unless_every_number_was_rounded_to_its_end(tmp_path):
    labels = ["Overall", "a", "b", "c"]
    rules = {"base": 5, "minimum": 8}
    table = pd.DataFrame({"group": labels, "n": [100, 60, None, 35]})
    assert attack(item(tmp_path / "rounded", table, **rules)).empty
    # 104 = 36 + 36 + 31 + 1 is the only way to fit 100 = 40 + 40 + 35 + a count
    ends = pd.DataFrame({"group": [*labels, "d"], "n": [100, 40, None, 40, 35]})
    assert attack(item(tmp_path / "ends", ends, **rules))["kind"].tolist() == ["solved"]


def test_ranges_are_those_of_all_whole_solutions():
    """x + y = 5 with x at most 2, and 2 x = z: by enumeration y is 3 to 5 and z is 0, 2 or 4."""
    system = Integers()
    system.know("x", 0, 2)
    system.relate({"x": 1, "y": 1}, 5, 5)
    system.relate({"x": 2, "z": -1})
    assert system.ranges(["x", "y", "z"]) == {"x": (0, 2), "y": (3, 5), "z": (0, 4)}
