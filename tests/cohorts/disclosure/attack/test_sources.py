"""Each source of a build is read. Truth: leaks that were put there, the release switched off."""

from __future__ import annotations

import json
import shutil
import zipfile
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

import faceage_stats as fs
from faceage_stats.cohorts.disclosure.attack.attack import attack
from faceage_stats.cohorts.disclosure.rules import NO_RULES, RULE_SETS
from faceage_stats.reporting.store.release import release
from faceage_stats.reporting.store.write_item import write_item
from faceage_stats.reporting.tables.docx import Cell, write_docx

RULES = RULE_SETS["opensafely"]
RECORD = {"item": "x", "synthetic": False, "parameters": {"sources": {"maastro": "private"}}}


@pytest.fixture(scope="module")
def rows():
    """300 patients, three of them with head-and-neck cancer."""
    rng = np.random.default_rng(2)
    site = ["hn"] * 3 + rng.choice(["breast", "lung"], 297).tolist()
    age = rng.normal(65, 9, 300).round(1)
    gap = rng.normal(5, 7, 300).round(2)
    return pd.DataFrame({"site": pd.Categorical(site), "age": age, "faceage": age + gap})


def written(folder: Path, item: fs.Item, rules=NO_RULES, record=RECORD) -> Path:
    return write_item(release(item, rules), folder / "x", provenance=record)


def kinds_of(folder: Path, **options) -> set[tuple[str, str]]:
    found = attack(folder, **options)
    return set(zip(found["kind"], found["what"], strict=True))


def harmless() -> fs.Item:
    sizes = pd.DataFrame({"group": ["breast", "lung"], "n": [160, 140]})
    return fs.Item(caption="300 patients.", tables={"sizes": sizes})


def test_nothing_is_found_where_nothing_is(tmp_path):
    assert kinds_of(written(tmp_path, harmless())) == set()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("notes.txt", "Three sites; n = 3 in the smallest."),
        ("page.html", "<p>There were <b>3 deaths</b>.</p>"),
        ("log.log", "fitted; 2 patients left out"),
        ("more.json", '{"text": "n = 4"}'),
        ("of_3_patients.txt", ""),
    ],
)
def test_words_of_every_file_and_its_name_are_read(tmp_path, name, content):
    folder = written(tmp_path, harmless())
    (folder / name).write_text(content, encoding="utf-8")
    assert ("printed", "count in the text") in kinds_of(folder)


def test_documents_are_read(tmp_path):
    folder = written(tmp_path, harmless())
    write_docx(folder / "table.docx", [[Cell("Site"), Cell("n = 3")]], n_header=1)
    assert ("printed", "count in the text") in kinds_of(folder)
    (folder / "table.docx").unlink()
    _office(folder)
    assert ("printed", "count in the text") in kinds_of(folder)


def _office(folder: Path) -> None:
    with zipfile.ZipFile(folder / "table.xlsx", "w") as parts:
        parts.writestr("xl/sharedStrings.xml", "<sst><si><t>3 patients</t></si></sst>")


def _drawn(folder: Path, suffix: str, text: str) -> None:
    figure = Figure()
    figure.text(0.5, 0.5, text)
    figure.savefig(folder / f"figure.{suffix}")


def test_a_pdf_whose_letters_cannot_be_read_and_any_unknown_file_are_findings(tmp_path):
    folder = written(tmp_path, harmless())
    _drawn(folder, "pdf", "n = 3")
    assert {kind for kind, _ in kinds_of(folder)} & {"unread", "printed"}
    (folder / "figure.pdf").unlink()
    (folder / "rows.parquet").write_bytes(b"PAR1")
    assert kinds_of(folder) == {("unread", "no attacker of ours")}


def test_a_picture_without_its_shapes_is_unread(tmp_path):
    folder = written(tmp_path, harmless())
    _drawn(folder, "png", "n = 3")
    assert {kind for kind, _ in kinds_of(folder)} == {"unread"}


