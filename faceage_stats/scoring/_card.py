"""Model cards: what a model file is, what it takes and what its number means."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from faceage_stats._near import did_you_mean
from faceage_stats.errors import InputError, ModelFileError

__all__ = ["card_path", "check_card", "read_card", "shipped_card", "shipped_names"]

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
_CHOICES = {
    "layout": ("NHWC", "NCHW"),
    "colour": ("RGB", "BGR"),
    "unit": ("years", "log-risk"),
    "kind": ("per_image", "fixed"),
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
