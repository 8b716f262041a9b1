"""What is made again: every file and setting that an item was made from, changed by hand."""

import copy
import importlib

import pytest

import planning
import recipe
import run
import simulate
import workflow
from faceage_stats.errors import FaceageError
from faceage_stats.reporting.store.record import RECORD

from .conftest import ROOT

ITEM = '''"""An item for tests."""
import json
from items._shared import WORDS

TABLES = ("serial_photos",)


def make(data, settings):
    """Count the rows."""
    import faceage_stats as fs
    import pandas as pd

    rows = pd.DataFrame({"n": [len(data["serial_photos"])]})
    return fs.Item(caption=WORDS, tables={"rows": rows})
'''


@pytest.fixture
def made(tmp_path, monkeypatch):
    """A checkout with one item of its own, made."""
    for folder in ("analysis/items", "analysis/data", "data_schemas"):
        (tmp_path / folder).mkdir(parents=True)
    for path in (ROOT / "data_schemas").glob("*.json"):
        (tmp_path / "data_schemas" / path.name).write_bytes(path.read_bytes())
    for name, value in {
        "ROOT": tmp_path, "DATA": tmp_path / "analysis/data", "RESULTS": tmp_path / "results",
        "ITEMS": tmp_path / "analysis/items",
    }.items():  # fmt: skip
        monkeypatch.setattr(workflow, name, value)
    (workflow.ITEMS / "counted.py").write_text(ITEM, encoding="utf-8")
    (workflow.ITEMS / "_shared.py").write_text('WORDS = "Rows."\n', encoding="utf-8")
    importlib.import_module("items").__path__ = [str(workflow.ITEMS)]
    forget()
    monkeypatch.setattr("sys.argv", ["simulate.py", "serial"])
    config = workflow.load_config()
    simulate.main()
    run.run("counted", config)
    yield config
    importlib.import_module("items").__path__ = [str(ROOT / "analysis" / "items")]
    forget()


def forget():
    """Scripts are read anew, as by another process."""
    run.first_sha256.cache_clear()
    planning.declared.cache_clear()
    for name in ("items.counted", "items._shared"):
        run.sys.modules.pop(name, None)


def planned(config):
    planning.declared.cache_clear()
    found = planning.plan(["counted"], config, book=False)
    return found.cohorts, found.items


def test_what_is_made_is_not_made_again(made):
    assert planned(made) == ([], [])
    assert planning.plan(["counted"], made, book=False).empty


@pytest.mark.parametrize(
    "file",
    ["analysis/items/counted.py", "analysis/items/_shared.py", "data_schemas/serial_photos.json"],
)
def test_whatever_the_item_is_made_from_makes_it_stale(made, file):
    path = workflow.ROOT / file
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert planned(made) == ([], ["counted"])


def test_a_synthetic_table_edited_by_hand_is_simulated_again(made):
    (workflow.DATA / "serial_photos.csv").write_text("mine\n", encoding="utf-8")
    assert planned(made) == (["serial"], ["counted"])


@pytest.mark.parametrize(
    ("name", "value"), [("seed", 2), ("disclosure", "strict"), ("bootstrap_replicates", 1999)]
)
def test_a_setting_makes_it_stale(made, name, value):
    changed = copy.deepcopy(made)
    changed[name] = value
    cohorts, items = planned(changed)
    assert items == ["counted"]
    assert cohorts == (["serial"] if name == "seed" else [])


def test_another_library_makes_everything_stale(made, monkeypatch):
    for module in ("recipe", "faceage_stats.reporting.provenance.fingerprints"):
        monkeypatch.setattr(f"{module}.library_sha256", lambda: "0" * 64)
    assert planned(made) == (["serial"], ["counted"])


def test_outputs_touched_by_hand_are_named(made):
    folder = workflow.RESULTS / "counted"
    (folder / "values.json").write_text("[1]", encoding="utf-8")
    (folder / "table_rows.csv").unlink()
    (folder / "note.txt").touch()
    found = planning.plan(["counted"], made, book=False)
    assert [(entry.file, entry.problem) for entry in found.damage] == [
        ("note.txt", "not recorded"), ("table_rows.csv", "missing"), ("values.json", "changed"),
    ]  # fmt: skip
    assert found.items == ["counted"]
    found.forget()
    assert not (folder / RECORD).exists()
    assert planned(made) == ([], ["counted"])


@pytest.mark.parametrize("file", ["serial_photos.csv", "serial_photos.json", "counted.py"])
def test_a_file_that_changes_while_the_item_is_computed_is_refused(made, monkeypatch, file):
    path = {"csv": workflow.DATA, "json": workflow.ROOT / "data_schemas", "py": workflow.ITEMS}
    path = path[file.split(".")[1]] / file
    before = (workflow.RESULTS / "counted" / RECORD).read_bytes()
    make = importlib.import_module("items.counted").make

    def edits(data, settings):
        path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
        return make(data, settings)

    monkeypatch.setattr("items.counted.make", edits)
    with pytest.raises(FaceageError, match=f"{file} changed while counted was computed"):
        run.run("counted", made)
    assert (workflow.RESULTS / "counted" / RECORD).read_bytes() == before


def test_items_are_made_together_but_after_those_whose_results_they_read():
    names = ["comparison", "fig3a", "genes", "robustness", "thoracic"]
    assert planning.batches(names) == [["robustness", "genes", "fig3a", "thoracic"], ["comparison"]]
    assert planning.batches(["fig3a"]) == [["fig3a"]]


@pytest.mark.parametrize("fails", [[], ["fig3a"]])
def test_an_item_is_made_only_when_what_it_reads_was_made(monkeypatch, fails):
    asked = []
    monkeypatch.setattr(run, "made", lambda name, config: asked.append(name) or name not in fails)
    assert run.made_in_turn(["comparison", "fig3a", "thoracic"], {}, cores=1) is not bool(fails)
    assert asked == ["fig3a", "thoracic", *([] if fails else ["comparison"])]


def test_an_item_follows_those_whose_results_it_reads():
    ordered = planning.with_earlier(["comparison", "fig2b"], workflow.load_config())
    assert ordered[-1] == "comparison"
    assert set(planning.declared("comparison").results) < set(ordered)
    assert recipe.cohorts(["comparison"], workflow.load_config()) == sorted(
        {cohort for _, cohort in workflow.TABLES.values() if cohort}
    )
