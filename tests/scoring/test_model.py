"""Cards, hashes, devices and the command line around models."""

from __future__ import annotations

import json
import shutil
import sys

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper, numpy_helper

from faceage_stats import _files
from faceage_stats.cli import main
from faceage_stats.errors import (
    DataUnavailableError,
    FaceageWarning,
    InputError,
    MissingExtraError,
    ModelFileError,
)
from faceage_stats.scoring import _card, _find, _session, model
from faceage_stats.scoring.demo import write_keras_file
from faceage_stats.scoring.fetch import fetch, install
from faceage_stats.scoring.model import load_model

FLOAT = onnx.TensorProto.FLOAT


@pytest.fixture
def own(demo_model, tmp_path):
    """A copy of the demonstration model that a test may spoil, and its card as a dict."""
    target = tmp_path / "demo.onnx"
    shutil.copy(demo_model, target)
    return target, json.loads(demo_model.with_suffix(".json").read_text(encoding="utf-8"))


def _save(path, card):
    path.with_suffix(".json").write_text(json.dumps(card), encoding="utf-8")


def _tiny(path, **card):
    """mean(image) as a model with a 4 x 4 input, and its card."""
    shape = card.pop("shape", ["n", 4, 4, 3])
    nodes = card.pop("nodes", None) or [
        helper.make_node("ReduceMean", ["image"], ["score"], axes=[1, 2, 3], keepdims=0)
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("image", card.pop("kind", FLOAT), shape)],
        [helper.make_tensor_value_info("score", FLOAT, card.pop("answer", ["n"]))],
        card.pop("initializers", []),
    )
    built = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    if not card.pop("keep", False):
        path.write_bytes(built.SerializeToString())
    entry = model.shipped_card("demo")
    entry["input"] = {"name": "image", "size": 4, "layout": "NHWC"}
    entry["input"]["standardisation"] = {"kind": "fixed", "mean": [0.0] * 3, "std": [1.0] * 3}
    entry |= {"embedding": None, "sha256": _files.sha256(path)}
    entry |= card
    _save(path, entry)
    return path


def _not_installed(*arguments, **options):
    raise MissingExtraError("not installed")


class TestCards:
    def test_shipped_cards_are_valid(self):
        assert model.shipped_names() == [
            "demo", "dlib-age", "faceage", "fahr-faceage", "fahr-facesurvival",
        ]  # fmt: skip
        for name in model.shipped_names():
            card = model.shipped_card(name)
            model.check_card(card, name)
            assert card["demo"] == (name == "demo")
            assert card["note"]
        with pytest.raises(InputError, match=r"There is no model card 'x'\. Known: demo"):
            model.shipped_card("x")

    def test_demonstration_card_says_so(self, demo_model):
        card = model.read_card(model.card_path(demo_model))
        assert card["demo"] is True
        assert "random weights" in card["note"]

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"name": 3, "crop": None}, r"name is missing or of another type; crop is missing"),
            ({"input": {"size": 4}}, r"input.layout is missing"),
            ({"output": {"unit": "months"}}, r"unit is 'months' \(use years or log-risk\)"),
            ({"output": {}}, r"output.unit and"),
            ({"crop": {"face": "first"}}, r"face is 'first' \(use confident or largest\)"),
            ({"crop": {"template": {"nose": [0.5, 0.5]}}}, "x and y of two points or more of left"),
            ({"crop": {"template": {"nose": [0.5, 0.5], "ear": [1, 1]}}}, "crop.template needs"),
            ({"crop": {"template": {"nose": [0.5], "left_eye": [1, 1]}}}, "crop.template needs"),
            ({"output": {"unit": "years", "expectation_over": [0]}}, "first and the last class"),
            ({"output": {"unit": "years", "expectation_over": [9, 3]}}, "first and the last class"),
            ({"output": {"unit": "years", "scale": "large"}}, "output.scale needs a number"),
        ],
    )
    def test_wrong_cards(self, own, change, message):
        path, card = own
        _save(path, card | change)
        with pytest.raises(ModelFileError, match=message):
            load_model(path)

    def test_fixed_standardisation_needs_numbers(self, own):
        path, card = own
        for rule in ({"kind": "fixed"}, {"kind": "fixed", "mean": [0] * 3, "std": [0, 1, 1]}):
            card["input"]["standardisation"] = rule
            _save(path, card)
            with pytest.raises(ModelFileError, match="3 means and 3 positive std"):
                load_model(path)

    @pytest.mark.parametrize("name", ["fahr-faceage", "fahr-facesurvival"])
    def test_a_card_with_unknown_fields_does_not_score(self, own, name):
        path, _ = own
        card = model.shipped_card(name)
        _save(path, card)
        missing = r"input\.standardisation, output\.scale, crop\.template, without which"
        with pytest.raises(ModelFileError, match=missing + ".*github.com/AIM-Harvard/FAHR-Face"):
            load_model(path)

    def test_absent_and_broken(self, own):
        path, _ = own
        with pytest.raises(ModelFileError, match=r"no model card demo\.json beside"):
            load_model(path)
        path.with_suffix(".json").write_text("{", encoding="utf-8")
        with pytest.raises(ModelFileError, match=r"demo\.json cannot be read"):
            load_model(path)
        path.with_suffix(".json").write_text("[]", encoding="utf-8")
        with pytest.raises(ModelFileError, match="not a JSON object"):
            load_model(path)


