"""Surv() as R spells it: arguments by name, dotted columns, expressions, small integers."""

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats._surv import parse_surv
from faceage_stats.errors import FormulaError, InputError

TABLE = pd.DataFrame(
    {
        "t.start": np.array([0, 100, 0], dtype="int8"),
        "t.stop": np.array([100, 120, 90], dtype="int8"),
        "os.event": [1, 0, 1],
        "os time": [1.0, 2.0, 3.0],
    }
)


@pytest.mark.parametrize(
    "text",
    [
        "Surv(t.start, t.stop, os.event)",
        "survival::Surv(t.start, t.stop, os.event)",
        "Surv(time = t.start, time2 = t.stop, event = os.event)",
        "Surv(t.start, t.stop, event = os.event == 1)",
        "Surv(event = os.event, t.start, t.stop)",
        " Surv ( t.start ,t.stop, os.event ) ",
    ],
)
def test_intervals_are_read_by_place_and_by_name(text):
    surv = parse_surv(text, TABLE)
    assert surv.entry is not None
    assert surv.entry.tolist() == [0, 100, 0]
    assert surv.time.tolist() == [100, 120, 90]
    assert surv.event.tolist() == [1, 0, 1]


@pytest.mark.parametrize(
    "text",
    [
        "Surv(`os time`, os.event)",
        "Surv(time = `os time`, event = os.event)",
        "Surv(event = os.event, time = `os time`)",
        "Surv(`os time`, event = os.event)",
    ],
)
def test_times_are_read_by_place_and_by_name(text):
    surv = parse_surv(text, TABLE)
    assert surv.entry is None
    assert (surv.time_name, surv.time.tolist()) == ("os time", [1, 2, 3])
    assert surv.event.tolist() == [1, 0, 1]


def test_small_integers_do_not_overflow():
    surv = parse_surv("Surv(t.start, t.stop + t.stop, os.event)", TABLE)
    assert surv.time.tolist() == [200, 240, 180]
    assert parse_surv("Surv(t.stop + t.stop, os.event)", TABLE).time_name == "t.stop + t.stop"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Surv(`os time`)", "must be Surv"),
        ("Surv(t.start, t.stop, os.event, os.event)", "must be Surv"),
        ("Surv(t.start, time2 = t.stop)", "must be Surv"),
        ("Surv(`os time`, os.event, type = 'left')", "no argument type"),
        ("Surv(`os time`, evnt = os.event)", "Did you mean 'event'"),
        ("Surv(poly(t.stop, 2), os.event)", "2 columns"),
        ("t.stop + Surv(t.stop, os.event)", "must be Surv"),
        ("Surv(Surv(t.stop, os.event), os.event)", "stands by itself"),
    ],
)
def test_what_is_no_survival_time_is_refused(text, words):
    with pytest.raises(FormulaError, match=words):
        parse_surv(text, TABLE)


def test_causes_as_text_are_refused_with_the_cure():
    data = pd.DataFrame({"t": [1, 2, 3, 4], "k": ["censored", "relapse", "death", "relapse"]})
    with pytest.raises(InputError, match="`k` is text; competing events are 0 for censored"):
        fs.cuminc("Surv(t, k) ~ 1", data)
    levels = data.assign(k=pd.Categorical(data["k"], ["censored", "relapse", "death"]))
    numbers = data.assign(k=pd.Series([0, 1, 2, 1], dtype=object))
    by_level, by_number = (fs.cuminc("Surv(t, k) ~ 1", d).tidy() for d in (levels, numbers))
    assert by_level["estimate"].tolist() == by_number["estimate"].tolist()


def test_names_in_several_levels_are_refused():
    data = pd.DataFrame({("a", "t"): [1, 2], ("a", "d"): [1, 0]})
    with pytest.raises(InputError, match="have 2 levels; join them first"):
        fs.survfit("Surv(t, d) ~ 1", data)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Surv(`os time`, os.event = 1)", "comparison is written with =="),
        ('Surv(`os time`, os.event, type = "interval2")', "survreg.* reads left and interval"),
    ],
)
def test_what_was_meant_by_another_argument_is_said(text, told):
    with pytest.raises(FormulaError, match=told):
        parse_surv(text, TABLE)
