"""Files beside an export. Truth: a merge by pandas on the same rows, and counts by hand."""

from __future__ import annotations

import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.cohorts.prepare.draft import draft_mapping
from faceage_stats.cohorts.prepare.dummy import dummy_cohort
from faceage_stats.errors import InputError, ReadingWarning

MAPPING = """
schema: palliative
label: Centrum
source: {path: pacjenci.csv, encoding: cp1250}
join:
  - {path: leczenie.txt, match: [Nr kartoteki, nr], keep: oldest, by: start}
  - {path: zgony.csv, match: Nr kartoteki}
missing: ["-"]
dates:
  birth: {from: Data ur., format: DD.MM.YYYY}
  start: {from: Początek RT, format: YYYY-MM-DD}
  died: {from: DATA, format: YYYYMMDD}
  seen: {from: leczenie.Data ur., format: YYYY-MM-DD}
columns:
  patient_id: {number: Nr kartoteki}
  age: {years_between: [birth, start]}
  faceage: Wiek twarzy
  sex: {from: Płeć, codes: {K: F, M: M}}
  cancer_type: {value: breast}
follow_up: {start: start, death: died, last_contact: seen}
"""
PERSONS = pd.DataFrame(
    {
        "Nr kartoteki": [f"{i:05d}" for i in range(40)],
        "Data ur.": "05.03.1950",
        "Płeć": ["K", "M"] * 20,
        "Wiek twarzy": [f"{60 + i},5" for i in range(40)],
    }
)
TREATMENTS = pd.DataFrame(
    {
        "nr": [*(f"{i:05d}" for i in range(40)), "00003", "00004", "00004", "99999", "-"],
        "Początek RT": [*["2015-03-01"] * 40, "2014-01-01", "", "2016-01-01", *["2015-01-01"] * 2],
        "Data ur.": "2015-12-31",  # a name that stands in the first file: the day of contact
    }
)
DEATHS = pd.DataFrame({"Nr kartoteki": ["00001", "00002", "00002"], "DATA": "20160301"})


@pytest.fixture(name="folder")
def _folder(tmp_path):
    PERSONS.to_csv(tmp_path / "pacjenci.csv", sep=";", index=False, encoding="cp1250")
    TREATMENTS.to_csv(tmp_path / "leczenie.txt", sep="\t", index=False, encoding="utf-16")
    DEATHS.to_csv(tmp_path / "zgony.csv", index=False, encoding="utf-8-sig")
    (tmp_path / "hospital.yaml").write_text(MAPPING, encoding="utf-8")
    return tmp_path


def test_the_rows_are_those_of_a_merge(folder):
    rows = fs.prepare(None, folder / "hospital.yaml").rows
    first = TREATMENTS.mask(TREATMENTS == "").dropna().sort_values("Początek RT", kind="stable")
    merged = PERSONS.merge(
        first.drop_duplicates("nr").drop(columns="Data ur."), left_on="Nr kartoteki", right_on="nr"
    ).merge(DEATHS.drop_duplicates(), how="left")
    start = pd.to_datetime(merged["Początek RT"])
    end = pd.to_datetime(merged["DATA"], format="%Y%m%d")
    assert rows["death"].tolist() == end.notna().astype(int).tolist()
    years = (end.fillna(pd.Timestamp("2015-12-31")) - start).dt.days / 365.25
    assert rows["years"].tolist() == pytest.approx(years.tolist(), rel=1e-12)
    assert rows["faceage"].tolist() == [60.5 + i for i in range(40)]
    assert rows["sex"].tolist() == ["F", "M"] * 20


def test_every_row_of_every_file_is_counted(folder):
    flow = fs.prepare(None, folder / "hospital.yaml").flow.tidy()
    changed = flow.set_index("step")["n_changed"]
    assert changed["Joined: leczenie.txt"] == 40
    assert changed["leczenie.txt: repeats"] == 3
    assert changed["leczenie.txt: others"] == 1
    assert changed["Joined: zgony.csv"] == 2
    assert changed["zgony.csv: repeats"] == 1
    assert flow["n_after"].eq(40).all()


def test_numbers_stand_in_place_of_the_hospitals(folder):
    prepared = fs.prepare(None, folder / "hospital.yaml")
    assert prepared.rows["patient_id"].tolist() == [str(i) for i in range(1, 41)]
    printed = " ".join(prepared.flow.tidy().astype(str).to_numpy().ravel())
    assert "00003" not in printed + prepared.rows.to_csv()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (", keep: oldest, by: start", "", r"2 patients have several rows in leczenie.txt"),
        (", by: start", "", "names the date for `keep: newest` or `oldest`"),
        ("by: start", "by: strat", "Did you mean 'start'"),
        ("[Nr kartoteki, nr]", "[Nr kartoteki, nrr]", "leczenie.txt has no column 'nrr'"),
        ("match: [Nr kartoteki, nr]", "on: nr", "there is no such key"),
        ("[Nr kartoteki, nr]", "[Płeć, nr]", "no row of the export has a 'Płeć' that stands in"),
        ("by: start", "by: birth", "has no column 'Data ur.'|is no date in"),
        ("number: Nr kartoteki", "nummer: Nr kartoteki", "number"),
        ("faceage: Wiek twarzy", "faceage: {number: Wiek twarzy}", "that identifies a patient"),
    ],
)
def test_joins_that_cannot_be_meant(folder, old, new, message):
    assert old in MAPPING
    (folder / "hospital.yaml").write_text(MAPPING.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError, match=message):
        fs.prepare(None, folder / "hospital.yaml")


