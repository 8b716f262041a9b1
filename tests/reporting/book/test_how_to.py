"""Pages whose code runs. Truth: what a console would show, and the format of notebooks."""

import json

import nbformat
import pytest

from faceage_stats.reporting.book.how_to import cells, notebook, run, with_outputs

PAGE = """# A page

Prose.

```python
x = 20 + 1
print("hello")
x * 2
```

```
42, when the page was written
```

```r
1 + 1
```

```python
y = x
```

The end.
"""


@pytest.fixture
def outputs(tmp_path):
    return run(cells(PAGE), tmp_path)


def test_cells_share_their_names_and_show_what_a_console_would(outputs):
    assert outputs == ["hello\n42", ""]


def test_a_cell_reads_and_writes_in_its_folder(tmp_path):
    write = "from pathlib import Path\n_ = Path('a.txt').write_text('x')\n"
    assert run([write, "Path('a.txt').read_text()"], tmp_path) == ["", "'x'"]
    assert (tmp_path / "a.txt").is_file()


def test_a_cell_that_fails_stops_the_build(tmp_path):
    with pytest.raises(ZeroDivisionError):
        run(["1 / 0"], tmp_path)


def test_the_page_shows_what_was_run_and_not_what_was_written(outputs):
    page = with_outputs(PAGE, outputs, "a/page.ipynb")
    assert "```text\nhello\n42\n```" in page
    assert "when the page was written" not in page
    assert page.count("```text") == 1, "a cell that shows nothing has no output"
    assert page.startswith("# A page\n\n{download}`This page as a notebook <a/page.ipynb>`\n")
    assert "```r\n1 + 1\n```" in page


def test_the_notebook_is_one(outputs):
    made = nbformat.reads(notebook(PAGE, outputs), as_version=4)
    nbformat.validate(made)
    assert [cell.cell_type for cell in made.cells] == ["markdown", "code", "markdown", "code",
                                                      "markdown"]  # fmt: skip
    assert made.cells[1].outputs[0].text == "hello\n42\n"
    assert made.cells[3].outputs == []
    assert json.loads(notebook(PAGE, outputs))["nbformat"] == 4
