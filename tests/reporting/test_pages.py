"""Page fragments: what a reader of the book finds in them."""

import types

import pandas as pd
import pytest

from faceage_stats.errors import InputError
from faceage_stats.reporting.pages import MAX_ROWS, html_table, item_fragment, write_fragments
from faceage_stats.reporting.provenance.provenance import provenance
from faceage_stats.reporting.store.item import Item
from faceage_stats.reporting.store.read_item import read_item
from faceage_stats.reporting.store.release import release
from faceage_stats.reporting.store.write_item import write_item


@pytest.fixture
def results(tmp_path):
    """One stored item with a figure and a table, made from synthetic rows."""
    from faceage_stats import figures

    rows = tmp_path / "rows.csv"
    rows.write_text("a\n1\n", encoding="utf-8")
    hr = pd.DataFrame(
        {
            "term": ["faceage10", "sex<M>"],
            "estimate": [1.151234, 1.0],
            "conf_low": [1.05, None],
            "conf_high": [1.25, None],
            "p_value": [0.0013, None],
            "n": [4906, 4906],
            "is_reference": [False, True],
        }
    )
    figure = figures.forest(hr, effect="HR", label="term", ratio=True)
    item = Item(caption="A caption.", figure=figure, tables={"hr": hr})
    record = provenance(
        "fig", {"maastro": rows}, seed=7, config={"sources": {"maastro": "synthetic"}},
        synthetic=True, warnings=["careful"],
    )  # fmt: skip
    write_item(release(item), tmp_path / "results" / "fig", provenance=record)
    return tmp_path / "results"


def test_a_fragment_has_figure_tables_script_and_provenance(results):
    stored = read_item(results / "fig")
    text = item_fragment(stored)
    alt = stored.figures["figure"].alt
    assert alt
    assert f":::{{figure}} _generated/fig/figure.svg\n:alt: {alt}\n" in text
    assert "A caption." in text
    assert "{download}`CSV: table_hr.csv <_generated/fig/table_hr.csv>`" in text
    assert "literalinclude} _generated/fig/fig.py.txt" in text
    for shown in ("SHA-256", "rows.csv", "pandas", "careful", ">7</td>"):
        assert shown in text
    assert str(results.parent) not in text, "a page shows no folder of the machine"


def test_a_fragment_from_synthetic_rows_says_so_first(results):
    assert item_fragment(read_item(results / "fig")).startswith(":::{admonition} Synthetic data")


def test_numbers_are_printed_by_what_they_are(results):
    table = html_table(read_item(results / "fig").tables["hr"])
    for cell in (
        "<td>1.151</td>",
        "<td>0.0013</td>",
        "<td>4,906</td>",
        "<td>–</td>",
        "sex&lt;M&gt;",
    ):
        assert cell in table
    assert 'title="two-sided p value' in table


def test_long_tables_are_cut_and_say_so():
    table = html_table(pd.DataFrame({"n": range(MAX_ROWS + 3)}))
    assert table.count("<tr>") == MAX_ROWS + 1
    assert "3 more rows are in the download" in table


def test_writing_fragments_copies_what_the_page_links_to(results, tmp_path):
    scripts = tmp_path / "items"
    scripts.mkdir()
    (scripts / "fig.py").write_text('"""A figure."""\n', encoding="utf-8")
    module = types.ModuleType("fig", "Figure of everything. And more.")
    module.TABLES = ("maastro",)
    folder = tmp_path / "book" / "_generated"
    names = write_fragments(results, folder, items={"fig": module}, scripts=scripts)
    assert {"fig", "overview", "glossary", "data_dictionary"} <= set(names)
    copied = {path.name for path in (folder / "fig").iterdir()}
    assert copied == {"figure.svg", "figure.png", "table_hr.csv", "fig.py.txt"}
    overview = (folder / "overview.md").read_text(encoding="utf-8")
    assert "Figure of everything. And more" in overview
    assert "synthetic" in overview


def test_an_item_without_tables_may_say_what_it_reads(results, tmp_path):
    module = types.ModuleType("fig", "A figure.")
    module.TABLES, module.READS, module.FILES = (), "one portrait", ("a.json",)
    (tmp_path / "fig.py").write_text('"""A figure."""\n', encoding="utf-8")
    write_fragments(results, tmp_path / "out", items={"fig": module}, scripts=tmp_path)
    assert "one portrait" in (tmp_path / "out" / "overview.md").read_text(encoding="utf-8")


def test_an_item_that_was_never_made_is_refused(tmp_path):
    module = types.ModuleType("gone", "Gone.")
    with pytest.raises(InputError, match=r"holds no item\.json; run the item first"):
        write_fragments(tmp_path, tmp_path / "out", items={"gone": module}, scripts=tmp_path)
