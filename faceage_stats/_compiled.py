"""Compilation by Numba: how kernels are compiled, and where the machine code is kept.

The name of a kept file says what it was compiled from: the byte code of the kernel and of all that
it calls, their constants and options, the versions, the processor. Stale code is never found, and
what is found but cannot be read is compiled again.

When something must be compiled one line says so on stderr, once in a process. It goes through
`logging`: ``logging.getLogger("faceage_stats").setLevel("ERROR")`` silences it.
"""

from __future__ import annotations

import hashlib
import logging
import os
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any, ParamSpec, TypeVar

import numba
import numpy as np
from numba.core.caching import FunctionCache, IndexDataCacheFile
from numba.core.compiler import CompileResult
from numba.core.dispatcher import Dispatcher
from numpy.typing import NDArray

from faceage_stats._cache_folder import is_trusted, make_folder, user_folders

__all__ = [
    "KERNELS",
    "BoolArray",
    "FloatArray",
    "IntArray",
    "compiled",
    "kernel_folders",
    "reached",
]

BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

KERNELS: list[Dispatcher] = []  # every kernel of the modules imported so far
P = ParamSpec("P")
R = TypeVar("R")
_BESIDE = Path(__file__).parent / "__pycache__" / "kernels"
_log = logging.getLogger("faceage_stats")


def compiled(**options: Any) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorate a kernel: arrays in, arrays out, compiled by Numba when first called.

    `options` are those of ``numba.njit``; the machine code is kept, and the kernel runs beside
    other threads. To a type checker the kernel is the function as it is written.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        kernel: Callable[P, R] = numba.njit(nogil=True, **options)(function)
        if isinstance(kernel, Dispatcher):  # not under NUMBA_DISABLE_JIT
            vars(kernel)["_cache"] = _KernelCache(kernel)
            KERNELS.append(kernel)
        return kernel

    return decorate


@cache
def kernel_folders() -> tuple[Path, ...]:
    """Folders in which machine code is looked for; the last is written to, if it can be.

    They are tried in this order, up to the first that can be written: the user's NUMBA_CACHE_DIR,
    beside the package, the user's cache, a private folder in the temporary one.
    """
    named = os.environ.get("NUMBA_CACHE_DIR")
    chosen = [Path(named) / "faceage_stats"] if named else []
    found = []
    for folder in [*chosen, _BESIDE, *user_folders("kernels")]:
        make_folder(folder, 0o755 if folder == _BESIDE else 0o700)  # everyone's, as the package is
        if is_trusted(folder):
            found.append(folder)
            if os.access(folder, os.W_OK):
                break
    return tuple(found)


def _writable() -> Path | None:
    folders = kernel_folders()
    return folders[-1] if folders and os.access(folders[-1], os.W_OK) else None


def reached(kernel: Dispatcher) -> set[Dispatcher]:
    """The kernel and all kernels that it calls."""
    found, waiting = {kernel}, [kernel]
    while waiting:
        function = waiting.pop().py_func
        called = {function.__globals__.get(name) for name in function.__code__.co_names}
        new = {value for value in called if isinstance(value, Dispatcher)} - found
        found |= new
        waiting += new
    return found


@cache
def _made_from(kernel: Dispatcher) -> str:
    """Everything that the machine code of a kernel depends on, besides the types of a call."""
    texts = sorted(text for part in reached(kernel) for text in _texts(part))
    return "\n".join([sys.version, numba.__version__, *texts])


def _texts(kernel: Dispatcher) -> Iterator[str]:
    function = kernel.py_func
    options = {k: sorted(v) if isinstance(v, set) else v for k, v in kernel.targetoptions.items()}
    yield f"{function.__module__}.{function.__qualname__} {sorted(options.items())}"
    codes = [function.__code__]
    while codes:
        code = codes.pop()
        inner = [value for value in code.co_consts if isinstance(value, CodeType)]
        codes += inner
        plain = [value for value in code.co_consts if not isinstance(value, CodeType)]
        yield repr((code.co_code, plain, code.co_names, code.co_varnames))
        for name in code.co_names:
            value = function.__globals__.get(name)
            if isinstance(value, (int, float, str, tuple)):
                yield f"{name} = {value!r}"
            elif fields := getattr(value, "_fields", None):  # a named tuple that is made here
                yield f"{name}: {fields!r}"


class _KernelCache(FunctionCache):
    """Numba's cache of one kernel, one pair of files for each signature.

    With a separate index a signature is not overwritten by another process that compiles
    another one at the same time.
    """

    def __init__(self, kernel: Dispatcher):
        self._kernel, self._py_func = kernel, kernel.py_func
        self.enable()  # type: ignore[no-untyped-call] # of numba

    @property
    def cache_path(self) -> str:
        return str(_writable() or "")

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        target_context.refresh()
        key = self._index_key(sig, target_context.codegen())  # type: ignore[no-untyped-call] # of numba
        for folder in kernel_folders():
            try:
                data = self._file(folder, key).load(key)
                if data is not None:
                    return CompileResult._rebuild(target_context, *data)
            except Exception:
                continue
        _say_once()
        return None

    def save_overload(self, sig: Any, data: Any) -> None:
        folder = _writable()
        if folder is None or data.library.has_dynamic_globals:
            return
        key = self._index_key(sig, data.codegen)  # type: ignore[no-untyped-call] # of numba
        file = self._file(folder, key)
        try:
            file.flush()  # whatever lay there could not be read
            file.save(key, data._reduce())
        except OSError as error:  # a full disk costs compiling again
            _log.info("compiled kernel not kept: %s", error)

    def _file(self, folder: Path, key: Any) -> IndexDataCacheFile:
        layouts = [getattr(kind, "fields", ()) for kind in key[0]]  # of named tuples
        made_from = hashlib.sha256(f"{_made_from(self._kernel)}\n{key}\n{layouts}".encode())
        name = f"{self._py_func.__module__.rpartition('.')[2]}.{self._py_func.__name__}"
        return IndexDataCacheFile(str(folder), f"{name}-{made_from.hexdigest()[:20]}", None)


@cache
def _say_once() -> None:
    folder = _writable()
    if folder is None:
        _log.warning(
            "faceage_stats: compiling kernels (up to half a minute), in every run: no folder can "
            "be written to keep them. Name one of yours in NUMBA_CACHE_DIR."
        )
    else:
        _log.warning(
            "faceage_stats: compiling kernels, once (up to half a minute), kept in %s", folder
        )
