"""What a hospital hands on: released files and a manifest, and nothing that is not in it."""

import json

import pandas as pd
import pytest

from faceage_stats.cli import main
from faceage_stats.cohorts.disclosure.keyed import keyed
from faceage_stats.cohorts.disclosure.rules import NO_RULES, RULE_SETS, Rules
from faceage_stats.errors import DisclosureError, InputError
from faceage_stats.reporting.store.export import check_export, export
from faceage_stats.reporting.store.item import Item
from faceage_stats.reporting.store.release import release
from faceage_stats.reporting.store.write_item import write_item, write_unavailable

SITES = pd.DataFrame({"group": ["Overall", "a", "b", "c"], "n": [203, 142, 58, 3]})
RECORD = {
    "item": "sites",
    "synthetic": False,
    "parameters": {"sources": {"maastro": "private"}, "disclosure": "opensafely"},
    "inputs": {"maastro": {"file": "maastro", "sha256": keyed("ab" * 32, b"secret")}},
}


def write(folder, rules=RULE_SETS["opensafely"], table=SITES):
    item = Item(caption="{n} patients.", numbers={"n": 203}, tables={"sites": table})
    return write_item(release(item, rules), folder / "sites", provenance=RECORD).parent


def test_an_export_holds_released_files_only_and_verifies(tmp_path, capsys):
    results = write(tmp_path / "results")
    (results / "sites" / "rows_of_patients.parquet").write_bytes(b"secret")
    files = export(results, tmp_path / "release")
    written = {p.relative_to(tmp_path / "release").as_posix() for p in
               (tmp_path / "release").rglob("*") if p.is_file()}  # fmt: skip
    assert written == {*files["file"], "manifest.json"}
    assert "sites/rows_of_patients.parquet" not in written
    manifest = json.loads((tmp_path / "release" / "manifest.json").read_text("utf-8"))
    assert manifest["rules"]["sites"]["name"] == "opensafely"
    assert manifest["attacker_found"] == 0
    assert main(["verify", str(tmp_path / "release")]) == 0
    assert "0 files not as released" in capsys.readouterr().out


def test_items_of_an_earlier_build_stay(tmp_path):
    results = write(tmp_path / "results")
    (results / "sites").rename(results / "earlier")
    write(results)
    (results / "manifest.json").write_text('{"items": {"sites": {}}}', encoding="utf-8")
    assert set(export(results, tmp_path / "release")["item"]) == {"sites"}
    (results / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be read"):
        export(results, tmp_path / "again")


def test_what_was_changed_added_or_removed_on_the_way_is_named(tmp_path):
    export(write(tmp_path / "results"), tmp_path / "release")
    folder = tmp_path / "release" / "sites"
    (folder / "table_sites.csv").unlink()
    (folder / "values.json").write_text("[ ]", encoding="utf-8")
    (folder / "more.txt").touch()
    assert check_export(tmp_path / "release").values.tolist() == [
        ["sites/table_sites.csv", "is missing"],
        ["sites/more.txt", "is not in the manifest"],
        ["sites/values.json", "was changed"],
    ]
    (folder / "table_sites.csv").write_text("group,n\na,3\n", encoding="utf-8")
    assert "gives away unchecked: n of a" in set(check_export(tmp_path / "release")["problem"])


def test_links_and_rules_of_another_set_are_named(tmp_path):
    export(write(tmp_path / "results"), tmp_path / "release")
    manifest = tmp_path / "release" / "manifest.json"
    listed = json.loads(manifest.read_text("utf-8"))
    listed["rules"]["sites"]["minimum"] = 5
    manifest.write_text(json.dumps(listed), encoding="utf-8")
    table = tmp_path / "release" / "sites" / "table_sites.csv"
    table.rename(tmp_path / "elsewhere.csv")
    table.symlink_to(tmp_path / "elsewhere.csv")  # of the same content, today
    (tmp_path / "release" / "more").symlink_to(tmp_path / "results")
    assert check_export(tmp_path / "release").values.tolist() == [
        ["more", "is a link"],
        ["sites/table_sites.csv", "is a link"],
        ["manifest.json", "names other rules than sites"],
    ]


def test_only_what_the_build_wrote_is_handed_on_and_only_as_it_wrote_it(tmp_path):
    """A table of patients saved beside the figures has the name of a table, and is none of ours."""
    results = write(tmp_path / "results")
    rows = pd.DataFrame({"patient": ["HN7310037"], "age": [71.2]})
    rows.to_csv(results / "sites" / "table_rows.csv", index=False)
    assert "sites/table_rows.csv" not in set(export(results, tmp_path / "release")["file"])
    table = results / "sites" / "table_sites.csv"
    table.write_text("group,n\na,150\n", encoding="utf-8")
    with pytest.raises(DisclosureError, match=r"table_sites\.csv is not as it was released"):
        export(results, tmp_path / "again")
    table.unlink()
    table.symlink_to(results / "sites" / "table_rows.csv")
    with pytest.raises(DisclosureError, match="not as it was released"):
        export(results, tmp_path / "again")
    assert not (tmp_path / "again").exists()


def test_private_tables_that_were_not_released_are_refused(tmp_path):
    results = write(tmp_path / "results", NO_RULES, SITES.head(3))
    with pytest.raises(DisclosureError, match="sites reads private tables and was not released"):
        export(results, tmp_path / "release")
    assert not (tmp_path / "release").exists()


def test_an_export_takes_no_other_folders_place(tmp_path):
    results = write(tmp_path / "results")
    (tmp_path / "mine").mkdir()
    with pytest.raises(InputError, match="mine exists"):
        export(results, tmp_path / "mine", force=True)
    export(results, tmp_path / "release")
    with pytest.raises(InputError, match="release exists"):
        export(results, tmp_path / "release")
    assert len(export(results, tmp_path / "release", force=True))
    assert main(["export", str(results), "--to", str(tmp_path / "release"), "--force"]) == 0


def test_a_page_that_could_not_be_made_of_private_tables_is_handed_on(tmp_path):
    results = write(tmp_path / "results")
    reason = "This page needs the tables of two hospitals."
    write_unavailable(results / "hospitals", reason=reason, provenance=RECORD)
    assert set(export(results, tmp_path / "release")["item"]) == {"sites", "hospitals"}


def test_a_release_is_attacked_with_the_one_before(tmp_path):
    """One patient more in a group, exactly counted: what is new in the table is that patient."""
    exact = Rules("exact", minimum=8, base=1)
    many = pd.DataFrame({"group": ["a", "b"], "n": [142, 58]})
    one_more = many.assign(n=[142, 59])
    export(write(tmp_path / "results", exact, many), tmp_path / "release")
    results = write(tmp_path / "results", exact, one_more)
    export(results, tmp_path / "unrelated")
    with pytest.raises(DisclosureError, match="nothing is exported"):
        export(results, tmp_path / "new", before=tmp_path / "release")
    assert not (tmp_path / "new").exists()
    with pytest.raises(DisclosureError, match="nothing is exported"):
        export(results, tmp_path / "release", force=True)
    assert main(["export", str(results), "--to", str(tmp_path / "new"), "--before",
                 str(tmp_path / "release")]) == 1  # fmt: skip
    write(tmp_path / "results", exact, many.assign(n=[142, 90]))
    assert len(export(results, tmp_path / "release", force=True))
