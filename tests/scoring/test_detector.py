"""The detector against mtcnn 0.1.1 itself, integer for integer."""

import hashlib
import importlib.util
import io
import json
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
import pytest
from skimage import data

from faceage_stats.errors import InputError, ModelFileError
from faceage_stats.scoring import _mtcnn_graph as graph
from faceage_stats.scoring import _mtcnn_weights as weights
from faceage_stats.scoring._nms import suppress
from faceage_stats.scoring._onnx_graph import OnnxGraph
from faceage_stats.scoring.detector import Detector, describe, detector_device

HERE = Path(__file__).parent
_spec = importlib.util.spec_from_file_location("recipes", HERE / "recipes.py")
recipes = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(recipes)

PUBLISHED = json.loads((HERE / "reference/mtcnn_published.json").read_text(encoding="utf-8"))[
    "cases"
]
INDEPENDENT = json.loads((HERE / "reference/mtcnn_independent.json").read_text(encoding="utf-8"))[
    "cases"
]


@pytest.fixture(scope="module")
def detector():
    return Detector(device="cpu")


@pytest.fixture(scope="module")
def portrait():
    return data.astronaut()


def _compare(faces, expected):
    found = [describe(face) for face in faces]
    confidence = [face.pop("confidence") for face in found]
    wanted = [{k: v for k, v in face.items() if k != "confidence"} for face in expected]
    assert found == wanted  # boxes and landmarks to the integer, in the same order
    np.testing.assert_allclose(confidence, [f["confidence"] for f in expected], atol=2e-5)


# Truth: mtcnn 0.1.1 under TensorFlow 2.15.1 (a second implementation, the original).
@pytest.mark.parametrize("name", PUBLISHED)
def test_published_detections(name, detector, portrait):
    case = PUBLISHED[name]
    faces, counts = detector.trace(recipes.VARIANTS[name](portrait))
    _compare(faces, case["detections"])
    assert list(counts) == case["counts"]
    corners = [[*face.corners, face.confidence] for face in faces]
    np.testing.assert_allclose(corners, case["raw_boxes"] or corners, rtol=0, atol=1e-4)
    points = [face.landmarks.T.ravel() for face in faces]
    np.testing.assert_allclose(points, case["raw_points"] or points, rtol=0, atol=1e-4)


def test_every_published_case_is_compared():
    assert set(PUBLISHED) == set(recipes.VARIANTS)
    assert PUBLISHED["astronaut"]["detections"][0]["box"] == [179, 60, 89, 113]


# Truth: mtcnn 0.1.1 again, on photographs that were made after the detector was written.
@pytest.mark.parametrize("name", INDEPENDENT)
def test_independent_detections(name, detector, portrait):
    photograph = np.ascontiguousarray(recipes.RECIPES[name](portrait))
    assert hashlib.sha256(photograph.tobytes()).hexdigest() == INDEPENDENT[name]["sha256"]
    _compare(detector.detect(photograph), INDEPENDENT[name]["detections"])


def test_independent_set_is_complete():
    assert set(INDEPENDENT) == set(recipes.RECIPES)
    assert sum(len(case["detections"]) for case in INDEPENDENT.values()) >= 25


def test_read_only_view_is_accepted(detector, portrait):
    view = portrait[:, ::-1]
    view.setflags(write=False)
    assert detector.detect(view)[0].box == tuple(PUBLISHED["hflip"]["detections"][0]["box"])


def test_strips_do_not_change_a_bit(detector, portrait, monkeypatch):
    from faceage_stats.scoring import detector as module

    image = cv2.resize(portrait, (333, 301))
    monkeypatch.setattr(module, "_STRIP_PIXELS", {})  # the whole level at once
    whole = detector._run_pnet(image)
    for pixels in (1, 9_000, 40_000):
        monkeypatch.setattr(module, "_STRIP_PIXELS", {"cpu": pixels})
        for a, b in zip(detector._run_pnet(image), whole, strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    "image",
    [np.zeros((30, 30), np.uint8), np.zeros((30, 30, 4), np.uint8), np.zeros((30, 30, 3))],
)
def test_other_arrays_are_refused(detector, image):
    with pytest.raises(InputError, match="height x width x 3 of uint8"):
        detector.detect(image)