def test_the_record_is_read(tmp_path):
    plain = {"inputs": {"maastro": {"file": "maastro.csv", "sha256": "ab" * 32}}}
    warned = {"warnings": ["4 rows left out"]}
    found = kinds_of(written(tmp_path, harmless(), record=RECORD | plain | warned))
    assert found == {("confirms", "hash of the table maastro"), ("printed", "count in the text")}
    public = {"parameters": {"sources": {"maastro": "private", "utk": "public"}}}
    named = {"inputs": {"utk": {"file": "utk.csv", "sha256": "ab" * 32}}}
    assert kinds_of(written(tmp_path, harmless(), record=RECORD | public | named)) == set()


PAGE = """<html><body><h1>Sites (n = 3)</h1><img src="figure.svg" alt="hn: 2 patients">
<a href="table_sizes.csv">CSV</a><table><thead><tr><th>group</th><th>n event</th></tr></thead>
<tr><td>breast</td><td>1,600</td></tr><tr><td>hn</td><td>4</td></tr></table></body></html>"""


def test_pages_of_the_book_are_read_with_the_item_that_they_show(tmp_path):
    folder = written(tmp_path / "results", harmless())
    book = tmp_path / "book"
    book.mkdir()
    shutil.copy(folder / "table_sizes.csv", book)
    (book / "page.html").write_text(PAGE, encoding="utf-8")
    (book / "other.html").write_text("<p>n = 3 in the paper</p>", encoding="utf-8")
    found = attack(folder.parent, book=book)
    assert set(found["kind"]) == {"printed", "unchecked"}
    assert set(found["files"]) == {"page.html", "page.html, table 1"}
    quiet = PAGE.replace("n = 3", "").replace("2 patients", "").replace(">4<", ">–<")
    (book / "page.html").write_text(quiet, encoding="utf-8")
    assert attack(folder.parent, book=book).empty
    code = "<pre>def top(table, <span>n</span><span>=</span><span>3</span>):</pre></body>"
    (book / "page.html").write_text(quiet.replace("</body>", code), encoding="utf-8")
    assert attack(folder.parent, book=book).empty
    output = "<pre>stage\nn = 3</pre></body>"
    (book / "page.html").write_text(quiet.replace("</body>", output), encoding="utf-8")
    assert attack(folder.parent, book=book)["kind"].tolist() == ["printed"]


@pytest.mark.parametrize("name", ["caption", "table", "picture", "file"])
def test_an_identifier_is_found_wherever_it_stands(tmp_path, name):
    ids = {"HN7310037", "3", "breast", "20-4411"}
    folder = written(tmp_path, harmless())
    assert kinds_of(folder, identifiers=ids) == set()
    table = pd.DataFrame({"group": ["breast", "20-4411" if name == "table" else "lung"]})
    table.to_csv(folder / "table_sizes.csv", index=False)
    item = json.loads((folder / "item.json").read_text(encoding="utf-8"))
    item["caption"] = "Without HN7310037, who withdrew." if name == "caption" else ""
    (folder / "item.json").write_text(json.dumps(item), encoding="utf-8")
    if name == "picture":
        _drawn(folder, "svg", "HN7310037: 71 years")
    if name == "file":
        (folder / "20-4411.txt").touch()
    assert ("patients", "an identifier") in kinds_of(folder, identifiers=ids)


# ---- shapes


def boxes(gaps):
    """Quartiles at labels of the x axis."""
    figure = Figure()
    axes = figure.add_subplot()
    parts = [{"med": r.median, "q1": r.q25, "q3": r.q75, "whislo": r.q25, "whishi": r.q75,
              "label": r.group} for r in gaps.itertuples() if r.median == r.median]  # fmt: skip
    axes.bxp(parts, showfliers=False)
    figure.alt_text = "boxes"
    return figure


def bars(sizes):
    figure = Figure()
    axes = figure.add_subplot()
    axes.bar(range(len(sizes)), sizes["n"].fillna(0))
    axes.set_ylabel("Number of patients")
    figure.alt_text = "bars"
    return figure


def test_a_box_of_few_is_found_in_the_row_of_its_label(tmp_path, rows):
    """The table withholds the group; its box is drawn all the same."""
    data = fs.figures.gap_by_group_data(fs.age_gap(rows, by="site"))
    withheld = data.copy()
    withheld.loc[withheld["group"] == "hn", [c for c in data if c != "group"]] = np.nan
    kept = data.loc[data["group"] != "hn"]
    both = fs.Item(caption="x", figure=partial(boxes, data), tables={"gaps": withheld})
    found = kinds_of(written(tmp_path / "both", both))
    assert ("few", "shape in the row of a small group") in found
    one = fs.Item(caption="x", figure=partial(boxes, kept), tables={"gaps": withheld})
    assert not {kind for kind, _ in kinds_of(written(tmp_path / "one", one))} & {"few", "patients"}


