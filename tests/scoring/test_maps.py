"""Saliency maps of a model whose true map is known: a weighted sum of pixels."""

from __future__ import annotations

import numpy as np
import pytest

from faceage_stats.errors import InputError
from faceage_stats.scoring import maps, model
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
        found = maps.occlusion_map(opened, crop, patch=8, stride=8, batch=5)
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
        found = maps.occlusion_map(opened, crop, patch=10, stride=7)
        starts = [0, 7, 14, 21, 28, 35, 38]
        y, x = 12, 30
        changes = [
            _true_change(crop, weights, np.s_[t : t + 10, s : s + 10])
            for t in starts for s in starts if t <= y < t + 10 and s <= x < s + 10
        ]  # fmt: skip
        assert found.values[y, x] == pytest.approx(np.mean(changes), abs=2e-4)
        expected = np.std(changes, ddof=1) / np.sqrt(len(changes))
        assert found.std_error[y, x] == pytest.approx(expected, abs=2e-4)

    def test_refused(self, linear, crop):
        for patch, stride in ((4, 5), (64, 8), (8, 0)):
            with pytest.raises(InputError, match="1 <= stride <= patch <= 48"):
                maps.occlusion_map(linear[0], crop, patch=patch, stride=stride)


class TestRise:
    @pytest.fixture(scope="class")
    @classmethod
    def bright(cls, linear):
        """White where the weights are, dark elsewhere: the true map is positive there only."""
        crop = np.full((SIZE, SIZE, 3), 20, np.uint8)
        crop[8:20, 24:40] = 255
        return maps.rise_map(linear[0], crop, n_masks=400, cells=6, seed=1)

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
        found = maps.rise_map(opened, crop, n_masks=60, cells=4, seed=5)
        masks = maps._random_masks(SIZE, 60, 4, 0.5, 5)
        shown = [opened.prepare(maps._blended(crop, mask)) for mask in masks]
        scores = opened.run(np.stack(shown))[0].astype(float)
        for y, x in ((10, 30), (40, 5)):
            fit = sm.OLS(scores, sm.add_constant(masks[:, y, x].astype(float))).fit(cov_type="HC1")
            assert found.values[y, x] == pytest.approx(fit.params[1], rel=1e-4)
            assert found.std_error[y, x] == pytest.approx(fit.bse[1], rel=1e-4)

    def test_seed_and_refusals(self, linear, crop):
        a, b, c = (maps.rise_map(linear[0], crop, n_masks=12, seed=s).values for s in (1, 1, 2))
        np.testing.assert_array_equal(a, b)
        assert (a != c).any()
        for options in ({"n_masks": 9}, {"visible": 1.0}, {"cells": 1}):
            with pytest.raises(InputError, match="rise_map needs"):
                maps.rise_map(linear[0], crop, **options)


def test_overlay():
    crop = np.random.default_rng(0).integers(0, 256, (160, 160, 3)).astype(np.uint8)
    values = np.zeros((160, 160))
    values[:80], values[80:, :80] = 3.0, -3.0
    picture = maps.overlay(crop, maps.SaliencyMap(values, values, 0.0, "test", 1))
    tint = picture[:, :, 0].astype(int) - picture[:, :, 2]
    assert (tint[:80] > 0).all()
    assert (tint[80:, :80] < 0).all()
    assert (tint[80:, 80:] == 0).all()
    zero = maps.SaliencyMap(values * 0, values, 0.0, "test", 1)
    assert (np.ptp(maps.overlay(crop, zero), axis=2) == 0).all()
