"""The package on another machine: what its sources may not leave to the machine."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted(
    path
    for folder in ("faceage_stats", "analysis", "benchmarks", "tests")
    for path in (ROOT / folder).rglob("*.py")
)
# what else has an open(): pictures, and the checkpoints of a scoring run
NOT_FILES = {"os", "Image", "pillow", "checkpoints"}


def reads_as_the_machine_does(call: ast.Call) -> bool:
    """Whether a call reads or writes text in an encoding that differs between machines."""
    if any(keyword.arg in ("encoding", None) for keyword in call.keywords):
        return False
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ast.unparse(call.func)
    of = ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    if name == "open":
        given = [*call.args, *(keyword.value for keyword in call.keywords)]
        modes = {ast.literal_eval(node) for node in given if isinstance(node, ast.Constant)}
        return of not in NOT_FILES and not modes & {"rb", "wb", "ab", "rb+", "xb"}
    return (name == "read_text" and not call.args) or (name == "write_text" and len(call.args) < 2)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("path.read_text()", True),
        ("path.read_text(encoding='utf-8')", False),
        ("path.write_text(words, newline='')", True),
        ("open(path)", True),
        ("open(path, 'rb')", False),
        ("path.open('w')", True),
        ("path.open(mode='wb')", False),
        ("Image.open(path)", False),
        ("os.open(os.devnull, os.O_WRONLY)", False),
    ],
)
def test_the_check_of_encodings_finds_what_it_should(source, found):
    assert reads_as_the_machine_does(ast.parse(source, mode="eval").body) is found


def test_every_text_file_has_its_encoding_named():
    """Windows reads cp1252 and LANG=C reads ASCII where no encoding is named."""
    places = [
        f"{path.relative_to(ROOT).as_posix()}:{node.lineno}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and reads_as_the_machine_does(node)
    ]
    assert not places, f"add encoding='utf-8' in {', '.join(places)}"
