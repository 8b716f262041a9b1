"""Truth: refusals here; R's numbers are in the conformance cases."""

import pandas as pd
import pytest

from faceage_stats.association.classical.spread import levene_test, var_test
from faceage_stats.errors import DesignError, InputError

X = [4.1, 5.0, 6.2, 5.5, 4.8]
Y = [3.0, 3.9, 4.4, 4.1, 3.3]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: var_test([1.0], Y), DesignError, "needs 2 values"),
    ],
)
def test_refusals(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_an_unknown_centre_is_refused_with_a_near_match():
    frame = pd.DataFrame({"value": X + Y, "group": ["b"] * 5 + ["a"] * 5})
    with pytest.raises(InputError, match="Did you mean 'median'"):
        levene_test("value ~ group", frame, center="medain")
