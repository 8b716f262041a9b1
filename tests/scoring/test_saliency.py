"""Saliency maps of a model whose true map is known: a weighted sum of pixels."""

from __future__ import annotations

import numpy as np
import pytest
from skimage import data

from faceage_stats.errors import InputError
from faceage_stats.scoring import model, saliency
from faceage_stats.scoring.detector import Detector, Face
from faceage_stats.scoring.images import crop_face
from tests.scoring.analytic import write_linear

SIZE = 48


@pytest.fixture(scope="module")
def linear(tmp_path_factory):
    """score = sum of weights * pixels / 255; the weights live in one rectangle."""
    weights = np.zeros((SIZE, SIZE, 3), np.float32)
    weights[8:20, 24:40] = 0.01
    path = write_linear(tmp_path_factory.mktemp("linear") / "linear.onnx", weights)
    return model.load_model(path, device="cpu"), weights


@pytest.fixture(scope="module")
def crop():
    return np.random.default_rng(2).integers(0, 256, (SIZE, SIZE, 3)).astype(np.uint8)


def _true_change(crop, weights, window):
    mean = np.rint(crop.reshape(-1, 3).mean(0))
    return float((weights[window] * (crop[window] - mean)).sum() / 255)


class TestOcclusion:
    # Truth: the closed form of a linear score.
    def test_disjoint_patches(self, linear, crop):
        opened, weights = linear
        found = saliency.occlusion_map(opened, crop, patch=8, stride=8, batch=5)
        for top in range(0, SIZE, 8):
            for left in range(0, SIZE, 8):
                window = np.s_[top : top + 8, left : left + 8]
                expected = _true_change(crop, weights, window)
                np.testing.assert_allclose(found.values[window], expected, atol=2e-4)
        assert found.n_runs == 37
        assert found.baseline == pytest.approx(float((weights * (crop / 255)).sum()), rel=1e-4)
        assert np.isnan(found.std_error).all()  # one patch per pixel says nothing about spread

    def test_overlapping_patches(self, linear, crop):
        opened, weights = linear
        found = saliency.occlusion_map(opened, crop, patch=10, stride=7)
        starts = [0, 7, 14, 21, 28, 35, 38]
        y, x = 12, 30
        changes = [
            _true_change(crop, weights, np.s_[t : t + 10, s : s + 10])
            for t in starts for s in starts if t <= y < t + 10 and s <= x < s + 10
        ]  # fmt: skip
        assert found.values[y, x] == pytest.approx(np.mean(changes), abs=2e-4)
        expected = np.std(changes, ddof=1) / np.sqrt(len(changes))
        assert found.std_error[y, x] == pytest.approx(expected, abs=2e-4)

    # Truth: the sum over a region of weight times distance from the mean colour.
    def test_the_salient_region(self, tmp_path, crop):
        points = np.array([[16, 16], [32, 16], [24, 24], [18, 32], [30, 32]], float)
        labels = saliency.face_regions(points, SIZE)
        mouth = saliency.REGIONS.index("mouth")
        weights = np.where(labels == mouth, 1.0, 0.0)[:, :, None].repeat(3, axis=2)
        weights[labels == saliency.REGIONS.index("nose")] = -0.25
        opened = model.load_model(write_linear(tmp_path / "m.onnx", weights), device="cpu")
        found = saliency.occlusion_map(opened, crop, patch=1, stride=1, batch=256)
        distance = crop - np.rint(crop.reshape(-1, 3).mean(axis=0))
        expected = (weights * distance).sum(axis=2) / 255
        np.testing.assert_allclose(found.values, expected, atol=1e-3)
        table = saliency.region_summary(found, points).set_index("region")
        total = np.abs(expected).sum()
        for region, index in (("mouth", mouth), ("nose", saliency.REGIONS.index("nose"))):
            inside = labels == index
            assert table.loc[region, "mean_effect"] == pytest.approx(
                expected[inside].mean(), abs=1e-4
            )
            assert table.loc[region, "proportion"] == pytest.approx(
                np.abs(expected[inside]).sum() / total, abs=1e-2
            )
        others = table.drop(["mouth", "nose"])
        assert others["mean_abs_effect"].max() < 1e-3

    def test_refused(self, linear, crop):
        for patch, stride in ((4, 5), (64, 8), (8, 0)):
            with pytest.raises(InputError, match="1 <= stride <= patch <= 48"):
                saliency.occlusion_map(linear[0], crop, patch=patch, stride=stride)


