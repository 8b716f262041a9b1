"""What a column of text holds: numbers, truth values, or text."""

from __future__ import annotations

from typing import Any

__all__ = ["ColumnKind", "typed"]


class ColumnKind:
    """What a column may still be, narrowed block by block."""

    def __init__(self, as_text: bool, comma_decimals: bool) -> None:
        self.as_text = as_text
        self.empty = True
        self.gaps = False
        candidates = ["truth", "digits", "whole", "number"] + ["comma"] * comma_decimals
        self.possible = [] if as_text else candidates

    def narrow(self, cells: Any) -> None:
        """Strike out what the cells of this block are not."""
        import pyarrow.compute as pc

        self.gaps |= cells.null_count > 0
        if cells.null_count == len(cells):
            return
        self.empty = False
        if self.possible:
            known = pc.utf8_trim_whitespace(cells.drop_null())
            identifiers = bool(pc.any(pc.match_substring_regex(known, _LEADING_ZERO)).as_py())
            self.possible = [
                kind
                for kind in self.possible
                if not (identifiers and kind != "truth") and _fits(known, kind)
            ]

    @property
    def name(self) -> str:
        """Numbers when all cells are numbers without leading zeros, truth values, else text."""
        if self.empty:
            return "text" if self.as_text else "empty"
        if "digits" in self.possible and "whole" not in self.possible:
            return "text"  # an identifier too long for a number
        kinds = [kind for kind in self.possible if kind != "digits"]
        return kinds[0] if kinds else "text"

    @property
    def dtype(self) -> type:
        """Of the whole column: whole numbers and truth values with gaps have no dtype."""
        gapless = {"truth": bool, "whole": int}
        gapped = {"truth": object, "text": object}
        return (gapped if self.gaps else gapped | gapless).get(self.name, float)


_LEADING_ZERO = r"^[+-]?0\d"  # 0012 is an identifier
_SHAPES = {
    "truth": r"^(true|false|TRUE|FALSE|True|False)$",
    "digits": r"^[+-]?\d+$",
    "comma": r"^[+-]?\d+(,\d+)?$",
}


def _fits(cells: Any, kind: str) -> bool:
    """All cells look like this kind, and can be converted to it."""
    import pyarrow as pa
    import pyarrow.compute as pc

    shape = _SHAPES.get(kind)
    if shape and not pc.all(pc.match_substring_regex(cells, shape)).as_py():
        return False
    try:
        typed(cells, kind)
    except pa.ArrowInvalid:
        return False
    return True


def typed(cells: Any, kind: str) -> Any:
    """Convert text to a kind; a cell that cannot be converted raises ArrowInvalid."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if kind in ("text", "digits"):
        return cells
    if kind == "empty":
        return pa.nulls(len(cells), pa.float64())
    trimmed = pc.utf8_trim_whitespace(cells)
    if kind == "truth":
        return pc.equal(pc.utf8_lower(trimmed), "true")
    if kind == "comma":
        trimmed = pc.replace_substring(trimmed, ",", ".")
    return pc.cast(trimmed, pa.int64() if kind == "whole" else pa.float64())
