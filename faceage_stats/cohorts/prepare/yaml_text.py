"""A YAML file as plain texts, with the line of every key; nothing in it is evaluated.

`no`, `2020-01-31` and `012` stay what was written: as codes of a hospital they are texts.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeAlias

import yaml

from faceage_stats.errors import InputError

__all__ = ["Lines", "read_yaml"]

Lines: TypeAlias = dict[tuple[str, ...], int]
_PLAIN = "tag:yaml.org,2002:"
_TAGS = {_PLAIN + kind for kind in ("str", "int", "float", "bool", "null", "timestamp", "value")}


def read_yaml(path: Path) -> tuple[dict[str, Any], Lines]:
    """Read a file of keys and texts; an empty value is None.

    Parameters
    ----------
    path : pathlib.Path
        UTF-8 text.

    Returns
    -------
    content : dict
        Texts, lists and dicts of them.
    lines : dict
        Line of each key, from 1, by the keys that lead to it.

    Raises
    ------
    InputError
        The file cannot be read, is no YAML, or holds tags, anchors, aliases or a key twice.
    """
    text = _text(path)
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise _refusal(path, event.start_mark, "anchors and aliases are not read")
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        problem = str(getattr(error, "problem", None) or error).splitlines()[0]
        raise _refusal(path, mark, problem) from None
    except RecursionError:
        raise InputError(f"{path.name} is nested too deeply to be a mapping.") from None
    if not isinstance(root, yaml.MappingNode):
        raise InputError(f"{path.name} holds no keys. Write `schema: ...` and so on, one a line.")
    lines: Lines = {}
    return _plain(root, (), lines, path), lines


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"{path.name} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise InputError(f"{path.name} is not UTF-8 text; save it again as UTF-8.") from None


def _plain(node: Any, where: tuple[str, ...], lines: Lines, path: Path) -> Any:
    if isinstance(node, yaml.MappingNode):
        return _keys(node, where, lines, path)
    if isinstance(node, yaml.SequenceNode) and node.tag == _PLAIN + "seq":
        return [_plain(each, (*where, str(i)), lines, path) for i, each in enumerate(node.value, 1)]
    if node.tag not in _TAGS:
        raise _refusal(path, node.start_mark, "tags (!...) are not read; write plain text")
    is_null = node.tag == _PLAIN + "null" and node.style is None
    return None if is_null else node.value


def _keys(node: Any, where: tuple[str, ...], lines: Lines, path: Path) -> dict[str, Any]:
    if node.tag != _PLAIN + "map":
        raise _refusal(path, node.start_mark, "tags (!...) are not read; write plain keys")
    found: dict[str, Any] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode) or key.tag not in _TAGS:
            raise _refusal(path, key.start_mark, "a key is one text")
        if key.value in found:
            raise _refusal(path, key.start_mark, f"the key '{key.value}' stands twice")
        place = (*where, key.value)
        lines[place] = key.start_mark.line + 1
        found[key.value] = _plain(value, place, lines, path)
    return found


def _refusal(path: Path, mark: Any, problem: str) -> InputError:
    line = f", line {mark.line + 1}" if mark else ""
    return InputError(f"{path.name}{line}: {problem}.")
