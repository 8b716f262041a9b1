"""The functions of the language, each with R's meaning: the table `FUNCTIONS`.

==========================================  ====================================================
``C(x, poly, ref=, levels=)``               a factor; its reference or order; polynomial contrasts
``factor(x, levels=, labels=, ordered=)``   a factor of the levels in use
``as.factor(x)``, ``relevel(x, ref=)``      a factor; another reference
``cut(x, breaks, labels=, right=,``         intervals of a number; missing outside of them
``include.lowest=)``
``ifelse(test, yes, no)``                   by row; missing where the test is
``is.na(x)``                                true where missing
``I(x)``                                    the value itself, arithmetic instead of terms
``log(x, base)``, ``log1p``, ``log2``,      not finite where undefined, and then refused with the
``log10``, ``exp``, ``sqrt``                number of rows when it goes into a model
``abs``, ``floor``, ``ceiling``,            ``round`` takes a 5 to the even digit, as R
``round(x, digits)``
``pmin(...)``, ``pmax(...)``                by row; missing where one is, or with ``na.rm = TRUE``
                                            where all are
``as.numeric(x)``                           true as 1, durations in days, text by what it says
``scale(x, center=, scale=)``               in standard deviations of the fit
``poly(x, k, raw=)``                        a polynomial, orthogonal on the rows of the fit
``ns``, ``bs``, ``rcs``                     splines; knots from the rows of the fit
==========================================  ====================================================
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._expression.bases import bs, ns, poly, rcs, scale
from faceage_stats._expression.factors import C, as_factor_, cut, factor, relevel
from faceage_stats._expression.values import (
    Basis,
    Value,
    is_dates,
    is_factor,
    is_text,
    numbers,
    texts,
    truths,
)
from faceage_stats.errors import FormulaError

__all__ = ["FUNCTIONS"]


def _numeric(name: str, ufunc: Callable[[Any], Any]) -> Callable[[Value], Value]:
    """Make a function of one number."""

    def function(x: Value) -> Value:
        with np.errstate(all="ignore"):
            result = ufunc(numbers(x, f"{name}()"))
        return result if isinstance(result, pd.Series) else float(result)

    return function


def log(x: Value, base: Any = math.e) -> Value:
    """Take the logarithm, natural unless a base is given."""
    if isinstance(base, bool) or not isinstance(base, int | float) or not base > 0 or base == 1:
        raise FormulaError("log(): base must be a positive number other than 1.")
    known = {math.e: np.log, 2: np.log2, 10: np.log10}
    return _numeric("log", known.get(base, lambda v: np.log(v) / np.log(base)))(x)


def round_(x: Value, digits: Any = 0) -> Value:
    """Round to digits after the point."""
    if isinstance(digits, bool) or not isinstance(digits, int | float) or abs(digits) > 300:
        raise FormulaError("round(): digits must be a whole number.")
    places = int(digits)
    values = numbers(x, "round()")
    if not isinstance(values, pd.Series):
        return float(round(values, places))
    return values.map(lambda v: round(v, places) if math.isfinite(v) else v)


def pmin(*values: Value, na_rm: Any = False) -> Value:
    """Take the smallest value of each row."""
    return _extreme(np.fmin if na_rm else np.minimum, values, "pmin()")


def pmax(*values: Value, na_rm: Any = False) -> Value:
    """Take the largest value of each row."""
    return _extreme(np.fmax if na_rm else np.maximum, values, "pmax()")


def _extreme(ufunc: Any, values: tuple[Value, ...], name: str) -> Value:
    if not values:
        raise FormulaError(f"{name} needs a column.")
    return reduce(ufunc, [numbers(value, name) for value in values])


def ifelse(test: Value, yes: Value, no: Value) -> Value:
    """Choose by row; texts if either is text, true/false if both are, else numbers."""
    truth = truths(test, "ifelse()")
    if not isinstance(truth, pd.Series):
        raise FormulaError("ifelse() needs a condition on a column, e.g. ifelse(age > 65, 1, 0).")
    wordy = any(is_text(value) or is_factor(value) for value in (yes, no))
    logical = all(isinstance(v, bool) or getattr(v, "dtype", "") == "boolean" for v in (yes, no))
    if any(is_dates(value) for value in (yes, no)):
        raise FormulaError("ifelse() chooses between numbers or texts, not dates.")
    first, second = (
        texts(value)
        if wordy and not isinstance(value, Basis | list)
        else numbers(value, "ifelse()")
        for value in (yes, no)
    )
    chosen = np.where(truth.fillna(False).to_numpy(bool), first, second)
    result = pd.Series(chosen, truth.index, dtype=object if wordy else float)
    result = result.mask(truth.isna(), None if wordy else np.nan)
    return result.astype("boolean") if logical else result


def is_na(x: Value) -> Value:
    """Tell where a value is missing."""
    if isinstance(x, Basis):
        return pd.Series(np.isnan(x.matrix).any(axis=1), x.index, dtype="boolean")
    if not isinstance(x, pd.Series):
        raise FormulaError("is.na() needs a column.")
    return x.isna().astype("boolean")


def as_numeric(x: Value) -> Value:
    """Read as numbers: true is 1, a duration its days, a text what it says."""
    if isinstance(x, pd.Series) and pd.api.types.is_timedelta64_dtype(x):
        return x.dt.total_seconds() / 86_400
    if not is_text(x) and not is_factor(x):
        return numbers(x, "as.numeric()")
    written = texts(x) if isinstance(x, pd.Series) else pd.Series([x])
    read = pd.to_numeric(written, errors="coerce").astype(float)
    n_text = int((read.isna() & written.notna()).sum())
    if n_text:
        raise FormulaError(
            f"as.numeric(): {n_text} of {len(read)} rows hold text that is no number."
        )
    return read if isinstance(x, pd.Series) else float(read.iloc[0])


def _itself(x: Value) -> Value:
    return x


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "C": C,
    "factor": factor,
    "as.factor": as_factor_,
    "relevel": relevel,
    "cut": cut,
    "ifelse": ifelse,
    "is.na": is_na,
    "I": _itself,
    "log": log,
    **{
        name: _numeric(name, ufunc)
        for name, ufunc in {
            "log1p": np.log1p,
            "log2": np.log2,
            "log10": np.log10,
            "exp": np.exp,
            "sqrt": np.sqrt,
            "abs": np.abs,
            "floor": np.floor,
            "ceiling": np.ceil,
        }.items()
    },
    "round": round_,
    "pmin": pmin,
    "pmax": pmax,
    "as.numeric": as_numeric,
    "scale": scale,
    "poly": poly,
    "ns": ns,
    "bs": bs,
    "rcs": rcs,
}
