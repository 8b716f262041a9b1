"""The weights of the three MTCNN networks, from the `mtcnn` wheel, and their graphs in the cache.

The wheel (1.0.0, MIT licence) is never imported: that would need TensorFlow. Its assets are LZ4
frames around a pickled list of NumPy arrays; they are checked against a pinned SHA-256 and the
arrays are cut out by their framing, so nothing is unpickled.

Against release 0.1.1, which the published pipeline used, the 1.0.0 assets hold the same numbers
with the two spatial axes of each kernel swapped (the old code fed transposed images) and with the
class head last.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import pickletools
from pathlib import Path

import numpy as np

from faceage_stats._cache_folder import writable_folder
from faceage_stats._files import write_bytes
from faceage_stats.errors import ModelFileError
from faceage_stats.scoring._extra import require
from faceage_stats.scoring._mtcnn_graph import build_network
from faceage_stats.scoring._packaged import packaged_file

__all__ = ["NETWORKS", "asset_path", "load_network", "read_arrays"]

_ASSET_SHA256 = {
    "pnet": "ea6b0c3e685ebee3165326ad6484acc95f2ef78f1c94fbf40a55704fa989f7b5",
    "rnet": "cb00e6460f3c98b0bfafaba3c0a0ded4bdf6e62cee7174d969e8670d7e757fee",
    "onet": "94f6ea2f4cf985275ee958cdd762d17b6009348a4fb9d8c6be39ba73ffd22ca3",
}
NETWORKS = tuple(_ASSET_SHA256)
_GRAPH_VERSION = b"5"  # part of the cache key: raise it when build_network changes


def asset_path(name: str) -> Path:
    """Where the installed wheel keeps one network's weights."""
    file = f"mtcnn/assets/weights/{name}.lz4"
    return packaged_file("mtcnn", "1.0.0", file, what="The weights of the face detector")


def read_arrays(data: bytes) -> list[np.ndarray]:
    """Float32 arrays of a pickled joblib list, read by their framing and never unpickled.

    joblib writes, after each array's pickled header, one byte that counts the padding, the
    padding, then the raw numbers. The header's opcodes are only looked at: the tuple of small
    integers that precedes the `C` order mark is the shape.
    """
    stream = io.BytesIO(data)
    arrays: list[np.ndarray] = []
    integers: list[int] = []
    shape: tuple[int, ...] | None = None
    previous = ""
    for opcode, argument, _ in pickletools.genops(stream):
        if opcode.name.startswith("BININT") and isinstance(argument, int):
            integers.append(argument)
        elif opcode.name == "MARK":
            integers = []
        elif opcode.name.startswith("TUPLE") and integers and shape is None:
            size = int(opcode.name[5:] or len(integers))
            shape = tuple(integers[-size:])
        elif opcode.name == "BUILD" and previous == "SETITEMS":
            stream.seek(stream.read(1)[0], os.SEEK_CUR)
            if shape is None:
                raise ModelFileError("mtcnn weights: an array without a shape.")
            raw = stream.read(4 * int(np.prod(shape)))
            arrays.append(np.frombuffer(raw, "<f4").reshape(shape))
            shape, integers = None, []
        previous = opcode.name
    return arrays


def _checked_asset(name: str) -> bytes:
    """Compressed weights, after their hash matched."""
    path = asset_path(name)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelFileError(f"mtcnn weights cannot be read: {error}. Reinstall mtcnn.") from error
    found = hashlib.sha256(data).hexdigest()
    if found != _ASSET_SHA256[name]:
        raise ModelFileError(
            f"mtcnn weights '{name}': SHA-256 {found[:12]}… instead of "
            f"{_ASSET_SHA256[name][:12]}…. "
            "Reinstall with: python -m pip install --force-reinstall --no-deps mtcnn==1.0.0"
        )
    return data


def load_network(name: str, cache: Path | None = None) -> bytes:
    """ONNX bytes of one network, from the cache when an intact copy is there."""
    folder = writable_folder("mtcnn") if cache is None else cache
    key = hashlib.sha256(_ASSET_SHA256[name].encode() + _GRAPH_VERSION).hexdigest()[:16]
    for path in sorted(folder.glob(f"{name}-{key}-*.onnx")) if folder else []:
        data = path.read_bytes()
        if hashlib.sha256(data).hexdigest() == path.stem.rpartition("-")[2]:
            return data
    arrays = read_arrays(require("lz4.frame").decompress(_checked_asset(name)))
    data = build_network(name, arrays)
    if folder:  # with nowhere to write, the graph is built at each start
        path = folder / f"{name}-{key}-{hashlib.sha256(data).hexdigest()}.onnx"
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            write_bytes(path, data)
    return data
