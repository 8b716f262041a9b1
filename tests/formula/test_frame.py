"""Frames: one outcome each, rows dropped once and counted, unused specials refused by name."""

import re

import numpy as np
import pandas as pd
import pytest

from faceage_stats._formula.frame import model_frame, survival_frame
from faceage_stats._formula.outcome import binary_frame
from faceage_stats._formula.survival_groups import survival_groups
from faceage_stats.errors import DesignError, FormulaError

ALL = frozenset({"strata", "cluster", "offset"})


@pytest.fixture
def df() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "t": [1.0, 2, 3, 4, np.nan],
            "d": [1, 0, 1, 1, 0],
            "cause": [1, 0, 2, 1, 0],
            "x": [5.0, 6, 7, 8, 9],
            "sex": ["f", "m", "f", "m", "m"],
            "id": [7, 7, 8, 9, 9],
        }
    )


READERS = {
    "survival": lambda right, df, **o: survival_frame(f"Surv(t, d) ~ {right}", df, **o),
    "model": lambda right, df, **o: model_frame(f"x ~ {right}", df, **o),
    "binary": lambda right, df, **o: binary_frame(f"d ~ {right}", df, **o),
    "groups": lambda right, df, **o: survival_groups(f"Surv(t, d) ~ {right}", df, **o),
}


@pytest.mark.parametrize("special", ["strata(sex)", "cluster(id)", "offset(x)"])
@pytest.mark.parametrize("reader", READERS)
def test_a_special_that_the_caller_does_not_use_is_refused(df, reader, special):
    read = READERS[reader]
    with pytest.raises(FormulaError) as refusal:
        read(f"1 + {special}", df, caller="rmst()")
    assert re.fullmatch(
        rf"rmst\(\): `.+ ~ 1 \+ {re.escape(special)}`: {re.escape(special)} is not used here and "
        r"would be ignored\. Remove it\.",
        str(refusal.value),
    )
    name = special.partition("(")[0]
    read(f"1 + {special}", df, allow={name})
    with pytest.raises(FormulaError, match="is not used here"):
        read(f"1 + {special}", df, allow=ALL - {name})


def test_strata_inside_an_interaction_are_refused_too(df):
    with pytest.raises(FormulaError, match=r"strata\(sex\) is not used here"):
        model_frame("x ~ t:strata(sex)", df)


def test_each_frame_takes_its_own_outcome(df):
    with pytest.raises(FormulaError, match=r"lm\(\): .* not Surv\(\). Name the column"):
        model_frame("Surv(t, d) ~ x", df, caller="lm()")
    for read in (survival_frame, survival_groups):
        with pytest.raises(FormulaError, match=r"`d ~ x`: the left side must be Surv\(time, event"):
            read("d ~ x", df)


def test_outcome_and_side_columns_belong_to_the_same_rows(df):
    frame = survival_frame(
        "Surv(t, d) ~ x + strata(sex) + offset(2 * x)", df, allow=ALL, cluster="id", weights="x"
    )
    assert frame.rows.tolist() == [0, 1, 2, 3]
    assert frame.n_missing == 1
    assert frame.surv.event.dtype == np.int64
    assert frame.strata.tolist() == [0, 1, 0, 1]
    assert frame.cluster.tolist() == [0, 0, 1, 2]
    assert frame.offset.tolist() == [10, 12, 14, 16]
    assert frame.weights.tolist() == [5, 6, 7, 8]


@pytest.mark.parametrize("rows", [[2, 0], [1, 1, 3], []])
def test_taking_rows_takes_them_everywhere(df, rows):
    rows = np.array(rows, np.int64)
    frame = survival_frame("Surv(t, d) ~ x + strata(sex) + cluster(id)", df, allow=ALL, weights="x")
    part = frame.take(rows)
    for name in ("x", "strata", "cluster", "weights", "rows"):
        np.testing.assert_array_equal(getattr(part, name), getattr(frame, name)[rows])
    np.testing.assert_array_equal(part.surv.time, frame.surv.time[rows])
    assert (part.n, part.offset, part.n_missing) == (len(rows), None, frame.n_missing)
    outcome = model_frame("x ~ t", df)
    np.testing.assert_array_equal(outcome.take(rows).y, outcome.y[rows])


def test_groups_and_competing_states_are_read_together(df):
    df.loc[0, "sex"] = None
    frame, groups = survival_groups("Surv(t, cause) ~ sex", df, states=True)
    assert frame.surv.states == ("1", "2")
    assert frame.surv.event.tolist() == [0, 2, 1]
    assert (groups.labels, groups.codes.tolist()) == (("sex=f", "sex=m"), [1, 0, 1])
    assert (frame.rows.tolist(), frame.n_missing, frame.x.shape) == ([1, 2, 3], 2, (3, 0))
    frame, groups = survival_groups("Surv(t, d) ~ 1", df)
    assert (groups.labels, groups.codes.tolist()) == (("all",), [0] * 4)
    with pytest.raises(FormulaError, match="without interactions"):
        survival_groups("Surv(t, d) ~ sex:id", df)
    with pytest.raises(DesignError, match="none of the 5 rows is complete"):
        survival_groups("Surv(t, d) ~ sex", df.assign(sex=None))


def test_a_binary_frame_is_of_the_formula_as_written(df):
    frame = binary_frame("sex ~ x", df, caller="roc()")
    assert (frame.positive, frame.is_case.tolist()) == ("m", [False, True, False, True, True])
    assert frame.frame.design.formula == "sex ~ x"
    with pytest.raises(FormulaError, match=r"roc\(\): `sex ~ xx`: no column 'xx'. Did you mean"):
        binary_frame("sex ~ xx", df, caller="roc()")