def test_box_without_area_ends_the_search(detector):
    boxes = np.array([[10.0, 10, 5, 5, 0.9]])
    assert detector._refine(np.zeros((40, 40, 3), np.uint8), boxes).shape == (0, 5)


def test_the_smallest_face_that_is_looked_for(detector, portrait):
    """Fewer levels, the same large face; the published pyramid unless another is asked for."""
    boxes = [face.box for face in detector.detect(portrait)]
    assert Detector(min_face=0).min_face == Detector(min_face=20).min_face == 20
    found = Detector(min_face=60).trace(portrait)
    (x, y, width, height), (u, v, w, h) = found[0][0].box, boxes[0]
    across, down = min(x + width, u + w) - max(x, u), min(y + height, v + h) - max(y, v)
    assert across * down > 0.8 * w * h
    assert found[1][0] < detector.trace(portrait)[1][0] / 2
    assert Detector(min_face=400).detect(portrait) == []  # the face has 113 pixels


def test_batches_do_not_change_a_box(detector, portrait, monkeypatch):
    from faceage_stats.scoring import detector as module

    whole = [(face.box, face.confidence) for face in detector.detect(portrait)]
    for batch in (1, 7, 1000):
        monkeypatch.setattr(module, "_BATCH", batch)
        found = [(face.box, face.confidence) for face in detector.detect(portrait)]
        assert [box for box, _ in found] == [box for box, _ in whole]
        np.testing.assert_allclose([c for _, c in found], [c for _, c in whole], rtol=1e-6)


def test_memory_does_not_grow_with_the_candidates(detector, portrait):
    import tracemalloc

    boxes = np.tile([100.0, 100, 140, 140, 0.9], (3000, 1))
    detector._refine(portrait, boxes[:1])  # what is loaded once
    tracemalloc.start()
    detector._refine(portrait, boxes)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5e6  # all crops at once would take 62 MB


# Truth: the definition, written out with sets of pixels.
def test_suppression_by_hand():
    boxes = np.array([[0, 0, 9, 9, 0.9], [0, 0, 9, 4, 0.8], [20, 20, 29, 29, 0.7]], float)
    # intersection 50; union 100, smaller 50
    assert suppress(boxes, 0.5).tolist() == [0, 1, 2]
    assert suppress(boxes, 0.49).tolist() == [0, 2]
    assert suppress(boxes, 0.5, by_smaller=True).tolist() == [0, 2]
    assert suppress(boxes[:0], 0.5).tolist() == []


def _answers(graph, x, *names):
    """What outputs of a growing graph are for an `image`."""
    data = graph.serialise("g", list(x.shape), dict.fromkeys(names))
    session = onnxruntime.InferenceSession(data)
    return session.run(list(names), {"image": x})


# Truth: ONNX Runtime's own PRelu operator.
def test_prelu_bits():
    network, rng = OnnxGraph(), np.random.default_rng(3)
    alpha = rng.normal(size=8).astype(np.float32)
    x = rng.normal(size=(2, 8, 5, 5)).astype(np.float32)
    ours = graph._prelu(network, "image", alpha)
    theirs = network.add("PRelu", "image", network.constant(alpha[:, None, None]))
    np.testing.assert_array_equal(*_answers(network, x, ours, theirs))


