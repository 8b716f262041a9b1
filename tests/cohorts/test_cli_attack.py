"""`faceage attack`: what it prints and how it ends. Truth: the findings of `attack`."""

import json
import shutil
from pathlib import Path

from faceage_stats.cli import main
from faceage_stats.cohorts.disclosure.attack.attack import attack

LEAKY = Path(__file__).parent / "disclosure" / "attack" / "leaky"


def test_findings_are_listed_and_end_with_a_refusal(capsys):
    assert main(["attack", str(LEAKY / "now" / "fig3c"), "--json"]) == 1
    printed = json.loads(capsys.readouterr().out)
    assert printed == attack(LEAKY / "now" / "fig3c").to_dict(orient="records")


def test_results_of_synthetic_rows_have_no_findings(capsys):
    assert main(["attack", str(LEAKY / "now" / "fig2b")]) == 0
    assert capsys.readouterr().out == "0 findings; 0 items with private rows were attacked.\n"


def test_an_item_of_no_patients_is_not_attacked(tmp_path):
    """Of no table, and of no results: cases of R, for example, counted by topic."""
    folder = shutil.copytree(LEAKY / "now" / "fig3c", tmp_path / "cases")
    record = json.loads((folder / "provenance.json").read_text(encoding="utf-8"))
    item = json.loads((folder / "item.json").read_text(encoding="utf-8"))
    (folder / "item.json").write_text(json.dumps({**item, "disclosure": {}}), encoding="utf-8")

    def found(sources, files):
        record["parameters"]["sources"], record["files"] = sources, files
        (folder / "provenance.json").write_text(json.dumps(record), encoding="utf-8")
        return attack(folder)

    assert found({}, {"tests/runner.py": "ab"}).empty
    assert not found({}, {"results/fig3c/provenance.json": "ab"}).empty
    assert not found({"maastro": "private"}, {}).empty
    assert found({"maastro": "public"}, {}).empty
