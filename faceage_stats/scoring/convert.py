"""Released weights as an ONNX graph: FaceAge's Keras file, FAHR-FaceAge's PyTorch file.

Neither Keras nor PyTorch is needed, and nothing in the files is executed. In a Keras file batch
normalisation and residual scales are folded into the convolutions before them in float64, so that
the float32 graph stays within 5e-4 years of a float64 evaluation of the original.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import is_zipfile

import numpy as np

from faceage_stats import __version__, _files
from faceage_stats.errors import InputError, ModelFileError
from faceage_stats.scoring._keras_file import read_keras_file
from faceage_stats.scoring._keras_onnx import Emitter
from faceage_stats.scoring._torch_file import StoredTensor, read_checkpoint
from faceage_stats.scoring._vit_onnx import build_vit, vit_from_weights

__all__ = [
    "FACEAGE_KERAS_SHA256",
    "SelfCheck",
    "convert",
    "refuse_target",
    "read_reference",
    "self_check",
]

FACEAGE_KERAS_SHA256 = "dd43eb66616558a70f86d55d405c2e5be1e49569654b7eb852c206393fd7a85d"


def convert(source: str | Path, target: str | Path, *, heads: int | None = None) -> dict[str, Any]:
    """Convert a Keras file of a FaceAge-like model, or a PyTorch file of FAHR-FaceAge, to ONNX.

    Parameters
    ----------
    source : path
        Whole-model HDF5 file of Keras 2: convolutions, dense layers, batch normalisation, pooling,
        residuals as a `*_ScaleSum` Lambda of two inputs, or as a scaling Lambda and an Add. Or a
        PyTorch checkpoint of a vision transformer with Hugging Face's names and a linear head.
    target : path
        ONNX file to write. Its outputs are `score`, shape (n,), and `embedding`, shape (n, width):
        what the last dense layer reads. The input is float32: (n, height, width, 3) from Keras,
        (n, 3, height, width) from PyTorch.
    heads : int, optional
        Heads of a transformer's attention, which its weights do not tell; by default 64 numbers a
        head.

    Returns
    -------
    dict
        ``source_sha256``, ``sha256`` (of the ONNX file), ``n_parameters``, ``n_layers``,
        ``input_shape`` (height, width, 3), ``embedding_width``, ``unused`` (weights that the score
        does not need), ``family`` ("keras" or "vit") and ``is_released_faceage``.

    Raises
    ------
    ModelFileError
        The file is not such a model. A layer class without a translation is refused by name; a
        Lambda is taken by its name and its ``scale`` argument, its code is never loaded. A
        checkpoint that asks for anything besides tensors is refused, and nothing in it is run.
    InputError
        The target does not end in .onnx, or is the source.
    """
    source, target = Path(source), Path(target)
    refuse_target(source, target)
    translate = _from_torch if is_zipfile(source) else _from_keras
    digest = _files.sha256(source) if source.is_file() else ""
    properties = {"source_sha256": digest, "converter": f"faceage_stats {__version__}"}
    data, facts = translate(source, properties, heads)
    _files.write_bytes(target, data)
    return {
        **facts,
        "source_sha256": digest,
        "sha256": _files.sha256(target),
        "is_released_faceage": digest == FACEAGE_KERAS_SHA256,
    }


def _from_keras(
    source: Path, properties: dict[str, str], heads: int | None
) -> tuple[bytes, dict[str, Any]]:
    """Layer by layer."""
    if heads is not None:
        raise InputError(f"{source.name} is no transformer; leave out heads.")
    model = read_keras_file(source)
    kinds = Emitter.kinds()
    unknown = sorted({layer.kind for layer in model.layers if layer.kind.lower() not in kinds})
    if unknown:
        raise ModelFileError(
            f"{source.name} has layers of class {', '.join(unknown)}, which have no translation. "
            f"Known classes: {', '.join(kinds)}."
        )
    emitter = Emitter(model)
    data = emitter.build(properties)
    return data, {
        "family": "keras",
        "n_parameters": sum(w.size for layer in model.layers for w in layer.weights.values()),
        "n_layers": len(model.layers),
        "input_shape": list(model.input_shape),
        "embedding_width": emitter.embedding_width,
        "unused": [],
    }


def refuse_target(source: Path, target: Path) -> None:
    """Refuse to write a model over the file that it is made from, or over its own card."""
    if target.suffix != ".onnx":
        raise InputError(f"The model is to be called {target.name!r}; end it in .onnx.")
    if target.exists() and source.exists() and target.samefile(source):
        raise InputError(f"{target.name} is the file to be converted; choose another name.")


def _from_torch(
    source: Path, properties: dict[str, str], heads: int | None
) -> tuple[bytes, dict[str, Any]]:
    """From names and shapes of the weights alone."""
    weights = {name: tensor.read() for name, tensor in _weights(read_checkpoint(source)).items()}
    vit = vit_from_weights(weights, heads)
    return build_vit(vit, properties), {
        "family": "vit",
        "n_parameters": sum(array.size for array in vit.weights.values()),
        "n_layers": vit.n_layers,
        "input_shape": [vit.size, vit.size, 3],
        "embedding_width": vit.width,
        "unused": vit.unused,
    }


def _weights(checkpoint: Any) -> dict[str, StoredTensor]:
    """The model's weights, without those of the optimizer beside them."""
    for key in ("model_state_dict", "state_dict", "model"):
        if isinstance(checkpoint, dict) and isinstance(checkpoint.get(key), dict):
            checkpoint = checkpoint[key]
    found = checkpoint if isinstance(checkpoint, dict) else {}
    others = [name for name, value in found.items() if not isinstance(value, StoredTensor)]
    if others or not found:
        raise ModelFileError(
            "The checkpoint holds no dictionary of weights: neither itself nor model_state_dict, "
            "state_dict or model in it."
        )
    return found


