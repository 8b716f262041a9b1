"""One demonstration model for the whole room: random weights, whose scores mean nothing."""

from __future__ import annotations

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # some tests import onnxruntime by themselves

import pytest

from faceage_stats.scoring.demo import write_demo_model


@pytest.fixture(scope="session")
def demo_model(tmp_path_factory):
    """Path of the demonstration model's ONNX file, its card beside it."""
    return write_demo_model(tmp_path_factory.mktemp("demo"))