# Truth: the steps as the original takes them, by ONNX Runtime's own operators.
@pytest.mark.parametrize("n", [10, 28])  # with and without channels to spare for an early pool
def test_a_block_in_another_order(n):
    rng, network = np.random.default_rng(n), OnnxGraph()
    shapes = ((3, 3, 3, n), (n,), (1, 1, n))  # as Keras keeps them
    kernel, bias, alpha = (rng.normal(size=shape).astype(np.float32) for shape in shapes)
    alpha[..., :10] = -1.3, -0.2, 0.0, 1.1, 0.3, -0.5, -2.0, -0.01, 0.01, -0.4  # six fall
    ours, _ = graph._block(network, "image", 3, iter([kernel, bias, alpha]), 2, True)
    tensors = (network.constant(part) for part in (kernel.transpose(3, 2, 0, 1), bias))
    y = network.add("Conv", "image", *tensors)
    y = network.add("PRelu", y, network.constant(alpha.reshape(n, 1, 1)))
    theirs = network.add("MaxPool", y, kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1)
    x = rng.normal(size=(1, 3, 25, 22)).astype(np.float32)
    a, b = _answers(network, x, ours, theirs)
    np.testing.assert_allclose(a[:, :n], b, rtol=1e-5, atol=1e-5)


def test_suppression_without_the_compiler():
    """The compiled function and its Python source agree."""
    from faceage_stats.scoring._nms import _greedy

    rng = np.random.default_rng(0)
    near = rng.uniform(0, 60, (80, 2))
    boxes = np.column_stack([near, near + rng.uniform(5, 40, (80, 2))])
    order = rng.permutation(80)
    for by_smaller in (False, True):
        expected = _greedy.py_func(boxes, order, 0.4, by_smaller)
        np.testing.assert_array_equal(_greedy(boxes, order, 0.4, by_smaller), expected)
        assert 5 < len(expected) < 75


def test_detector_beside_tensorrt_runs_on_cuda():
    assert detector_device("tensorrt") == "cuda"
    assert detector_device("cpu") == "cpu"


class TestWeights:
    def test_arrays_equal_what_joblib_reads(self):
        import joblib
        import lz4.frame

        for name in weights.NETWORKS:
            content = lz4.frame.decompress(weights.asset_path(name).read_bytes())
            ours = weights.read_arrays(content)
            theirs = joblib.load(io.BytesIO(content))  # the pinned, hash-checked asset
            assert len(ours) == len(theirs)
            for a, b in zip(ours, theirs, strict=True):
                np.testing.assert_array_equal(a, b)

    @pytest.mark.parametrize("name", weights.NETWORKS)
    def test_every_network_is_built_alike(self, name, tmp_path):
        assert weights.load_network(name, tmp_path) == weights.load_network(name)

    def test_cached_once_and_rebuilt_when_damaged(self, tmp_path):
        built = weights.load_network("pnet", tmp_path)
        (path,) = tmp_path.iterdir()
        assert path.read_bytes() == built
        path.write_bytes(built[:-1])
        assert weights.load_network("pnet", tmp_path) == built
        assert path.read_bytes() == built

    def test_unwritable_cache_is_survived(self, tmp_path):
        blocked = tmp_path / "file"
        blocked.write_text("", encoding="utf-8")
        assert weights.load_network("pnet", blocked / "below")

    def test_without_any_folder_it_is_built_at_each_start(self, monkeypatch):
        monkeypatch.setattr(weights, "writable_folder", lambda name: None)
        assert weights.load_network("pnet") == weights.load_network("pnet")

    def test_other_weights_are_refused(self, tmp_path, monkeypatch):
        fake = tmp_path / "pnet.lz4"
        fake.write_bytes(b"something else")
        monkeypatch.setattr(weights, "asset_path", lambda name: fake)
        with pytest.raises(ModelFileError, match=r"mtcnn weights 'pnet': SHA-256"):
            weights.load_network("pnet", tmp_path)
        fake.unlink()
        with pytest.raises(ModelFileError, match="cannot be read"):
            weights.load_network("pnet", tmp_path)

    def test_array_without_shape(self):
        import pickle

        framed = pickle.dumps(object.__new__(_Wrapper), 4)
        with pytest.raises(ModelFileError, match="without a shape"):
            weights.read_arrays(framed)


class _Wrapper:
    def __getstate__(self):
        return {"dtype": "f4", "order": "C"}