@dataclass(frozen=True)
class SelfCheck:
    """Difference between a converted model and published outputs of the same weights."""

    n: int
    max_difference: float
    tolerance: float
    source: str

    @property
    def passed(self) -> bool:
        """True when the largest difference is within the tolerance."""
        return self.max_difference <= self.tolerance


def self_check(model: str | Path, reference: str | Path, *, tolerance: float = 5e-4) -> SelfCheck:
    """Compare a converted model with published outputs on stored crops.

    Parameters
    ----------
    model : path
        ONNX file of the released FaceAge weights.
    reference : path
        JSON with ``crops`` ("file.npz, key name: ..." beside it), ``crops_array_sha256``,
        ``faceage_float32`` (years) and ``source``.
    tolerance : float
        Years.

    Raises
    ------
    InputError
        The reference is not such a JSON file, or the crops are not those that it describes.
    """
    from faceage_stats.scoring._session import open_session
    from faceage_stats.scoring.images import standardise

    crops, years, source = read_reference(Path(reference))
    session = open_session(Path(model), device="cpu")
    found = [session.run(["score"], {"image": standardise(c)[None]})[0][0] for c in crops]
    difference = np.abs(np.array(found, float) - years)
    return SelfCheck(len(found), float(difference.max()), tolerance, source)


def read_reference(reference: Path) -> tuple[np.ndarray, list[float], str]:
    """Read the crops of a reference, their published outputs and who published them."""
    import hashlib

    try:
        expected = json.loads(reference.read_text(encoding="utf-8"))
        crops = np.load(reference.with_name(expected["crops"].partition(",")[0]))["crops"]
        digest, years = expected["crops_array_sha256"], expected["faceage_float32"]
        source = expected["source"]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{reference.name} is not a reference of crops and outputs: {error}."
        ) from error
    if hashlib.sha256(crops.tobytes()).hexdigest() != digest:
        raise InputError(f"The crops beside {reference.name} are not those of the reference.")
    return crops, years, source
