"""Truth: files changed by hand after the record was written."""

import json

import pandas as pd
import pytest

from faceage_stats import cli
from faceage_stats.reporting.provenance.drift import Drift, drift
from faceage_stats.reporting.provenance.fingerprints import file_sha256, ingredients
from faceage_stats.reporting.provenance.provenance import provenance
from faceage_stats.reporting.store.item import Item
from faceage_stats.reporting.store.record import RECORD
from faceage_stats.reporting.store.release import release
from faceage_stats.reporting.store.write_item import write_item

FILES = {
    ("input", "maastro.csv"): "analysis/data/maastro.csv",
    ("schema", "maastro.json"): "data_schemas/maastro.json",
    ("script", "fig.py"): "analysis/items/fig.py",
    ("file", "analysis/items/_shared.py"): "analysis/items/_shared.py",
}

MAPPING = """schema: utk
source: {path: export.csv}
columns: {subj_id: id, age: age, faceage: score, gender: gender, race: race}
"""


@pytest.fixture
def checkout(tmp_path):
    """A checkout with one item and everything that it was made from."""
    for place in FILES.values():
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text("{}", encoding="utf-8")
    record = provenance(
        "fig",
        {"maastro": tmp_path / "analysis/data/maastro.csv"},
        seed=1,
        config={},
        synthetic=True,
        schemas={"maastro": tmp_path / "data_schemas/maastro.json"},
        script=tmp_path / "analysis/items/fig.py",
        files={"analysis/items/_shared.py": tmp_path / "analysis/items/_shared.py"},
    )
    table = pd.DataFrame({"term": ["a"], "estimate": [1.5]})
    write_item(
        release(Item(caption="x", tables={"hr": table})),
        tmp_path / "results" / "fig",
        provenance=record,
    )
    return tmp_path


def verify(capsys, *arguments):
    code = cli.main(["verify", *map(str, arguments)])
    return code, *capsys.readouterr()


def test_results_as_recorded_pass(checkout, capsys):
    code, out, err = verify(capsys, checkout / "results")
    assert (code, out, err) == (0, "1 items checked, 0 files not as recorded.\n", "")
    assert verify(capsys, checkout / "results" / "fig")[0] == 0


@pytest.mark.parametrize(("kind", "name"), FILES)
def test_whatever_an_item_was_made_from_is_checked(checkout, capsys, kind, name):
    (checkout / FILES[kind, name]).write_text("{} ", encoding="utf-8")
    code, out, _ = verify(capsys, checkout / "results")
    assert code == 1
    assert out.splitlines()[0] == f"fig: {kind} {name} is changed"


def test_outputs_changed_removed_and_added_are_named(checkout, capsys):
    folder = checkout / "results" / "fig"
    (folder / "values.json").write_text("[]", encoding="utf-8")
    (folder / "table_hr.csv").unlink()
    (folder / "note.txt").write_text("mine", encoding="utf-8")
    code, out, _ = verify(capsys, checkout / "results", "--json")
    assert code == 1
    assert [(row["file"], row["problem"]) for row in json.loads(out)] == [
        ("note.txt", "not recorded"),
        ("table_hr.csv", "missing"),
        ("values.json", "changed"),
    ]


@pytest.mark.parametrize(("text", "problem"), [(None, "missing"), ("{", "unreadable")])
def test_a_record_that_cannot_be_read_is_drift(checkout, text, problem):
    path = checkout / "results" / "fig" / RECORD
    path.unlink() if text is None else path.write_text(text, encoding="utf-8")
    found = drift(path.parent, lambda kind, name: None)
    assert found == [Drift("fig", "record", RECORD, problem)]


def test_tables_that_lie_elsewhere_are_named_and_found(checkout, capsys):
    elsewhere = checkout / "hospital"
    elsewhere.mkdir()
    (checkout / "analysis/data/maastro.csv").rename(elsewhere / "maastro.csv")
    code, _, err = verify(capsys, checkout / "results")
    assert code == 0
    assert "Not checked, because not found: input maastro.csv." in err
    (elsewhere / "maastro.csv").write_text("edited", encoding="utf-8")
    code, out, err = verify(capsys, checkout / "results", "--data", elsewhere)
    assert (code, err) == (1, "")
    assert "input maastro.csv is changed" in out


