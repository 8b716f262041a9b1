"""Page fragments: what a reader of the book finds in them."""

import re
import types
import zipfile

import pandas as pd
import pytest

from faceage_stats.errors import InputError
from faceage_stats.reporting.pages.downloads import downloads, write_downloads
from faceage_stats.reporting.pages.html_table import MAX_ROWS, html_table
from faceage_stats.reporting.pages.item_page import PARTS, page_parts
from faceage_stats.reporting.pages.write_fragments import write_fragments
from faceage_stats.reporting.provenance.provenance import provenance
from faceage_stats.reporting.store.figure import Figure
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
            "term": ["faceage10", "mark<M>"],
            "estimate": [1.151234, 1.0],
            "conf_low": [1.05, None],
            "conf_high": [1.25, None],
            "std_error": [0.04, None],
            "p_value": [0.0013, None],
            "n": [4906, 4906],
            "is_reference": [False, True],
        }
    )
    figure = figures.forest(hr, effect="HR", label="term", ratio=True)
    item = Item(
        figure=Figure(figure, caption="A caption.", label="Figure 1"),
        tables={"hr": hr},
        values=hr.head(1).assign(id="a")[["id", "estimate", "conf_low", "conf_high"]],
        answer="The hazard ratio is {a}.",
        checks="None was needed.",
        notes="A note.",
    )
    record = provenance(
        "fig", {"maastro": rows}, seed=7, config={"sources": {"maastro": "synthetic"}},
        synthetic=True, warnings=["careful"],
    )  # fmt: skip
    write_item(release(item), tmp_path / "results" / "fig", provenance=record)
    return tmp_path / "results"


def test_a_page_has_its_parts_in_order(results):
    stored = read_item(results / "fig")
    parts = page_parts(stored, "Figure of everything")
    assert tuple(parts) == PARTS
    alt = stored.figures["figure"].alt
    assert alt
    assert f":::{{figure}} _generated/fig/figure.svg\n:alt: {alt}\n" in parts["answer"]
    assert "(fig-figure)=\n## Figure 1\n" in parts["answer"]
    assert "A caption." in parts["answer"]
    assert "(fig-table-hr)=\n### Hr\n" in parts["tables"]
    assert "## Assumptions checked\n\nNone was needed." in parts["checks"]
    assert "## Notes and caveats\n\nA note." in parts["checks"]
    record = parts["record"]
    for kind in ("svg", "pdf", "png"):
        assert f"{{download}}`{kind.upper()} <_generated/fig/figure.{kind}>`" in record
    for file in ("table_hr.csv", "table_hr.docx", "tables.xlsx", "fig.py.txt", "provenance.json"):
        assert f"<_generated/fig/{file}>`" in record
    assert "literalinclude} _generated/fig/fig.py.txt" in record
    assert "The faceage_stats developers. Figure of everything. In:" in record
    for shown in ("SHA-256", "rows.csv", "pandas", "careful", ">7</td>"):
        assert shown in record
    assert str(results.parent) not in record, "a page shows no folder of the machine"


def test_a_page_of_synthetic_rows_says_so_first_and_in_its_answer(results):
    answer = page_parts(read_item(results / "fig"), "A figure")["answer"]
    assert answer.startswith(":::{admonition} Synthetic data")
    assert "**Answer in these synthetic rows.** The hazard ratio is 1.15 (1.05–1.25)." in answer


def test_what_was_published_and_planted_stands_beside_what_was_recovered(results):
    compared = pd.DataFrame(
        {"id": ["a", "other"], "term": ["faceage per decade", "x"], "published_estimate": [1.1, 2],
         "published_conf_low": [1.0, None], "published_conf_high": [1.2, None],
         "planted": [1.15, None], "recovered_estimate": [1.151, 3], "status": ["holds", "misses"]}
    )  # fmt: skip
    box = page_parts(read_item(results / "fig"), "A figure", compared)["tables"]
    assert "## Published, planted, recovered" in box
    assert '<td>1.10 <span class="whole">(1.00–1.20)</span></td><td>1.15</td>' in box
    assert "misses" not in box
    hers = compared.drop(columns="planted").assign(cohort="MAASTRO")
    real = page_parts(read_item(results / "fig"), "A figure", hers)
    assert "## Published and recovered\n" in real["tables"]
    assert "Published cohort" in real["tables"]  # her value beside it is not of it
    assert "Published cohort" not in box
    assert '<tr id="value-a">' in box


def test_the_id_of_a_value_leads_to_where_it_is_computed():
    values = pd.DataFrame({"id": ["a", "b"], "n": [1, 2]})
    table = html_table(values, links={"a": '<a href="fig.html#value-a">a</a>'})
    assert '<th scope="row" class="text"><a href="fig.html#value-a">a</a></th>' in table
    assert '<th scope="row" class="text">b</th>' in table


def test_a_table_names_its_rows_and_its_columns(results):
    table = html_table(read_item(results / "fig").tables["hr"], title="Hazard ratios", anchor="hr")
    for part in (
        '<td>1.15 <span class="whole">(1.05–1.25)</span></td>',
        "<td>0.0013</td>",
        "<td>Reference</td>",
        '<th scope="col">p</th>',
        '<tr id="hr-1"><th scope="row" class="text">FaceAge, per decade</th>',
        '<th scope="row" class="text">mark&lt;M&gt;</th>',
        'role="region" tabindex="0" aria-label="Hazard ratios"',
        "<caption>In every row: n 4,906.</caption>",
    ):
        assert part in table


