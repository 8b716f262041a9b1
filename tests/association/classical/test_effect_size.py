"""Truth: identities and refusals; R's numbers are in the conformance cases."""

import pytest

from faceage_stats.association.classical.effect_size import hedges_g, smd, smd_categorical
from faceage_stats.errors import DesignError, InputError

X = [4.1, 5.0, 6.2, 5.5, 4.8]
Y = [3.0, 3.9, 4.4, 4.1, 3.3]


def test_standardised_differences():
    assert smd(X, Y).estimate == -smd(Y, X).estimate
    assert abs(hedges_g(X, Y).estimate) < abs(hedges_g(X, Y, correct=False).estimate)
    two = smd_categorical([30, 70], [45, 55])
    assert smd_categorical([30, 70, 0], [45, 55, 0]).estimate == pytest.approx(two.estimate)
    # Mahalanobis distance does not depend on the level that is left out
    a, b = [10, 20, 30, 40], [25, 25, 25, 25]
    assert smd_categorical(a, b).estimate == pytest.approx(
        smd_categorical(a[::-1], b[::-1]).estimate
    )
    assert smd_categorical([5, 0], [9, 0]).estimate == 0


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: smd([1.0, 1.0], [1.0, 1.0]), DesignError, "must vary"),
        (lambda: smd_categorical([1, 2], [1, 2, 3]), InputError, "as many counts"),
        (lambda: smd_categorical([0, 0], [1, 2]), InputError, "a group is empty"),
        (lambda: smd_categorical([-1, 2], [1, 2]), InputError, "whole numbers from 0"),
        (lambda: smd_categorical([0.3, 0.2], [1, 2]), InputError, "whole numbers from 0"),
        (lambda: smd_categorical([float("nan"), 2], [1, 2]), InputError, "none is missing"),
        (lambda: smd_categorical(["a", "b"], [1, 2]), InputError, "holds text"),
        (lambda: smd_categorical([5, 0], [0, 5]), DesignError, "no level in common"),
    ],
)
def test_refusals(call, error, message):
    with pytest.raises(error, match=message):
        call()
