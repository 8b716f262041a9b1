"""Robustness with models whose answer is known: slopes, changes and ICC equal the closed form."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from PIL import Image

import faceage_stats as fs
from faceage_stats.scoring import scorer
from faceage_stats.scoring._make_up import eyes, lips, skin
from faceage_stats.scoring._turned_head import turned_landmarks
from faceage_stats.scoring.detector import Detector, Face
from faceage_stats.scoring.perturbations import SUITE
from faceage_stats.scoring.quality import yaw_degrees
from faceage_stats.scoring.robustness import robustness
from tests.scoring.analytic import FACE, FixedDetector, write_linear
from tests.scoring.portraits import astronaut

BY_NAME = {perturbation.name: perturbation for perturbation in SUITE}
SIZE = 40
TONES = {"a": 40, "b": 80, "c": 120, "d": 160}  # grey levels of four people, each all of one tone


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Robustness of a linear model on four flat photographs, one face in each."""
    monkeypatch.setattr(scorer, "Detector", FixedDetector)
    for name, tone in TONES.items():
        Image.new("RGB", (160, 170), (tone,) * 3).save(tmp_path / f"{name}.png")

    def scored(weights, *names, **card):
        path = write_linear(tmp_path / "m.onnx", weights, **card)
        suite = [BY_NAME[name] for name in names]
        table = robustness(tmp_path, model=path, suite=suite, device="cpu")
        return table.assign(photo=table["photo"].str[0])

    return scored


def mean_brightness():
    """100 times the mean of the crop: 0 for black, 100 for white."""
    return np.full((SIZE, SIZE, 3), 100 / (3 * SIZE**2))


def part(mask, channel=None):
    """100 times the mean of a channel over a part of the photograph, as the crop shows it."""
    x, y, width, height = FACE.box
    shown = Image.fromarray(mask[y : y + height, x : x + width].astype(np.float32))
    inside = np.asarray(shown.resize((SIZE, SIZE), Image.Resampling.NEAREST)) == 1
    weights = np.zeros((SIZE, SIZE, 3))
    weights[inside] = 1.0
    if channel is not None:
        weights[:, :, np.arange(3) != channel] = 0
    return 100 * weights / weights.sum()


class TestLight:
    # Truth: multiplied light multiplies the mean.
    def test_brightness_is_a_straight_line(self, run):
        table = run(mean_brightness(), "brightness")
        for row in table.itertuples():
            factor = row.level or 1.0
            assert row.score == pytest.approx(factor * TONES[row.photo] / 2.55, abs=1e-3)
        changed = table[table["perturbation"] == "brightness"]
        slopes = changed.groupby("photo")[["level", "score"]].apply(
            lambda g: np.polyfit(g["level"], g["score"], 1)[0]
        )
        np.testing.assert_allclose(slopes, np.array(list(TONES.values())) / 2.55, rtol=1e-4)

    # Truth: for x_ij = s_i f_j the mean squares are k mean(f)^2 var(s), n mean(s)^2 var(f) and
    # var(s) var(f), from which Shrout and Fleiss make ICC(2,1).
    def test_icc(self, run):
        table = run(mean_brightness(), "brightness")
        table["level"] = table["level"].where(table["perturbation"] != "none", 1.0)
        wide = table.pivot(index="photo", columns="level", values="score").rename(columns=str)
        found = fs.icc(wide, list(wide.columns)).tidy().set_index("term").loc["ICC2", "estimate"]
        s = np.array(list(TONES.values())) / 2.55
        f = np.array([0.5, 0.75, 1.0, 1.25, 1.5])
        n, k = len(s), len(f)
        rows, columns = k * f.mean() ** 2 * s.var(ddof=1), n * s.mean() ** 2 * f.var(ddof=1)
        error = s.var(ddof=1) * f.var(ddof=1)
        expected = (rows - error) / (rows + (k - 1) * error + k * (columns - error) / n)
        assert found == pytest.approx(expected, abs=1e-4)

    # Truth: on a flat picture each of these changes nothing, or the stated channel alone.
    def test_what_leaves_a_flat_face_alone(self, run):
        names = ("contrast", "rotation", "turn", "nod", "blur", "crop_jitter", "flip", "foundation")
        table = run(mean_brightness(), *names)
        assert table["difference"].abs().max() < 0.2  # half a grey level

    def test_colour(self, run):
        for channel, sign in ((0, 1), (1, 0), (2, -1)):
            weights = np.zeros((SIZE, SIZE, 3))
            weights[:, :, channel] = 100 / SIZE**2
            table = run(weights, "colour_cast")
            expected = table["photo"].map(TONES) / 2.55 * (1 + sign * table["level"])
            np.testing.assert_allclose(table["score"], expected, atol=0.2)


