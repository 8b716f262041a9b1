"""Models: a card, a file whose hash the card states, and a session on a stated device."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from faceage_stats._call import checked_call
from faceage_stats.errors import ModelFileError
from faceage_stats.scoring._card import (
    card_path,
    check_card,
    read_card,
    refuse_other_weights,
    refuse_unknown,
    shipped_card,
    shipped_names,
    unknown_entries,
)
from faceage_stats.scoring._choices import Device
from faceage_stats.scoring._denormal import flushed
from faceage_stats.scoring._external import check_external, external_files
from faceage_stats.scoring._extra import require
from faceage_stats.scoring._find import find_model, installed_models, models_folder
from faceage_stats.scoring._session import open_session, running_device
from faceage_stats.scoring.images import standardise

__all__ = [
    "Model",
    "card_path",
    "check_card",
    "find_model",
    "installed_models",
    "load_model",
    "models_folder",
    "read_card",
    "shipped_card",
    "shipped_names",
    "unknown_entries",
]


@dataclass(frozen=True)
class Model:
    """An opened model.

    Attributes
    ----------
    card : dict
        The model card.
    sha256 : str
        Of the file that was opened.
    device : str
        Device on which the session really runs.
    session : onnxruntime.InferenceSession
    """

    card: dict[str, Any]
    sha256: str
    device: str
    session: Any

    @property
    def size(self) -> int:
        """Side of the crop in pixels."""
        return int(self.card["input"]["size"])

    @property
    def has_embedding(self) -> bool:
        """Whether the model offers its penultimate layer."""
        return bool(self.card.get("embedding"))

    def prepare(self, crop: np.ndarray) -> np.ndarray:
        """Crop (size, size, 3) uint8 to the model's numbers, in the layout of the card."""
        entry = self.card["input"]
        if entry.get("colour", "RGB") == "BGR":
            crop = crop[:, :, ::-1]
        rule = entry["standardisation"]
        pixels = standardise(crop, rule.get("mean"), rule.get("std"))
        return pixels.transpose(2, 0, 1) if entry["layout"] == "NCHW" else pixels

    def run(self, batch: np.ndarray, *, embedding: bool = False) -> list[np.ndarray]:
        """Scores, shape (n,), and with `embedding` the penultimate layer, shape (n, width)."""
        names = [self.card["output"].get("name", "score")]
        if embedding:
            names.append(self.card["embedding"]["name"])
        feed = self.card["input"].get("name", "image")
        if self.device == "cpu":
            outputs = self.session.run(names, {feed: batch})
        else:
            outputs = run_bound(self.session, self.device, names, feed, batch)
        return [self._scores(np.asarray(outputs[0], np.float32)), *outputs[1:]]

    def _scores(self, output: np.ndarray) -> np.ndarray:
        """One score per face, as the card makes it from the output, shape (n,)."""
        rule = self.card["output"]
        if "expectation_over" in rule:  # a probability per class
            first, last = rule["expectation_over"]
            # summed row by row, so that the size of a batch changes no bit
            output = (output.reshape(len(output), -1) * np.arange(first, last + 1)).sum(axis=1)
        return np.asarray(output.reshape(len(output)) * rule.get("scale", 1), np.float32)


def run_bound(
    session: Any, device: str, names: list[str], feed: str, batch: np.ndarray
) -> list[np.ndarray]:
    """One run with the input placed on the device and only the results copied back."""
    ort = require("onnxruntime")
    where = "cpu" if device == "cpu" else "cuda"
    binding = session.io_binding()
    binding.bind_ortvalue_input(
        feed, ort.OrtValue.ortvalue_from_numpy(np.ascontiguousarray(batch), where, 0)
    )
    for name in names:
        binding.bind_output(name, where, 0)
    session.run_with_iobinding(binding)
    return list(binding.copy_outputs_to_cpu())


@checked_call
def load_model(model: str | Path, *, device: Device = "auto", threads: int = 1) -> Model:
    """Load a model after its hash matched its card.

    Parameters
    ----------
    model : str or path
        Name of a model in `models_folder()` or in an installed package, or path of an ONNX file
        with its card beside it.
    device : str
        ``"auto"``, ``"cpu"``, ``"cuda"`` or ``"tensorrt"``.
    threads : int
        Threads of the session.

    Returns
    -------
    Model
        Its card, the SHA-256 of its file, its device and its session.

    Raises
    ------
    ModelFileError
        No such file or card, another hash, the name of a released model that it is not, external
        data outside the folder or without a hash, an input or output that is not what the card
        says, or a card that does not know how the model sees a photograph.
    MissingExtraError
        The package that carries the model is not installed.
    InputError
        The device is not there.

    See Also
    --------
    score : Score photographs by it.

    Examples
    --------
    >>> import faceage_stats as fs
    >>> model = fs.load_model("dlib-age", device="cpu")
    >>> model.card["output"]["meaning"]
    "apparent age by dlib's model, not FaceAge: the expectation over its classes, a year each"
    >>> model.size
    64
    """
    path, card = find_model(model)
    refuse_unknown(card, card_path(path).name)
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    if card["sha256"] is None:
        raise ModelFileError(f"The model card {card_path(path).name} states no SHA-256.")
    if digest != card["sha256"]:
        raise ModelFileError(
            f"{path.name} is not the file that its card describes: SHA-256 {digest[:12]}… "
            f"instead of {card['sha256'][:12]}…. It was changed or damaged; get it again."
        )
    refuse_other_weights(
        (path.stem, card["name"]), source_sha256=card.get("source_sha256"), sha256=digest
    )
    external = external_files(data, path)
    check_external(external, path.parent, card)
    session = open_session(path if external else flushed(data), device=device, threads=threads)
    _check_signature(session, card, path.name)
    return Model(card, digest, running_device(session), session)


def _check_signature(session: Any, card: dict[str, Any], label: str) -> None:
    """The session's input and outputs must be those of the card."""
    size, entry = card["input"]["size"], card["input"]
    expected = [size, size, 3] if entry["layout"] == "NHWC" else [3, size, size]
    inputs = {item.name: item for item in session.get_inputs()}
    name = entry.get("name", "image")
    found = list(inputs[name].shape[1:]) if name in inputs else None
    fits = found is not None and len(found) == 3 and all(
        isinstance(side, str) or side is None or side == size
        for side, size in zip(found, expected, strict=True)
    )  # fmt: skip
    if len(inputs) != 1 or not fits or inputs[name].type != "tensor(float)":
        have = "; ".join(f"{i.name} {i.shape} {i.type}" for i in inputs.values())
        raise ModelFileError(
            f"{label} takes {have}, but its card says {name} [n, {', '.join(map(str, expected))}] "
            "float."
        )
    answer = card["output"].get("name", "score")
    needed = {answer}
    if card.get("embedding"):
        needed.add(card["embedding"]["name"])
    shapes = {item.name: item.shape for item in session.get_outputs()}
    missing = sorted(needed - set(shapes))
    if missing:
        raise ModelFileError(f"{label} has no output {', '.join(missing)}, which its card names.")
    first, last = card["output"].get("expectation_over", (1, 1))
    width = [side for side in shapes[answer][1:] if isinstance(side, int)]
    if math.prod(width) != last - first + 1:
        raise ModelFileError(
            f"{label} answers with {shapes[answer]} for a face, but its card expects "
            f"{last - first + 1} number{'s' * (last > first)}."
        )
