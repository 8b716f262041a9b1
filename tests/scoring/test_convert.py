"""Keras HDF5 to ONNX, against Keras itself and against a float64 evaluation in NumPy."""

from __future__ import annotations

import base64
import hashlib
import json
import marshal
import time
from pathlib import Path

import h5py
import numpy as np
import onnxruntime
import pytest

from faceage_stats.errors import InputError, ModelFileError
from faceage_stats.scoring import convert as module
from faceage_stats.scoring.convert import convert, self_check
from faceage_stats.scoring.demo import write_keras_file
from faceage_stats.scoring.images import standardise

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    """The full-size file with random weights, its layers, and the ONNX made from it."""
    folder = tmp_path_factory.mktemp("full")
    net, _ = write_keras_file(folder / "m.h5", seed=0)
    start = time.process_time()  # of this process alone, however busy the machine is
    facts = convert(folder / "m.h5", folder / "m.onnx")
    return folder, net, facts, time.process_time() - start


def _run(path, x):
    session = onnxruntime.InferenceSession(str(path))
    return session.run(["score"], {"image": x.astype(np.float32)})[0]


# --- an independent evaluation, float64, channels last, nothing folded -------------------------
def _windows(x, size, strides, same, fill=0.0):
    if same:
        pads = [((k - 1) // 2, k // 2) for k in size]
        x = np.pad(x, [(0, 0), *pads, (0, 0)], constant_values=fill)
    view = np.lib.stride_tricks.sliding_window_view(x, tuple(size), axis=(1, 2))
    return view[:, :: strides[0], :: strides[1]]  # n, y, x, channel, ky, kx


def _conv(op, x):
    same = op.config["padding"] == "same"
    view = _windows(x, op.config["kernel_size"], op.config["strides"], same)
    out = np.tensordot(view, op.weights["kernel"].astype(float), ([4, 5, 3], [0, 1, 2]))
    return out + op.weights.get("bias", 0.0)


def _norm(op, x):
    w = {k: v.astype(float) for k, v in op.weights.items()}
    return (x - w["moving_mean"]) / np.sqrt(w["moving_variance"] + 0.001) + w["beta"]


def _dense(op, x):
    y = x @ op.weights["kernel"].astype(float) + op.weights.get("bias", 0.0)
    return np.maximum(y, 0) if op.config["activation"] == "relu" else y


EVALUATE = {
    "Conv2D": _conv,
    "BatchNormalization": _norm,
    "Dense": _dense,
    "Activation": lambda op, x: np.maximum(x, 0),
    "MaxPooling2D": lambda op, x: _windows(x, [3, 3], [2, 2], False).max((4, 5)),
    "Concatenate": lambda op, *parts: np.concatenate(parts, axis=-1),
    "Lambda": lambda op, x, up: x + up * op.config["arguments"]["scale"],
    "GlobalAveragePooling2D": lambda op, x: x.mean((1, 2)),
    "Dropout": lambda op, x: x,
}


def _evaluate(net, x):
    values = {"input_1": x.astype(float)}
    for op in net.ops[1:]:
        values[op.name] = EVALUATE[op.kind](op, *(values[name] for name in op.inputs))
    return values[net.ops[-1].name][:, 0]


class TestFullSize:
    # Truth: the published size of the released model.
    def test_size_of_the_released_model(self, full):
        _, net, facts, _ = full
        assert facts["n_parameters"] == 22_825_169
        assert sum(len(op.weights) for op in net.ops) == 497
        assert facts["n_layers"] == 426 + 3
        assert facts["embedding_width"] == 128
        assert not facts["is_released_faceage"]
        assert facts["sha256"] == hashlib.sha256((full[0] / "m.onnx").read_bytes()).hexdigest()

    def test_time(self, full):
        assert full[3] < 3 * 3  # 3 s here; another processor may take three times that

    # Truth: a float64 evaluation in NumPy that shares nothing with the converter.
    def test_within_5e_4_years_of_float64(self, full):
        folder, net, _, _ = full
        crops = np.random.default_rng(1).integers(0, 256, (2, 160, 160, 3)).astype(np.uint8)
        crops[1] = crops[1] // 8 + np.arange(160, dtype=np.uint8)[:, None, None]
        x = np.stack([standardise(crop) for crop in crops])
        np.testing.assert_allclose(_run(folder / "m.onnx", x), _evaluate(net, x), atol=5e-4, rtol=0)

    # Truth: Keras 2.15 itself with these weights.
    def test_within_5e_4_years_of_keras(self, full):
        expected = json.loads(
            (HERE / "reference/keras_predictions.json").read_text(encoding="utf-8")
        )["years"]
        x = np.random.default_rng(5).standard_normal((4, 160, 160, 3))
        np.testing.assert_allclose(_run(full[0] / "m.onnx", x), expected, atol=5e-4, rtol=0)

    def test_same_bytes_again(self, full):
        folder = full[0]
        assert convert(folder / "m.h5", folder / "again.onnx")["sha256"] == full[2]["sha256"]

    def test_other_spellings_give_the_same_graph(self, full, tmp_path):
        """Functional, BN axis [3], text attributes, real bytecode in each Lambda."""
        trace = tmp_path / "ran"
        body = compile(f"open({str(trace)!r}, 'w')", "lambda", "exec")
        code = base64.b64encode(marshal.dumps(body)).decode()

        def change(layer):
            layer["config"].pop("name", None) if layer["class_name"] == "Model" else None
            if layer["class_name"] == "BatchNormalization":
                layer["config"]["axis"] = [3]
            if layer["class_name"] == "Lambda":
                layer["config"]["function"] = [code, None, None]
            if layer["class_name"] == "Model":
                layer["class_name"] = "Functional"

        facts = _rewritten(full[0] / "m.h5", tmp_path / "o.h5", change, as_text=True)
        assert facts["sha256"] != full[2]["sha256"]  # the source's hash is part of the file
        x = np.random.default_rng(2).standard_normal((2, 160, 160, 3))
        a, b = (_run(path, x) for path in (full[0] / "m.onnx", tmp_path / "o.onnx"))
        np.testing.assert_array_equal(a, b)
        assert not trace.exists()

    def test_scaling_lambda_and_add(self, full, tmp_path):
        """The keras-facenet form: one-input Lambda, then Add."""

        def change(layer):
            if layer["class_name"] != "Model":
                return
            layers = layer["config"]["layers"]
            for entry in [x for x in layers if x["class_name"] == "Lambda"]:
                left, right = entry["inbound_nodes"][0]
                scaled = {**entry, "name": entry["name"] + "_up", "inbound_nodes": [[right]]}
                scaled["config"] = {**entry["config"], "name": scaled["name"]}
                layers.append(scaled)
                entry.update(class_name="Add", config={"name": entry["name"]})
                entry["inbound_nodes"] = [[left, [scaled["name"], 0, 0, {}]]]

        _rewritten(full[0] / "m.h5", tmp_path / "o.h5", change)
        x = np.random.default_rng(2).standard_normal((2, 160, 160, 3))
        a, b = (_run(path, x) for path in (full[0] / "m.onnx", tmp_path / "o.onnx"))
        np.testing.assert_array_equal(a, b)


def _rewritten(source, target, change, as_text=False):
    """A copy with every layer entry passed through `change`, converted."""
    target.write_bytes(source.read_bytes())
    with h5py.File(target, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        for layer in config["config"]["layers"]:
            for inner in layer["config"].get("layers", []):
                change(inner)
            change(layer)
        text = json.dumps(config)
        del file.attrs["model_config"]
        file.attrs["model_config"] = text if as_text else text.encode()
    return convert(target, target.with_suffix(".onnx"))


# --- small models -------------------------------------------------------------------------------
RNG = np.random.default_rng(8)
IMAGE = {
    "class_name": "InputLayer",
    "name": "image",
    "config": {"name": "image", "batch_input_shape": [None, 6, 6, 3]},
    "inbound_nodes": [],
}


def _layer(kind, name, *inputs, **config):
    nodes = [[[source, 0, 0, {}] for source in inputs]]
    config = {"name": name, **config}
    return {"class_name": kind, "name": name, "config": config, "inbound_nodes": nodes}


def _conv_layer(name, source, **config):
    defaults = {"kernel_size": [3, 3], "strides": [1, 1], "padding": "valid", "use_bias": False}
    defaults |= {"dilation_rate": [1, 1], "activation": "linear"}
    return _layer("Conv2D", name, source, **(defaults | config))


KERNEL = RNG.standard_normal((3, 3, 3, 4)).astype(np.float32)


def _write(path, layers, weights, output=None, **container):
    config = {
        "layers": [IMAGE, *layers],
        "input_layers": [["image", 0, 0]],
        "output_layers": [[output or layers[-1]["name"], 0, 0]],
    }
    model = {"class_name": "Model", "config": config | container}
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(model)
        groups = file.create_group("model_weights")
        for name, array in weights.items():
            groups[name] = array
    return path


def _small(tmp_path, *layers, **options):
    """conv1 -> layers -> pooled -> one dense number."""
    last = layers[-1]["name"] if layers else "conv1"
    tail = [
        _layer("GlobalAveragePooling2D", "pooled", last),
        _layer("Dense", "age", "pooled", units=1, use_bias=False, activation="linear"),
    ]
    weights = {
        "conv1/conv1/kernel:0": KERNEL,
        "age/age/kernel:0": np.ones((4, 1), np.float32),
        **options.pop("weights", {}),
    }
    first = options.pop("first", _conv_layer("conv1", "image"))
    return _write(tmp_path / "s.h5", [first, *layers, *tail], weights, **options)


def _converted(path, x=None):
    convert(path, path.with_suffix(".onnx"))
    return _run(path.with_suffix(".onnx"), np.ones((1, 6, 6, 3)) if x is None else x)


# Truth: the formulas, in NumPy.
class TestSmallModels:
    def test_norm_that_cannot_be_folded(self, tmp_path):
        parts = {"gamma": [2.0] * 4, "beta": [1.0] * 4, "moving_mean": [0.5] * 4}
        parts["moving_variance"] = [3.999] * 4
        weights = {f"bn/bn/{k}:0": np.array(v, np.float32) for k, v in parts.items()}
        norm = _layer("BatchNormalization", "bn", "act", axis=-1, epsilon=0.001)
        act = _layer("Activation", "act", "conv1", activation="relu")
        found = _converted(_small(tmp_path, act, norm, weights=weights))
        conv = np.maximum(KERNEL.sum((0, 1, 2)), 0)
        assert found[0] == pytest.approx(((conv - 0.5) / 2 * 2 + 1).sum(), rel=1e-5)

    def test_scale_that_cannot_be_folded(self, tmp_path):
        act = _layer("Activation", "act", "conv1", activation="relu")
        half = _layer("Lambda", "half", "act", arguments={"scale": 0.5})
        both = _layer("Add", "both", "act", "half")
        found = _converted(_small(tmp_path, act, half, both))
        assert found[0] == pytest.approx(1.5 * np.maximum(KERNEL.sum((0, 1, 2)), 0).sum(), rel=1e-5)

    def test_same_padding_with_stride(self, tmp_path):
        """Keras pads an even side by nothing before and one behind."""
        first = _conv_layer("conv1", "image", padding="same", strides=[2, 2])
        x = RNG.standard_normal((1, 6, 6, 3))
        padded = np.pad(x, [(0, 0), (0, 1), (0, 1), (0, 0)])
        view = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), (1, 2))[:, ::2, ::2]
        expected = np.tensordot(view, KERNEL, ([4, 5, 3], [0, 1, 2])).mean((1, 2)).sum()
        found = _converted(_small(tmp_path, first=first), x)
        assert found[0] == pytest.approx(expected, rel=1e-4)

    def test_plain_sequential_without_input_layer(self, tmp_path):
        conv = _conv_layer("conv1", "image", batch_input_shape=[None, 6, 6, 3])
        layers = [conv, _layer("GlobalAveragePooling2D", "p")]
        layers.append(_layer("Dense", "age", units=1, use_bias=False, activation="linear"))
        layers = [{k: x[k] for k in ("class_name", "config")} for x in layers]
        path = _small(tmp_path)
        for config in ({"name": "s", "layers": layers}, layers):  # Keras 2.2.4 and before it
            with h5py.File(path, "r+") as file:
                model = {"class_name": "Sequential", "config": config}
                file.attrs["model_config"] = json.dumps(model)
            assert _converted(path)[0] == pytest.approx(KERNEL.sum(), rel=1e-5)

    def test_one_output_written_flat(self, tmp_path):
        path = _small(tmp_path, output_layers=["age", 0, 0])
        assert _converted(path)[0] == pytest.approx(KERNEL.sum(), rel=1e-5)

    def test_no_dense_layer_means_no_embedding(self, tmp_path):
        first = _conv_layer("conv1", "image", kernel_size=[6, 6])
        weights = {"conv1/kernel:0": np.ones((6, 6, 3, 1), np.float32)}
        path = _write(tmp_path / "c.h5", [first], weights)
        assert _converted(path)[0] == pytest.approx(108)
        session = onnxruntime.InferenceSession(str(path.with_suffix(".onnx")))
        assert [o.name for o in session.get_outputs()] == ["score"]


class TestRefusals:
    @pytest.mark.parametrize(
        ("layer", "message"),
        [
            (_layer("LSTM", "x", "conv1"), r"layers of class LSTM, which have no translation"),
            (_layer("Lambda", "x", "conv1", arguments={}), r"Lambda 'x' is not a residual"),
            (_layer("Lambda", "x", "conv1"), r"Lambda 'x' is not a residual"),
            (
                _layer("Lambda", "x", "conv1", "conv1", arguments={"scale": 1}),
                r"a name ending in _ScaleSum",
            ),
            (_layer("Activation", "x", "conv1", activation="swish"), r"activation 'swish'"),
            (_layer("Concatenate", "x", "conv1", "conv1", axis=1), r"joins axis 1"),
            (_layer("BatchNormalization", "x", "conv1", axis=2), r"normalises axis 2"),
            (
                _layer("BatchNormalization", "x", "conv1", axis=3, epsilon=0.1),
                r"has no weight 'moving_variance'",
            ),
            (_layer("Activation", "x", "nowhere", activation="relu"), r"do not exist: nowhere"),
            (_layer("Activation", "x", "x", activation="relu"), r"in a circle"),
            (_layer("Activation", "conv1", "image", activation="relu"), "have the same name"),
        ],
    )
    def test_layers(self, tmp_path, layer, message):
        path = _small(tmp_path, layer)
        with pytest.raises(ModelFileError, match=message):
            convert(path, tmp_path / "s.onnx")
        assert not (tmp_path / "s.onnx").exists()

    @pytest.mark.parametrize(
        ("config", "message"),
        [
            ({"dilation_rate": [2, 2]}, "dilation"),
            ({"data_format": "channels_first"}, "channels first"),
            ({"groups": 3}, "grouped"),
        ],
    )
    def test_convolutions(self, tmp_path, config, message):
        path = _small(tmp_path, first=_conv_layer("conv1", "image", **config))
        with pytest.raises(ModelFileError, match=message):
            convert(path, tmp_path / "s.onnx")

    def test_containers(self, tmp_path):
        out = tmp_path / "s.onnx"
        two = _small(tmp_path, output_layers=[["age", 0, 0], ["pooled", 0, 0]])
        with pytest.raises(ModelFileError, match="2 outputs"):
            convert(two, out)
        shared = _layer("Activation", "x", "conv1", activation="relu")
        shared["inbound_nodes"] *= 2
        with pytest.raises(ModelFileError, match="used 2 times"):
            convert(_small(tmp_path, shared), out)
        path = _small(tmp_path)
        for change, message in [
            ({"class_name": "Other", "config": {}}, "Top-level class 'Other'"),
            (
                {
                    "class_name": "Sequential",
                    "config": [
                        {"class_name": "Dropout", "config": {"name": "d"}},
                        {"class_name": "Model", "config": {}},
                    ],
                },
                "nested behind other layers",
            ),
        ]:
            with h5py.File(path, "r+") as file:
                file.attrs["model_config"] = json.dumps(change)
            with pytest.raises(ModelFileError, match=message):
                convert(path, out)

    def test_open_input(self, tmp_path, monkeypatch):
        free = json.loads(json.dumps(IMAGE))
        free["config"]["batch_input_shape"] = [None, None, None, 3]
        monkeypatch.setitem(globals(), "IMAGE", free)
        with pytest.raises(ModelFileError, match="fixed height x width x 3"):
            convert(_small(tmp_path), tmp_path / "s.onnx")

    def test_weights(self, tmp_path):
        for name, message in [
            ("other/thing/kernel:0", "belongs to no known layer"),
            ("conv1/conv1/momentum:0", "belongs to no known layer"),
            ("conv1/again/conv1/kernel:0", "two arrays for 'kernel'"),
        ]:
            path = _small(tmp_path, weights={name: np.zeros(3)})
            with pytest.raises(ModelFileError, match=message):
                convert(path, tmp_path / "s.onnx")

    def test_files(self, tmp_path):
        out = tmp_path / "o.onnx"
        with pytest.raises(ModelFileError, match="does not exist"):
            convert(tmp_path / "absent.h5", out)
        (tmp_path / "text.h5").write_text("no", encoding="utf-8")
        with pytest.raises(ModelFileError, match="not a whole Keras HDF5 file"):
            convert(tmp_path / "text.h5", out)
        h5py.File(tmp_path / "weights.h5", "w").close()
        with pytest.raises(ModelFileError, match=r"weights without the graph.*model\.save"):
            convert(tmp_path / "weights.h5", out)


class TestSelfCheck:
    @pytest.fixture
    def reference(self, full, tmp_path):
        crops = np.random.default_rng(4).integers(0, 256, (3, 160, 160, 3)).astype(np.uint8)
        np.savez(tmp_path / "crops.npz", crops=crops)
        x = np.stack([standardise(crop) for crop in crops])
        values = {
            "source": "a float64 evaluation",
            "crops": "crops.npz, key crops: uint8",
            "crops_array_sha256": hashlib.sha256(crops.tobytes()).hexdigest(),
            "faceage_float32": _evaluate(full[1], x).tolist(),
        }
        (tmp_path / "reference.json").write_text(json.dumps(values), encoding="utf-8")
        return tmp_path / "reference.json"

    def test_agreement_and_disagreement(self, full, reference):
        check = self_check(full[0] / "m.onnx", reference)
        assert check.passed
        assert (check.n, check.source) == (3, "a float64 evaluation")
        values = json.loads(reference.read_text(encoding="utf-8"))
        values["faceage_float32"][1] += 0.01
        reference.write_text(json.dumps(values), encoding="utf-8")
        check = self_check(full[0] / "m.onnx", reference)
        assert not check.passed
        assert check.max_difference == pytest.approx(0.01, abs=1e-4)

    def test_other_crops_are_refused(self, full, reference):
        np.savez(reference.with_name("crops.npz"), crops=np.zeros((3, 160, 160, 3), np.uint8))
        with pytest.raises(InputError, match="not those of the reference"):
            self_check(full[0] / "m.onnx", reference)


def test_released_hash_is_recognised(full, monkeypatch):
    monkeypatch.setattr(module, "FACEAGE_KERAS_SHA256", full[2]["source_sha256"])
    assert convert(full[0] / "m.h5", full[0] / "r.onnx")["is_released_faceage"]
