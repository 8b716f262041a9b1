"""The released Keras file as an ONNX graph, with h5py and onnx alone.

Batch normalisation and residual scales are folded into the convolutions before them in float64,
so that the float32 graph stays within 5e-4 years of a float64 evaluation of the original.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from faceage_stats import __version__, _files
from faceage_stats.errors import InputError, ModelFileError
from faceage_stats.scoring._keras_file import read_keras_file
from faceage_stats.scoring._keras_onnx import Emitter

__all__ = ["FACEAGE_KERAS_SHA256", "SelfCheck", "convert", "refuse_target", "self_check"]

FACEAGE_KERAS_SHA256 = "dd43eb66616558a70f86d55d405c2e5be1e49569654b7eb852c206393fd7a85d"


def convert(source: str | Path, target: str | Path) -> dict[str, Any]:
    """Convert a FaceAge-like Keras HDF5 file to ONNX.

    Parameters
    ----------
    source : path
        Whole-model HDF5 file of Keras 2: convolutions, dense layers, batch normalisation, pooling,
        residuals as a `*_ScaleSum` Lambda of two inputs, or as a scaling Lambda and an Add.
    target : path
        ONNX file to write. Its outputs are `score`, shape (n,), and `embedding`, shape (n, width):
        what the last dense layer reads. The input is (n, height, width, 3), float32.

    Returns
    -------
    dict
        ``source_sha256``, ``sha256`` (of the ONNX file), ``n_parameters``, ``n_layers``,
        ``input_shape``, ``embedding_width`` and ``is_released_faceage``.

    Raises
    ------
    ModelFileError
        The file is not such a model. A layer class without a translation is refused by name; a
        Lambda is taken by its name and its ``scale`` argument, its code is never loaded.
    InputError
        The target does not end in .onnx, or is the source.
    """
    source, target = Path(source), Path(target)
    refuse_target(source, target)
    model = read_keras_file(source)
    kinds = Emitter.kinds()
    unknown = sorted({layer.kind for layer in model.layers if layer.kind.lower() not in kinds})
    if unknown:
        raise ModelFileError(
            f"{source.name} has layers of class {', '.join(unknown)}, which have no translation. "
            f"Known classes: {', '.join(kinds)}."
        )
    n_parameters = sum(w.size for layer in model.layers for w in layer.weights.values())
    digest = _files.sha256(source)
    emitter = Emitter(model)
    data = emitter.build({"source_sha256": digest, "converter": f"faceage_stats {__version__}"})
    _files.write_bytes(target, data)
    return {
        "source_sha256": digest,
        "sha256": _files.sha256(target),
        "n_parameters": n_parameters,
        "n_layers": len(model.layers),
        "input_shape": list(model.input_shape),
        "embedding_width": emitter.embedding_width,
        "is_released_faceage": digest == FACEAGE_KERAS_SHA256,
    }


def refuse_target(source: Path, target: Path) -> None:
    """Refuse to write a model over the file that it is made from, or over its own card."""
    if target.suffix != ".onnx":
        raise InputError(f"The model is to be called {target.name!r}; end it in .onnx.")
    if target.exists() and source.exists() and target.samefile(source):
        raise InputError(f"{target.name} is the file to be converted; choose another name.")


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
    import hashlib

    from faceage_stats.scoring._session import open_session
    from faceage_stats.scoring.images import standardise

    reference = Path(reference)
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
    session = open_session(Path(model), device="cpu")
    found = [session.run(["score"], {"image": standardise(c)[None]})[0][0] for c in crops]
    difference = np.abs(np.array(found, float) - years)
    return SelfCheck(len(found), float(difference.max()), tolerance, source)
