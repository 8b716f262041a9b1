"""The package as a whole: public names resolve, imports point one way, help is there."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import faceage_stats as fs
from faceage_stats import cli
from faceage_stats._result import GLOSSARY

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "faceage_stats"
# room -> rooms that it may import (design: arrows point one way)
ALLOWED = {
    "scoring": {"scoring"},
    "cohorts": {"cohorts"},
    "survival": {"survival", "cohorts"},
    "prediction": {"prediction", "survival", "association", "cohorts"},
    "association": {"association", "survival", "cohorts"},
    "reporting": {"reporting", "association", "prediction", "survival", "cohorts"},
}
MODULES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("name", fs.__all__)
def test_every_public_name_resolves_and_is_documented(name):
    assert getattr(fs, name).__doc__


def test_unknown_names_are_refused():
    with pytest.raises(AttributeError, match="attribute coxp"):
        fs.coxp  # noqa: B018
    assert "coxph" in dir(fs)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_imports_point_one_way(path):
    room = path.relative_to(PACKAGE).parts[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        modules = []
        if isinstance(node, ast.ImportFrom) and node.module:
            modules = [node.module]
        elif isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        for module in modules:
            if not module.startswith("faceage_stats."):
                continue
            target = module.split(".")[1]
            assert target != "cli", f"{path.name} imports the command line"
            if room in ALLOWED and target in ALLOWED:
                assert target in ALLOWED[room], f"{room} must not import {target}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(PACKAGE).as_posix())
def test_every_module_says_what_it_offers(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if not tree.body:
        return
    assert ast.get_docstring(tree), "a module starts with what it is for"


def test_import_loads_none_of_the_heavy_libraries():
    code = (
        "import sys, faceage_stats\n"
        "heavy = {'pandas', 'matplotlib', 'numba', 'statsmodels', 'sksurv', 'lifelines'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_every_command_has_help_and_its_module(capsys):
    for name, (module, _) in cli.COMMANDS.items():
        importlib.import_module(f"faceage_stats.{module}")
        with pytest.raises(SystemExit) as stop:
            cli.main([name, "--help"])
        assert stop.value.code == 0
    assert "usage: faceage" in capsys.readouterr().out


def test_wrong_arguments_exit_with_2(capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(["no-such-command"])
    assert stop.value.code == 2
    assert "'no-such-command' is not known" in capsys.readouterr().err


def test_the_glossary_explains_every_column():
    assert all(text.strip() == text != "" for text in GLOSSARY.values())
    assert all(name == name.lower() for name in GLOSSARY)
