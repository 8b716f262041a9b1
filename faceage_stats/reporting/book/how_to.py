"""Pages whose code runs when the book is built: what it prints stands below it, in a notebook too.

A page stays Markdown that can be read as it is. Blocks marked ``python`` are its cells; they share
their names, and each shows what a console would: what it prints, and the value of its last line. A
block without a language below a cell is what it showed when the page was written, and is replaced.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

__all__ = ["cells", "notebook", "run", "with_outputs"]

# a cell, and what it showed when the page was written
_CELL = re.compile(r"^```python\n(.*?)^```\n(?:\n```\n.*?^```\n)?", re.DOTALL | re.MULTILINE)
_TITLE = re.compile(r"^# .+\n", re.MULTILINE)
_WIDTH = 96  # characters; what the text of a page holds
_KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def cells(text: str) -> list[str]:
    r"""The code of a page.

    Examples
    --------
    >>> cells("Add.\n\n```python\n1 + 1\n```\n")
    ['1 + 1\n']
    """
    return _CELL.findall(text)


def run(code: Sequence[str], folder: Path) -> list[str]:
    """Run the cells of one page in a folder.

    Parameters
    ----------
    code : sequence of str
    folder : Path
        Where files are read and written.

    Returns
    -------
    list of str
        What each shows.
    """
    names: dict[str, Any] = {"__name__": "__main__"}
    shown = pd.option_context("display.width", _WIDTH, "display.max_columns", 20)
    with contextlib.chdir(folder), shown:
        return [_shown(each, names) for each in code]


def _shown(code: str, names: dict[str, Any]) -> str:
    tree, last = ast.parse(code), None
    if tree.body and isinstance(tree.body[-1], ast.Expr):
        last = ast.Expression(tree.body.pop().value)  # type: ignore[attr-defined]
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(tree, "<page>", "exec"), names)
        value = None if last is None else eval(compile(last, "<page>", "eval"), names)
        if value is not None:
            print(value if isinstance(value, pd.DataFrame | pd.Series) else repr(value))
    lines = (line.rstrip() for line in printed.getvalue().splitlines())
    return "\n".join(lines).strip("\n")


def with_outputs(text: str, outputs: Sequence[str], download: str = "") -> str:
    r"""The page with what its cells show.

    Parameters
    ----------
    text : str
    outputs : sequence of str
        As `run` returns them.
    download : str
        Path of the notebook, offered below the title.

    Returns
    -------
    str

    Examples
    --------
    >>> print(with_outputs("```python\n1 + 1\n```\n", ["2"]))
    ```python
    1 + 1
    ```
    <BLANKLINE>
    ```text
    2
    ```
    <BLANKLINE>
    """
    each = iter(outputs)

    def shown(cell: re.Match[str]) -> str:
        code, output = f"```python\n{cell[1]}```\n", next(each, "")
        return f"{code}\n```text\n{output}\n```\n" if output else code

    page = _CELL.sub(shown, text)
    if not download:
        return page
    link = f"\n{{download}}`This page as a notebook <{download}>`\n"
    return _TITLE.sub(lambda title: title[0] + link, page, count=1)


def notebook(text: str, outputs: Sequence[str]) -> str:
    r"""The page as a Jupyter notebook.

    Parameters
    ----------
    text : str
    outputs : sequence of str

    Returns
    -------
    str
        JSON, notebook format 4.5.

    Examples
    --------
    >>> made = json.loads(notebook("Add.\n\n```python\n1 + 1\n```\n", ["2"]))
    >>> [cell["cell_type"] for cell in made["cells"]]
    ['markdown', 'code']
    """
    made = [
        {"id": f"cell-{number}", "metadata": {}, **cell}
        for number, cell in enumerate(_notebook_cells(text, outputs))
    ]
    whole = {
        "cells": made,
        "metadata": {"kernelspec": _KERNEL, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def _notebook_cells(text: str, outputs: Sequence[str]) -> Iterator[dict[str, Any]]:
    parts = _CELL.split(text)  # prose, code, prose, code ..., prose
    for number, part in enumerate(parts):
        source = part.strip("\n")
        if number % 2 == 0:
            if source:
                yield {"cell_type": "markdown", "source": source}
            continue
        output = outputs[number // 2]
        stream = {"name": "stdout", "output_type": "stream", "text": f"{output}\n"}
        yield {
            "cell_type": "code",
            "execution_count": number // 2 + 1,
            "outputs": [stream] if output else [],
            "source": source,
        }