class TestLeadingZeros:
    """Truth: the table of the same patients whose numbers are written alike."""

    @pytest.fixture(name="short")
    def _short(self, folder):
        shorter = TREATMENTS.assign(nr=TREATMENTS["nr"].str.replace("^0+(?=.)", "", regex=True))
        shorter.to_csv(folder / "leczenie.txt", sep="\t", index=False, encoding="utf-16")
        return folder

    def test_overlooked_where_asked_for(self, short):
        with pytest.raises(InputError, match=r"`leading_zeros: ignore` takes 0012 and 12 for one"):
            fs.prepare(None, short / "hospital.yaml")
        text = MAPPING.replace("keep: oldest", "leading_zeros: ignore, keep: oldest")
        (short / "hospital.yaml").write_text(text, encoding="utf-8")
        prepared = fs.prepare(None, short / "hospital.yaml")
        TREATMENTS.to_csv(short / "leczenie.txt", sep="\t", index=False, encoding="utf-16")
        (short / "hospital.yaml").write_text(MAPPING, encoding="utf-8")
        expected = fs.prepare(None, short / "hospital.yaml")
        pd.testing.assert_frame_equal(prepared.rows, expected.rows)
        pd.testing.assert_frame_equal(prepared.flow.tidy(), expected.flow.tidy())

    def test_the_draft_finds_them(self, short):
        files = [short / name for name in ("pacjenci.csv", "leczenie.txt", "zgony.csv")]
        text = draft_mapping(files, "palliative", encoding="cp1250")
        assert 'match: ["Nr kartoteki", nr], leading_zeros: ignore, keep: refuse}' in text
        TREATMENTS.to_csv(short / "leczenie.txt", sep="\t", index=False, encoding="utf-16")
        assert "leading_zeros" not in draft_mapping(files, "palliative", encoding="cp1250")

    def test_two_patients_are_not_one(self, short):
        text = MAPPING.replace("keep: oldest", "leading_zeros: ignore, keep: oldest")
        (short / "hospital.yaml").write_text(text, encoding="utf-8")
        both = pd.concat([PERSONS, PERSONS.tail(2).assign(**{"Nr kartoteki": ["38", "39"]})])
        both.to_csv(short / "pacjenci.csv", sep=";", index=False, encoding="cp1250")
        with pytest.raises(InputError, match=r"2 values differ .* would take two patients for one"):
            fs.prepare(None, short / "hospital.yaml")

    def test_of_scores(self, folder):
        scores = pd.DataFrame({
            "patient_id": [str(i) for i in range(39)], "photo": [f"{i}.jpg" for i in range(39)],
            "model": "faceage", "status": "ok", "score": [50.0 + i for i in range(39)],
            "taken_on": pd.Timestamp("2015-03-01"),
        })  # fmt: skip
        told = "scores: {rule: first, leading_zeros: ignore}\nincomplete: exclude"
        text = MAPPING.replace("  faceage: Wiek twarzy\n", "") + told
        (folder / "hospital.yaml").write_text(text, encoding="utf-8")
        prepared = fs.prepare(None, folder / "hospital.yaml", scores=scores)
        assert prepared.rows["faceage"].tolist() == scores["score"].tolist()
        (folder / "hospital.yaml").write_text(
            text.replace(", leading_zeros: ignore", ""), encoding="utf-8"
        )
        with pytest.raises(InputError, match="no patient_id of biomarkers is in clinical"):
            fs.prepare(None, folder / "hospital.yaml", scores=scores)


def test_invented_patients_need_no_file(folder):
    for name in ("pacjenci.csv", "leczenie.txt", "zgony.csv"):
        (folder / name).unlink()
    assert len(dummy_cohort(folder / "hospital.yaml", 60).rows) > 30


def test_a_draft_of_several_files_finds_what_joins_them(folder):
    files = [folder / name for name in ("pacjenci.csv", "leczenie.txt", "zgony.csv")]
    with pytest.warns(ReadingWarning, match="Windows-1250|Windows-1252"):
        text = draft_mapping(files, "palliative")
    assert '- {path: "leczenie.txt", match: ["Nr kartoteki", nr], keep: refuse}' in text
    assert "00003" not in text
    told = draft_mapping(files, "palliative", encoding="cp1250")
    assert 'source: {path: "pacjenci.csv", encoding: cp1250}' in told
    assert 'from: "Początek RT"' in told
    assert "from: Płeć" in told
