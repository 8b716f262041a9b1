"""Truth: closed forms, Imhof's integral (another inversion), and properties."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from faceage_stats.association.genomics import quadratic_form as form
from faceage_stats.association.genomics.quadratic_form import liu_params, quadratic_form_sf
from faceage_stats.errors import ConvergenceError


def pairs_sf(q, weights):
    """Every weight twice: a sum of exponentials with distinct rates."""
    rates = 1 / (2 * np.asarray(weights))
    return sum(
        np.exp(-rate * q) * np.prod([r / (r - rate) for r in rates if r != rate]) for rate in rates
    )


def imhof_sf(q, weights):
    """Imhof (1961): inversion along the imaginary axis."""

    def integrand(u):
        angle = np.arctan(weights * u).sum() / 2 - q * u / 2
        size = np.prod((1 + (weights * u) ** 2) ** 0.25)
        return np.sin(angle) / (u * size)

    return 0.5 + integrate.quad(integrand, 0, np.inf, limit=2000)[0] / np.pi


@pytest.mark.parametrize("q", [1e-3, 0.1, 1, 5, 12, 30, 200, 1000])
def test_distinct_pairs(q):
    got = quadratic_form_sf(q, np.array([3.0, 1, 3, 1]))
    assert got == pytest.approx(pairs_sf(q, [3, 1]), rel=1e-12)


@pytest.mark.parametrize("k", [1, 2, 5, 40, 300])
@pytest.mark.parametrize("p", [0.999, 0.5, 1e-3, 1e-12, 1e-60])
def test_equal_weights_are_chi_squared(k, p):
    q = stats.chi2.isf(p, k)
    assert quadratic_form_sf(2.5 * q, np.full(k, 2.5)) == pytest.approx(p, rel=1e-9)
    nearly = np.full(k, 1.0)
    nearly[0] += 1e-12  # goes through the contour, not through the closed form
    assert quadratic_form_sf(q, nearly) == pytest.approx(p, rel=1e-9)


@pytest.mark.parametrize("q", [0.5, 4.0, 20.0, 45.0])
def test_against_imhof(q):
    weights = np.array([5.0, 3.1, 1.7, 0.9, 0.4, 0.05])
    assert quadratic_form_sf(q, weights) == pytest.approx(imhof_sf(q, weights), abs=1e-8)


@given(
    st.lists(st.floats(1e-4, 1e4), min_size=2, max_size=12),
    st.floats(0.01, 50),
    st.floats(1e-3, 1e3),
)
@settings(max_examples=60, deadline=None)
def test_scale_and_order_do_not_matter(weights, share, factor):
    weights = np.array(weights)
    q = share * weights.sum()
    p = quadratic_form_sf(q, weights)
    assert 0 <= p <= 1
    assert quadratic_form_sf(q * factor, weights[::-1] * factor) == pytest.approx(p, rel=1e-8)
    assert quadratic_form_sf(q * 1.1, weights) <= p


def test_nothing_is_certain_to_exceed_zero():
    assert quadratic_form_sf(0.0, np.array([1.0, 2.0])) == 1.0
    assert quadratic_form_sf(-3.0, np.array([1.0, 2.0])) == 1.0


def test_refuses_an_integral_that_does_not_settle(monkeypatch):
    monkeypatch.setattr(form, "_MOST_NODES", 32)
    with pytest.raises(ConvergenceError, match="did not settle"):
        quadratic_form_sf(3.0, np.array([1.0, 0.5]))


def test_moments_of_liu():
    weights = np.array([4.0, 2.0, 1.0, 0.5])
    fitted = liu_params(weights)
    assert fitted.mean == weights.sum()
    assert fitted.std_dev == pytest.approx(np.sqrt(2 * (weights**2).sum()))
    assert fitted.sf(fitted.isf(0.03)) == pytest.approx(0.03)
    assert fitted.sf(20.0) == pytest.approx(quadratic_form_sf(20.0, weights), rel=0.05)


def test_liu_is_exact_for_a_chi_squared_variable():
    fitted = liu_params(np.full(7, 3.0))  # skewness and kurtosis agree: the other branch
    assert fitted.df == pytest.approx(7)
    assert fitted.sf(30.0) == pytest.approx(stats.chi2.sf(10.0, 7))