class TestOpening:
    def test_opened(self, demo_model):
        opened = load_model(demo_model, device="cpu")
        assert (opened.device, opened.size, opened.has_embedding) == ("cpu", 160, True)
        crop = np.random.default_rng(0).integers(0, 256, (160, 160, 3)).astype(np.uint8)
        score, embedding = opened.run(opened.prepare(crop)[None], embedding=True)
        assert score.shape == (1,)
        assert embedding.shape == (1, 128)

    def test_tampered_file_is_not_opened(self, own, monkeypatch):
        path, card = own
        _save(path, card)
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
        monkeypatch.setattr(model, "open_session", lambda *a, **k: pytest.fail("opened"))
        with pytest.raises(ModelFileError, match=r"not the file that its card describes"):
            load_model(path)
        _save(path, card | {"sha256": None})
        with pytest.raises(ModelFileError, match="states no SHA-256"):
            load_model(path)

    def test_not_an_onnx_file(self, tmp_path):
        path = tmp_path / "m.onnx"
        path.write_bytes(b"\xff\xff not onnx")
        with pytest.raises(ModelFileError, match="not an ONNX file"):
            load_model(_tiny(path, keep=True))

    def test_unusable_graph(self, tmp_path):
        nodes = [helper.make_node("NoSuchOperator", ["image"], ["score"])]
        with pytest.raises(ModelFileError, match="onnxruntime cannot open the model"):
            load_model(_tiny(tmp_path / "m.onnx", nodes=nodes), device="cpu")

    def test_wrong_input_and_output(self, tmp_path):
        path = tmp_path / "m.onnx"
        for options in (
            {"shape": ["n", 3, 4, 4]},
            {"shape": ["n", 4, 4, 3], "kind": onnx.TensorProto.DOUBLE,
             "nodes": [helper.make_node("Cast", ["image"], ["f"], to=FLOAT),
                       helper.make_node("ReduceMean", ["f"], ["score"], axes=[1, 2, 3],
                                        keepdims=0)]},
        ):  # fmt: skip
            with pytest.raises(ModelFileError, match=r"its card says image \[n, 4, 4, 3\] float"):
                load_model(_tiny(path, **options), device="cpu")
        for output in ({"expectation_over": [0, 80]}, {"expectation_over": [1, 2]}):
            card = {"output": {"name": "score", "unit": "years", **output}}
            with pytest.raises(ModelFileError, match=r"its card expects (81|2) numbers"):
                load_model(_tiny(path, **card), device="cpu")
        card = {"embedding": {"name": "embedding", "width": 3}}
        with pytest.raises(ModelFileError, match="has no output embedding"):
            load_model(_tiny(path, **card), device="cpu")

    # Truth: the mean of the pixels, by definition.
    def test_layout_colour_and_fixed_standardisation(self, tmp_path):
        crop = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
        plain = load_model(_tiny(tmp_path / "m.onnx"), device="cpu")
        assert plain.run(plain.prepare(crop)[None])[0][0] == pytest.approx(crop.mean() / 255)
        rule = {"kind": "fixed", "mean": [0.0, 0.0, 1.0], "std": [1.0, 1.0, 2.0]}
        entry = {"name": "image", "size": 4, "layout": "NCHW", "colour": "BGR"}
        path = _tiny(
            tmp_path / "v.onnx", shape=["n", 3, 4, 4], input=entry | {"standardisation": rule}
        )
        opened = load_model(path, device="cpu")
        pixels = opened.prepare(crop)
        assert pixels.shape == (3, 4, 4)
        np.testing.assert_allclose(pixels[0], crop[:, :, 2] / 255, rtol=1e-6)
        np.testing.assert_allclose(pixels[2], (crop[:, :, 0] / 255 - 1) / 2, rtol=1e-6)

    # Truth: the definition of an expectation.
    def test_expectation_and_scale(self, tmp_path):
        crop = np.full((4, 4, 3), 51, np.uint8)  # a fifth of white
        two = [
            helper.make_node("ReduceMean", ["image"], ["m"], axes=[1, 2, 3], keepdims=0),
            helper.make_node("Unsqueeze", ["m", "axis"], ["p"]),
            helper.make_node("Sub", ["one", "p"], ["q"]),
            helper.make_node("Concat", ["q", "p"], ["score"], axis=1),
        ]
        values = {
            "axis": numpy_helper.from_array(np.array([1]), "axis"),
            "one": numpy_helper.from_array(np.float32([1]), "one"),
        }
        output = {"name": "score", "unit": "years", "expectation_over": [30, 31]}
        path = _tiny(
            tmp_path / "m.onnx", nodes=two, initializers=list(values.values()), output=output,
            answer=["n", 2],
        )  # fmt: skip
        opened = load_model(path, device="cpu")
        assert opened.run(opened.prepare(crop)[None])[0][0] == pytest.approx(30.2)
        output = {"name": "score", "unit": "years", "scale": 100}
        opened = load_model(_tiny(tmp_path / "s.onnx", output=output), device="cpu")
        assert opened.run(opened.prepare(crop)[None])[0][0] == pytest.approx(20)

    def test_bound_run_gives_the_same_numbers(self, demo_model):
        opened = load_model(demo_model, device="cpu")
        x = np.random.default_rng(1).standard_normal((2, 160, 160, 3)).astype(np.float32)
        plain = opened.run(x, embedding=True)
        bound = model.run_bound(opened.session, "cpu", ["score", "embedding"], "image", x)
        for a, b in zip(plain, bound, strict=True):
            np.testing.assert_array_equal(a, b)


