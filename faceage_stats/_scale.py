"""The scale of an estimate: the column `scale` of a tidy table, read by figures and tables.

A model that estimates a logarithm says "log hazard ratio", and "hazard ratio" when it is asked to
exponentiate; a difference says "difference". Nothing else says whether a number is a ratio.
"""

from __future__ import annotations

from faceage_stats.errors import InputError

__all__ = ["RATIOS", "abbreviation", "exponentiated", "is_ratio", "scale_of"]

RATIOS = {
    "hazard ratio": "HR",
    "subdistribution hazard ratio": "sHR",
    "odds ratio": "OR",
    "risk ratio": "RR",
    "rate ratio": "IRR",
    "time ratio": "TR",
    "standardised mortality ratio": "SMR",
    "ratio": "ratio",
}


def scale_of(ratio: str, exponentiate: bool) -> str:
    """Name the scale of an estimated log ratio.

    Parameters
    ----------
    ratio : str
        One of `RATIOS`.
    exponentiate : bool
        Whether the table holds ratios or their logarithms.

    Examples
    --------
    >>> scale_of("hazard ratio", False), scale_of("hazard ratio", True)
    ('log hazard ratio', 'hazard ratio')
    """
    if ratio not in RATIOS:
        raise InputError(f"scale {ratio!r} is not known; choose one of {', '.join(RATIOS)}.")
    return ratio if exponentiate else f"log {ratio}"


def exponentiated(scale: str) -> str:
    """Name the scale of an estimate once it is exponentiated.

    Examples
    --------
    >>> exponentiated("log hazard ratio"), exponentiated("difference")
    ('hazard ratio', 'ratio')
    """
    return scale.removeprefix("log ") if scale.startswith("log ") else "ratio"


def is_ratio(scale: str) -> bool:
    """Tell whether 1 means no effect (else 0 does).

    Examples
    --------
    >>> is_ratio("odds ratio"), is_ratio("log odds ratio"), is_ratio("difference")
    (True, False, False)
    """
    return scale in RATIOS


def abbreviation(scale: str) -> str:
    """Abbreviate a scale for the axis of a figure or the head of a table.

    Examples
    --------
    >>> abbreviation("hazard ratio"), abbreviation("log odds ratio"), abbreviation("difference")
    ('HR', 'log OR', 'difference')
    """
    if scale.startswith("log ") and scale.removeprefix("log ") in RATIOS:
        return f"log {RATIOS[scale.removeprefix('log ')]}"
    return RATIOS.get(scale, scale)
