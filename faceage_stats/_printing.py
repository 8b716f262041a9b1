"""Results as R prints them: few columns and digits; what holds for every row is said once."""

from __future__ import annotations

import html
import math
import re
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from faceage_stats._scale import is_ratio

__all__ = ["number_text", "short_html", "short_text"]

_ROWS, _COLUMNS, _WIDTH, _LINE = 20, 12, 40, 140  # what a printed result shows
_IN_TERM = ("variable", "level", "is_reference")  # a term says them
_SAID_ONCE = (
    "n", "n_event", "n_missing", "conf_level", "p_adjust", "family", "alternative", "unit",
    "quantity", "method", "scale",
)  # fmt: skip


def number_text(value: float) -> str:
    """Write a number with four digits, and all digits before the decimal point.

    Examples
    --------
    >>> [number_text(value) for value in (12544.0, 1234.56, 0.0110668, 4.44707e-05)]
    ['12544', '1234.6', '0.01107', '4.447e-05']
    """
    if not math.isfinite(value):
        return str(value)
    if value == round(value):
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 1000 else f"{value:#.4g}".rstrip(".")


def short_text(title: str, table: pd.DataFrame, note: str = "") -> str:
    """Write a title, the first rows of a table, and notes, for a terminal.

    Examples
    --------
    >>> text = short_text("Curve", pd.DataFrame({"time": range(500)}))
    >>> text.splitlines()[-1]
    '... and 480 more rows: tidy()'
    """
    shown = _readable(table)
    with pd.option_context("display.max_colwidth", None, "display.max_columns", None):
        body = _first_rows(shown.table).to_string(
            index=False, float_format=number_text, na_rep=_missing(table), line_width=_LINE
        )
    notes = [each for each in (shown.note, note) if each]
    return "\n".join([title, body, *notes, *_more(len(table), _ROWS, "rows")])


def short_html(title: str, table: pd.DataFrame, note: str = "") -> str:
    """Write a title, the first rows and columns of a table, and notes, for a notebook.

    Examples
    --------
    >>> short_html("Curve", pd.DataFrame({"time": [1]}))[:40]
    '<p><strong>Curve</strong></p><table clas'
    """
    shown = _readable(table)
    width = shown.table.shape[1]
    with pd.option_context("display.max_colwidth", None):
        body = _first_rows(shown.table.iloc[:, :_COLUMNS]).to_html(
            index=False, float_format=number_text, na_rep=_missing(table), border=0
        )
    cut = [*_more(len(table), _ROWS, "rows"), *_more(width, _COLUMNS, "columns")]
    lines = [line for each in (shown.note, note) for line in each.splitlines()]
    notes = "".join(f"<p>{html.escape(line)}</p>" for line in [*lines, *cut])
    compact = re.sub(r"\n\s*", "", body)
    return f"<p><strong>{html.escape(title)}</strong></p>{compact}{notes}"


class _Shown(NamedTuple):
    """The columns of a table that differ from row to row, and a line about the others."""

    table: pd.DataFrame
    note: str


def _readable(table: pd.DataFrame) -> _Shown:
    if "estimate" not in table and "statistic" not in table:
        return _Shown(table, "")
    once = {name: table[name].iloc[0] for name in _SAID_ONCE if _is_constant(table, name)}
    hidden = [name for name in _IN_TERM if "term" in table and name in table]
    if "note" in table and not table["note"].any():
        hidden.append("note")
    shown = table.drop(columns=[*once, *hidden])
    ratio = str(once.get("scale", "")).removeprefix("log ")
    if is_ratio(ratio) and once["scale"] != ratio:
        with np.errstate(over="ignore"):
            ratios = np.exp(shown["estimate"].to_numpy(float))
        shown.insert(list(shown).index("estimate") + 1, ratio, ratios)
    texts = [f"{v:g}" if isinstance(v, float) else str(v) for v in once.values()]
    pairs = zip(once, texts, strict=True)
    return _Shown(shown, ", ".join(f"{name} {text}" for name, text in pairs if text))


def _is_constant(table: pd.DataFrame, name: str) -> bool:
    return name in table and len(table) > 0 and table[name].nunique(dropna=False) == 1


def _first_rows(table: pd.DataFrame) -> pd.DataFrame:
    """The first rows, their long texts cut."""

    def cut(value: Any) -> Any:
        if value is None:
            return ""
        long = isinstance(value, str) and len(value) > _WIDTH
        return f"{value[: _WIDTH - 1]}…" if long else value

    return table.head(_ROWS).map(cut)


def _missing(table: pd.DataFrame) -> str:
    """NA, as R has it; blank in a table of coefficients, whose reference levels are fixed."""
    return "" if "is_reference" in table else "NA"


def _more(n: int, shown: int, what: str) -> list[str]:
    return [f"... and {n - shown} more {what}: tidy()"] if n > shown else []