class TestExternalData:
    def _external(self, path, location):
        tensor = numpy_helper.from_array(np.float32([1.0]), "one")
        tensor.ClearField("raw_data")
        tensor.data_location = onnx.TensorProto.EXTERNAL
        for key, value in {"location": location, "offset": "0", "length": "4"}.items():
            entry = tensor.external_data.add()
            entry.key, entry.value = key, value
        nodes = [
            helper.make_node("ReduceMean", ["image"], ["m"], axes=[1, 2, 3], keepdims=0),
            helper.make_node("Add", ["m", "one"], ["score"]),
        ]
        return _tiny(path, nodes=nodes, initializers=[tensor])

    @pytest.mark.parametrize("location", ["../secret.bin", "/etc/hostname", "a/../../x"])
    def test_outside_the_folder(self, tmp_path, location):
        with pytest.raises(ModelFileError, match="outside its folder"):
            load_model(self._external(tmp_path / "m.onnx", location))

    def test_link_out_of_the_folder(self, tmp_path):
        inside = tmp_path / "models"
        inside.mkdir()
        (tmp_path / "data.bin").write_bytes(b"1234")
        (inside / "data.bin").symlink_to(tmp_path / "data.bin")
        with pytest.raises(ModelFileError, match="outside its folder"):
            load_model(self._external(inside / "m.onnx", "data.bin"))

    def test_beside_the_model_with_a_hash(self, tmp_path):
        path = self._external(tmp_path / "m.onnx", "data.bin")
        with pytest.raises(ModelFileError, match=r"data\.bin is missing"):
            load_model(path)
        (tmp_path / "data.bin").write_bytes(np.float32([7.0]).tobytes())
        with pytest.raises(ModelFileError, match="under `external_data`"):
            load_model(path)
        card = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        card["external_data"] = {"data.bin": _files.sha256(tmp_path / "data.bin")}
        _save(path, card)
        opened = load_model(path, device="cpu")
        assert opened.run(np.zeros((1, 4, 4, 3), np.float32))[0][0] == 7.0

    def test_inside_a_branch(self, tmp_path):
        """A tensor hidden in a subgraph is found too."""
        from faceage_stats.scoring._external import external_files

        tensor = numpy_helper.from_array(np.float32([1.0]), "t")
        tensor.data_location = onnx.TensorProto.EXTERNAL
        entry = tensor.external_data.add()
        entry.key, entry.value = "location", "../x"
        inner = helper.make_graph([helper.make_node("Constant", [], ["c"], value=tensor)], "g",
                                  [], [helper.make_tensor_value_info("c", FLOAT, [1])])  # fmt: skip
        nodes = [helper.make_node("If", ["b"], ["o"], then_branch=inner, else_branch=inner)]
        built = helper.make_model(helper.make_graph(nodes, "o", [], []))
        assert external_files(built.SerializeToString(), tmp_path) == {"../x"}


