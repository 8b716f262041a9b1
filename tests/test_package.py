"""The package as a whole: public names resolve, imports point one way, help is there."""

import ast
import functools
import graphlib
import importlib
import re
import subprocess
import sys

import pytest

import faceage_stats as fs
from faceage_stats import cli
from faceage_stats._glossary import GLOSSARY
from tests.package_walk import (
    FLOOR,
    MODULES,
    ROOMS,
    holds,
    module_name,
    result_classes,
    room_of,
)

# room -> rooms that it may import: arrows point down, and the floor is under all of them
ALLOWED = {
    "scoring": {"scoring", "cohorts"},
    "cohorts": {"cohorts"},
    "survival": {"survival", "cohorts"},
    "association": {"association", "survival", "cohorts"},
    "prediction": {"prediction", "association", "survival", "cohorts"},
    "reporting": {"reporting", "prediction", "association", "survival", "cohorts"},
    FLOOR: set(),
}
# Programs beside the rooms: the command line finds its modules by name, the compiler of kernels
# calls one statistic of each kind.
PROGRAMS = {"faceage_stats.cli", "faceage_stats._warm"}
LINES_OF_A_MODULE, LINES_OF_A_FUNCTION = 300, 60
NAMES = {module_name(path) for path in MODULES}


def imports(path):
    """Modules of the package that a module imports, in functions and for type checkers too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}:{node.lineno}: write the import in full"
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            if inner != {"faceage_stats.__version__"}:
                found |= (inner & NAMES) or {str(node.module)}
    return {name for name in found if name in NAMES} - {module_name(path)}


@functools.cache
def graph():
    return {module_name(path): imports(path) for path in MODULES}


def test_every_public_name_resolves_and_is_documented():
    assert [name for name in fs.__all__ if not getattr(fs, name).__doc__] == []


def test_every_class_of_results_is_a_public_name():
    missing = [
        cls.__name__ for cls in result_classes() if getattr(fs, cls.__name__, None) is not cls
    ]
    assert not missing, f"add to __init__.pyi: {missing}"


def test_unknown_names_are_refused():
    with pytest.raises(AttributeError, match=r"has no 'coxp'. Did you mean 'coxph'"):
        fs.coxp  # noqa: B018
    assert "coxph" in dir(fs)
    assert not hasattr(fs, "nothing_of_the_kind")


def imports_point_one_way(path):
    name = module_name(path)
    room = room_of(name)
    for target in () if name in PROGRAMS else graph()[name]:
        assert target not in PROGRAMS, f"{name} imports a program, {target}"
        assert target != "faceage_stats" or room == "reporting", (
            f"{name}: `import faceage_stats` can hide a circle; import from the module itself"
        )
        assert room_of(target) in ALLOWED[room] | {FLOOR}, (
            f"{name} imports {target}: {room} may import {sorted(ALLOWED[room])} and the floor. "
            "Move what both need into a module of the floor."
        )
        sideways = room_of(target) not in (room, FLOOR) and "._" in target
        assert not sideways, f"{name} reaches into {target}; make it public or move it down"


@pytest.mark.parametrize("room", [FLOOR, *ROOMS])
def test_no_circle_of_imports(room):
    inside = {name for name in graph() if room_of(name) == room}
    try:
        graphlib.TopologicalSorter({name: graph()[name] & inside for name in inside}).prepare()
    except graphlib.CycleError as error:
        circle = " <- ".join(error.args[1])
        pytest.fail(f"{circle}: move what two of them need into a module that imports neither")


def every_module_says_what_it_offers(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if not tree.body:
        return
    assert ast.get_docstring(tree), f"{path.name}: a module starts with what it is for"


def modules_and_functions_fit_their_screens(path):
    text = path.read_text(encoding="utf-8")
    n = len(text.splitlines())
    assert n <= LINES_OF_A_MODULE, (
        f"{path.name}, {n} lines: one idea per module; split it at its seams"
    )
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            n = lines_of_code(node)
            assert n <= LINES_OF_A_FUNCTION, (
                f"{path.name}: {node.name}() has {n} lines beside its docstring: "
                "name its steps as functions"
            )


def lines_of_code(node):
    """Lines of a function without its docstring."""
    first = node.body[0]
    is_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    documented = first.end_lineno - first.lineno + 1 if is_docstring else 0
    return node.end_lineno - node.lineno + 1 - documented


def no_module_is_named_like_a_test(path):
    assert not re.fullmatch(r"tests|test_.*|.*_tests?", path.stem), (
        f"{path.name} is no test; name it after what it computes"
    )


OF_MODULES = (
    imports_point_one_way,
    every_module_says_what_it_offers,
    modules_and_functions_fit_their_screens,
    no_module_is_named_like_a_test,
)


@pytest.mark.parametrize("room", [FLOOR, *ROOMS])
def test_modules_keep_to_the_layout(room):
    holds(OF_MODULES, *(path for path in MODULES if room_of(module_name(path)) == room))


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
