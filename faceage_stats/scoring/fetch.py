"""Getting a model: downloaded by hash, or a file of yours, converted when needed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from faceage_stats import _files
from faceage_stats._existing import refuse_existing
from faceage_stats.errors import DataUnavailableError, InputError
from faceage_stats.scoring._card import card_path, refuse_other_weights, shipped_card
from faceage_stats.scoring._find import find_model, how_to_get, models_folder

__all__ = ["fetch", "install"]


def fetch(name: str, *, force: bool = False) -> Path:
    """Download a model by the URL and hash of its shipped card, and convert it when needed.

    Parameters
    ----------
    name : str
        A shipped card whose ``fetch`` entry has a URL and a SHA-256, or that names a package.
    force : bool
        Replace a model that exists.

    Returns
    -------
    pathlib.Path
        The ONNX file: in `models_folder()`, or in the package that carries it.

    Raises
    ------
    InputError
        The card has no URL: the weights are not public. Or the model is there already.
    DataUnavailableError
        No network, or the file behind the URL has another hash.
    """
    import pooch

    name, folder = name.lower(), models_folder()
    card, target = shipped_card(name), folder / f"{name}.onnx"
    if card.get("package"):  # the set-up has fetched it
        return find_model(name)[0]
    source = card.get("fetch")
    if not source:
        raise InputError(f"The card of {card['name']} has no download. {how_to_get(target)}")
    refuse_existing(target, card_path(target), force=force)
    try:
        path = Path(
            pooch.retrieve(source["url"], f"sha256:{source['sha256']}", path=folder / "downloads")
        )
    except Exception as error:  # requests, urllib3, pooch and the OS each raise different classes
        raise DataUnavailableError(
            f"{card['name']} could not be downloaded ({type(error).__name__}). Without a network, "
            f"get {source['url']} (SHA-256 {source['sha256']}) elsewhere and run: "
            f'faceage convert FILE "{target}"'
        ) from error
    return install(path, target, convert_first=bool(source.get("convert")), force=force)


def install(
    source: Path,
    target: Path,
    *,
    convert_first: bool,
    force: bool = False,
    heads: int | None = None,
) -> Path:
    """Put a model and its card in place; a Keras or PyTorch file is converted on the way."""
    from faceage_stats.scoring.convert import convert, refuse_target

    refuse_target(source, target)
    refuse_existing(target, card_path(target), force=force)
    target.parent.mkdir(parents=True, exist_ok=True)
    if not convert_first:
        _files.write_bytes(target, source.read_bytes())
        card = {**shipped_card(target.stem), "sha256": _files.sha256(target)}
        _files.write_json(card_path(target), card)
        return target
    refuse_other_weights([target.stem], source_sha256=_files.sha256(source))
    facts = convert(source, target, heads=heads)
    if facts["is_released_faceage"]:
        card = shipped_card("faceage")
    else:
        card = _card_of_another(target.stem, facts)
    size = facts["input_shape"][0]
    width = facts["embedding_width"]
    card |= {
        "sha256": facts["sha256"],
        "source_sha256": facts["source_sha256"],
        "input": {**card["input"], "size": size},
        "embedding": {"name": "embedding", "width": width} if width else None,
    }
    _files.write_json(card_path(target), card)
    return target


def _card_of_another(name: str, facts: dict[str, Any]) -> dict[str, Any]:
    """Card of a converted file that is not the released FaceAge model."""
    own = {"name": name, "version": facts["source_sha256"][:12], "fetch": None}
    if facts["family"] == "vit":
        card = {**shipped_card("fahr-faceage"), **own}
        card["note"] = (
            "Converted from a PyTorch file; whether it is the released FAHR-FaceAge is not known, "
            f"as no SHA-256 of that is published. {card['note']}"
        )
        return card
    note = "Converted from a Keras file that is not the released FaceAge model."
    return {**shipped_card("faceage"), **own, "source_url": None, "citation": None, "note": note}
