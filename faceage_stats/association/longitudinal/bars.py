"""The random part of a mixed model, written as in lme4: (1 | id), (1 + month | id)."""

from __future__ import annotations

import re
from typing import NamedTuple

from faceage_stats.errors import FormulaError

__all__ = ["MixedFormula", "split_bars"]

_BAR = re.compile(r"\(([^()|]*)(\|\|?)([^()|]*)\)")
_TOLD = (
    "write (1 | id), or (1 + month | id) with a slope that goes with the intercept: one column each"
)


class MixedFormula(NamedTuple):
    """The fixed part, and the columns of the patient and of the slope."""

    fixed: str
    id: str
    slope: str | None


def split_bars(formula: str, id: str | None, slope: str | None) -> MixedFormula:  # noqa: A002
    """Take the random part out of a formula, unless `id` and `slope` say it.

    Examples
    --------
    >>> split_bars("face ~ month * arm + (1 + month | id)", None, None)
    MixedFormula(fixed='face ~ month * arm', id='id', slope='month')
    >>> split_bars("face ~ (1 | id)", None, None).fixed
    'face ~ 1'
    """
    parts = _BAR.findall(formula)
    if not parts and "|" in formula:
        raise FormulaError(f"lmer(): the random part of `{formula}` is not here; {_TOLD}.")
    if not parts:
        if id is None:
            raise FormulaError(f"lmer(): `{formula}` names no patient: {_TOLD}, or give id=.")
        return MixedFormula(formula, id, slope)
    if id is not None or slope is not None:
        raise FormulaError(f"lmer(): `{formula}` has a random part; leave id= and slope= out.")
    if len(parts) > 1:
        raise FormulaError(f"lmer(): `{formula}` has {len(parts)} random parts; there is one here.")
    ((terms, bar, patient),) = parts
    of_patient = [term.strip() for term in terms.split("+")]
    name, slopes = patient.strip(), [term for term in of_patient if term != "1"]
    plain = all(re.fullmatch(r"`[^`]+`|[\w.]+", each) for each in [name, *slopes])
    if bar == "||" or "0" in of_patient or len(slopes) > 1 or not plain:
        raise FormulaError(f"lmer(): the random part of `{formula}` is not here; {_TOLD}.")
    left, _, right = _BAR.sub("", formula).partition("~")
    fixed = re.sub(r"\+\s*(?=\+|$)|^\s*\+", "", right).strip() or "1"
    return MixedFormula(
        f"{left.strip()} ~ {fixed}", name.strip("`"), slopes[0].strip("`") if slopes else None
    )