class TestDevices:
    def test_absent_device_is_an_error(self, demo_model):
        if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
            pytest.fail("run the CPU tests with the CPU build of onnxruntime")
        with pytest.raises(InputError, match=r"device 'cuda' was asked for.*offers only"):
            load_model(demo_model, device="cuda")
        with pytest.raises(InputError, match="device 'tensorrt' was asked for"):
            load_model(demo_model, device="tensorrt")
        with pytest.raises(InputError, match="device is 'gpu'; use auto, cpu"):
            load_model(demo_model, device="gpu")

    def test_silent_fallback_is_an_error(self, demo_model, monkeypatch):
        """A build that lists CUDA but opens on the CPU, as with a missing driver."""
        monkeypatch.setitem(_session.DEVICES, "cuda", ("CUDAExecutionProvider", {}))
        listed = ["CUDAExecutionProvider", "CPUExecutionProvider"]
        monkeypatch.setattr(_session, "available_providers", lambda: listed)
        real = onnxruntime.InferenceSession

        def on_cpu(source, options, providers):
            return real(source, options, providers=["CPUExecutionProvider"])

        monkeypatch.setattr(onnxruntime, "InferenceSession", on_cpu)
        with pytest.raises(InputError, match="but the session runs on 'cpu'"):
            load_model(demo_model, device="cuda")
        with pytest.warns(FaceageWarning, match="--device auto: running on the CPU"):
            assert load_model(demo_model, device="auto").device == "cpu"

    def test_auto_without_an_accelerator_is_quiet(self, demo_model):
        assert load_model(demo_model).device == "cpu"


