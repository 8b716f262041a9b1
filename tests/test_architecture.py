"""ARCHITECTURE.md names what exists: modules, folders, and every room with its folders."""

from __future__ import annotations

import re

import pytest

from tests.package_walk import PACKAGE, ROOMS, ROOT

TEXT = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
# `scoring/cli.py`, `analysis/items/`, `_wald.py`: inside the package or from the top
PATHS = sorted(
    set(re.findall(r"`((?:\w+/[\w./]*|_\w+)(?:\.\w+|/))`", TEXT))
    - {"photos/", "results/fig3c/"}
    - set(re.findall(r"`(\w+/)`", TEXT))
)


def test_paths_exist():
    assert len(PATHS) > 30
    absent = [p for p in PATHS if not ((PACKAGE / p).exists() or (ROOT / p).exists())]
    assert not absent, f"ARCHITECTURE.md names {absent}: write where they are now"


@pytest.mark.parametrize("room", ROOMS)
def test_the_table_of_rooms_lists_their_folders(room):
    row = re.search(rf"^\| `{room}` \|.*$", TEXT, re.MULTILINE)
    assert row, f"ARCHITECTURE.md has no row for {room}"
    folders = {path.parent.name for path in PACKAGE.glob(f"{room}/*/__init__.py")}
    named = set(re.findall(r"`(\w+)/`", row.group()))
    assert named == folders, f"the row of {room}"


def test_contributing_leads_here():
    assert "(ARCHITECTURE.md)" in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
