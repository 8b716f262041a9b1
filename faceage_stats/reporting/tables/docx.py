"""A table as a Word document: the few parts of the format that a table needs."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from faceage_stats._existing import refuse_existing
from faceage_stats._files import writing

__all__ = ["Cell", "write_docx"]

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
_CONTENT_TYPES = (
    f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
    'relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/word/document.xml" ContentType="{_TYPE}"/></Types>'
)
_RELATIONS = (
    f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_RELATION}" Target="word/document.xml"/></Relationships>'
)


@dataclass(frozen=True)
class Cell:
    """Text of a cell, and how it is set."""

    text: str
    bold: bool = False
    centred: bool = True
    indent: int = 0  # twentieths of a point
    columns: int = 1


def write_docx(
    path: str | Path,
    rows: Sequence[Sequence[Cell]],
    *,
    n_header: int,
    title: str = "",
    notes: Sequence[str] = (),
    force: bool = False,
) -> None:
    """Write one table, its header rows on every page; same bytes for the same table."""
    refuse_existing(path, force=force)
    lines = [_row(cells, header=i < n_header) for i, cells in enumerate(rows)]
    width = sum(cell.columns for cell in rows[0])
    grid = '<w:gridCol w:w="1400"/>' * width
    table = f"<w:tbl>{_table_properties()}<w:tblGrid>{grid}</w:tblGrid>{''.join(lines)}</w:tbl>"
    head = _paragraph(Cell(title, bold=True, centred=False)) if title else ""
    foot = "".join(_paragraph(Cell(note, centred=False), size=16) for note in notes)
    # Word requires a paragraph after a table, even an empty one
    body = f"{head}{table}{foot or '<w:p/>'}"
    document = f'{_HEAD}<w:document xmlns:w="{_WORD}"><w:body>{body}</w:body></w:document>'
    parts = {
        "[Content_Types].xml": _CONTENT_TYPES,
        "_rels/.rels": _RELATIONS,
        "word/document.xml": document,
    }
    with writing(path) as draft, zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), text)


def _table_properties() -> str:
    """Rules above and below, as tables are printed."""
    rule = 'w:val="single" w:sz="8" w:space="0" w:color="auto"'
    borders = f"<w:tblBorders><w:top {rule}/><w:bottom {rule}/></w:tblBorders>"
    return f'<w:tblPr><w:tblW w:w="5000" w:type="pct"/>{borders}</w:tblPr>'


def _row(cells: Sequence[Cell], *, header: bool) -> str:
    properties = "<w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>" if header else ""
    return f"<w:tr>{properties}{''.join(_cell(cell, header) for cell in cells)}</w:tr>"


def _cell(cell: Cell, header: bool) -> str:
    span = f'<w:gridSpan w:val="{cell.columns}"/>' if cell.columns > 1 else ""
    rule = (
        '<w:tcBorders><w:bottom w:val="single" w:sz="4" w:space="0" w:color="auto"/></w:tcBorders>'
    )
    rule = rule if header and cell.text else ""
    return f"<w:tc><w:tcPr>{span}{rule}</w:tcPr>{_paragraph(cell)}</w:tc>"


def _paragraph(cell: Cell, size: int = 18) -> str:
    """One paragraph; `size` in half points."""
    align = '<w:jc w:val="center"/>' if cell.centred else ""
    indent = f"<w:ind w:left={quoteattr(str(cell.indent))}/>" if cell.indent else ""
    bold = "<w:b/>" if cell.bold else ""
    text = f'<w:t xml:space="preserve">{escape(cell.text)}</w:t>'
    spacing = '<w:spacing w:before="20" w:after="20"/>'
    return (
        f"<w:p><w:pPr>{spacing}{indent}{align}</w:pPr>"
        f'<w:r><w:rPr>{bold}<w:sz w:val="{size}"/></w:rPr>{text}</w:r></w:p>'
    )