class TestByName:
    def test_lookup(self, demo_model, monkeypatch, tmp_path):
        monkeypatch.setenv("FACEAGE_MODELS", str(demo_model.parent))
        assert load_model("demo", device="cpu").card["name"] == "demo"
        monkeypatch.setenv("FACEAGE_MODELS", str(tmp_path))
        with pytest.raises(ModelFileError, match="faceage models fetch faceage"):
            load_model("FaceAge")
        with pytest.raises(ModelFileError, match=r"Give the path of an \.onnx file"):
            load_model("other")
        with pytest.raises(ModelFileError, match="No such model file"):
            load_model(tmp_path / "absent.onnx")
        monkeypatch.delenv("FACEAGE_MODELS")
        assert model.models_folder().name == "models"

    def test_list_and_verify(self, demo_model, monkeypatch, tmp_path, capsys):
        monkeypatch.setenv("FACEAGE_MODELS", str(demo_model.parent))
        assert main(["models", "list"]) == 0
        out = capsys.readouterr().out
        assert "random weights" in out
        assert out.count("not installed") == 3
        assert main(["models", "list", "--json"]) == 0
        listed = {entry["model"]: entry for entry in json.loads(capsys.readouterr().out)}
        assert listed["demo"]["file"] == str(demo_model)
        assert listed["faceage"]["file"] is None
        assert main(["models", "verify", "--json"]) == 0
        verified = {entry["model"]: entry for entry in json.loads(capsys.readouterr().out)}
        assert set(verified) == {"demo", "dlib-age"}
        assert all(entry["ok"] and len(entry["sha256"]) == 64 for entry in verified.values())
        assert main(["models", "verify"]) == 0
        assert capsys.readouterr().out.startswith("ok ")
        assert main(["models", "verify", "faceage"]) == 1
        out, err = capsys.readouterr()
        assert "refused faceage" in out
        assert err == "faceage models: 1 of 1 models are refused.\n"
        monkeypatch.setenv("FACEAGE_MODELS", str(tmp_path))
        assert main(["models", "verify"]) == 0
        assert capsys.readouterr().out.startswith("ok      dlib-age  4f9f0075200b")
        monkeypatch.setattr(_find, "packaged_file", _not_installed)
        assert main(["models", "verify"]) == 1
        assert "no model is installed" in capsys.readouterr().err

    def test_demo_command(self, tmp_path, capsys, demo_model):
        assert main(["models", "demo", str(tmp_path / "new")]) == 0
        made = tmp_path / "new/demo.onnx"
        assert capsys.readouterr().out.strip() == str(made)
        assert made.read_bytes() == demo_model.read_bytes()  # same seed, same bytes
        made.write_bytes(b"mine")
        assert main(["models", "demo", str(tmp_path / "new")]) == 1
        assert "demo.onnx, demo.json exist already" in capsys.readouterr().err
        assert made.read_bytes() == b"mine"


