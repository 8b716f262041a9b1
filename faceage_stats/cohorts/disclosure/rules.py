"""Rule sets of disclosure control, by name."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from faceage_stats._near import did_you_mean
from faceage_stats.errors import InputError

__all__ = ["NO_RULES", "RULE_SETS", "Rules", "rules_from"]

_MONTH = 1 / 12
_LEAST = 5  # the smallest base that the simulated attacks were run against
_RIGHT = "i_hold_the_right_to_release"


@dataclass(frozen=True)
class Rules:
    """What may be shown of private tables.

    Attributes
    ----------
    name : str
    minimum : int
        Counts from 1 to ``minimum - 1`` are withheld, and every statistic of so few patients.
    base : int
        Counts are rounded to its multiples.
    time_grid : float
        Curves step at its multiples only, in the unit of the times: a month, where it is years.
    """

    name: str
    minimum: int
    base: int
    time_grid: float = _MONTH

    @property
    def active(self) -> bool:
        """Whether anything is withheld at all."""
        return self.minimum > 0

    @property
    def curve_base(self) -> int:
        """Events along a curve are counted in these, so that no step stands for a small count."""
        return self.base * math.ceil(self.minimum / self.base)

    def record(self) -> dict[str, Any]:
        """The rules as plain values, for the files that were released under them."""
        return asdict(self)


# opensafely: counts of 7 and below withheld, the others rounded to 5 (OpenSAFELY, policy on
# permitted results). eu_small_cell: cells below 5, the frequency rule that European registries
# and statistical offices use (Hundepool et al. 2012, chapter 4). strict: 10, the rule of thumb of
# Griffiths E, Greci C, Kotrotsios Y et al. (2019). Handbook on statistical disclosure control for
# outputs. Safe Data Access Professionals. Exact counts give small ones away by subtraction, so
# that every set rounds.
RULE_SETS = {
    "opensafely": Rules("opensafely", minimum=8, base=5),
    "eu_small_cell": Rules("eu_small_cell", minimum=5, base=5),
    "strict": Rules("strict", minimum=10, base=10),
}
NO_RULES = Rules("none", minimum=0, base=1, time_grid=0.0)


def rules_from(setting: Any) -> Rules:
    """Read the rules of a configuration.

    Parameters
    ----------
    setting : str or mapping
        Name of a rule set, or ``{"minimum": 12, "base": 10}``; ``{"minimum": 0,
        "i_hold_the_right_to_release": True}`` withholds nothing.

    Returns
    -------
    Rules

    Raises
    ------
    InputError
        An unknown name or key, a yes or no in place of a number, a base below 5, or nothing
        withheld without the statement of that right.

    See Also
    --------
    release : The step that applies them.

    Examples
    --------
    >>> rules_from("opensafely").minimum, rules_from({"minimum": 12, "base": 10}).base
    (8, 10)
    """
    if isinstance(setting, str) and setting in RULE_SETS:
        return RULE_SETS[setting]
    if not isinstance(setting, Mapping):
        hint = did_you_mean(setting, RULE_SETS) if isinstance(setting, str) else ""
        raise InputError(
            f"`disclosure` is {setting!r}.{hint} It is {', '.join(RULE_SETS)}, or your own "
            "minimum and base."
        )
    unknown = set(setting) - {"minimum", "base", _RIGHT}
    numbers = {key: setting.get(key) for key in ("minimum", "base")}
    wrong = [k for k, v in numbers.items() if v is not None and not _is_whole(v)]
    if unknown or wrong or numbers["minimum"] is None:
        raise InputError(
            "`disclosure`: give minimum and base as whole numbers, e.g. {minimum: 10, base: 10}; "
            f"wrong or unknown: {', '.join(sorted({*unknown, *wrong}) or ['minimum is missing'])}."
        )
    if numbers["minimum"] == 0:
        if setting.get(_RIGHT) is not True:
            raise InputError(
                "`disclosure`: a minimum of 0 publishes every count of real patients. Say "
                f"`{_RIGHT}: true` beside it if it is yours to decide."
            )
        return NO_RULES
    minimum, base = int(numbers["minimum"]), int(numbers["base"] or 0)
    if minimum < _LEAST or base < _LEAST:
        raise InputError(
            f"`disclosure`: minimum and base are {minimum} and {base}; below {_LEAST} small "
            "counts follow from the sums that are shown."
        )
    return Rules("own", minimum=minimum, base=base)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
