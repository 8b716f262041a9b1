"""Tensors of a PyTorch checkpoint, read without PyTorch and without unpickling.

A checkpoint is a zip of raw numbers and one pickle that says how they are put together. A pickle
is a program that can do anything; here a dozen of its instructions are carried out, which build
dictionaries, lists, numbers, text and references to tensors. All others, and every name of a
function or class besides those of tensors, are refused by name. Nothing is imported or called.
"""

from __future__ import annotations

import math
import pickletools
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from faceage_stats.errors import ModelFileError

__all__ = ["StoredTensor", "read_checkpoint"]

_STORAGES = {  # class of a storage in PyTorch -> NumPy's type of its numbers
    "FloatStorage": "<f4", "DoubleStorage": "<f8", "HalfStorage": "<f2", "BFloat16Storage": "bf16",
    "LongStorage": "<i8", "IntStorage": "<i4", "ShortStorage": "<i2", "CharStorage": "i1",
    "ByteStorage": "u1", "BoolStorage": "?",
}  # fmt: skip
_KNOWN = {
    "collections.OrderedDict",
    "torch._utils._rebuild_tensor_v2",
    "torch._utils._rebuild_parameter",
    *(f"torch.{name}" for name in _STORAGES),
}
_LARGEST_PICKLE = 64_000_000  # bytes; the numbers lie outside


@dataclass(frozen=True)
class _Name:
    """A function or class that the pickle names; never looked up."""

    path: str


@dataclass(frozen=True)
class _Storage:
    """One block of numbers in the zip."""

    key: str
    kind: str
    n: int


@dataclass(frozen=True)
class StoredTensor:
    """A tensor that still lies in the file: which block, from where on, in which shape."""

    file: Path
    member: str
    kind: str
    n: int
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]

    def read(self) -> np.ndarray:
        """Its numbers; half precision as float32."""
        with zipfile.ZipFile(self.file) as archive:
            raw = archive.read(self.member)
        numbers = np.frombuffer(raw, "<u2" if self.kind == "bf16" else self.kind)
        if len(numbers) < self.n:
            raise ModelFileError(f"{self.file.name} is damaged: a tensor is cut off.")
        if self.kind == "bf16":  # the upper half of a float32
            numbers = (numbers.astype("<u4") << 16).view("<f4")
        step = [stride * numbers.itemsize for stride in self.stride]
        view = np.lib.stride_tricks.as_strided(numbers[self.offset :], self.shape, step)
        return np.array(view, np.float32 if self.kind == "<f2" else None)