def test_what_several_headings_say_in_common_stands_above_them():
    names = ["Covariate", "Crude: HR", "Crude: p", "Adjusted: HR", "Adjusted: p", "n"]
    head = html_table(pd.DataFrame([["a", *"123456"[:5]]], columns=names)).split("</thead>")[0]
    first, second = head.split("<tr>")[1:]
    assert first.count('colspan="2"') == 2
    assert 'class="group" colspan="2">Crude</th>' in first
    assert first.count('rowspan="2"') == 2
    assert second.count(">p</th>") == second.count(">HR</th>") == 2
    assert "colspan" not in html_table(pd.DataFrame([["a", "1"]], columns=["x", "n: all"]))


def test_code_in_brackets_may_be_broken_and_an_interval_not():
    table = html_table(pd.DataFrame({"call": ["f(x, data)"], "hr": ["1.2 (1.0 to 1.4)"]}))
    assert '<td class="text">' not in table
    assert '<span class="whole">(1.0 to 1.4)</span>' in table
    assert '<span class="whole">(x, data)' not in table


def test_a_verdict_is_marked_and_a_long_name_may_be_broken():
    frame = pd.DataFrame({"term": ["a", "b"], "verdict": ["matched", "not matched"]})
    table = html_table(frame)
    assert '<span class="verdict-matched">Matched</span>' in table
    assert '<span class="verdict-does">Not matched</span>' in table
    names = pd.DataFrame({"term": ["a", "b"], "case": ["lung_faceage_marker_of_all", "x_y"]})
    assert "lung_<wbr>faceage_<wbr>marker_<wbr>of_<wbr>all" in html_table(names)


def test_long_tables_are_cut_and_say_so():
    table = html_table(pd.DataFrame({"n": range(MAX_ROWS + 3)}))
    assert table.count("<tr>") == MAX_ROWS + 1
    assert f"The first {MAX_ROWS} of {MAX_ROWS + 3} rows; the download has all." in table


def test_indented_rows_belong_to_the_row_above():
    table = html_table(pd.DataFrame({"Characteristic": ["Sex, n (%)", "  Women"], "N": ["", "3"]}))
    assert '<th scope="row" class="text inside">Women</th>' in table


def test_writing_fragments_copies_what_the_page_links_to(results, tmp_path):
    scripts = tmp_path / "items"
    scripts.mkdir()
    (scripts / "fig.py").write_text('"""A figure."""\n', encoding="utf-8")
    module = types.ModuleType("fig", "Figure of everything. And more.")
    module.TABLES = ("maastro",)
    folder = tmp_path / "book" / "_generated"
    names = write_fragments(results, folder, items={"fig": module}, scripts=scripts,
                            shown_on={"fig": "page"})  # fmt: skip
    assert {"fig", "overview", "glossary", "data_dictionary"} <= set(names)
    written = {path.name for path in (folder / "fig").iterdir()}
    assert written == {
        *("figure.svg", "figure.png", "figure.pdf", "table_hr.csv", "table_hr.docx"),
        *("tables.xlsx", "fig.py.txt", "provenance.json", *(f"{part}.md" for part in PARTS)),
    }
    overview = (folder / "overview.md").read_text(encoding="utf-8")
    assert '<a href="page.html">Figure of everything. And more</a>' in overview
    assert "synthetic" in overview
    assert "MAASTRO" in overview
    write_fragments(results, folder, items={"fig": module}, scripts=scripts,
                    called={"maastro": "Nord <b>"})  # fmt: skip
    overview = (folder / "overview.md").read_text(encoding="utf-8")
    assert "Nord &lt;b&gt;" in overview
    assert "MAASTRO" not in overview


def test_the_workbook_tells_no_time_and_has_no_endless_sheet(tmp_path):
    short, long = pd.DataFrame({"a": [1.5]}), pd.DataFrame({"a": range(5_001)})
    item = types.SimpleNamespace(
        name="fig", tables={"short": short, "long": long}, figures={}, flow=None, source_data=None
    )
    (tmp_path / "fig.py").write_text('"""A figure."""\n', encoding="utf-8")
    (tmp_path / "stored").mkdir()
    (tmp_path / "stored" / "provenance.json").write_text("{}", encoding="utf-8")
    write_downloads(item, tmp_path / "stored", tmp_path / "fig.py", tmp_path / "files")
    made = tmp_path / "files" / "tables.xlsx"
    with zipfile.ZipFile(made) as book:
        assert {part.date_time for part in book.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        about = book.read("docProps/core.xml").decode()
    assert set(re.findall(r"\d{4}-\d\d-\d\dT[^<]*", about)) == {"1980-01-01T00:00:00Z"}
    sheets = pd.read_excel(made, sheet_name=None)
    assert sheets.keys() == {"short"}
    assert "- all other tables: {download}`Excel <files/tables.xlsx>`" in downloads(item, "files")


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