def test_a_private_table_is_verified_with_the_key_and_only_with_it(checkout, capsys):
    table = checkout / "hospital" / "n419.csv"
    table.parent.mkdir()
    table.write_text("id,age\n1,70\n", encoding="utf-8")
    record = ingredients({"maastro": table}, seed=1, config={}, private=[table], key=b"secret")
    write_item(
        release(Item(caption="x")),
        checkout / "results" / "fig",
        provenance=record,
    )
    config = f"cohorts:\n  maastro: {{path: {table.as_posix()}, sheet: 1}}\n"
    (checkout / "analysis/config.yaml").write_text(config, encoding="utf-8")
    assert "not found: input maastro." in verify(capsys, checkout / "results")[2]
    (checkout / "analysis/data/release.key").write_bytes(b"secret")
    assert verify(capsys, checkout / "results") == (
        0, "1 items checked, 0 files not as recorded.\n", ""
    )  # fmt: skip
    table.write_text("id,age\n1,71\n", encoding="utf-8")
    code, out, _ = verify(capsys, checkout / "results")
    assert (code, out.splitlines()[0]) == (1, "fig: input maastro is changed")


def test_tables_of_several_hospitals_and_the_exports_of_a_mapping_are_verified(checkout, capsys):
    folder = checkout / "hospital"
    folder.mkdir()
    for name in ("sued.csv", "export.csv"):
        (folder / name).write_text("id,age\n1,70\n", encoding="utf-8")
    (folder / "nord.yaml").write_text(MAPPING, encoding="utf-8")
    paths = {"maastro (Nord)": folder / "nord.yaml", "maastro (Süd)": folder / "sued.csv"}
    record = ingredients(
        paths, seed=1, config={}, files={"maastro (Nord): file 1": folder / "export.csv"},
        private=folder.iterdir(), key=b"secret",
    )  # fmt: skip
    write_item(release(Item(caption="x")), checkout / "results" / "fig", provenance=record)
    named = zip(paths.values(), ("Nord", "Süd"), strict=True)
    entries = [f"{{path: {path.as_posix()}, short_name: {name}}}" for path, name in named]
    config = f"cohorts:\n  utk: public\n  maastro: [{', '.join(entries)}]\n"
    (checkout / "analysis/config.yaml").write_text(config, encoding="utf-8")
    (checkout / "analysis/data/release.key").write_bytes(b"secret")
    assert verify(capsys, checkout / "results") == (
        0, "1 items checked, 0 files not as recorded.\n", ""
    )  # fmt: skip
    for name in ("sued.csv", "export.csv"):
        (folder / name).write_text("id,age\n1,71\n", encoding="utf-8")
    code, out, _ = verify(capsys, checkout / "results")
    assert code == 1
    assert out.splitlines()[:2] == [
        "fig: input maastro (Süd) is changed", "fig: file maastro (Nord): file 1 is changed"
    ]  # fmt: skip


def test_the_record_of_a_private_table_confirms_no_guess(checkout):
    """Neither its hash, nor its size, nor the name of its file is there."""
    table = checkout / FILES["input", "maastro.csv"]
    digest = file_sha256(table)
    for key in (b"", b"secret"):
        record = ingredients(
            {"maastro": table}, seed=1, config={}, files={"maastro: file 1": table},
            private=[table], key=key,
        )  # fmt: skip
        hashes = [record["inputs"]["maastro"]["sha256"], record["files"]["maastro: file 1"]]
        assert all(text.startswith("keyed:") and digest not in text for text in hashes)
        assert set(record["inputs"]["maastro"]) == {"file", "sha256"}
        assert "maastro.csv" not in json.dumps(record)


def test_a_folder_without_results_is_refused(tmp_path, capsys):
    code, _, err = verify(capsys, tmp_path / "results")
    assert code == 1
    assert "holds no results" in err
    (tmp_path / "fig").mkdir()
    (tmp_path / "fig" / RECORD).write_text('{"outputs": {}}', encoding="utf-8")
    assert verify(capsys, tmp_path, "--data", tmp_path / "no")[0] == 1


def test_ingredients_differ_with_every_file_and_setting(checkout):
    def made_from(seed=1, **config):
        return ingredients({"maastro": checkout / FILES["input", "maastro.csv"]}, seed=seed,
                           config=config)  # fmt: skip

    first = made_from()
    assert made_from() == first
    assert made_from(seed=2) != first
    assert made_from(cap=7) != first
    (checkout / FILES["input", "maastro.csv"]).write_text("other", encoding="utf-8")
    assert made_from() != first
