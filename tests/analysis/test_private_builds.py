"""Private tables: what an item may print, and labels that are not true."""

import ast
import json
import re
import sys

import pytest

import faceage_stats as fs
import recipe
import releases
import run
import workflow
from declared import declared
from faceage_stats.cohorts.disclosure.rules import NO_RULES
from faceage_stats.errors import DisclosureError, FaceageError
from faceage_stats.reporting.provenance.fingerprints import file_sha256, ingredients

ALLOWED = (
    r"[A-Z_]+(\[(name|marker)\])?|(name|label)(\.lower\(\))?|patients|against|caption|people"
    # of an item that gives several cohorts in turn: which one, and what its rows were adjusted for
    r"|suffix|capped|in_words\(last\)\.lower\(\)"
)
TEXTS = ("caption", "notes", "methods", "alt", "answer", "checks", "label")
OF_TABLES = [name for name in workflow.item_names() if declared(name).tables]


def scripts(name):
    """The script of an item and those that it shares with others."""
    found = declared(name)
    return [found.script, *(path for path in found.files if path.suffix == ".py")]


def computed(text):
    """What an f-string prints besides constants of the script and names of groups."""
    return [
        ast.unparse(part.value)
        for part in ast.walk(text)
        if isinstance(part, ast.FormattedValue)
        and not re.fullmatch(ALLOWED, ast.unparse(part.value))
    ]  # fmt: skip


