"""Times that are equal up to rounding are one time."""

from __future__ import annotations

import numpy as np
import pytest

from faceage_stats._ties import merge_near_ties, merge_rounded
from faceage_stats.errors import InputError


def test_near_ties_merge_and_an_emptied_interval_is_refused() -> None:
    time, entry = merge_near_ties(np.array([0.3, 0.1 * 3, 0.8]), None)
    assert entry is None
    assert len(set(time.tolist())) == 2
    merged = merge_near_ties(np.array([1.0, 2.0]), np.array([0.0, 1.0 + 1e-12]))
    assert merged[1] is not None
    assert merged[1].tolist() == [0.0, 1.0]
    with pytest.raises(InputError, match="differ only by rounding error"):
        merge_near_ties(np.array([1.0, 2.0]), np.array([1.0 - 1e-12, 0.0]))


def test_rounding_does_not_break_ties_of_a_predictor() -> None:
    values = np.array([0.1 + 0.2, 0.3, 5.0])
    assert len(set(merge_rounded(values).tolist())) == 2
