"""A prepared table that is older than its export. Truth: files that are changed by hand."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from faceage_stats.cli import main
from faceage_stats.cohorts.prepare.made_from import changed_since, how_to_remake
from tests import messy_hospital
from tests.cohorts.prepare.test_prepare import MAPPING

pytestmark = pytest.mark.filterwarnings("ignore::faceage_stats.errors.ReadingWarning")


@pytest.fixture(name="table")
def _table(tmp_path):
    messy_hospital.write(tmp_path, n=200)
    (tmp_path / "hospital.yaml").write_text(MAPPING, encoding="utf-8")
    table = tmp_path / "prepared.parquet"
    words = ["prepare", str(tmp_path / "hospital.yaml"), "--out", str(table), "--quiet"]
    assert main(words) == 0
    return table


@pytest.mark.parametrize("name", ["exportacao.csv", "biomarkers.csv", "hospital.yaml"])
def test_a_file_that_changed_is_named_with_the_cure(table, name, capsys):
    assert changed_since(table) == []
    assert main(["validate", str(table), "--schema", "maastro", "--quiet"]) == 0
    with (table.parent / name).open("a", encoding="utf-8") as file:
        file.write("\n")
    assert changed_since(table) == [name]
    assert "faceage prepare hospital.yaml --out prepared.parquet --force" in how_to_remake(table)
    assert main(["validate", str(table), "--schema", "maastro", "--quiet"]) == 1
    assert f"prepared from {name}, changed since" in capsys.readouterr().err


def test_a_table_that_was_carried_elsewhere_is_a_table(table, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert changed_since(Path(shutil.copy(table, elsewhere))) == []


def test_a_mapping_is_validated_as_the_table_that_it_makes(table, capsys):
    assert main(["validate", str(table), "--schema", "maastro"]) == 0
    of_table = capsys.readouterr().out.splitlines()
    assert main(["validate", str(table.with_name("hospital.yaml"))]) == 0
    of_mapping = capsys.readouterr().out.splitlines()
    assert of_mapping[1:] == of_table[1:]