@pytest.mark.parametrize("name", OF_TABLES)
def test_texts_take_their_numbers_from_the_release(name):
    """A number that an item prints into its caption itself would not be released."""
    found = []
    for script in scripts(name):
        for node in ast.walk(ast.parse(script.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg in TEXTS:
                found += computed(node.value)
            if isinstance(node, ast.Dict):
                keys = [k.value if isinstance(k, ast.Constant) else None for k in node.keys]
                found += [c for k, v in zip(keys, node.values, strict=True) if k in TEXTS
                          for c in computed(v)]  # fmt: skip
    assert found == []


@pytest.mark.parametrize("name", OF_TABLES)
def test_figures_are_handed_over_undrawn(name):
    """A call of fs.figures.<name>() inside make() would draw before the release."""
    for script in scripts(name):
        tree = ast.parse(script.read_text(encoding="utf-8"))
        made = [f for f in tree.body if isinstance(f, ast.FunctionDef) and f.name == "make"]
        calls = [ast.unparse(n.func) for f in made for n in ast.walk(f) if isinstance(n, ast.Call)]
        assert [call for call in calls if call.startswith("fs.figures.")] == []


@pytest.mark.parametrize(("source", "name"), [("synthetic", "maastro"), ("public", "utk")])
def test_a_real_table_under_a_false_label_is_refused(tmp_path, source, name):
    path = tmp_path / f"{name}.csv"
    path.write_text("patient_id,age\n1,70\n", encoding="utf-8")
    table = workflow.Table(name, name, source, path)
    with pytest.raises(FaceageError, match=f"{name}.csv is called {source}"):
        run._refuse_false_labels([table])
    run._refuse_false_labels([workflow.Table(name, name, "private", path)])


def test_a_release_key_is_drawn_once_and_stays(tmp_path, monkeypatch):
    monkeypatch.setattr(workflow, "RELEASE_KEY", tmp_path / "data" / "release.key")
    key = workflow.release_key()
    assert len(key) == 32
    assert workflow.release_key() == key


def test_the_record_of_an_item_holds_no_plain_hash_of_a_private_table(tmp_path, monkeypatch):
    monkeypatch.setattr(workflow, "RELEASE_KEY", tmp_path / "release.key")
    path = tmp_path / "n419.csv"
    path.write_text("patient_id,age\n1,70\n", encoding="utf-8")
    config = workflow.load_config()
    config["cohorts"]["maastro"] = str(path)
    record = ingredients(**recipe.item_recipe("fig3a", config))
    assert record["inputs"]["maastro"]["file"] == "maastro"
    assert record["inputs"]["maastro"]["sha256"].startswith("keyed:")
    assert file_sha256(path) not in json.dumps(record)


def test_a_release_that_differs_from_the_last_by_few_patients_is_refused(tmp_path, monkeypatch):
    """Whoever has both books knows what the patient in between has."""
    monkeypatch.setattr(workflow, "RELEASE_KEY", tmp_path / "release.key")
    rows = fs.simulate("maastro", seed=3, n=60).tables["maastro"]
    table = workflow.Table("maastro", "maastro", "private", tmp_path / "mine.csv")
    rules = workflow.private_rules(workflow.load_config())

    def release(first, number):
        rows[first : first + number].to_csv(table.path, index=False)
        releases.refuse_few_new_patients([table], rules)

    release(0, 40)
    release(0, 40)
    with pytest.raises(DisclosureError, match=r"by 1 patient .* delete analysis/data/maastro\."):
        release(0, 41)
    release(0, 48)  # eight more
    with pytest.raises(DisclosureError, match="by 7 patients"):
        release(0, 41)
    kept = releases.released_record("maastro")
    assert not any(str(name) in kept.read_text("utf-8") for name in rows["patient_id"])
    kept.unlink()
    release(0, 41)  # nobody had seen it
    rules = NO_RULES
    release(0, 40)  # the right to release was stated


@pytest.mark.parametrize(
    ("name", "person"),
    [("utk", "subj_id"), ("nhanes", "seqn"), ("survey", "patient_id"), ("variants", None)],
)
def test_every_private_table_of_persons_is_compared_by_them(name, person):
    """A hospital's photographs have no patient_id; its list of variants has no patients at all."""
    table = workflow.Table(name, name, "private", workflow.DATA / f"{name}.csv")
    assert releases._person(table) == person
    nobody = [table] if person is None else []
    releases.refuse_few_new_patients(nobody, workflow.private_rules(workflow.load_config()))


def test_a_single_page_is_compared_with_the_last_release_too(tmp_path, monkeypatch):
    """`run.py` by itself, or a job on a cluster, does not go round the comparison."""
    monkeypatch.setattr(workflow, "RELEASE_KEY", tmp_path / "release.key")
    monkeypatch.setattr(workflow, "RESULTS", tmp_path / "results")
    rows = fs.simulate("maastro", seed=3, n=60).tables["maastro"]
    config = workflow.load_config()
    config["cohorts"]["maastro"] = str(tmp_path / "mine.csv")
    monkeypatch.setattr(workflow, "load_config", lambda: config)
    monkeypatch.setattr(run, "made", lambda name, config: True)
    monkeypatch.setattr(sys, "argv", ["run.py", "fig3a"])
    rows.to_csv(tmp_path / "mine.csv", index=False)
    assert run.main() == 0
    rows[1:].to_csv(tmp_path / "mine.csv", index=False)
    with pytest.raises(DisclosureError, match="differs by 1 patient"):
        run.main()


def test_the_record_of_private_tables_tells_no_warning(tmp_path, monkeypatch):
    """Of an infinite coefficient it is told that nobody of a small group died."""
    monkeypatch.setattr(workflow, "RELEASE_KEY", tmp_path / "release.key")
    monkeypatch.setattr(workflow, "RESULTS", tmp_path / "results")
    rows = fs.simulate("maastro", seed=3, n=400).tables["maastro"]
    few = fs.curate(fs.validate(rows, "maastro"), "maastro").rows
    lungs = few.loc[few["site"].eq("lung"), "patient_id"]
    dead = rows["death"].eq(1) & rows["patient_id"].isin(lungs)
    config = workflow.load_config()
    config["cohorts"]["maastro"] = str(tmp_path / "mine.csv")
    rows[~dead].to_csv(tmp_path / "mine.csv", index=False)
    assert ", 0 warnings" not in run.run("fig3c", config)
    record = json.loads((tmp_path / "results/fig3c/provenance.json").read_text("utf-8"))
    assert record["warnings"] == []