class TestRise:
    @pytest.fixture(scope="class")
    @classmethod
    def bright(cls, linear):
        """White where the weights are, dark elsewhere: the true map is positive there only."""
        crop = np.full((SIZE, SIZE, 3), 20, np.uint8)
        crop[8:20, 24:40] = 255
        return saliency.rise_map(linear[0], crop, n_masks=400, cells=6, seed=1)

    def test_finds_the_rectangle(self, bright):
        inside = np.zeros((SIZE, SIZE), bool)
        inside[8:20, 24:40] = True
        assert bright.values[inside].mean() > 5 * np.abs(bright.values[~inside]).mean()
        y, x = np.unravel_index(bright.values.argmax(), bright.values.shape)
        assert inside[y, x]
        far = bright.values[30:, :16] / bright.std_error[30:, :16]
        assert np.abs(far).max() < 4.5  # nothing there: within its standard errors
        assert bright.n_runs == 401

    # Truth: ordinary least squares with HC1 errors, by statsmodels.
    def test_slope_and_standard_error(self, linear, crop):
        import statsmodels.api as sm

        opened, _ = linear
        found = saliency.rise_map(opened, crop, n_masks=60, cells=4, seed=5)
        masks = saliency._random_masks(SIZE, 60, 4, 0.5, 5)
        shown = [opened.prepare(saliency._blended(crop, mask)) for mask in masks]
        scores = opened.run(np.stack(shown))[0].astype(float)
        for y, x in ((10, 30), (40, 5)):
            fit = sm.OLS(scores, sm.add_constant(masks[:, y, x].astype(float))).fit(cov_type="HC1")
            assert found.values[y, x] == pytest.approx(fit.params[1], rel=1e-4)
            assert found.std_error[y, x] == pytest.approx(fit.bse[1], rel=1e-4)

    def test_seed_and_refusals(self, linear, crop):
        a, b, c = (saliency.rise_map(linear[0], crop, n_masks=12, seed=s).values for s in (1, 1, 2))
        np.testing.assert_array_equal(a, b)
        assert (a != c).any()
        for options in ({"n_masks": 9}, {"visible": 1.0}, {"cells": 1}):
            with pytest.raises(InputError, match="rise_map needs"):
                saliency.rise_map(linear[0], crop, **options)


class TestRegions:
    @pytest.fixture(scope="class")
    @classmethod
    def face(cls):
        return Detector(device="cpu").detect(data.astronaut())[0]

    def test_landmarks_fall_into_their_regions(self, face):
        points = saliency.landmarks_in_crop(face, (512, 512), 160)
        labels = saliency.face_regions(points, 160)
        for point, region in zip(points, ["eyes", "eyes", "nose", "mouth", "mouth"], strict=True):
            x, y = point.astype(int)
            assert saliency.REGIONS[labels[y, x]] == region
        present = set(np.unique(labels))
        assert present >= {saliency.REGIONS.index(r) for r in ("cheeks", "forehead", "jaw")}

    # Truth: where the template has them, from the middle of the first pixel.
    def test_landmarks_in_a_template(self, face):
        template = {"left_eye": [0.3, 0.4], "right_eye": [0.7, 0.4]}
        points = saliency.landmarks_in_crop(face, (512, 512), 100, template)
        np.testing.assert_allclose(points[:2], [[29.5, 39.5], [69.5, 39.5]], atol=1e-4)
        sides = [np.hypot(*(p[3] - p[4])) / np.hypot(*(p[0] - p[1]))
                 for p in (points, face.landmarks.astype(float))]  # fmt: skip
        assert sides[0] == pytest.approx(sides[1])

    def test_cut_box(self):
        face = Face((90, 10, 40, 40), 1.0, np.full((5, 2), 95.0, np.float32), (90, 10, 130, 50))
        points = saliency.landmarks_in_crop(face, (100, 100), 160)
        # 10 of 40 columns are inside the picture: each becomes 16 pixels, each row 4
        assert points[0].tolist() == [5.5 * 16 - 0.5, 85.5 * 4 - 0.5]
        with pytest.raises(InputError, match="eyes coincide"):
            saliency.face_regions(points, 160)

    def test_summary(self, face):
        points = saliency.landmarks_in_crop(face, (512, 512), 160)
        labels = saliency.face_regions(points, 160)
        values = np.where(labels == saliency.REGIONS.index("nose"), -2.0, 0.0)
        values[labels == saliency.REGIONS.index("eyes")] = 1.0
        flat = saliency.SaliencyMap(values, np.zeros_like(values), 60.0, "test", 1)
        table = saliency.region_summary(flat, points).set_index("region")
        assert table.loc["nose", "mean_effect"] == -2
        assert table.loc["eyes", "mean_abs_effect"] == 1
        assert table["n_pixels"].sum() == 160 * 160
        assert table["proportion"].sum() == pytest.approx(1)
        empty = saliency.SaliencyMap(values * 0, values, 60.0, "test", 1)
        assert (saliency.region_summary(empty, points)["proportion"] == 0).all()

    def test_overlay(self, face):
        crop = crop_face(data.astronaut(), face.box)
        values = np.zeros((160, 160))
        values[:80], values[80:, :80] = 3.0, -3.0
        picture = saliency.overlay(crop, saliency.SaliencyMap(values, values, 0.0, "test", 1))
        tint = picture[:, :, 0].astype(int) - picture[:, :, 2]
        assert (tint[:80] > 0).all()
        assert (tint[80:, :80] < 0).all()
        assert (tint[80:, 80:] == 0).all()
        zero = saliency.SaliencyMap(values * 0, values, 0.0, "test", 1)
        assert (np.ptp(saliency.overlay(crop, zero), axis=2) == 0).all()
