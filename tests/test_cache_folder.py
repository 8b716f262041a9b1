"""Only folders to which no other user can write are trusted."""

import os
import stat

import pytest

from faceage_stats import _cache_folder
from faceage_stats._cache_folder import is_trusted, make_folder, writable_folder

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no mode bits")


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "a" / "b"
    make_folder(made, 0o700)
    return made


def test_a_folder_is_made_for_its_user_alone_whatever_the_umask(tmp_path):
    umask = os.umask(0)
    try:
        make_folder(tmp_path / "a" / "b", 0o700)
    finally:
        os.umask(umask)
    for part in ("a", "a/b"):
        assert stat.S_IMODE((tmp_path / part).stat().st_mode) == 0o700
    assert is_trusted(tmp_path / "a" / "b")


@pytest.mark.parametrize("mode", [0o770, 0o702, 0o777, 0o1777])
def test_a_folder_that_others_can_write_is_refused(folder, mode):
    folder.chmod(mode)
    assert not is_trusted(folder)


@pytest.mark.parametrize(("mode", "trusted"), [(0o777, False), (0o770, False), (0o1777, True)])
def test_above_it_only_the_sticky_bit_keeps_others_from_replacing_it(folder, mode, trusted):
    folder.parent.chmod(mode)
    assert is_trusted(folder) is trusted


def test_a_folder_of_somebody_else_is_refused(folder, monkeypatch):
    owner = folder.stat().st_uid
    monkeypatch.setattr(_cache_folder, "_owners", lambda: {owner + 1})
    assert not is_trusted(folder)


def test_a_link_is_judged_by_where_it_leads(folder, tmp_path):
    folder.chmod(0o777)
    (tmp_path / "link").symlink_to(folder)
    assert not is_trusted(tmp_path / "link")


def test_what_is_not_there_or_not_a_folder_is_refused(tmp_path):
    (tmp_path / "file").touch()
    assert not is_trusted(tmp_path / "absent")
    assert not is_trusted(tmp_path / "file" / "below")


def test_without_a_home_the_temporary_folder_serves(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *_, **__: str(tmp_path / "file"))
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    found = writable_folder("kernels")
    assert found == tmp_path / f"faceage_stats-{os.getuid()}" / "kernels"
    assert stat.S_IMODE(found.parent.stat().st_mode) == 0o700


def test_without_any_home_nothing_is_made_in_the_working_folder(tmp_path, monkeypatch):
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *_, **__: "~/.cache/faceage_stats")
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert writable_folder("kernels").is_relative_to(tmp_path / f"faceage_stats-{os.getuid()}")
    assert not (tmp_path / "~").exists()


def test_a_folder_planted_in_the_temporary_one_is_not_used(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *_, **__: str(tmp_path / "file"))
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    planted = tmp_path / f"faceage_stats-{os.getuid()}" / "kernels"
    planted.mkdir(parents=True)
    planted.chmod(0o777)
    assert writable_folder("kernels") is None


def test_with_nowhere_to_write_there_is_none(tmp_path, monkeypatch):
    (tmp_path / "file").touch()

    def no_folder() -> str:
        raise FileNotFoundError

    monkeypatch.setattr("platformdirs.user_cache_dir", lambda *_, **__: str(tmp_path / "file"))
    monkeypatch.setattr("tempfile.gettempdir", no_folder)
    assert writable_folder("kernels") is None
