"""The screen at the end of a build, and the list of its files."""

import dataclasses
import json

import pandas as pd
import pytest

from faceage_stats.reporting.provenance.provenance import provenance
from faceage_stats.reporting.store.item import Item
from faceage_stats.reporting.store.read_item import read_item
from faceage_stats.reporting.store.record import is_export
from faceage_stats.reporting.store.release import release
from faceage_stats.reporting.store.write_item import write_item


@pytest.fixture
def items(tmp_path, monkeypatch):
    import workflow

    monkeypatch.setattr(workflow, "RESULTS", tmp_path)
    checked = pd.DataFrame({"id": ["a", "b"], "estimate": [1.0, 2.0]})
    audit = Item(caption="Audit.", tables={"flagged": checked.head(1), "all_checked": checked})
    for name, item in {"audit": audit, "fig2a": Item(caption="Figure.")}.items():
        record = provenance(name, {}, seed=1, config={}, synthetic=name != "audit")
        write_item(release(item), tmp_path / name, provenance=record)
    read = {name: read_item(tmp_path / name) for name in ("audit", "fig2a")}
    read["ext1"] = dataclasses.replace(read["fig2a"], name="ext1", unavailable="No data.")
    read["fig3c"] = dataclasses.replace(read["fig2a"], name="fig3c", withheld=("two counts",))
    return read


def test_the_screen_says_what_was_built_what_holds_and_what_is_withheld(items):
    from summary import screen

    lines = screen(items, {"one": "holds", "two": "does not hold", "three": "cannot tell"})
    assert lines[0].endswith("3 of 4 built; 1 without synthetic rows; without data: ext1")
    assert lines[1].endswith("1 hold, 1 do not, 1 cannot be told; not held: two")
    assert "1 of 2 published intervals" in lines[2]
    assert lines[3].endswith("numbers of fig3c")
    assert lines[-1].endswith("book/_build/html/index.html")
    assert len(lines) <= 10


def test_the_manifest_has_every_file_with_its_hash(items, tmp_path):
    from faceage_stats.reporting.provenance.fingerprints import file_sha256
    from summary import manifest

    built = {name: items[name] for name in ("audit", "fig2a")}
    listed = manifest(built, {"one": "holds"}, seed=1)
    for name in built:
        files = {p.name: file_sha256(p) for p in (tmp_path / name).iterdir()}
        assert listed["items"][name]["files"] == files
    assert listed["claims"] == {"one": "holds"}
    (tmp_path / "manifest.json").write_text(json.dumps(listed), encoding="utf-8")
    assert not is_export(tmp_path), "results made here are not taken for what was handed on"
