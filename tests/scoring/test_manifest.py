"""Every file of a folder is a row or passed over for a reason; manifests in every spelling."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from faceage_stats.errors import InputError
from faceage_stats.scoring import _photo_folder
from faceage_stats.scoring.manifest import open_manifest


def names(manifest):
    return [photo.name for photo in manifest.photos(0, manifest.n)]


def reasons(manifest):
    return {item.name: item.reason for item in manifest.ignored}


@pytest.fixture
def tree(tmp_path):
    """photos/ with photographs in folders of every kind, and a folder beside it."""
    for name in ("photos/b", "photos/.hidden", "outside"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("photos/a.jpg", "photos/b/c.PNG", "photos/notes.txt", "photos/.x.jpg"):
        (tmp_path / name).touch()
    for name in ("photos/.hidden/d.jpg", "outside/e.jpg"):
        (tmp_path / name).touch()
    return tmp_path


class TestFolder:
    def test_every_file_is_listed_or_has_a_reason(self, tree):
        manifest = open_manifest(tree / "photos")
        assert names(manifest) == ["a.jpg", "b/c.PNG"]
        assert reasons(manifest) == {
            "notes.txt": "files without the extension of an image",
            ".x.jpg": "hidden files",
            ".hidden": "hidden folders",
        }

    def test_links_are_followed_once(self, tree):
        photos = tree / "photos"
        (photos / "0_loop").symlink_to(photos)
        (photos / "b/up").symlink_to(photos)
        (photos / "0_b").symlink_to("b")
        (photos / "dead").symlink_to("nowhere")
        (photos / "dead.jpg").symlink_to("nowhere")
        manifest = open_manifest(photos)
        assert names(manifest) == ["a.jpg", "b/c.PNG", "dead.jpg"]  # under their own names
        twice = [k for k, why in reasons(manifest).items() if why.startswith("links to folders")]
        assert sorted(twice) == ["0_b", "0_loop", "b/up"]

    def test_a_folder_linked_from_elsewhere_is_a_row_until_root_allows_it(self, tree):
        (tree / "photos/linked").symlink_to(tree / "outside")
        manifest = open_manifest(tree / "photos")
        assert names(manifest) == ["a.jpg", "b/c.PNG", "linked"]
        assert [p.path is None for p in manifest.photos(0, 3)] == [False, False, True]
        wider = open_manifest(tree / "photos", root=tree)
        assert names(wider) == ["a.jpg", "b/c.PNG", "linked/e.jpg"]
        assert all(photo.path for photo in wider.photos(0, 3))
        with pytest.raises(InputError, match="do not lie in the folder of --root"):
            open_manifest(tree / "photos", root=tree / "outside")

    def test_a_closed_folder_is_a_row(self, tree, monkeypatch):
        real = os.scandir

        def closed(path):
            if str(path).endswith("b"):
                raise PermissionError(13, "Permission denied")
            return real(path)

        monkeypatch.setattr(_photo_folder.os, "scandir", closed)
        assert names(open_manifest(tree / "photos")) == ["a.jpg", "b"]
        monkeypatch.setattr(_photo_folder.os, "scandir", lambda path: closed("b"))
        with pytest.raises(InputError, match="cannot be read: Permission denied"):
            open_manifest(tree / "photos")

    def test_one_photograph(self, tree):
        manifest = open_manifest(tree / "photos/a.jpg")
        assert (names(manifest), manifest.n) == (["a.jpg"], 1)

    def test_pipes_are_rows_but_no_manifest(self, tree):
        os.mkfifo(tree / "photos/pipe.jpg")
        assert "pipe.jpg" in names(open_manifest(tree / "photos"))
        with pytest.raises(InputError, match="neither a folder nor a manifest"):
            open_manifest(tree / "photos/pipe.jpg")


class TestTable:
    ROWS = pd.DataFrame(
        {
            "Photo": ["a.jpg", "b/c.PNG"],
            "Patient_ID": ["007", "NA"],
            "Ward": ["Köln", None],
            "taken_on": ["2020-02-29", None],
        }
    )

    def check(self, path, **change):
        manifest = open_manifest(path)
        found = [(p.name, *p.carried) for p in manifest.photos(0, manifest.n)]
        assert manifest.carried == ("patient_id", "Ward", "taken_on")
        assert found == [("a.jpg", "007", "Köln", "2020-02-29"), ("b/c.PNG", "NA", "", "")]
        assert manifest.blank == {"patient_id": 0, "taken_on": 1}

    @pytest.mark.filterwarnings("ignore:.*was read as Windows-1252")
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
    @pytest.mark.parametrize("separator", [",", ";", "\t"])
    def test_encodings_and_separators(self, tree, encoding, separator):
        path = tree / "photos/m.csv"
        self.ROWS.to_csv(path, index=False, encoding=encoding, sep=separator)
        self.check(path)

    @pytest.mark.parametrize("ending", ["xlsx", "parquet", "tsv"])
    def test_formats(self, tree, ending):
        path = tree / f"photos/m.{ending}"
        dated = self.ROWS.assign(taken_on=pd.to_datetime(self.ROWS["taken_on"]))
        if ending == "xlsx":
            dated.to_excel(path, index=False)
        elif ending == "parquet":
            dated.to_parquet(path, index=False)
        else:
            self.ROWS.to_csv(path, index=False, sep="\t")
        self.check(path)

    def test_numbers_of_a_workbook_are_as_they_look(self, tree):
        rows = pd.DataFrame({"photo": ["a.jpg", "b.jpg"], "patient_id": [12, None], "w": [1.5, 2]})
        rows.to_parquet(tree / "photos/m.parquet")
        manifest = open_manifest(tree / "photos/m.parquet")
        assert [photo.carried for photo in manifest.photos(0, 2)] == [("12", "1.5"), ("", "2")]

    def test_paths_of_other_systems(self, tree):
        (tree / "photos/ with blanks .jpg").touch()
        (tree / "photos/back\\slash.jpg").touch()
        listed = [" with blanks .jpg", "back\\slash.jpg", " a.jpg ", "b\\c.PNG", "none.jpg"]
        pd.DataFrame({"photo": listed}).to_csv(tree / "photos/m.csv", index=False)
        manifest = open_manifest(tree / "photos/m.csv")
        assert names(manifest) == listed  # as written, so that they join
        root = (tree / "photos").resolve()
        found = [Path(photo.path).relative_to(root).as_posix() for photo in manifest.photos(0, 5)]
        assert found == [" with blanks .jpg", "back\\slash.jpg", "a.jpg", "b/c.PNG", "none.jpg"]

    @pytest.mark.parametrize(
        "again", ["./a.jpg", "b/../a.jpg", " a.jpg", "link.jpg", "up/a.jpg", ".\\a.jpg"]
    )
    def test_one_photograph_under_two_spellings(self, tree, again):
        (tree / "photos/link.jpg").symlink_to("a.jpg")
        (tree / "photos/up").symlink_to(".")
        pd.DataFrame({"photo": ["a.jpg", again]}).to_csv(tree / "photos/m.csv", index=False)
        with pytest.raises(InputError, match="1 rows repeat a photograph"):
            open_manifest(tree / "photos/m.csv")

    def test_absent_photographs_are_told_apart_too(self, tree):
        pd.DataFrame({"photo": ["x.jpg", "./x.jpg", "y.jpg"]}).to_csv(
            tree / "photos/m.csv", index=False
        )
        with pytest.raises(InputError, match="1 rows repeat a photograph"):
            open_manifest(tree / "photos/m.csv")


def test_shards_divide_the_list(tree):
    for i in range(11):
        (tree / f"photos/{i}.jpg").touch()
    manifest = open_manifest(tree / "photos")
    pieces = [manifest.shard(i, 4) for i in (1, 2, 3, 4)]
    seen = Counter(p.name for piece in pieces for p in manifest.photos(*piece))
    assert len(seen) == manifest.n == 13
    assert set(seen.values()) == {1}
