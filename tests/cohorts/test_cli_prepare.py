"""`faceage prepare` from the command line. Truth: `prepare` itself."""

from __future__ import annotations

import json

import pytest

import faceage_stats as fs
from faceage_stats.cli import main
from tests import messy_hospital
from tests.cohorts.prepare.test_prepare import MAPPING

pytestmark = pytest.mark.filterwarnings("default::faceage_stats.errors.ReadingWarning")


@pytest.fixture(name="mapping")
def _mapping(tmp_path):
    messy_hospital.write(tmp_path)
    path = tmp_path / "hospital.yaml"
    path.write_text(MAPPING, encoding="utf-8")
    return path


def test_the_flow_is_printed_and_the_table_written(mapping, capsys):
    out = mapping.with_name("prepared.parquet")
    assert main(["prepare", str(mapping), "--out", str(out)]) == 0
    printed = capsys.readouterr()
    assert "12 excluded: Identical rows" in printed.out
    assert "model faceage" in printed.out
    assert "not in clinical: 1, with 1 photographs" in printed.err
    rows = fs.validate(fs.read_table(out, "maastro"), "maastro")
    assert len(rows) > 400
    flow = fs.curate(rows).flow.tidy()  # the file brings its steps and its label along
    assert flow["step"][0] == "Export as received"
    assert rows.attrs["short_name"] == "HC"
    assert main(["prepare", str(mapping), "--out", str(out)]) == 1  # without --force
    assert main(["prepare", str(mapping), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["flow"][0]["step"] == "Export as received"
    assert record["n_rows"] == record["flow"][-1]["n_after"]


def test_a_draft_and_a_dummy(mapping, capsys):
    export, draft = mapping.with_name("exportacao.csv"), mapping.with_name("draft.yaml")
    words = ["prepare", "--init", str(export), "--schema", "maastro", "--out", str(draft)]
    assert main(words) == 0
    assert "schema: maastro" in draft.read_text(encoding="utf-8")
    export.unlink()
    mapping.with_name("biomarkers.csv").unlink()
    dummy = mapping.with_name("dummy.csv")
    assert main(["prepare", str(mapping), "--dummy", "60", "--out", str(dummy), "--quiet"]) == 0
    assert main(["validate", str(dummy), "--schema", "maastro"]) == 0


def test_what_is_refused(mapping, capsys):
    assert main(["prepare", str(mapping), "--out", "prepared.txt"]) == 1
    mapping.write_text(MAPPING.replace("Sexo", "Sexoo"), encoding="utf-8")
    assert main(["prepare", str(mapping)]) == 1
    error = capsys.readouterr().err
    assert "line 19, columns, sex: the export has no column 'Sexoo'. Did you mean 'Sexo'?" in error
    for words in ([], ["--init", "a.csv"], ["m.yaml", "--init", "a.csv", "--schema", "utk"]):
        with pytest.raises(SystemExit) as stop:
            main(["prepare", *words])
        assert stop.value.code == 2
