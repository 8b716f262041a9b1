"""Risk counts and step functions against a count by hand, by definition, and lifelines."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import AalenJohansenFitter, KaplanMeierFitter

from faceage_stats._steps import (
    aalen_johansen,
    censoring_survival,
    just_before,
    kaplan_meier,
    risk_counts,
    step_at,
)


@st.composite
def follow_up(draw):
    """Rows with ties in time, delayed entry, three kinds of end, weights with zeros."""
    n = draw(st.integers(1, 25))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    entry = rng.integers(0, 5, n).astype(float)
    time = entry + rng.integers(1, 6, n)
    return time, rng.integers(0, 3, n), rng.choice([0.0, 0.5, 1, 2, 0.1], n), entry


@given(follow_up())
@settings(deadline=None)
def test_counts_are_those_of_the_definition(rows):
    time, cause, weight, entry = rows
    counts = risk_counts(time, cause, weight, entry, n_cause=2)
    last = -np.inf
    for j, t in enumerate(counts.time):
        assert counts.n_risk[j] == pytest.approx(weight[(entry < t) & (time >= t)].sum())
        for k in (1, 2):
            assert counts.n_event[j, k - 1] == pytest.approx(
                weight[(time == t) & (cause == k)].sum()
            )
        assert counts.n_censor[j] == pytest.approx(weight[(time == t) & (cause == 0)].sum())
        assert counts.n_enter[j] == pytest.approx(weight[(entry >= last) & (entry < t)].sum())
        last = t
    np.testing.assert_array_equal(counts.time[counts.position], time)


@given(follow_up())
@settings(deadline=None)
def test_incidences_and_survival_add_to_one(rows):
    time, cause, weight, entry = rows
    counts = risk_counts(time, cause, weight, entry)
    total = aalen_johansen(counts).sum(axis=1) + kaplan_meier(counts)
    np.testing.assert_allclose(total, 1, atol=1e-12)


def test_survival_by_hand_with_a_tie_of_event_and_censoring():
    """At 2 one of three has the event and one is censored: 3/4 x 2/3; then 0."""
    counts = risk_counts(np.array([1.0, 2, 2, 3]), np.array([1, 1, 0, 1]))
    np.testing.assert_allclose(kaplan_meier(counts), [3 / 4, 1 / 2, 0])
    # of the two left after the event at 2, one is censored; afterwards nobody is
    np.testing.assert_allclose(censoring_survival(counts), [1, 1 / 2, 1 / 2])


@pytest.mark.parametrize("late", [False, True])
def test_survival_is_that_of_lifelines(late):
    rng = np.random.default_rng(5)
    time = rng.integers(3, 20, 60).astype(float)
    event = rng.integers(0, 2, 60)
    weight = rng.integers(1, 4, 60).astype(float)
    entry = rng.integers(0, 3, 60).astype(float) if late else None
    counts = risk_counts(time, event, weight, entry)
    fit = KaplanMeierFitter().fit(time, event, weights=weight, entry=entry)
    expected = fit.survival_function_at_times(counts.time).to_numpy()
    np.testing.assert_allclose(kaplan_meier(counts), expected, rtol=1e-12)


def test_incidence_is_that_of_lifelines_without_ties():
    rng = np.random.default_rng(6)
    time, cause = rng.permutation(50) + 1.0, rng.integers(0, 3, 50)
    counts = risk_counts(time, cause)
    incidence = aalen_johansen(counts)
    for k in (1, 2):
        fit = AalenJohansenFitter(calculate_variance=False).fit(time, cause, event_of_interest=k)
        expected = fit.cumulative_density_.iloc[1:, 0].to_numpy()
        np.testing.assert_allclose(incidence[:, k - 1], expected, rtol=1e-12, atol=1e-15)


def test_rounding_of_weights_leaves_nobody_behind():
    weight = np.array([0.1, 0.2, 0.3, 0.7, 1e-9])
    counts = risk_counts(np.arange(5.0), np.ones(5, int), weight)
    assert kaplan_meier(counts)[-1] == 0
    assert counts.n_risk[-1] == weight[-1]


def test_a_cause_without_rows_has_its_column():
    counts = risk_counts(np.array([1.0, 2.0]), np.array([1, 0]), n_cause=3)
    assert counts.n_event.shape == (2, 3)
    assert aalen_johansen(counts)[-1].tolist() == [0.5, 0, 0]


@given(st.lists(st.integers(0, 9), min_size=1, unique=True), st.integers(-1, 10))
def test_a_step_function_is_read_by_its_definition(times, at):
    times = np.sort(np.array(times, float))
    values = np.arange(len(times)) + 10.0
    reached = [v for t, v in zip(times, values, strict=True) if t <= at]
    assert step_at(times, values, at, 7.0) == (reached[-1] if reached else 7.0)
    reached = [v for t, v in zip(times, values, strict=True) if t < at]
    assert step_at(times, values, at, 7.0, side="left") == (reached[-1] if reached else 7.0)


def test_steps_of_several_columns_and_many_times():
    times, values = np.array([1.0, 2.0]), np.array([[1.0, 2.0], [3.0, 4.0]])
    assert step_at(times, values, [0, 1, 5], 0.0).tolist() == [[0, 0], [1, 2], [3, 4]]
    assert just_before(values, 0.0).tolist() == [[0, 0], [1, 2]]
    np.testing.assert_array_equal(
        step_at(times, values[:, 0], times, 0.0, side="left"), just_before(values[:, 0], 0.0)
    )
