"""A table as it is printed: text cells, indented rows, spanners; to HTML, LaTeX, Word, Excel."""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from faceage_stats._existing import refuse_existing
from faceage_stats._files import writing
from faceage_stats._spreadsheet import harmless_frame

if TYPE_CHECKING:
    from great_tables import GT

    from faceage_stats.reporting.tables.docx import Cell

__all__ = ["DisplayTable"]

_STUB = "row"


@dataclass(frozen=True, eq=False)
class DisplayTable:
    """Text cells with their headings.

    Attributes
    ----------
    body : DataFrame of str
        Column ``row`` with the row headings, then one column per key of `headings`.
    indented : sequence of int
        Positions of the rows that belong to the heading row above them.
    headings : mapping of column to heading
        In the order of `body`.
    spanners : mapping of spanner to columns
        Headings over several columns.
    stub : str
        Heading of the first column.
    title : str
        Above the table; may be empty.
    notes : sequence of str
        Below the table.
    """

    body: pd.DataFrame
    indented: Sequence[int]
    headings: Mapping[str, str]
    spanners: Mapping[str, Sequence[str]] = field(default_factory=dict)
    stub: str = "Characteristic"
    title: str = ""
    notes: Sequence[str] = ()

    def gt(self, *, bold: bool = True) -> GT:
        """Make the great_tables object, for further styling; headings of groups of rows in bold.

        Parameters
        ----------
        bold : bool
            False leaves the styles out, which LaTeX does not know.

        Returns
        -------
        great_tables.GT
        """
        from great_tables import GT, loc, style

        table = GT(self.body, rowname_col=_STUB, id=f"table-{self._digest()}")
        table = table.tab_stubhead(self.stub).cols_label(dict(self.headings))
        table = table.cols_align("center", columns=list(self.headings))
        if self.title:
            table = table.tab_header(self.title)
        for number, (spanner, columns) in enumerate(self.spanners.items()):
            table = table.tab_spanner(spanner, columns=list(columns), id=f"spanner{number}")
        for note in self.notes:
            table = table.tab_source_note(note)
        if self.indented:
            table = table.tab_stub_indent(rows=list(self.indented), indent=2)
        headings = [row for row in range(len(self.body)) if row not in set(self.indented)]
        if bold and headings:
            table = table.tab_style(style.text(weight="bold"), loc.stub(rows=headings))
        return table

    def to_html(self) -> str:
        """Return the table as HTML, with its styles; the same bytes for the same table."""
        return self.gt().as_raw_html()

    def to_latex(self) -> str:
        """Return the table as LaTeX, for booktabs."""
        return self.gt(bold=False).as_latex()

    def to_docx(self, path: str | Path, *, force: bool = False) -> None:
        """Write the table to `path` as a Word document; the same bytes for the same table.

        A file that exists is replaced only with ``force=True``.
        """
        from faceage_stats.reporting.tables.docx import write_docx

        rows, n_header = self._rows()
        write_docx(path, rows, n_header=n_header, title=self.title, notes=self.notes, force=force)

    def to_xlsx(
        self,
        path: str | Path,
        *,
        numbers: Mapping[str, pd.DataFrame] | None = None,
        force: bool = False,
    ) -> None:
        """Write the table to `path` as an Excel workbook; the same bytes for the same table.

        Parameters
        ----------
        path : path
            File to write.
        numbers : mapping of sheet name to DataFrame, optional
            Tables for further sheets, in full precision.
        force : bool
            Replace a file that exists.
        """
        from faceage_stats.reporting.tables.xlsx import write_xlsx

        rows, n_header = self._rows()
        write_xlsx(
            path, rows, n_header=n_header, title=self.title, notes=self.notes, numbers=numbers,
            force=force,
        )  # fmt: skip

    def _rows(self) -> tuple[list[list[Cell]], int]:
        """The table cell by cell, and how many of the rows are its header."""
        from faceage_stats.reporting.tables.docx import Cell

        indented, columns = set(self.indented), list(self.headings)
        rows = [self._spanner_row()] if self.spanners else []
        rows.append(
            [Cell(self.stub, bold=True, centred=False)]
            + [Cell(heading, bold=True) for heading in self.headings.values()]
        )
        n_header = len(rows)
        for position, cells in enumerate(self.body.to_dict(orient="records")):
            inside = position in indented
            stub = Cell(cells[_STUB], bold=not inside, centred=False, indent=240 if inside else 0)
            rows.append([stub, *(Cell(cells[column]) for column in columns)])
        return rows, n_header

    def _spanner_row(self) -> list[Cell]:
        """Headings over neighbouring columns, merged."""
        from faceage_stats.reporting.tables.docx import Cell

        spanner_of = {column: name for name, columns in self.spanners.items() for column in columns}
        names = [spanner_of.get(column, "") for column in self.headings]
        groups = [(name, len(list(part))) for name, part in itertools.groupby(names)]
        return [Cell(""), *(Cell(name, bold=True, columns=count) for name, count in groups)]

    def to_frame(self) -> pd.DataFrame:
        """Return the cells under their printed headings; indented rows begin with two spaces."""
        frame = self.body.copy()
        marks = ["  " if row in set(self.indented) else "" for row in range(len(frame))]
        frame[_STUB] = [mark + text for mark, text in zip(marks, frame[_STUB], strict=True)]
        spanner_of = {column: name for name, columns in self.spanners.items() for column in columns}
        names = {
            column: f"{spanner_of[column]}: {heading}" if column in spanner_of else heading
            for column, heading in self.headings.items()
        }
        return frame.rename(columns={_STUB: self.stub, **names})

    def to_csv(self, path: str | Path | None = None, *, force: bool = False) -> str:
        """Return the printed cells as CSV; also written to `path` when one is given.

        Parameters
        ----------
        path : path, optional
            File to write.
        force : bool
            Replace a file that exists.

        Returns
        -------
        str
        """
        text = harmless_frame(self.to_frame()).to_csv(index=False, lineterminator="\n")
        if path is not None:
            refuse_existing(path, force=force)
            with writing(path) as draft:
                draft.write_text(text, encoding="utf-8", newline="")
        return text

    def _digest(self) -> str:
        return f"{zlib.crc32(self.to_csv().encode()):08x}"

    def __repr__(self) -> str:
        lines = [self.title] if self.title else []
        frame = self.to_frame()
        width = frame[self.stub].str.len().max() if len(frame) else 0
        frame[self.stub] = frame[self.stub].str.ljust(width)
        with pd.option_context("display.width", 160, "display.max_columns", 40):
            lines.append(frame.to_string(index=False, justify="center"))
        return "\n".join([*lines, *self.notes])

    def _repr_html_(self) -> str:
        return self.to_html()