class TestFetchAndConvert:
    def test_without_network_or_url(self, monkeypatch, tmp_path, capsys):
        monkeypatch.setenv("FACEAGE_MODELS", str(tmp_path))

        def offline(*args, **kwargs):
            raise ConnectionError("unreachable")

        monkeypatch.setattr("pooch.retrieve", offline)
        with pytest.raises(DataUnavailableError, match=r"Without a network, get https://github"):
            fetch("faceage")
        assert main(["models", "fetch", "fahr-faceage"]) == 1
        assert "faceage convert fahr_faceage.pth" in capsys.readouterr().err
        assert main(["models", "fetch", "fahr-facesurvival"]) == 1
        assert "weights are not public" in capsys.readouterr().err

    def test_fetched_and_converted(self, monkeypatch, tmp_path, capsys):
        monkeypatch.setenv("FACEAGE_MODELS", str(tmp_path))
        source = tmp_path / "release.h5"
        write_keras_file(source, seed=3)
        digest = _files.sha256(source)
        monkeypatch.setattr("pooch.retrieve", lambda *a, **k: str(source))
        from faceage_stats.scoring import convert

        real = _card.shipped_card
        assert main(["models", "fetch", "faceage"]) == 1  # it is not the released file
        assert "it is not the released FaceAge" in capsys.readouterr().err
        monkeypatch.setattr(convert, "FACEAGE_KERAS_SHA256", digest)
        for place in (_card, model):
            monkeypatch.setattr(
                place, "shipped_card", lambda name: {**real(name), "source_sha256": digest}
            )
        assert main(["models", "fetch", "faceage"]) == 0
        assert capsys.readouterr().out.strip() == str(tmp_path / "faceage.onnx")
        opened = load_model("faceage", device="cpu")
        assert opened.card["name"] == "FaceAge"
        assert opened.card["source_sha256"] == digest
        assert main(["models", "fetch", "faceage"]) == 1  # it is there already
        assert "faceage.onnx, faceage.json exist already" in capsys.readouterr().err

    def test_a_name_is_kept_for_its_weights(self, tmp_path, demo_model, capsys):
        """Whatever the file or its card is called, only the released weights run as FaceAge."""
        write_keras_file(tmp_path / "w.h5")
        assert main(["convert", str(tmp_path / "w.h5"), str(tmp_path / "FaceAge.onnx")]) == 1
        assert "it is not the released FaceAge" in capsys.readouterr().err
        assert not (tmp_path / "FaceAge.onnx").exists()
        card = model.read_card(model.card_path(demo_model))
        for stem, name in (("faceage", "mine"), ("mine", "FaceAge")):
            copy = tmp_path / f"{stem}.onnx"
            copy.write_bytes(demo_model.read_bytes())
            _save(model.card_path(copy), {**card, "name": name})
            with pytest.raises(ModelFileError, match="it is not the released FaceAge"):
                load_model(copy, device="cpu")
        _save(model.card_path(copy), {**card, "name": "mine"})
        assert load_model(copy, device="cpu").card["name"] == "mine"

    @pytest.mark.parametrize(
        ("target", "message"),
        [("w.h5", "end it in .onnx"), ("y.json", "end it in .onnx"), ("z", "end it in .onnx")],
    )
    def test_a_conversion_never_destroys_its_source(self, tmp_path, target, message, capsys):
        source = tmp_path / "w.h5"
        source.write_bytes(b"weights")
        words = ["convert", str(source), str(tmp_path / target)]
        for more in ([], ["--force"]):
            assert main([*words, *more]) == 1
            assert message in capsys.readouterr().err
        (tmp_path / "w.onnx").hardlink_to(source)
        assert main(["convert", str(source), str(tmp_path / "w.onnx"), "--force"]) == 1
        assert "is the file to be converted" in capsys.readouterr().err
        assert source.read_bytes() == b"weights"
        assert sorted(path.name for path in tmp_path.iterdir()) == ["w.h5", "w.onnx"]

    def test_plain_onnx_is_copied(self, tmp_path, demo_model):
        target = install(demo_model, tmp_path / "new/demo.onnx", convert_first=False)
        assert load_model(target, device="cpu").card["demo"]

    def test_command_names_an_unknown_file(self, tmp_path, capsys):
        write_keras_file(tmp_path / "m.h5", seed=1)
        reference = tmp_path / "r.json"
        crops = np.random.default_rng(0).integers(0, 256, (1, 160, 160, 3)).astype(np.uint8)
        np.savez(tmp_path / "c.npz", crops=crops)
        import hashlib

        values = {"source": "nobody", "crops": "c.npz", "faceage_float32": [-1.0]}
        values["crops_array_sha256"] = hashlib.sha256(crops.tobytes()).hexdigest()
        reference.write_text(json.dumps(values), encoding="utf-8")
        arguments = ["convert", str(tmp_path / "m.h5"), str(tmp_path / "mine.onnx")]
        assert main(arguments) == 0
        assert capsys.readouterr().out.startswith(f"{tmp_path}/mine.onnx: mine ")
        card = model.read_card(tmp_path / "mine.json")
        assert "not the released FaceAge model" in card["note"]
        assert card["citation"] is None
        assert main(arguments) == 1
        assert "mine.onnx, mine.json exist already" in capsys.readouterr().err
        arguments.append("--force")
        assert main([*arguments, "--self-check", str(reference)]) == 1
        assert "DIFFERS from nobody: 1 crops" in capsys.readouterr().out
        for broken in ("text", "[1]", "{}"):
            reference.write_text(broken, encoding="utf-8")
            assert main([*arguments, "--self-check", str(reference)]) == 1
            assert "r.json is not a reference of crops" in capsys.readouterr().err
        values["faceage_float32"] = [float(_score(tmp_path / "mine.onnx", crops[0]))]
        reference.write_text(json.dumps(values), encoding="utf-8")
        assert main([*arguments, "--self-check", str(reference)]) == 0
        assert "agrees with nobody" in capsys.readouterr().out


def _score(path, crop):
    opened = load_model(path, device="cpu")
    return opened.run(opened.prepare(crop)[None])[0][0]


def test_missing_extra(monkeypatch):
    from faceage_stats.scoring import _extra

    monkeypatch.setitem(sys.modules, "cv2", None)
    with pytest.raises(MissingExtraError, match=r"needs opencv-python-headless.*\[score\]"):
        _extra.require("cv2")