def read_checkpoint(path: Path) -> Any:
    """Read what `torch.save` wrote.

    Parameters
    ----------
    path : pathlib.Path
        A checkpoint of PyTorch 1.6 or later.

    Returns
    -------
    object
        Dictionaries, lists, numbers and text as saved, with a `StoredTensor` for each tensor.

    Raises
    ------
    ModelFileError
        Another kind of file, or one that asks for anything besides tensors and dictionaries.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if name.endswith("/data.pkl")]
            if len(names) != 1:
                raise ModelFileError(f"{path.name} is a zip but no PyTorch checkpoint.")
            if any(info.compress_type != zipfile.ZIP_STORED for info in archive.infolist()):
                raise ModelFileError(f"{path.name} is compressed, which PyTorch never does.")
            folder = names[0].removesuffix("data.pkl")
            order = f"{folder}byteorder"
            if order in archive.namelist() and archive.read(order) != b"little":
                raise ModelFileError(f"{path.name} was saved on a big-endian machine.")
            if archive.getinfo(names[0]).file_size > _LARGEST_PICKLE:
                raise ModelFileError(f"{path.name} holds more than tensors: its index is too long.")
            data = archive.read(names[0])
    except FileNotFoundError as error:
        raise ModelFileError(f"{path} does not exist.") from error
    except (zipfile.BadZipFile, OSError) as error:
        raise ModelFileError(
            f"{path.name} is not a PyTorch checkpoint that can be read. One that PyTorch before "
            "1.6 wrote has to be loaded and saved again by a newer one."
        ) from error
    try:
        return _Builder(path, folder).build(data)
    except ModelFileError:
        raise
    except Exception as error:  # a program that makes no sense fails in as many ways
        raise ModelFileError(f"{path.name} is damaged: {type(error).__name__}.") from error


class _Builder:
    """Carries out the few instructions that build data; a stack, marks on it, and a memory."""

    def __init__(self, file: Path, folder: str) -> None:
        self.file, self.folder = file, folder
        self.stack: list[Any] = []
        self.marks: list[int] = []
        self.memory: dict[int, Any] = {}

    def build(self, data: bytes) -> Any:
        """What the whole program leaves on the stack."""
        for opcode, argument, _ in pickletools.genops(data):
            if opcode.name == "STOP":
                return self.stack.pop()
            if opcode.name in _VALUES:
                self.stack.append(_VALUES[opcode.name](argument))
            elif opcode.name in _STEPS:
                _STEPS[opcode.name](self, argument)
            elif opcode.name not in ("PROTO", "FRAME"):
                raise ModelFileError(
                    f"{self.file.name} uses the pickle instruction {opcode.name}, which no "
                    "checkpoint of tensors needs. Nothing in it was run."
                )
        raise ModelFileError(f"{self.file.name} is damaged: its index has no end.")

    def above_mark(self) -> list[Any]:
        start = self.marks.pop()
        taken, self.stack[start:] = self.stack[start:], []
        return taken

    def top(self, n: int) -> tuple[Any, ...]:
        taken = tuple(self.stack[-n:])
        if len(taken) < n:
            raise IndexError
        self.stack[-n:] = []
        return taken

    def mark(self, argument: Any) -> None:
        self.marks.append(len(self.stack))

    def remember(self, argument: Any) -> None:
        self.memory[len(self.memory) if argument is None else argument] = self.stack[-1]

    def recall(self, argument: Any) -> None:
        self.stack.append(self.memory[argument])

    def name(self, argument: Any) -> None:
        path = ".".join(self.top(2)) if argument is None else argument.replace(" ", ".", 1)
        if path not in _KNOWN:
            raise ModelFileError(
                f"{self.file.name} asks for {path}, which is no tensor. Nothing in it was run; "
                "ask for a file that holds the weights alone (model.state_dict())."
            )
        self.stack.append(_Name(path))

    def set_items(self, pairs: list[Any]) -> None:
        if not isinstance(self.stack[-1], dict) or len(pairs) % 2:
            raise TypeError
        self.stack[-1].update(zip(pairs[::2], pairs[1::2], strict=True))

    def extend(self, items: list[Any]) -> None:
        if not isinstance(self.stack[-1], list):
            raise TypeError
        self.stack[-1].extend(items)

    def storage(self, argument: Any) -> None:
        label, kind, key, _, n = self.stack.pop()
        if label != "storage" or not isinstance(kind, _Name) or not isinstance(n, int):
            raise TypeError
        self.stack.append(_Storage(str(key), _STORAGES[kind.path.removeprefix("torch.")], n))

    def state(self, argument: Any) -> None:
        """PyTorch keeps the versions of modules beside a dictionary of weights."""
        target, state = self.top(2)
        if not isinstance(target, dict) or set(state) != {"_metadata"}:
            raise ModelFileError(
                f"{self.file.name} sets the state of an object, which no tensor needs. Nothing "
                "in it was run."
            )
        self.stack.append(target)

    def call(self, argument: Any) -> None:
        """The three calls that a checkpoint of tensors makes, done here instead."""
        function, arguments = self.top(2)
        if function == _Name("collections.OrderedDict") and arguments == ():
            self.stack.append({})
        elif function == _Name("torch._utils._rebuild_tensor_v2"):
            self.stack.append(self.tensor(*arguments[:4]))
        elif function == _Name("torch._utils._rebuild_parameter"):
            self.stack.append(arguments[0])
        else:
            raise ModelFileError(
                f"{self.file.name} calls {getattr(function, 'path', 'a value')} in a way that no "
                "checkpoint of tensors needs. Nothing in it was run."
            )

    def tensor(self, storage: Any, offset: Any, shape: Any, stride: Any) -> StoredTensor:
        """Refuse a tensor that reaches beyond its numbers."""
        whole = [offset, *shape, *stride]
        last = offset + sum((side - 1) * step for side, step in zip(shape, stride, strict=True))
        inside = 0 in shape or last < storage.n
        if not all(isinstance(value, int) and value >= 0 for value in whole) or not inside:
            raise ModelFileError(f"{self.file.name} is damaged: a tensor exceeds its storage.")
        if math.prod(shape) > storage.n:
            raise ModelFileError(f"{self.file.name} repeats numbers inside a tensor.")
        member = f"{self.folder}data/{storage.key}"
        return StoredTensor(
            self.file, member, storage.kind, storage.n, offset, tuple(shape), tuple(stride)
        )


_VALUES: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(
        ("BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT", "BINUNICODE", "SHORT_BINUNICODE"),
        lambda argument: argument,
    ),
    "NONE": lambda _: None,
    "NEWTRUE": lambda _: True,
    "NEWFALSE": lambda _: False,
    "EMPTY_DICT": lambda _: {},
    "EMPTY_LIST": lambda _: [],
    "EMPTY_TUPLE": lambda _: (),
}
_STEPS: dict[str, Callable[[_Builder, Any], None]] = {
    "MARK": _Builder.mark,
    **dict.fromkeys(("BINPUT", "LONG_BINPUT", "MEMOIZE"), _Builder.remember),
    **dict.fromkeys(("BINGET", "LONG_BINGET"), _Builder.recall),
    **dict.fromkeys(("GLOBAL", "STACK_GLOBAL"), _Builder.name),
    "TUPLE": lambda builder, _: builder.stack.append(tuple(builder.above_mark())),
    "TUPLE1": lambda builder, _: builder.stack.append(builder.top(1)),
    "TUPLE2": lambda builder, _: builder.stack.append(builder.top(2)),
    "TUPLE3": lambda builder, _: builder.stack.append(builder.top(3)),
    "SETITEM": lambda builder, _: builder.set_items(list(builder.top(2))),
    "SETITEMS": lambda builder, _: builder.set_items(builder.above_mark()),
    "APPEND": lambda builder, _: builder.extend(list(builder.top(1))),
    "APPENDS": lambda builder, _: builder.extend(builder.above_mark()),
    "BINPERSID": _Builder.storage,
    "BUILD": _Builder.state,
    "REDUCE": _Builder.call,
}
