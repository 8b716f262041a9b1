"""Model cards: what a model file is, what it takes and what its number means."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from faceage_stats._near import did_you_mean
from faceage_stats.errors import InputError, ModelFileError
from faceage_stats.scoring.template import POINTS

__all__ = [
    "card_path",
    "check_card",
    "read_card",
    "refuse_unknown",
    "refuse_other_weights",
    "shipped_card",
    "shipped_names",
    "unknown_entries",
]

_Types = Mapping[str, tuple[type, ...]]
_REQUIRED: _Types = {
    "name": (str,),
    "version": (str,),
    "demo": (bool,),
    "sha256": (str, type(None)),
    "input": (dict,),
    "output": (dict,),
    "crop": (dict,),
    "licence": (str,),
}
_INPUT: _Types = {"size": (int,), "layout": (str,), "standardisation": (dict,)}
UNKNOWN = "unknown"  # what a card says where nobody outside the training knows
_CHOICES = {
    "layout": ("NHWC", "NCHW"),
    "colour": ("RGB", "BGR"),
    "unit": ("years", "log-risk"),
    "kind": ("per_image", "fixed", UNKNOWN),
    "face": ("confident", "largest"),
}


def card_path(model: Path) -> Path:
    """The card that belongs to a model file: the same name, ending in .json."""
    return model.with_suffix(".json")


def shipped_names() -> list[str]:
    """Names of the cards that come with the package."""
    folder = resources.files("faceage_stats.scoring") / "cards"
    return sorted(
        item.name.removesuffix(".json") for item in folder.iterdir() if item.name.endswith(".json")
    )


def shipped_card(name: str) -> dict[str, Any]:
    """One of the cards that come with the package."""
    if name not in shipped_names():
        known = shipped_names()
        raise InputError(
            f"There is no model card {name!r}.{did_you_mean(name, known)} Known: "
            f"{', '.join(known)}."
        )
    path = resources.files("faceage_stats.scoring") / "cards" / f"{name}.json"
    return dict(json.loads(path.read_text(encoding="utf-8")))


def refuse_other_weights(names: Iterable[str], **hashes: str | None) -> None:
    """Refuse a model under the name of a released one that it is not.

    Parameters
    ----------
    names : iterable of str
        Names that the model goes by: of its file and on its card.
    **hashes : str
        ``source_sha256`` and, where it is known, ``sha256`` of the model; each must be that of the
        shipped card of the name, where that card states it.
    """
    for name in {name.lower() for name in names} & set(shipped_names()):
        shipped = shipped_card(name)
        for kind, found in hashes.items():
            if shipped.get(kind) and found != shipped[kind]:
                raise ModelFileError(
                    f"The model is called {name}, but it is not the released {shipped['name']}: "
                    f"{kind} {str(found)[:12]}… instead of {shipped[kind][:12]}…. Call the file "
                    "and the entry `name` of its card otherwise, or get the released file."
                )


def read_card(path: Path) -> dict[str, Any]:
    """A card from disk, checked."""
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelFileError(
            f"There is no model card {path.name} beside the model. `faceage convert` writes one; "
            "for other models copy a shipped card and fill in the SHA-256."
        ) from error
    except (OSError, ValueError) as error:
        raise ModelFileError(f"The model card {path.name} cannot be read: {error}.") from error
    check_card(card, path.name)
    return dict(card)


def check_card(card: Any, label: str) -> None:
    """Refuse a card with missing or wrong entries, naming all of them."""
    if not isinstance(card, dict):
        raise ModelFileError(f"The model card {label} is not a JSON object.")
    problems = _wrong_types(card, _REQUIRED, "")
    if not problems:
        problems = _wrong_types(card["input"], _INPUT, "input.")
    if not problems:
        sections = (card["input"], card["output"], card["crop"], card["input"]["standardisation"])
        problems = [
            f"{key} is {section[key]!r} (use {' or '.join(allowed)})"
            for section in sections
            for key, allowed in _CHOICES.items()
            if key in section and section[key] not in allowed
        ]
        if "unit" not in card["output"] or "kind" not in card["input"]["standardisation"]:
            problems.append("output.unit and input.standardisation.kind are needed")
        problems += _fixed_problems(card["input"]["standardisation"])
        problems += _template_problems(card["crop"].get("template"))
        problems += _output_problems(card["output"])
    if problems:
        raise ModelFileError(f"The model card {label} is not valid: {'; '.join(problems)}.")


def _wrong_types(section: dict[str, Any], required: _Types, prefix: str) -> list[str]:
    return [
        f"{prefix}{key} is missing or of another type"
        for key, types in required.items()
        if key not in section or not isinstance(section[key], types)
    ]


def _fixed_problems(standardisation: dict[str, Any]) -> list[str]:
    """A fixed standardisation needs three means and three positive standard deviations."""
    if standardisation.get("kind") != "fixed":
        return []
    mean, std = standardisation.get("mean") or [], standardisation.get("std") or []
    ok = len(mean) == 3 and len(std) == 3 and min(std) > 0
    return [] if ok else ["a fixed standardisation needs 3 means and 3 positive std"]


def _template_problems(template: Any) -> list[str]:
    """A template gives places, as fractions of the crop, to two known points or more."""
    if template in (None, UNKNOWN):
        return []
    ok = (
        isinstance(template, dict)
        and len(template) >= 2
        and set(template) <= set(POINTS)
        and all(_numbers(place, 2) for place in template.values())
    )
    known = ", ".join(POINTS)
    return [] if ok else [f"crop.template needs x and y of two points or more of {known}"]


def _output_problems(output: dict[str, Any]) -> list[str]:
    """Classes are a first and a last whole number; a scale is a number."""
    problems = []
    classes = output.get("expectation_over")
    if classes is not None and not (_numbers(classes, 2, int) and classes[0] < classes[1]):
        problems.append("output.expectation_over needs the first and the last class")
    scale = output.get("scale", 1)
    if scale != UNKNOWN and not _numbers([scale], 1):
        problems.append("output.scale needs a number")
    return problems


def _numbers(value: Any, n: int, kinds: type | tuple[type, ...] = (int, float)) -> bool:
    return (
        isinstance(value, list)
        and len(value) == n
        and all(isinstance(item, kinds) and not isinstance(item, bool) for item in value)
    )


def unknown_entries(card: dict[str, Any]) -> list[str]:
    """What a card does not know of how its model sees a photograph."""
    return [
        f"{section}.{key}"
        for section in ("input", "output", "crop")
        for key, value in card[section].items()
        if value == UNKNOWN or (isinstance(value, dict) and UNKNOWN in value.values())
    ]


def refuse_unknown(card: dict[str, Any], label: str) -> None:
    """Refuse to score by a card that does not know how its model sees a photograph."""
    missing = unknown_entries(card)
    if missing:
        raise ModelFileError(
            f"The model card {label} does not know {', '.join(missing)}, without which no "
            f"photograph can be scored. Look at {card.get('source_url') or 'its source'} and write "
            "them into the card."
        )
