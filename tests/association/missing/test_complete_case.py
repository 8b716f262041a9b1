"""Truth: counting by hand."""

import pandas as pd
import pytest

from faceage_stats.association.missing.complete_case import complete_case
from faceage_stats.errors import DesignError


def test_complete_cases_say_what_each_column_costs():
    frame = pd.DataFrame(
        {"a": [1, None, None, 4.0], "b": [1, 2, None, 4.0], "c": ["x", "y", "z", None]}
    )
    fit = complete_case(frame, ["a", "b", "c", "a"])
    assert fit.rows.index.tolist() == [0]
    assert fit.tidy().to_numpy().tolist() == [["a", 2, 2, 1], ["b", 3, 1, 0], ["c", 3, 1, 1]]
    assert fit.glance().iloc[0].tolist() == [4, 1, 3]
    with pytest.raises(DesignError, match="none of the 3 rows is complete"):
        complete_case(frame.tail(3), ["a", "b", "c"])
