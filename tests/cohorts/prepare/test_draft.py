"""The draft of a mapping. Truth: the export that it is drafted from."""

from __future__ import annotations

import pandas as pd
import pytest
import yaml

from faceage_stats.cohorts.prepare.draft import draft_mapping
from faceage_stats.cohorts.prepare.mapping import load_mapping
from faceage_stats.cohorts.prepare.words import column_named
from faceage_stats.errors import InputError
from tests import messy_hospital


@pytest.fixture(name="draft", scope="module")
def _draft(tmp_path_factory):
    folder = tmp_path_factory.mktemp("draft")
    messy_hospital.write(folder)
    export = pd.read_csv(folder / "exportacao.csv", sep=";", encoding="cp1252", dtype=str)
    with pytest.warns(UserWarning, match="Windows-1252"):
        return draft_mapping(folder / "exportacao.csv", "maastro"), export


def test_no_identifier_and_no_rare_value_is_written_down(draft):
    text, export = draft
    assert not [value for value in export["Prontuário"] if value in text]
    assert not [value for value in export["Data de nascimento"] if value in text]
    assert "Masc" in text
    assert "curativa" in text


def test_dates_are_found_with_their_format(draft):
    content = yaml.safe_load(draft[0])
    assert content["dates"]["start"] == {"from": "Início RT", "format": "DD/MM/YYYY"}
    assert {key: each["from"] for key, each in content["dates"].items()} == {
        "birth": "Data de nascimento",
        "start": "Início RT",
        "death": "Data do óbito",
        "last_contact": "Último contato",
        "atualizado_em": "Atualizado em",
    }
    assert content["columns"]["age"] == {"years_between": ["birth", "start"]}
    assert content["follow_up"]["death"] == "death"
    assert set(content["missing"]) == {"ignorado"}


def test_weight_and_height_are_found_with_their_units(draft):
    assert yaml.safe_load(draft[0])["columns"]["bmi"] == {
        "weight": {"from": "Peso (kg)", "unit": "kg"},
        "height": {"from": "Altura (m)", "unit": "m"},
    }
    names = ["Gewicht (kg)", "Größe (cm)", "Geschlecht"]
    assert [column_named(part, names) for part in ("weight", "height")] == names[:2]


def test_a_draft_that_is_not_completed_is_refused_at_each_todo(draft, tmp_path):
    path = tmp_path / "hospital.yaml"
    path.write_text(draft[0], encoding="utf-8")
    with pytest.raises(InputError, match=r"'TODO' is no code of the schema \(Masc, Fem\)"):
        load_mapping(path)


def test_a_sheet_with_titles_and_dates_as_numbers(tmp_path):
    """Excel: a title, a second header line, days as numbers, a sum line."""
    rows = [["Pacjenci"], ["Pacjent", None, "Leczenie"], ["Nr", "Data ur.", "Zubrod"]]
    rows += [[f"P{i:03d}", 15_000 + 37 * i, "1 - objawy"] for i in range(60)] + [["Razem", 60]]
    pd.DataFrame(rows).to_excel(tmp_path / "x.xlsx", index=False, header=False)
    with pytest.raises(InputError, match="On the command line: --header-row 3"):
        draft_mapping(tmp_path / "x.xlsx", "maastro")
    content = yaml.safe_load(draft_mapping(tmp_path / "x.xlsx", "maastro", header_row=3))
    assert content["source"] == {"path": "x.xlsx", "header_row": 3}
    assert content["dates"] == {"birth": {"from": "Data ur.", "format": "Excel"}}


def test_columns_of_a_french_export_are_found():
    """Names and codes of an export that a blind trial met: nothing is left to look for."""
    raw = pd.DataFrame(
        {
            "IPP": [f"{i:08d}" for i in range(60)],
            "Stade TNM": ["IA", "IIIB"] * 30,
            "Tabac": ["ancien", "actif"] * 30,
            "PS (OMS)": ["0", "1"] * 30,
            "Né(e) le": [f"0{1 + i % 9}/03/1950" for i in range(60)],
            "Date 1ère séance": [f"0{1 + i % 9}/03/2015" for i in range(60)],
            "État aux DN": ["Vivant", "DCD"] * 30,
        }
    )
    looked = {
        field: column_named(field, raw) for field in ("clinical_stage", "smoking", "ecog", "start")
    }
    assert looked == {
        "clinical_stage": "Stade TNM",
        "smoking": "Tabac",
        "ecog": "PS (OMS)",
        "start": "Date 1ère séance",
    }


def test_a_draft_of_a_french_export(tmp_path):
    path = tmp_path / "export.csv"
    days = [f"{1 + i % 28:02d}/0{1 + i % 9}/1950" for i in range(60)]
    pd.DataFrame(
        {
            "IPP": [f"{i:08d}" for i in range(60)],
            "Né(e) le": days,
            "PS (OMS)": ["0", "1"] * 30,
            "État aux DN": ["Vivant", "DCD"] * 30,
        }
    ).to_csv(path, index=False)
    content = yaml.safe_load(draft_mapping(path, "thoracic"))
    assert content["columns"]["patient_id"] == {"number": "IPP"}
    assert content["columns"]["ecog"]["codes"] == {"0": 0, "1": 1}
    status = content["follow_up"]["status"]
    assert (status["from"], status["alive"], status["dead"]) == ("État aux DN", ["Vivant"], ["DCD"])
