"""What ranks patients is a number: true/false and ordered factors are, text is not."""

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats._formula.markers import marker_columns, marker_numbers
from faceage_stats.errors import InputError

RNG = np.random.default_rng(11)
GRADES = ["low", "middle", "high"]  # not in the order of the alphabet
GRADE = RNG.integers(0, 3, 80)
DATA = pd.DataFrame(
    {
        "t": RNG.exponential(np.exp(-0.4 * GRADE)),
        "d": RNG.integers(0, 2, 80),
        "number": GRADE,
        "ordered": pd.Categorical.from_codes(GRADE, GRADES, ordered=True),
        "unordered": pd.Categorical.from_codes(GRADE, GRADES),
        "text": np.array(GRADES)[GRADE],
        "frail": GRADE == 2,
        "frail01": (GRADE == 2).astype(int),
        "seen": pd.Timestamp("2022-01-01") + pd.to_timedelta(GRADE, unit="D"),
    }
)
CALLS = {
    "roc": lambda name, data: fs.roc(f"d ~ {name}", data, direction="<").auc,
    "concordance": lambda name, data: fs.concordance(f"Surv(t, d) ~ {name}", data).concordance[0],
    "time_roc": lambda name, data: fs.time_roc(f"Surv(t, d) ~ {name}", data, 0.5).estimate[0, 0],
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize(("stored", "number"), [("ordered", "number"), ("frail", "frail01")])
def test_an_ordered_factor_and_true_false_are_the_numbers_that_they_stand_for(call, stored, number):
    assert call(stored, DATA) == call(number, DATA)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("text", "marker 'text' is text or a category without an order"),
        ("unordered", "marker 'unordered' is text or a category without an order"),
        ("seen", "'seen' holds dates"),
        ("factor(number)", "'number' is a factor"),
    ],
)
def test_what_has_no_order_is_refused_by_name(call, name, message):
    with pytest.raises(InputError, match=message):
        call(name, DATA)


def test_missing_grades_stay_missing():
    values = pd.Series(pd.Categorical(["high", None], GRADES, ordered=True))
    np.testing.assert_array_equal(marker_numbers(values, "grade"), [2, np.nan])


def test_the_table_of_the_user_is_not_changed():
    before = DATA.copy()
    marker_columns("d ~ ordered + frail", DATA, "roc()")
    pd.testing.assert_frame_equal(DATA, before)
