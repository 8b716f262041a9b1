"""What an item says that it reads, found in its script without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import workflow


@dataclass(frozen=True)
class Declared:
    """What one item reads."""

    script: Path
    tables: tuple[str, ...]
    any_of: tuple[str, ...]  # tables of which some are enough
    results: tuple[str, ...]  # other items
    files: tuple[Path, ...]  # shared modules, and files of the checkout that FILES names
    life_table: bool  # death rates: LIFE_TABLE stands in the script
    several: bool  # hospitals are needed: SEVERAL_HOSPITALS stands in the script
    simulates: bool  # whether its rows are drawn by itself


@cache
def declared(item: str) -> Declared:
    """Read what an item declares, and which shared modules it imports."""
    script = workflow.ITEMS / f"{item}.py"
    constants = {
        target.id: node.value
        for node in _parsed(script).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }

    def constant(name: str) -> tuple[str, ...]:
        return tuple(ast.literal_eval(constants[name])) if name in constants else ()

    files = {path for pattern in constant("FILES") for path in workflow.ROOT.glob(pattern)}
    return Declared(
        script=script,
        tables=constant("TABLES"),
        any_of=constant("ANY_OF"),
        results=constant("RESULTS"),
        files=tuple(sorted(files | _shared(script))),
        life_table="LIFE_TABLE" in constants,
        several="SEVERAL_HOSPITALS" in constants,
        simulates="SIMULATES" in constants and bool(ast.literal_eval(constants["SIMULATES"])),
    )


def item_imports(script: Path) -> set[str]:
    """Modules of analysis/items that a script imports."""
    return set(_item_imports(_parsed(script)))


def _item_imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module == "items":
            names = [f"items.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        else:
            continue
        yield from (name.split(".")[1] for name in names if name.startswith("items."))


def _shared(script: Path) -> set[Path]:
    """Scripts imported by a script, by those in turn, and so on."""
    direct = {workflow.ITEMS / f"{name}.py" for name in item_imports(script)}
    return direct.union(*(_shared(path) for path in direct))


def _parsed(script: Path) -> ast.Module:
    return ast.parse(script.read_text(encoding="utf-8"))
