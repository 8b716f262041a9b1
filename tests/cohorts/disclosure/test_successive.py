"""Two releases that differ by few patients. Truth: patients added, removed and changed by hand."""

import pandas as pd
import pytest

from faceage_stats.cohorts.disclosure.successive import marks_of_patients, refuse_few_changes
from faceage_stats.errors import DisclosureError

ROWS = pd.DataFrame({"id": range(40), "sex": ["F", "M"] * 20, "age": range(50, 90)})
KEY = b"secret"


def changed(n):
    return ROWS.assign(age=ROWS["age"] + (ROWS["id"] < n))


def refused(now, before=ROWS, minimum=8):
    marks = [marks_of_patients(rows, "id", KEY) for rows in (now, before)]
    try:
        refuse_few_changes(*marks, minimum, "maastro")
    except DisclosureError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("now", "few"),
    [
        (ROWS, False),
        (ROWS.sample(frac=1, random_state=1)[["age", "id", "sex"]], False),  # another order
        (ROWS[:39], True),
        (ROWS[:33], True),
        (ROWS[:32], False),
        (changed(1), True),
        (changed(7), True),
        (changed(8), False),
        (changed(5)[:37], True),  # three went
        (changed(6)[8:], False),
        (changed(30)[:37], True),  # new follow-up for many does not hide the three who went
    ],
)
def test_fewer_than_the_minimum_are_refused(now, few):
    assert bool(refused(now)) is few
    assert bool(refused(ROWS, now)) is few


def test_the_message_says_how_many_and_what_to_do_and_names_no_patient():
    assert refused(ROWS[:39]) == (
        "`maastro` differs by 1 patient from the table of the last release: whoever has both could "
        "tell what they have. Wait until 8 have come or gone, or changed."
    )


def test_several_rows_of_a_patient_are_one_patient():
    long = pd.concat([ROWS, ROWS.assign(age=0)])
    marks = marks_of_patients(long, "id", KEY)
    assert len(marks) == 40
    one = long.assign(age=long["age"].where(long["id"] != 7, 1))
    now = marks_of_patients(one, "id", KEY)
    assert sum(now[name] != marks[name] for name in marks) == 1


def test_marks_say_nothing_without_the_key():
    with_key, other = (marks_of_patients(ROWS, "id", key) for key in (KEY, b"another"))
    assert with_key.keys().isdisjoint(other)
    assert set(with_key.values()).isdisjoint(other.values())
