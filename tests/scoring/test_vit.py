"""Vision transformers from PyTorch files, against PyTorch itself and against their definition."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from faceage_stats.cli import main
from faceage_stats.errors import InputError, ModelFileError
from faceage_stats.scoring.convert import convert
from faceage_stats.scoring.model import load_model
from tests.scoring.vits import SHAPES, as_release_4, evaluate, inputs, make_weights, write_torch

REFERENCE = Path(__file__).parent / "reference"
PREDICTIONS = json.loads((REFERENCE / "vit_predictions.json").read_text(encoding="utf-8"))
LIMIT = 1e-4  # of the score


def _scores(path, x):
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return session.run(["score"], {"image": x})[0]


def _converted(tmp_path, weights, shape, **options):
    source = write_torch(tmp_path / "m.pth", weights, **options)
    return convert(source, tmp_path / "m.onnx", heads=shape.n_heads), tmp_path / "m.onnx"


# Truth: PyTorch with Hugging Face Transformers, stored with their versions; and float64 NumPy.
@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("release", [4, 5])
def test_parity(tmp_path, name, release):
    shape, weights = SHAPES[name], make_weights(SHAPES[name])
    named = as_release_4(weights) if release == 4 else weights
    facts, target = _converted(tmp_path, named, shape)
    found = _scores(target, inputs(shape))
    np.testing.assert_allclose(found, PREDICTIONS["scores"][name], atol=LIMIT)
    np.testing.assert_allclose(found, evaluate(weights, shape, inputs(shape)), atol=LIMIT)
    assert facts["input_shape"] == [shape.size, shape.size, 3]
    assert (facts["n_layers"], facts["embedding_width"]) == (shape.n_layers, shape.width)
    assert facts["n_parameters"] == sum(array.size for array in weights.values())


# Truth: a file that torch.save wrote, with the state of an optimizer, and what PyTorch answered.
def test_a_checkpoint_of_pytorch_itself(tmp_path):
    convert(REFERENCE / "vit_by_torch.pth", tmp_path / "m.onnx", heads=2)
    x = np.random.default_rng(7).standard_normal((3, 3, 8, 8)).astype(np.float32)
    found = _scores(tmp_path / "m.onnx", x)
    np.testing.assert_allclose(found, PREDICTIONS["vit_by_torch"], atol=LIMIT)


@pytest.fixture
def pytorch():
    """The script that asks PyTorch itself."""
    path = REFERENCE / "make_vit_reference.py"
    spec = importlib.util.spec_from_file_location("make_vit_reference", path)
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


# PyTorch is no dependency: its stored answers are tested above, without it.
@pytest.mark.torch
@pytest.mark.skipif(not importlib.util.find_spec("torch"), reason="needs torch, transformers")
@pytest.mark.parametrize("name", SHAPES)
class TestWithPyTorch:
    def test_it_gives_the_stored_answers(self, pytorch, name):
        scores = pytorch.scores(pytorch.model(SHAPES[name]), SHAPES[name])
        np.testing.assert_allclose(scores, PREDICTIONS["scores"][name], atol=1e-5)

    @pytest.mark.parametrize("seed", [1, 2, 3])
    def test_weights_that_are_not_stored(self, pytorch, tmp_path, name, seed):
        made = pytorch.model(SHAPES[name], seed)
        pytorch.save({"model_state_dict": made.state_dict()}, tmp_path / "m.pth")
        convert(tmp_path / "m.pth", tmp_path / "m.onnx", heads=SHAPES[name].n_heads)
        found = _scores(tmp_path / "m.onnx", inputs(SHAPES[name]))
        np.testing.assert_allclose(found, pytorch.scores(made, SHAPES[name]), atol=LIMIT)


@pytest.mark.parametrize("wrapped", [None, "state_dict", "model", "model_state_dict"])
def test_where_the_weights_lie(tmp_path, wrapped):
    shape = SHAPES["small"]
    weights = {f"module.{name}": w for name, w in make_weights(shape).items()}
    weights["module.vit.pooler.dense.weight"] = np.zeros((64, 64), np.float32)
    facts, target = _converted(tmp_path, weights, shape, wrapped=wrapped)
    np.testing.assert_allclose(
        _scores(target, inputs(shape)), PREDICTIONS["scores"]["small"], atol=LIMIT
    )
    assert facts["unused"] == ["pooler.dense.weight"]
    assert not facts["is_released_faceage"]


def test_half_precision(tmp_path):
    shape = SHAPES["small"]
    weights = {name: w.astype("<f2") for name, w in make_weights(shape).items()}
    _, target = _converted(tmp_path, weights, shape, kind="HalfStorage")
    expected = evaluate(weights, shape, inputs(shape))
    np.testing.assert_allclose(_scores(target, inputs(shape)), expected, atol=LIMIT)


class TestRefusals:
    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (lambda w: w.pop("vit.layernorm.bias"), r"lacks layernorm\.bias"),
            (lambda w: w.pop("vit.embeddings.cls_token"), "No vision transformer"),
            (lambda w: w.pop("classifier.weight"), "A linear head from 64 numbers"),
            (lambda w: w.update({"gate.weight": w["classifier.weight"]}), "classifier.bias, class"),
            (lambda w: w.update({"decoder.x": w["classifier.bias"]}), "masked autoencoder"),
            (
                lambda w: w.update({"vit.layers.1.mlp.fc2.weight": w["vit.layers.1.mlp.fc1.bias"]}),
                r"unexpected shape: layers\.1\.mlp\.fc2\.weight",
            ),
            (
                lambda w: w.update(
                    {"vit.embeddings.position_embeddings": np.zeros((1, 4, 64), "f4")}
                ),
                "unexpected shape: embeddings.position",
            ),
        ],
    )
    def test_weights(self, tmp_path, change, message):
        weights = make_weights(SHAPES["small"])
        change(weights)
        with pytest.raises(ModelFileError, match=message):
            _converted(tmp_path, weights, SHAPES["small"])

    def test_heads(self, tmp_path):
        source = write_torch(tmp_path / "m.pth", make_weights(SHAPES["small"]))
        with pytest.raises(ModelFileError, match=r"cannot be shared among 7 heads"):
            convert(source, tmp_path / "m.onnx", heads=7)

    def test_no_weights(self, tmp_path):
        source = write_torch(tmp_path / "m.pth", {}, wrapped="model")
        with pytest.raises(ModelFileError, match="holds no dictionary of weights"):
            convert(source, tmp_path / "m.onnx")

    def test_heads_are_no_matter_of_keras(self, tmp_path):
        (tmp_path / "k.h5").write_bytes(b"x")
        with pytest.raises(InputError, match="leave out heads"):
            convert(tmp_path / "k.h5", tmp_path / "k.onnx", heads=2)


def test_command_and_card(tmp_path, capsys):
    """Converted, it scores when what the card does not know was filled in, not before."""
    shape = SHAPES["112 pixels"]
    source = write_torch(tmp_path / "fahr_faceage.pth", make_weights(shape))
    target = tmp_path / "fahr.onnx"
    assert main(["convert", str(source), str(target)]) == 0
    said = capsys.readouterr().out
    assert "write into fahr.json: input.standardisation, output.scale, crop.template" in said
    with pytest.raises(ModelFileError, match=r"does not know input\.standardisation"):
        load_model(target)
    path = target.with_suffix(".json")
    card = json.loads(path.read_text(encoding="utf-8"))
    assert card["name"] == "fahr"
    assert card["source_sha256"] != card["sha256"]
    card["input"]["standardisation"] = {"kind": "fixed", "mean": [0.5] * 3, "std": [0.5] * 3}
    card["output"]["scale"] = 10
    card["crop"]["template"] = None
    path.write_text(json.dumps(card), encoding="utf-8")
    opened = load_model(target, device="cpu")
    crop = np.random.default_rng(0).integers(0, 256, (112, 112, 3)).astype(np.uint8)
    pixels = opened.prepare(crop)[None]
    expected = 10 * evaluate(make_weights(shape), shape, pixels)
    score, embedding = opened.run(pixels, embedding=True)
    np.testing.assert_allclose(score, expected, atol=1e-3)
    assert embedding.shape == (1, 128)
