"""ONNX Runtime sessions whose device is what was asked for, or an error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from faceage_stats._install import how_to_install
from faceage_stats._warn import warn
from faceage_stats.errors import FaceageWarning, InputError, ModelFileError
from faceage_stats.scoring._extra import require

__all__ = ["DEVICES", "available_providers", "open_session", "running_device"]

# device -> (execution provider, its options); every accelerator keeps the CPU for odd operators
DEVICES: dict[str, tuple[str, dict[str, str]]] = {
    "cpu": ("CPUExecutionProvider", {}),
    "cuda": ("CUDAExecutionProvider", {"use_tf32": "0", "cudnn_conv_algo_search": "HEURISTIC"}),
    "tensorrt": ("TensorrtExecutionProvider", {"trt_fp16_enable": "0"}),
}
_PREFERENCE = ("cuda", "cpu")  # `auto`; TensorRT compiles for minutes and is only used on request


def available_providers() -> list[str]:
    """Execution providers that this onnxruntime build was compiled with."""
    return list(require("onnxruntime").get_available_providers())


def running_device(session: Any) -> str:
    """Device that a session really runs on, read from the session itself."""
    first = session.get_providers()[0]
    return next((name for name, (provider, _) in DEVICES.items() if provider == first), first)


def _options(threads: int) -> Any:
    """Sessions that run in the calling thread: each worker handles one photograph."""
    options = require("onnxruntime").SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    options.log_severity_level = 3
    return options


def _open(model: bytes | Path, device: str, threads: int) -> Any:
    """One session on one device, refused when it would run somewhere else."""
    ort = require("onnxruntime")
    provider, provider_options = DEVICES[device]
    if provider not in available_providers():
        raise InputError(
            f"device '{device}' was asked for, but this onnxruntime offers only "
            f"{', '.join(available_providers())}. Use --device cpu, or an environment without the "
            f"CPU build of onnxruntime. {how_to_install('score-gpu')}"
        )
    providers: list[Any] = [(provider, provider_options)]
    if device == "tensorrt":
        providers.append(("CUDAExecutionProvider", DEVICES["cuda"][1]))
    if device != "cpu":
        providers.append("CPUExecutionProvider")
    source = model if isinstance(model, bytes) else str(model)
    try:
        session = ort.InferenceSession(source, _options(threads), providers=providers)
    except Exception as error:  # onnxruntime raises a dozen classes
        raise ModelFileError(f"onnxruntime cannot open the model: {error}") from error
    if running_device(session) != device:
        raise InputError(
            f"device '{device}' was asked for, but the session runs on "
            f"'{running_device(session)}' (driver or CUDA libraries missing?). "
            "Repair the installation, or use --device cpu."
        )
    return session


def open_session(model: bytes | Path, *, device: str = "auto", threads: int = 1) -> Any:
    """Open a model on a device; `auto` may fall back to the CPU and says so once."""
    if device != "auto":
        if device not in DEVICES:
            raise InputError(f"device is {device!r}; use auto, {', '.join(DEVICES)}.")
        return _open(model, device, threads)
    offered = available_providers()
    for name in _PREFERENCE[:-1]:
        if DEVICES[name][0] not in offered:
            continue
        try:
            return _open(model, name, threads)
        except InputError as error:
            warn(f"--device auto: running on the CPU. {error}", FaceageWarning)
    return _open(model, _PREFERENCE[-1], threads)
