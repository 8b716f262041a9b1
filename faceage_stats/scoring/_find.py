"""Where the file of a model lies: at a path, in an installed package or in the models folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from faceage_stats._near import did_you_mean
from faceage_stats.errors import MissingExtraError, ModelFileError
from faceage_stats.scoring._card import card_path, read_card, shipped_card, shipped_names
from faceage_stats.scoring._packaged import packaged_file

__all__ = ["find_model", "how_to_get", "installed_models", "models_folder"]


def models_folder() -> Path:
    """Where models are looked for by name: $FACEAGE_MODELS, or the user's data folder."""
    if os.environ.get("FACEAGE_MODELS"):
        return Path(os.environ["FACEAGE_MODELS"])
    import platformdirs

    return Path(platformdirs.user_data_dir("faceage_stats", appauthor=False)) / "models"


def find_model(model: str | Path) -> tuple[Path, dict[str, Any]]:
    """ONNX file behind a name or a path, and its card: the shipped one for a packaged file."""
    path = Path(model)
    if path.suffix == ".onnx":
        if not path.is_file():
            raise ModelFileError(f"No such model file: {path}.")
        return path, read_card(card_path(path))
    name = str(model).lower()
    if name in shipped_names() and shipped_card(name).get("package"):
        return _packaged(name), shipped_card(name)
    path = models_folder() / f"{name}.onnx"
    if os.path.isfile(path):  # False also in a home that this user may not read
        return path, read_card(card_path(path))
    missing = f"There is no model {str(model)!r} in {path.parent}."
    if name in shipped_names():
        raise ModelFileError(f"{missing} {how_to_get(path)}")
    known = sorted({*shipped_names(), *(file.stem for file in path.parent.glob("*.onnx"))})
    raise ModelFileError(
        f"{missing}{did_you_mean(model, known)} Give the path of an .onnx file, or one of "
        f"{', '.join(known)}."
    )


def installed_models() -> dict[str, Path]:
    """Models that are there, by name."""
    found = {path.stem: path for path in sorted(models_folder().glob("*.onnx"))}
    for name in shipped_names():
        if shipped_card(name).get("package"):
            found.pop(name, None)  # the packaged file is what the name means
            try:
                found[name] = _packaged(name)
            except MissingExtraError:
                continue
    return found


def how_to_get(path: Path) -> str:
    """What puts a model with a shipped card in place; weights are not part of this package."""
    card = shipped_card(path.stem)
    if card["demo"]:
        return f'Write it with: faceage models demo "{path.parent}"'
    if card.get("fetch"):
        return (
            f"Download it with `faceage models fetch {path.stem}`, or convert the released file "
            f'with: faceage convert FILE "{path}"'
        )
    if card.get("released"):
        return (
            f"Get {card['released']['file']} from {card['released']['where']} and convert it "
            f'with: faceage convert {card["released"]["file"]} "{path}"'
        )
    return f"Its weights are not public. Put {path.name} and its card {path.stem}.json there."


def _packaged(name: str) -> Path:
    """The file of a model that a Python package carries."""
    card = shipped_card(name)
    return packaged_file(**card["package"], what=f"The model {name}")
