"""The release step: an item's numbers under the rules, then everything that is made from them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from faceage_stats._glossary import GLOSSARY
from faceage_stats._result import Result
from faceage_stats.cohorts.disclosure.circumstances import (
    Circumstances,
    group_sizes,
    levels_of_few,
    small_groups,
    terms_of_few,
)
from faceage_stats.cohorts.disclosure.curve_tables import is_curve
from faceage_stats.cohorts.disclosure.release_table import (
    few_digits,
    hidden_counts,
    without_counts,
)
from faceage_stats.cohorts.disclosure.roles import role_of
from faceage_stats.cohorts.disclosure.rounded_n import numbers_behind
from faceage_stats.cohorts.disclosure.rounding import round_counts, round_digits
from faceage_stats.cohorts.disclosure.rules import NO_RULES, Rules
from faceage_stats.errors import DisclosureError, InputError
from faceage_stats.reporting.digits import as_released
from faceage_stats.reporting.formats import format_count
from faceage_stats.reporting.store.item import Item
from faceage_stats.reporting.store.quoted import quotations
from faceage_stats.reporting.store.released import Released
from faceage_stats.reporting.tables.baseline_table import TableOne
from faceage_stats.reporting.words import in_words, title_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["release"]

_NUMBERS = ("estimate", "conf_low", "conf_high", "p_value", "n", "n_event")


def release(item: Item, rules: Rules = NO_RULES, *, withheld: Collection[str] = ()) -> Released:
    """Apply the rules to the numbers of an item, and make figures, tables and texts from them.

    Parameters
    ----------
    item : Item
        Numbers, and how figures and tables are made from them.
    rules : Rules
        Of the private tables that it reads; by default nothing is withheld.
    withheld : collection of str
        What an attack showed to give something away: columns of counts, which are blank in the
        whole item, and files by their names without suffix.

    Returns
    -------
    Released
        What `write_item` takes. A figure that cannot be drawn without single patients is left out
        and named in ``withheld``; a table that cannot be made without them says so.

    Raises
    ------
    InputError
        A figure that is drawn already or has no alternative text, or a column of which nobody says
        what it is.

    See Also
    --------
    rules_from : Rule sets by name.
    attack : Tries to undo it.

    Examples
    --------
    >>> from faceage_stats.cohorts.disclosure.rules import RULE_SETS
    >>> sites = pd.DataFrame({"group": ["a", "b", "c"], "n": [142, 61, 3]})
    >>> item = Item(caption="{n} patients.", numbers={"n": 206}, tables={"sites": sites})
    >>> released = release(item, RULE_SETS["opensafely"])
    >>> released.caption, released.frames["table_sites"]["n"].tolist()
    ('205 patients.', [145.0, nan, nan])
    """
    with as_released(rules.active):
        return _released(item, rules, withheld)


def _released(item: Item, rules: Rules, withheld: Collection[str]) -> Released:
    under = replace(_circumstances(item, rules), withheld=withheld)
    frames = {stem: _file(stem, table, under) for stem, table in item.frames().items()}
    values = _values(item.values, under)
    figures: dict[str, Figure] = {}
    gone = _withheld({**frames, "values": values}, under)
    for name, figure in item.figures().items():
        try:
            _refuse_attacked(f"figure_{name}".rstrip("_"), under)
            figures[name] = _draw(figure.draw, under)
        except DisclosureError as error:
            gone.append(f"figure {name}".rstrip() + f" ({error})")
    numbers = {name: _printed(name, value, under) for name, value in item.numbers.items()}
    quoted = quotations(values, numbers, withheld=rules.active)
    shown = {name: figure for name, figure in item.figures().items() if name in figures}
    released = Released(
        **{name: _fill(getattr(item, name), numbers) for name in ("caption", "methods", "notes")},
        **{name: getattr(item, name).format_map(quoted) for name in ("answer", "checks")},
        figures=figures,
        captions={name: _fill(figure.caption, numbers) for name, figure in shown.items()},
        labels={name: figure.label for name, figure in shown.items()},
        alts={
            name: _fill(figure.alt, numbers) or getattr(figures[name], "alt_text", "") or item.alt
            for name, figure in shown.items()
        },
        frames=frames,
        tables=tuple(item.tables),
        values=values,
        columns=_descriptions(frames, _printed_cells(item, frames) | dict(item.columns)),
        rules=rules,
        withheld=tuple(gone),
    )
    if not all(text.strip() for text in released.alts.values()):
        raise InputError("Item: a figure needs alt=, what it shows in words.")
    return released


def _circumstances(item: Item, rules: Rules) -> Circumstances:
    """Groups that are too small in any table of the item, and counts that would reveal others."""
    if not rules.active:
        return Circumstances(rules)
    content = [*item.frames().values(), item.values, *(f.draw for f in item.figures().values())]
    found = [frame for value in content for frame in _frames_in(value) if not is_curve(frame)]
    small = {name for frame in found for name in small_groups(frame, rules)}
    small |= {name for frame in found for name in terms_of_few(frame, rules)}
    n = max((frame["n"].max() for frame in found if "n" in frame), default=0)
    sizes: dict[str, float] = {}
    for each in map(group_sizes, found):
        sizes |= {group: min(size, sizes.get(group, size)) for group, size in each.items()}
    under = Circumstances(rules, item.roles, small, n=int(np.nan_to_num(float(n))), sizes=sizes)
    hidden = {count for frame in found for count in hidden_counts(frame, under)}
    few_levels = {pair for frame in found for pair in levels_of_few(frame, under)}
    behind: dict[str, float] = {}
    for known in (numbers_behind(frame, under) for frame in found):
        behind |= {key: min(n, behind.get(key, n)) for key, n in known.items()}
    return replace(under, hidden=hidden, few_levels=few_levels, behind=behind)


def _frames_in(value: Any) -> Iterator[pd.DataFrame]:
    """Every table that an item hands over, also those inside its deferred figures."""
    if isinstance(value, pd.DataFrame):
        yield value
    elif isinstance(value, TableOne):
        yield value.groups()
    elif isinstance(value, Result):
        yield value.tidy()
    elif isinstance(value, partial):
        yield from _frames_in([*value.args, *value.keywords.values()])
    elif isinstance(value, Mapping):
        yield from _frames_in(list(value.values()))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _frames_in(each)


def _file(stem: str, table: Any, under: Circumstances) -> pd.DataFrame:
    """A table as it is released, or a note that it is withheld."""
    try:
        _refuse_attacked(stem, under)
        return _frame(table, under)
    except DisclosureError as error:
        return pd.DataFrame({"note": [f"withheld: {error}"]})


def _refuse_attacked(stem: str, under: Circumstances) -> None:
    if stem in under.withheld:
        raise DisclosureError("with the other numbers it would give a few patients away")


def _values(values: pd.DataFrame, under: Circumstances) -> pd.DataFrame:
    """The values that other pages quote; when they are withheld their ids stay."""
    released = _frame(values, under)
    if "values" in under.withheld:
        numbers = [name for name in _NUMBERS if name in released]
        released = released.assign(**dict.fromkeys(numbers, np.nan))
    return released


def _frame(table: Any, under: Circumstances) -> pd.DataFrame:
    """A table as it is released."""
    if not under.rules.active:
        made = table() if isinstance(table, partial) else table
        return made.tidy() if isinstance(made, Result) else made
    from faceage_stats.reporting.store.disclose import called, disclose

    made = called(table, under) if isinstance(table, partial) else disclose(table, under)
    return few_digits(without_counts(made.tidy() if isinstance(made, Result) else made, under))


def _draw(drawing: Any, under: Circumstances) -> Figure:
    if not under.rules.active:
        return cast("Figure", drawing() if isinstance(drawing, partial) else drawing)
    if not isinstance(drawing, partial):
        raise InputError(
            "a figure was drawn before its numbers were released: hand over how it is drawn, "
            "functools.partial(fs.figures.km, fit)."
        )
    from faceage_stats.reporting.store.disclose import called

    return cast("Figure", called(drawing, under))


def _printed(name: str, value: Any, under: Circumstances) -> str:
    """A number as the texts print it."""
    if isinstance(value, bool | str) or not under.rules.active:
        return str(value) if isinstance(value, bool | str | float) else format_count(value)
    if isinstance(value, float):
        return f"{round_digits(value, 3):g}"
    if role_of(name, under.roles) == "setting":
        return format_count(value)
    if name in under.withheld:
        return "(number withheld)"
    rounded = float(round_counts(value, under.rules))
    return f"fewer than {under.rules.minimum}" if np.isnan(rounded) else format_count(rounded)


def _fill(text: str, numbers: Mapping[str, str]) -> str:
    return text.format_map(numbers) if numbers else text


def _printed_cells(item: Item, frames: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """Columns of tables that are made for print, whose headings are theirs alone."""
    made = [stem for stem, table in item.frames().items() if isinstance(table, partial)]
    return {str(c): "printed cell" for stem in made for c in frames[stem] if c not in GLOSSARY}


def _descriptions(frames: Mapping[str, pd.DataFrame], columns: Mapping[str, str]) -> dict[str, str]:
    """Describe every column of the CSV files."""
    used = dict.fromkeys(str(column) for frame in frames.values() for column in frame)
    described = {**GLOSSARY, **columns}
    unknown = [repr(column) for column in used if column not in described]
    if unknown:
        raise InputError(
            f"Item: columns {', '.join(unknown)} are not in the glossary; describe them in "
            "columns=."
        )
    return {column: described[column] for column in used}


def _withheld(frames: Mapping[str, pd.DataFrame], under: Circumstances) -> list[str]:
    """What is withheld and why, by table, and what an attack added."""
    if not under.rules.active:
        return []
    told = [text for stem, frame in frames.items() for text in _told(stem, frame, under)]
    added = [name for name in sorted(under.withheld) if not name.startswith("figure")]
    return told + [
        f"{name}, which with other numbers would give a few patients away" for name in added
    ]


def _told(stem: str, frame: pd.DataFrame, under: Circumstances) -> Iterator[str]:
    """Estimates that are withheld, by name, and how many rows lost a count only."""
    if "suppressed" not in frame or not frame["suppressed"].any():
        return
    hidden = frame[frame["suppressed"].astype(bool)]
    where = title_of(stem.removeprefix("table_").removesuffix("_numbers")).lower()
    lost = hidden["estimate"].isna() if "estimate" in hidden else pd.Series(False, hidden.index)
    name = next((c for c in ("label", "term", "group", "level") if c in hidden), None)
    if name and lost.any():
        known = hidden.loc[lost, name].dropna()
        names = ", ".join(dict.fromkeys(in_words(str(e)) for e in known)) or "An estimate"
        fewest = under.rules.minimum
        yield f"{names} ({where}): patients or events behind it may be fewer than {fewest}"
    if n := int((~lost).sum()):
        noun = "line" if n == 1 else "lines"  # the attacker takes `3 rows` for a count
        yield f"a count in {n} {noun} of {where}: it is small, or a small one would follow from it"
