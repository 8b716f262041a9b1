"""A result that prints as a table, in a terminal, a notebook and a paper."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from faceage_stats._options import options
from faceage_stats._result import Result
from faceage_stats.reporting.tables.display import DisplayTable

if TYPE_CHECKING:
    from great_tables import GT

__all__ = ["PrintedResult"]


class PrintedResult(Result):
    """Base of the results whose printed form is a `DisplayTable`."""

    def display(self) -> DisplayTable:
        """Return the printed table."""
        raise NotImplementedError

    def gt(self) -> GT:
        """Make the great_tables object of the printed table."""
        return self.display().gt()

    def to_html(self) -> str:
        """Return the printed table as HTML."""
        return self.display().to_html()

    def to_latex(self) -> str:
        """Return the printed table as LaTeX."""
        return self.display().to_latex()

    def to_docx(self, path: str | Path, *, force: bool = False) -> None:
        """Write the printed table to `path` as a Word document; `force` replaces one."""
        self.display().to_docx(path, force=force)

    def to_xlsx(self, path: str | Path, *, force: bool = False) -> None:
        """Write the printed table to `path` as an Excel workbook, its numbers on a second sheet."""
        self.display().to_xlsx(path, numbers={"Numbers": self.tidy()}, force=force)

    def to_csv(self, path: str | Path | None = None, *, force: bool = False) -> str:
        """Return the printed table as CSV, also written to `path`; `tidy` has the numbers."""
        return self.display().to_csv(path, force=force)

    def __repr__(self) -> str:
        return super().__repr__() if options.private else repr(self.display())

    def _repr_html_(self) -> str:
        return super()._repr_html_() if options.private else self.to_html()
