"""cut_intervals: what is cut adds up to what was given, and no cut lies inside a piece."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from faceage_stats.survival.episodes.cut_intervals import cut_intervals

times = st.integers(0, 12).map(float)


@given(
    st.lists(st.tuples(times, st.integers(1, 9).map(float)), min_size=1, max_size=8),
    st.sets(times, max_size=6),
)
def test_pieces_cover_each_interval_once_and_hold_no_cut(intervals, cuts):
    start, length = map(np.array, zip(*intervals, strict=True))
    stop, at = start + length, np.array(sorted(cuts))
    pieces = cut_intervals(start, stop, at)
    for i in range(len(start)):
        own = pieces.row == i
        assert pieces.start[own][0] == start[i]
        assert pieces.stop[own][-1] == stop[i]
        assert (pieces.start[own][1:] == pieces.stop[own][:-1]).all()
        assert pieces.is_last[own].tolist() == [False] * (own.sum() - 1) + [True]
    for a, b, k in zip(pieces.start, pieces.stop, pieces.episode, strict=True):
        assert not ((at > a) & (at < b)).any()
        assert k == (at <= a).sum()


def test_a_missing_end_stays_whole():
    pieces = cut_intervals(np.array([0.0, 0.0]), np.array([np.nan, 3.0]), np.array([1.0, 2.0]))
    assert pieces.row.tolist() == [0, 1, 1, 1]
    assert np.isnan(pieces.stop[0])
