"""Kernels of the set tests: SKAT, burden, SKAT-O and ACAT-V, from scores and their covariance."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import integrate, stats

from faceage_stats.association.genomics.acat import acat_p
from faceage_stats.association.genomics.null_model import NullModel, Scores
from faceage_stats.association.genomics.quadratic_form import liu_params, quadratic_form_sf

__all__ = ["RHO", "SetStatistic", "SkatO", "acat_v", "acat_weights", "burden", "skat", "skat_o"]

RHO = np.array([0.0, 0.1, 0.2, 0.3, 0.5, np.sqrt(0.5), 1.0]) ** 2
_RHO_LARGEST = 0.999  # at 1 the quantile of the remainder is not defined
_BEYOND = np.sqrt(40.0)  # the normal integral of SKAT-O ends where chi-squared(1) exceeds 40


class SetStatistic(NamedTuple):
    """Q of a set of variants, and its p value."""

    q: float
    p_value: float


class SkatO(NamedTuple):
    """p value over all mixtures, and p at each of `RHO`."""

    p_value: float
    p_at_rho: np.ndarray


def skat(scores: Scores) -> SetStatistic:
    """Test the sum of squared scores: Q is half of it."""
    q = float(scores.score @ scores.score / 2)
    return SetStatistic(q, quadratic_form_sf(q, _positive_eigenvalues(scores.covariance / 2)))


def burden(scores: Scores) -> SetStatistic:
    """Test the squared sum of scores: Q is half of it."""
    pooled = scores.pooled()
    q = float(pooled.score[0] ** 2 / 2)
    return SetStatistic(q, float(stats.chi2.sf(2 * q / pooled.covariance[0, 0], 1)))


def skat_o(scores: Scores) -> SkatO:
    """Correct the smallest p value over mixtures of SKAT (rho = 0) and burden (1).

    Lee, Wu and Lin (2012). The quantile of each mixture at the smallest p comes from a chi-squared
    variable with matched moments, as in the SKAT package.
    """
    kernel, m = scores.covariance / 2, len(scores.score)
    if m == 1:
        p = burden(scores).p_value
        return SkatO(p, np.full(len(RHO), p))
    rho = np.minimum(RHO, _RHO_LARGEST)
    squares, square = scores.score @ scores.score / 2, scores.score.sum() ** 2 / 2
    spectra = [_positive_eigenvalues(_mixed(kernel, r)) for r in rho]
    p_at_rho = np.array(
        [
            quadratic_form_sf((1 - r) * squares + r * square, spectrum)
            for r, spectrum in zip(rho, spectra, strict=True)
        ]
    )
    smallest = float(p_at_rho.min())
    quantiles = np.array([liu_params(spectrum).isf(smallest) for spectrum in spectra])
    p = _beyond_some_quantile(kernel, rho, quantiles)
    return SkatO(min(p, len(rho) * smallest), p_at_rho)


def _mixed(kernel: np.ndarray, rho: float) -> np.ndarray:
    """R^(1/2) K R^(1/2) with R = (1 - rho) I + rho J."""
    m = len(kernel)
    low, high = np.sqrt(1 - rho), np.sqrt(1 - rho + m * rho)
    root = low * np.eye(m) + (high - low) / m
    return np.asarray(root @ kernel @ root)


def _beyond_some_quantile(kernel: np.ndarray, rho: np.ndarray, quantiles: np.ndarray) -> float:
    """P(some mixture exceeds its quantile): the burden is integrated out as chi-squared(1)."""
    m, total = len(kernel), kernel.sum()
    slope = kernel.sum(axis=0) * m / total  # regression of each variant on the mean variant
    along = np.outer(slope, slope) * total / m**2
    across = kernel - along
    spectrum = _positive_eigenvalues(across)
    mean, cross = spectrum.sum(), 4 * float((along * across).sum())
    variance = 2 * float((spectrum**2).sum()) + cross
    shrink = np.sqrt(max(variance - cross, 0.0) / variance)
    tau = (m**2 * rho + (slope**2).sum() * (1 - rho)) * total / m**2

    level, fall = quantiles / (1 - rho), tau / (1 - rho)
    certain = mean - mean / shrink if shrink else -np.inf  # below it the remainder is beyond

    def integrand(z: float) -> float:
        room = (level - fall * z * z).min()
        beyond = quadratic_form_sf((room - mean) * shrink + mean, spectrum)
        return beyond * 2 * float(np.exp(-z * z / 2) / np.sqrt(2 * np.pi))

    corners = _corners(level, fall, certain)  # between them the integrand is smooth
    value = integrate.quad(integrand, 0, _BEYOND, points=corners, epsabs=0, epsrel=1e-9, limit=200)[
        0
    ]
    return float(value + 2 * stats.norm.sf(_BEYOND))


def _corners(level: np.ndarray, fall: np.ndarray, certain: float) -> np.ndarray:
    """Where another of the curves ``level - fall z^2`` becomes the lowest, or meets `certain`."""
    i, j = np.triu_indices(len(level), 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        square = (level[i] - level[j]) / (fall[i] - fall[j])
        lowest = (level - np.multiply.outer(square, fall)).min(axis=1)
        first = np.isclose(level[i] - square * fall[i], lowest, rtol=1e-9, atol=0)
    square = np.append(square[first], ((level - certain) / fall).min())
    return np.asarray(np.sqrt(square[(square > 0) & (square < _BEYOND**2)]))


def _positive_eigenvalues(kernel: np.ndarray) -> np.ndarray:
    values = np.linalg.eigvalsh(kernel)
    return np.asarray(values[values > 1e-10 * values[-1]])


def acat_weights(frequency: np.ndarray, beta: tuple[float, float]) -> np.ndarray:
    """Weigh by the squared ratio of the beta density to beta(1/2, 1/2) at the frequency."""
    ratio = stats.beta.pdf(frequency, *beta) / stats.beta.pdf(frequency, 0.5, 0.5)
    return np.asarray(ratio**2)


def acat_v(
    model: NullModel,
    genotypes: np.ndarray,
    frequency: np.ndarray,
    beta: tuple[float, float],
    rare: np.ndarray,
) -> float:
    """Combine single variants and one burden of the `rare` ones by the Cauchy distribution.

    As in the ACAT package the single variants of a quantitative trait have t tests, the burden a
    score test.
    """
    scores = model.scores(genotypes)
    p = model.single_p(scores)[~rare]
    at = frequency[~rare]
    informative = p < 1
    p, at = p[informative], at[informative]
    if rare.any():
        weights = stats.beta.pdf(frequency[rare], *beta)
        p = np.append(p, burden(model.scores(genotypes[:, rare]).weighted(weights)).p_value)
        at = np.append(at, frequency[rare].mean())
    return acat_p(p, acat_weights(at, beta)).p_value
