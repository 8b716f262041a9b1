"""Families and links of generalised linear models: variance, likelihood, what a ratio is called."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from scipy import special

from faceage_stats.errors import InputError

__all__ = ["Family", "FamilyName", "Link", "binomial_deviance"]

FamilyName = Literal[
    "binomial", "quasibinomial", "poisson", "quasipoisson", "gamma", "gaussian", "inverse_gaussian"
]
Link = Literal["logit", "probit", "cloglog", "log", "identity", "inverse", "inverse_squared"]

_LINKS: dict[str, tuple[Link, ...]] = {
    "binomial": ("logit", "probit", "cloglog", "log"),
    "poisson": ("log", "identity"),
    "gamma": ("inverse", "log", "identity"),
    "gaussian": ("identity", "log", "inverse"),
    "inverse_gaussian": ("inverse_squared", "inverse", "log", "identity"),
}
_CLASSES = {"logit": "Logit", "probit": "Probit", "cloglog": "CLogLog", "log": "Log",
            "identity": "Identity", "inverse": "InversePower", "inverse_squared": "InverseSquared",
            "inverse_gaussian": "InverseGaussian"}  # fmt: skip


def binomial_deviance(y: np.ndarray, mu: np.ndarray, weights: np.ndarray | None = None) -> float:
    """-2 log-likelihood of 0/1 outcomes."""
    terms = special.xlogy(y, mu) + special.xlog1py(1 - y, -mu)
    return float(-2 * np.sum(terms if weights is None else weights * terms))


class Family:
    """A distribution with its link; the arithmetic of deviance and link is statsmodels'."""

    def __init__(self, name: FamilyName, link: Link | None) -> None:
        from statsmodels.genmod import families

        self.name, self.base = name, name.removeprefix("quasi")
        allowed = _LINKS[self.base]
        if link is not None and link not in allowed:
            raise InputError(
                f"link {link!r} is not one of the {name} family; choose one of "
                f"{', '.join(allowed)}."
            )
        self.link_name: Link = link or allowed[0]
        link_class = getattr(families.links, _CLASSES[self.link_name])
        family_class = getattr(families, _CLASSES.get(self.base, self.base.capitalize()))
        self.of_statsmodels: Any = family_class(link=link_class())

    @property
    def is_binary(self) -> bool:
        """Whether the outcome is 0 or 1."""
        return self.base == "binomial"

    @property
    def is_positive(self) -> bool:
        """Whether the outcomes are numbers above 0."""
        return self.base in ("gamma", "inverse_gaussian")

    @property
    def has_dispersion(self) -> bool:
        """Whether a dispersion is estimated: tests are then t and F."""
        return self.name not in ("binomial", "poisson")

    @property
    def ratio(self) -> str | None:
        """What exp(coefficient) is; None where it is nothing."""
        if self.link_name == "log":
            return {"binomial": "risk ratio", "poisson": "rate ratio"}.get(self.base, "ratio")
        return {"logit": "odds ratio", "cloglog": "hazard ratio"}.get(self.link_name)

    def refuse_outcome(self, y: np.ndarray, what: str, weights: np.ndarray) -> None:
        """Refuse an outcome that the family cannot have."""
        if self.is_binary and ((y < 0) | (y > 1)).any():
            n_broken = int(((y < 0) | (y > 1)).sum())
            raise InputError(f"glm(): {what} is no share, between 0 and 1, in {n_broken} rows.")
        parts = weights * y
        is_count = (y == 0) | (y == 1) | (np.abs(parts - np.round(parts)) <= 1e-6)
        if self.name == "binomial" and not is_count.all():
            raise InputError(
                f"glm(): {what} times its weight is no count of events in {int((~is_count).sum())} "
                'rows. Weights are the sizes of the groups; or use family="quasibinomial".'
            )
        if self.base == "poisson" and (y < 0).any():
            raise InputError(f"glm(): {what} is negative in {int((y < 0).sum())} rows.")
        if self.name == "poisson" and (y != np.floor(y)).any():
            n_broken = int((y != np.floor(y)).sum())
            raise InputError(
                f"glm(): {what} is no count in {n_broken} rows. Correct it, or use "
                'family="quasipoisson".'
            )
        if self.is_positive and (y <= 0).any():
            raise InputError(
                f"glm(): {what} is 0 or below in {int((y <= 0).sum())} rows; the {self.name} "
                "family needs values above 0."
            )

    def first_means(self, y: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Give the means from which R's iteration starts, or others where they have no link."""
        if self.is_binary:
            return np.asarray((weights * y + 0.5) / (weights + 1))
        mu = y + 0.1 if self.base == "poisson" else y
        return mu if np.isfinite(self.link(mu)).all() else (y + y.mean()) / 2

    def link(self, mu: np.ndarray) -> np.ndarray:
        """Apply the link to means."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.of_statsmodels.link(mu))

    def mean(self, eta: np.ndarray) -> np.ndarray:
        """Invert the link; means keep from the edges of their range, as in R."""
        with np.errstate(all="ignore"):
            mu, least = np.asarray(self.of_statsmodels.link.inverse(eta)), np.finfo(float).eps
        if self.link_name in ("logit", "probit", "cloglog"):
            return np.asarray(np.clip(mu, least, 1 - least))
        return np.maximum(mu, least) if self.link_name == "log" else mu

    def slope(self, mu: np.ndarray) -> np.ndarray:
        """Differentiate the mean by its link."""
        with np.errstate(all="ignore"):
            return np.asarray(1 / self.of_statsmodels.link.deriv(mu))

    def variance(self, mu: np.ndarray) -> np.ndarray:
        """Variance of an outcome by its mean, before dispersion."""
        with np.errstate(all="ignore"):
            return np.asarray(self.of_statsmodels.variance(mu))

    def allows(self, mu: np.ndarray) -> bool:
        """Whether these can be means; those of outcomes above 0 do not lie at the edge of 0."""
        least = np.finfo(float).eps if self.link_name == "log" and self.is_positive else 0.0
        inside = np.isfinite(mu) & ((mu > least) | (self.base == "gaussian"))
        return bool((inside & ((mu < 1) | (not self.is_binary))).all())

    def deviance(self, y: np.ndarray, mu: np.ndarray, weights: np.ndarray) -> float:
        """Compute the deviance."""
        if self.is_binary:  # of 0 and 1 the perfect fit has no deviance, of shares it has
            return binomial_deviance(y, mu, weights) - binomial_deviance(y, y, weights)
        with np.errstate(all="ignore"):
            return float(self.of_statsmodels.deviance(y, mu, var_weights=weights))

    def deviance_residuals(self, y: np.ndarray, mu: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Compute the signed roots of what each row adds to the deviance."""
        with np.errstate(all="ignore"):
            if not self.is_binary:
                return np.asarray(self.of_statsmodels.resid_dev(y, mu, var_weights=weights))
            terms = special.xlogy(y, y / mu) + special.xlog1py(1 - y, -y)
            terms -= special.xlog1py(1 - y, -mu)
            return np.asarray(np.sign(y - mu) * np.sqrt(np.maximum(2 * weights * terms, 0)))

    def log_lik(self, y: np.ndarray, mu: np.ndarray, weights: np.ndarray) -> float:
        """Compute R's log-likelihood; NaN in a quasi family, which has none."""
        if self.name.startswith("quasi"):
            return float("nan")
        if self.base == "binomial":
            events, others = weights * y, weights * (1 - y)
            orders = special.gammaln(weights + 1) - special.gammaln(events + 1)
            orders -= special.gammaln(others + 1)  # 0 where all or none have the event
            return float(orders.sum()) - binomial_deviance(y, mu, weights) / 2
        if self.base == "poisson":
            return float(weights @ (special.xlogy(y, mu) - mu - special.gammaln(y + 1)))
        with np.errstate(all="ignore"):  # an exact fit, or a mean of 0, has no density
            return self._log_density(y, mu, weights)

    def _log_density(self, y: np.ndarray, mu: np.ndarray, weights: np.ndarray) -> float:
        """Log-likelihood where a dispersion is estimated: R takes the deviance for it."""
        deviance, n, total = self.deviance(y, mu, weights), len(y), weights.sum()
        if self.base == "inverse_gaussian":
            spread = total * (np.log(2 * np.pi * deviance / total) + 1)
            return float(-0.5 * (spread + 3 * weights @ np.log(y)))
        if self.base == "gaussian":
            spread = n * (np.log(2 * np.pi * deviance / n) + 1)
            return float(0.5 * (np.log(weights).sum() - spread))
        shape = np.divide(total, deviance)
        density = shape * np.log(shape / mu) + (shape - 1) * np.log(y) - shape * y / mu
        return float(weights @ (density - special.gammaln(shape)))
