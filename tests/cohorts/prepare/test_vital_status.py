"""Who died: dates and a column of vital status that may disagree. Truth: rows by hand."""

from __future__ import annotations

import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.errors import InputError, ReadingWarning
from tests.cohorts.prepare.test_prepare import FOLLOWED, followed

ROWS = pd.DataFrame(
    {
        "id": ["a", "b", "c", "d", "e"],
        "b": "1950-01-01",
        "s": "2015-01-01",
        "d": ["2016-01-01", "2016-01-01", None, None, None],
        "l": ["2016-01-01", "2016-01-01", "2017-01-01", "2017-01-01", "2017-01-01"],
        "fa": 70.0,
        "state": ["DCD", "Vivant", "DCD", "Vivant", None],
    }
)
STATUS = {"from": "state", "alive": ["Vivant"], "dead": ["DCD"]}


def prepared(**choices):
    return fs.prepare(ROWS, followed(status={**STATUS, **choices}))


def test_rows_that_disagree_are_refused_until_the_mapping_chooses():
    with pytest.raises(InputError) as refused:
        prepared()
    assert "1 row (row 2) are alive with a date of death by 'state'" in str(refused.value)
    assert "1 row (row 3) are dead with none by 'state'" in str(refused.value)


@pytest.mark.parametrize(
    ("alive_with_death", "dead_without_date", "death"),
    [
        ("dead", "last_contact", [1, 1, 1, 0, 0]),
        ("alive", "alive", [1, 0, 0, 0, 0]),
        ("exclude", "alive", [1, 0, 0, 0]),
        ("dead", "exclude", [1, 1, 0, 0]),
        ("exclude", "exclude", [1, 0, 0]),
    ],
)
def test_each_choice_is_a_counted_step(alive_with_death, dead_without_date, death):
    curated = prepared(alive_with_death=alive_with_death, dead_without_date=dead_without_date)
    assert curated.rows["death"].tolist() == death
    flow = curated.flow.tidy().set_index("step")[["n_changed", "n_excluded"]].sum(axis=1)
    assert flow["Alive with a date of death"] == flow["Dead without a date"] == 1


def test_status_alone_says_who_died_on_the_day_of_last_contact():
    follow_up = {"start": "start", "last_contact": "seen", "status": STATUS}
    rows = fs.prepare(ROWS, {**FOLLOWED, "follow_up": follow_up}).rows
    assert rows["death"].tolist() == [1, 0, 1, 0, 0]
    assert rows["years"].tolist() == [d / 365.25 for d in (365, 365, 731, 731, 731)]


def test_codes_that_are_neither_are_refused():
    rows = pd.concat([ROWS, *[ROWS.iloc[[3]].assign(id=f"x{i}", state="?") for i in range(6)]])
    with pytest.raises(InputError, match=r"neither `alive` nor `dead`: '\?' \(6 rows\)"):
        fs.prepare(rows, followed(status=STATUS))


def test_a_status_that_no_rule_reads_is_told():
    with pytest.warns(ReadingWarning, match="'state' says alive in fewer than 5 rows"):
        assert fs.prepare(ROWS, FOLLOWED).rows["death"].tolist() == [1, 1, 0, 0, 0]