class TestMakeUp:
    # Truth: flat skin keeps no shading, so that a part goes the stated way towards the colour.
    @pytest.mark.parametrize(
        ("name", "part_of_face", "colour"),
        [("lipstick", lips, (170, 30, 50)), ("eye_shadow", eyes, (70, 55, 75))],
    )
    def test_the_part_takes_the_colour(self, run, name, part_of_face, colour):
        mask = part_of_face((170, 160), FACE)
        for channel in range(3):
            table = run(part(mask, channel), name)
            for row in table[table["perturbation"] == name].itertuples():
                tone = TONES[row.photo]
                expected = row.level * (colour[channel] - tone) / 2.55
                assert row.difference == pytest.approx(expected, abs=0.6)

    def test_the_rest_stays(self):
        rng = np.random.default_rng(0)
        image = rng.integers(0, 256, (170, 160, 3)).astype(np.uint8)
        masks = {"lipstick": lips, "eye_shadow": eyes, "foundation": skin}
        for name, mask in masks.items():
            changed = BY_NAME[name].change(image, FACE, 0.6, rng)
            outside = mask(image.shape, FACE) == 0
            np.testing.assert_array_equal(changed[outside], image[outside])
            assert (changed[~outside] != image[~outside]).any()
            np.testing.assert_array_equal(BY_NAME[name].change(image, FACE, 0.0, rng), image)
        assert not (skin(image.shape, FACE) * lips(image.shape, FACE) == 1).any()

    def test_foundation_evens_the_skin_out(self):
        rng = np.random.default_rng(0)
        image = rng.integers(0, 256, (170, 160, 3)).astype(np.uint8)
        inside = skin(image.shape, FACE) == 1
        for level in (0.3, 0.6):
            changed = BY_NAME["foundation"].change(image, FACE, level, rng)
            shrunk = changed[inside].std(axis=0) / image[inside].std(axis=0)
            np.testing.assert_allclose(shrunk, 1 - level, atol=0.01)
            np.testing.assert_allclose(
                changed[inside].mean(axis=0), image[inside].mean(axis=0), atol=2
            )

    def test_a_face_at_the_edge_and_one_without_size(self):
        image = np.full((60, 60, 3), 90, np.uint8)
        points = np.full((5, 2), 500.0, np.float32)
        for face, name in itertools.product(
            (Face((0, 0, 5, 5), 1.0, points, (0, 0, 5, 5)),
             Face((50, 50, 30, 30), 1.0, points + np.arange(10).reshape(5, 2), (0, 0, 5, 5))),
            ("lipstick", "eye_shadow", "foundation", "turn", "nod"),
        ):  # fmt: skip
            changed = BY_NAME[name].change(image, face, 0.6, np.random.default_rng(0))
            assert changed.shape == image.shape