def test_gaps_drawn_by_the_library_are_found_without_release_and_not_with_it(tmp_path, rows):
    gaps = fs.age_gap(rows, by="site")
    item = fs.Item(caption="x", figure=partial(fs.figures.gap_by_group, gaps),
                   tables={"gaps": gaps.tidy()})  # fmt: skip
    bare = kinds_of(written(tmp_path / "bare", item))
    assert {("patients", "ends of a violin"), ("few", "shape in the row of a small group")} <= bare
    assert kinds_of(written(tmp_path / "released", item, RULES)) == set()


def test_heights_of_bars_are_counts(tmp_path):
    sizes = pd.DataFrame({"group": ["a", "b", "c"], "n": [60, 40, 3]})
    item = fs.Item(caption="x", figure=partial(bars, sizes), tables={"sizes": sizes})
    assert ("printed", "height of a bar") in kinds_of(written(tmp_path / "bare", item))
    assert kinds_of(written(tmp_path / "released", item, RULES)) == set()


def scatter(rows):
    return fs.figures.gap_vs(rows["age"], rows["faceage"] - rows["age"], x_label="Age", points=True)


def hexagons(rows):
    return fs.figures.gap_vs(rows["age"], rows["faceage"] - rows["age"], x_label="Age")


@pytest.mark.parametrize("drawn", [scatter, hexagons])
def test_points_hexagons_and_ends_of_lines_are_patients(tmp_path, rows, drawn):
    found = kinds_of(written(tmp_path, fs.Item(caption="x", figure=partial(drawn, rows))))
    assert ("patients", "a cloud of marks") in found or ("patients", "a raster of marks") in found
    assert ("patients", "ends of a fitted line") in found


def test_a_line_that_is_released_ends_at_no_patient(tmp_path, rows):
    drawing = partial(fs.figures.gap_vs, rows["age"], rows["faceage"], x_label="Age")
    item = fs.Item(caption="x", figure=drawing)
    assert ("patients", "ends of a fitted line") in kinds_of(written(tmp_path / "bare", item))
    folder = written(tmp_path / "released", item, RULES)
    assert (folder / "figure.svg").is_file()
    assert kinds_of(folder) == set()


def test_steps_of_a_curve_are_event_times_without_release_and_months_with_it(tmp_path):
    rng = np.random.default_rng(3)
    days = np.ceil(rng.exponential(900, 200))
    rows = pd.DataFrame({"years": days / 365.25, "death": rng.integers(0, 2, 200)})
    km = fs.survfit("Surv(years, death) ~ 1", data=rows)
    item = fs.Item(caption="x", figure=partial(fs.figures.km, km))
    assert ("times", "steps of the curves") in kinds_of(written(tmp_path / "bare", item))
    assert kinds_of(written(tmp_path / "released", item, RULES)) == set()


# Truth: nothing of it is of few. A level of Table 1 has a proportion and no mean; a 0/1 column has
# the levels "0" and "1", which are also ticks of a ratio's axis.
def test_ticks_of_an_axis_are_no_withheld_levels(tmp_path):
    rows = pd.DataFrame({"death": [0, 1] * 100, "age": np.arange(200.0)})
    hr = pd.DataFrame(
        {"term": ["a", "b"], "estimate": [1.4, 0.8], "conf_low": [1.1, 0.6],
         "conf_high": [1.7, 1.2], "p_value": [0.01, 0.3], "n": [100, 100], "n_event": [50, 50],
         "scale": "hazard ratio"}
    )  # fmt: skip
    item = fs.Item(
        caption="Patients.",
        figure=partial(fs.figures.forest, hr, effect="HR", label="term"),
        tables={"characteristics": fs.table_one(rows, None, ["age", "death"]), "hr": hr},
    )
    assert kinds_of(written(tmp_path, item, RULES)) == set()
