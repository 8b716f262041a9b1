"""Truth: hashes computed beside the code under test, and differences planted by hand."""

import hashlib
import json
import subprocess

import pandas as pd
import pytest

from faceage_stats.errors import DataUnavailableError
from faceage_stats.reporting.provenance import fingerprints
from faceage_stats.reporting.provenance.fingerprints import file_sha256
from faceage_stats.reporting.provenance.provenance import provenance
from faceage_stats.reporting.provenance.verify import verify
from faceage_stats.reporting.store.item import Item
from faceage_stats.reporting.store.release import release
from faceage_stats.reporting.store.write_item import write_item


def make(estimate=1.15, rows=("a", "b")):
    table = pd.DataFrame({"term": list(rows), "estimate": [estimate] * len(rows)})
    return Item(
        caption="x",
        tables={"hr": table},
        values=pd.DataFrame({"id": ["hr"], "estimate": [estimate], "term": ["a"]}),
    )


@pytest.fixture
def folder(tmp_path):
    return write_item(release(make()), tmp_path / "demo", provenance={"item": "demo"})


def test_inputs_are_named_without_their_folders(tmp_path):
    table = tmp_path / "maastro.csv"
    table.write_bytes(b"age\n60\n")
    schema = tmp_path / "maastro.json"
    schema.write_text(json.dumps({"version": "1"}), encoding="utf-8")
    record = provenance(
        "fig2a",
        {"maastro": table},
        seed=7,
        config={"cap": 7},
        synthetic=True,
        schemas={"maastro": schema},
        script=table,
        warnings=["b", "a", "b"],
    )
    digest = hashlib.sha256(b"age\n60\n").hexdigest()
    assert record["inputs"] == {"maastro": {"file": "maastro.csv", "sha256": digest}}
    assert record["schemas"]["maastro"]["version"] == "1"
    assert record["script"]["file"] == "maastro.csv"
    assert record["warnings"] == ["a", "b"]
    assert record["environment"]["packages"]["numpy"]
    assert str(tmp_path) not in json.dumps(record)
    again = provenance("fig2a", {"maastro": table}, seed=7, config={"cap": 7}, synthetic=True)
    assert again["inputs"] == record["inputs"]


def test_git_state_is_read_and_may_be_absent(tmp_path):
    script = tmp_path / "item.py"
    script.write_text("1\n", encoding="utf-8")
    record = provenance("x", {}, seed=None, config={}, synthetic=False, script=script)
    assert record["code"]["commit"] is None
    assert record["code"]["dirty"] is None

    def git(*arguments):
        subprocess.run(["git", "-C", str(tmp_path), *arguments], check=True, capture_output=True)

    git("init", "-q")
    git("add", "item.py")
    git("-c", "user.name=n", "-c", "user.email=e@example.org", "commit", "-qm", "m")
    record = provenance("x", {}, seed=None, config={}, synthetic=False, script=script)
    assert len(record["code"]["commit"]) == 40
    assert record["code"]["dirty"] is False
    script.write_text("2\n", encoding="utf-8")
    record = provenance("x", {}, seed=None, config={}, synthetic=False, script=script)
    assert record["code"]["dirty"] is True


def test_git_may_not_be_installed(monkeypatch):
    monkeypatch.setenv("PATH", "")
    record = provenance("x", {}, seed=None, config={}, synthetic=False)
    assert record["code"]["commit"] is None


def test_an_absent_input_is_refused(tmp_path):
    with pytest.raises(DataUnavailableError, match=r"utk\.csv is not a file"):
        file_sha256(tmp_path / "utk.csv")


def test_an_untouched_folder_verifies(folder):
    assert verify(folder).empty
    assert verify(folder, release(make())).empty
    assert verify(folder, folder).empty


def test_a_changed_file_is_named(folder):
    (folder / "table_hr.csv").write_text("term,estimate\na,1.2\n", encoding="utf-8")
    (folder / "extra.txt").write_text("x", encoding="utf-8")
    assert verify(folder)["file"].tolist() == ["extra.txt", "table_hr.csv"]


def test_numbers_are_compared_within_tolerance(folder):
    assert verify(folder, release(make(1.15 * (1 + 1e-10)))).empty
    found = verify(folder, release(make(1.16)))
    assert found["file"].tolist() == ["table_hr.csv", "table_hr.csv", "values.json"]
    assert found["where"].tolist() == ["row 1, estimate", "row 2, estimate", "row 1, estimate"]
    assert found["now"].tolist() == [1.16] * 3


def test_other_differences_are_named(folder):
    assert verify(folder, release(make(rows=("a", "c"))))["where"].tolist() == ["row 2, term"]
    assert verify(folder, release(make(rows=("a",))))["where"].tolist() == ["rows"]
    other = Item(caption="x", tables={"km": make().tables["hr"]}, values=make().values)
    assert verify(folder, release(other))[["file", "stored", "now"]].values.tolist() == [
        ["table_hr.csv", True, False],
        ["table_km.csv", False, True],
    ]
    wider = make().tables["hr"].assign(p_value=0.5)
    other = Item(caption="x", tables={"hr": wider}, values=make().values)
    assert verify(folder, release(other))["where"].tolist() == ["column p_value"]


@pytest.mark.parametrize("name", ["code.py", "folder/rows.csv", "design.json"])
def test_a_changed_table_of_the_library_is_a_changed_library(monkeypatch, tmp_path, name):
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    monkeypatch.setattr(fingerprints, "_LIBRARY", tmp_path)
    compute = fingerprints.library_sha256.__wrapped__  # nothing kept from before
    found = []
    for text in ("1", "2"):
        file.write_text(text, encoding="utf-8")
        found.append(compute())
    assert found[0] != found[1]
