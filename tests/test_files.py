"""Files are whole or absent, whatever stops the writing; hashes are those of hashlib."""

import errno
import hashlib

import pytest

from faceage_stats import _files
from faceage_stats.errors import InputError


def stop_half_way(path, error):
    with _files.writing(path) as draft:
        draft.write_text("half", encoding="utf-8")
        raise error


@pytest.mark.parametrize("error", [RuntimeError("stopped"), KeyboardInterrupt()])
def test_a_stopped_write_leaves_the_file_as_it_was(tmp_path, error):
    path = tmp_path / "t.csv"
    path.write_text("before", encoding="utf-8")
    with pytest.raises(type(error)):
        stop_half_way(path, error)
    assert path.read_text(encoding="utf-8") == "before"
    assert [p.name for p in tmp_path.iterdir()] == ["t.csv"]


def test_a_full_disk_is_named_and_nothing_is_left(tmp_path):
    full = OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(InputError, match=r"t\.csv cannot be written: No space left on device\.$"):
        stop_half_way(tmp_path / "t.csv", full)
    assert not list(tmp_path.iterdir())


def test_places_that_cannot_be_written_are_refused_before_the_work(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="is a folder; name a file in it"):
        _files.refuse_unwritable(tmp_path)
    for folder in ("none", "file"):
        with pytest.raises(InputError, match="Make its folder first"):
            _files.refuse_unwritable(tmp_path / folder / "t.csv")
    _files.refuse_unwritable(tmp_path / "t.csv")
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_new_file_has_the_permissions_of_the_umask(tmp_path):
    with _files.writing(tmp_path / "ours") as draft:
        draft.write_bytes(b"")
    (tmp_path / "plain").touch()
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_sha256_is_that_of_the_bytes(tmp_path):
    path, data = tmp_path / "x", bytes(range(256)) * 5000
    _files.write_bytes(path, data)
    assert path.read_bytes() == data
    assert _files.sha256(path) == hashlib.sha256(data).hexdigest()
