"""Truth: the parts that the Office Open XML format asks for, read back from the archive."""

import zipfile
from xml.etree import ElementTree

import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.errors import InputError
from faceage_stats.reporting.tables.display import DisplayTable

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@pytest.fixture
def table():
    body = pd.DataFrame(
        {"row": ["Age", "Site <1>", "lung"], "a": ["61", "", "3"], "b": ["62", "", "4 & 5"]}
    )
    return DisplayTable(
        body, [2], {"a": "HR", "b": "p"}, {"Adjusted": ["a", "b"]}, title="Table 1", notes=["Note"]
    )


def document(path):
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        for part in archive.namelist():
            ElementTree.fromstring(archive.read(part))
        return ElementTree.fromstring(archive.read("word/document.xml"))


def cells(row):
    return ["".join(t.text or "" for t in cell.iter(f"{W}t")) for cell in row.iter(f"{W}tc")]


def test_every_cell_is_there_with_its_setting(table, tmp_path):
    table.to_docx(tmp_path / "table.docx")
    root = document(tmp_path / "table.docx")
    rows = list(root.iter(f"{W}tr"))
    assert [cells(row) for row in rows] == [
        ["", "Adjusted"],
        ["Characteristic", "HR", "p"],
        ["Age", "61", "62"],
        ["Site <1>", "", ""],
        ["lung", "3", "4 & 5"],
    ]
    repeated = [row.find(f"{W}trPr/{W}tblHeader") is not None for row in rows]
    assert repeated == [True, True, False, False, False]
    assert [span.get(f"{W}val") for span in rows[0].iter(f"{W}gridSpan")] == ["2"]
    assert len(list(rows[4].iter(f"{W}ind"))) == 1
    assert rows[2].find(f".//{W}b") is not None
    assert rows[4].find(f".//{W}b") is None
    texts = [t.text for t in root.iter(f"{W}t")]
    assert (texts[0], texts[-1]) == ("Table 1", "Note")
    assert len(list(root.iter(f"{W}gridCol"))) == 3


def test_same_table_same_bytes_and_no_file_left_behind(table, tmp_path):
    for name in ("one.docx", "two.docx"):
        table.to_docx(tmp_path / name)
    assert (tmp_path / "one.docx").read_bytes() == (tmp_path / "two.docx").read_bytes()
    (tmp_path / "two.docx").write_bytes(b"edited in Word")
    with pytest.raises(InputError, match=r"two\.docx exists already"):
        table.to_docx(tmp_path / "two.docx")
    assert (tmp_path / "two.docx").read_bytes() == b"edited in Word"
    table.to_docx(tmp_path / "two.docx", force=True)
    assert (tmp_path / "one.docx").read_bytes() == (tmp_path / "two.docx").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.docx", "two.docx"]


def test_a_bare_table_ends_with_a_paragraph(tmp_path):
    table = DisplayTable(pd.DataFrame({"row": ["Age"], "a": ["1"]}), [], {"a": "n"})
    table.to_docx(tmp_path / "t.docx")
    body = document(tmp_path / "t.docx").find(f"{W}body")
    assert [child.tag for child in body] == [f"{W}tbl", f"{W}p"]


def test_table_one_and_regression_tables_write_word(tmp_path):
    frame = pd.DataFrame(
        {"t": [1, 2, 3, 4, 5, 6], "d": [1, 1, 0, 1, 1, 1], "x": [3.0, 1, 2, 5, 4, 2],
         "g": list("ababab")}
    )  # fmt: skip
    fs.table_one(frame, by="g", columns=["x"]).to_docx(tmp_path / "one.docx")
    fit = fs.coxph("Surv(t, d) ~ x", data=frame)
    fs.tbl_regression(fit).to_docx(tmp_path / "two.docx")
    assert cells(next(document(tmp_path / "one.docx").iter(f"{W}tr")))[1] == "Overall, N = 6"
    assert "HR (95% CI)" in cells(next(document(tmp_path / "two.docx").iter(f"{W}tr")))
