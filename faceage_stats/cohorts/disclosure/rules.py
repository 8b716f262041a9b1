"""Rule sets of disclosure control, by name."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
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
    key : bytes
        Secret of the holder of the data: it decides whether a count is rounded up or down, and how
        far above the minimum a count is shown. Without it, two builds that differ by one patient
        would give away each count that the patient moves over an edge.
    """

    name: str
    minimum: int
    base: int
    time_grid: float = _MONTH
    key: bytes = field(default=b"", repr=False, compare=False)

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
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name != "key"}

    def chance(self, *parts: object) -> float:
        """Draw a number from 0 to 1 that depends on the key and the parts alone."""
        text = "/".join(map(str, parts)).encode()
        digest = hashlib.blake2b(text, key=self.key[:64], digest_size=8).digest()
        return int.from_bytes(digest, "big") / 2**64


class _RuleSets(dict[str, Rules]):
    def __missing__(self, name: str) -> Rules:
        raise InputError(f"no rule set is called {name!r}.{self.cure(name)}")

    def cure(self, name: object) -> str:
        """What else can be given."""
        near = did_you_mean(name, self) if isinstance(name, str) else ""
        return f"{near} It is {', '.join(self)}, or your own minimum and base."


# opensafely: counts of 7 and below withheld, the others rounded to 5 (OpenSAFELY, policy on
# permitted results). eu_small_cell: cells below 5, the frequency rule that European registries
# and statistical offices use (Hundepool et al. 2012, chapter 4). strict: 10, the rule of thumb of
# Griffiths E, Greci C, Kotrotsios Y et al. (2019). Handbook on statistical disclosure control for
# outputs. Safe Data Access Professionals. Exact counts give small ones away by subtraction, so
# that every set rounds.
RULE_SETS = _RuleSets(
    opensafely=Rules("opensafely", minimum=8, base=5),
    eu_small_cell=Rules("eu_small_cell", minimum=5, base=5),
    strict=Rules("strict", minimum=10, base=10),
)
NO_RULES = Rules("none", minimum=0, base=1, time_grid=0.0)


def rules_from(setting: Any, key: bytes = b"") -> Rules:
    """Read the rules of a configuration.

    Parameters
    ----------
    setting : str or mapping
        Name of a rule set, or ``{"minimum": 12, "base": 10}``; ``{"minimum": 0,
        "i_hold_the_right_to_release": True}`` withholds nothing.
    key : bytes
        The secret of the holder of the data, for the rounding.

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
        return replace(RULE_SETS[setting], key=key)
    if not isinstance(setting, Mapping):
        raise InputError(f"`disclosure` is {setting!r}.{RULE_SETS.cure(setting)}")
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
    return Rules("own", minimum=minimum, base=base, key=key)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