class TestPose:
    # Truth: the yaw that the quality columns measure is the angle that the head was turned by.
    @pytest.mark.parametrize("tilt", [0.0, 0.3])
    def test_a_frontal_face_turns_by_the_angle(self, tilt):
        turn = np.array([[np.cos(tilt), np.sin(tilt)], [-np.sin(tilt), np.cos(tilt)]])
        points = (FACE.landmarks - 70) @ turn + 70
        for degrees in (-30, -15, 15, 30):
            moved = turned_landmarks(points, degrees, axis=0)
            face = Face(FACE.box, 0.99, moved, FACE.corners)
            assert yaw_degrees(face) == pytest.approx(degrees, abs=1e-3)
            eyes_apart = [np.hypot(*(p[1] - p[0])) for p in (points, moved)]
            assert eyes_apart[1] == pytest.approx(eyes_apart[0] * np.cos(np.radians(degrees)))

    def test_a_nod_moves_the_nose_down_and_the_face_together(self):
        for degrees in (-20, 20):
            moved = turned_landmarks(FACE.landmarks, degrees, axis=1)
            np.testing.assert_allclose(moved[:, 0], FACE.landmarks[:, 0], atol=1e-6)
            height = [p[3, 1] - p[0, 1] for p in (FACE.landmarks, moved)]
            assert height[1] == pytest.approx(height[0] * np.cos(np.radians(degrees)))
            middle = np.array([p[[0, 1, 3, 4], 1].mean() for p in (FACE.landmarks, moved)])
            nose = np.array([FACE.landmarks[2, 1], moved[2, 1]]) - middle
            depth = 0.55 * 40 * np.sin(np.radians(degrees))
            assert nose[1] == pytest.approx(nose[0] * np.cos(np.radians(degrees)) + depth)

    # Truth: the colour of a landmark is found where the landmark goes.
    @pytest.mark.parametrize(("name", "axis"), [("turn", 0), ("nod", 1)])
    def test_the_picture_follows_its_landmarks(self, name, axis):
        image = np.zeros((170, 160, 3), np.uint8)
        rows, columns = np.mgrid[0:170, 0:160]
        for x, y in FACE.landmarks:
            spot = np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 8)
            image = np.maximum(image, (255 * spot[:, :, None]).astype(np.uint8))
        for degrees in (-20.0, 20.0):
            changed = BY_NAME[name].change(image, FACE, degrees, np.random.default_rng(0))
            for x, y in turned_landmarks(FACE.landmarks, degrees, axis=axis):
                near = changed[round(y) - 1 : round(y) + 2, round(x) - 1 : round(x) + 2]
                assert near.max() > 200

    def test_far_from_the_face_nothing_moves(self):
        image = np.random.default_rng(0).integers(0, 256, (400, 400, 3)).astype(np.uint8)
        for name in ("turn", "nod"):
            changed = BY_NAME[name].change(image, FACE, 20.0, np.random.default_rng(0))
            np.testing.assert_array_equal(changed[205:], image[205:])
            np.testing.assert_array_equal(changed[:, 175:], image[:, 175:])

    # Truth: a detector that knows nothing of the change sees the head turn the stated way, though
    # less far: it puts the nose where noses are.
    def test_the_detector_sees_the_turn(self):
        detector, image = Detector(device="cpu"), astronaut()
        face = detector.detect(image)[0]
        yaws = [
            yaw_degrees(detector.detect(BY_NAME["turn"].change(image, face, level, None))[0])
            for level in (-30.0, -15.0, 0.0, 15.0, 30.0)
        ]
        assert yaws == sorted(yaws)
        assert yaws[-1] - yaws[0] > 10


def test_a_shifted_crop_moves_with_its_landmarks(run):
    """Also where a template ignores the box."""
    template = {"left_eye": [0.3, 0.35], "right_eye": [0.7, 0.35], "nose": [0.5, 0.55]}
    crop = {"face": "confident", "margin": 0.0, "align": False, "template": template}
    left = np.zeros((SIZE, SIZE, 3))
    left[:, : SIZE // 2] = 100 / (1.5 * SIZE**2)
    table = run(left, "crop_jitter", crop=crop)
    assert table["status"].eq("ok").all()
    assert table["difference"].abs().max() < 0.1
