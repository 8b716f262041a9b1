"""Perturbed photographs and the long table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from skimage import data

from faceage_stats.errors import InputError
from faceage_stats.scoring.detector import Detector
from faceage_stats.scoring.perturbations import SUITE
from faceage_stats.scoring.robustness import robustness
from faceage_stats.scoring.scorer import ScoreOptions

BY_NAME = {perturbation.name: perturbation for perturbation in SUITE}


@pytest.fixture(scope="module")
def face():
    return Detector(device="cpu").detect(data.astronaut())[0]


def _changed(name, level, face, image=None):
    rng = np.random.default_rng(0)
    image = data.astronaut() if image is None else image
    return BY_NAME[name].change(image, face, level, rng)


# Truth: the definition of each change.
class TestDefinitions:
    def test_light(self, face):
        image = data.astronaut()
        half = _changed("brightness", 0.5, face)
        assert np.abs(half - image / 2).max() <= 0.5
        grey = np.full((9, 9, 3), 100, np.uint8)
        np.testing.assert_array_equal(_changed("contrast", 1.5, face, grey), grey)
        contrast = _changed("contrast", 0.5, face)
        assert contrast.std() == pytest.approx(image.std() / 2, rel=0.01)
        gamma = _changed("gamma", 2.0, face)
        assert np.abs(gamma - 255 * (image / 255) ** 2).max() <= 0.5
        warm = _changed("colour_cast", 0.2, face, grey)
        assert warm[0, 0].tolist() == [120, 100, 80]

    def test_noise_blur_and_compression(self, face):
        grey = np.full((300, 300, 3), 100, np.uint8)
        noisy = _changed("noise", 10.0, face, grey)
        assert noisy.std() == pytest.approx(10, rel=0.02)
        image = data.astronaut()
        sharpness = [_changed("blur", s, face).astype(float).std() for s in (0.01, 0.04)]
        assert image.std() > sharpness[0] > sharpness[1]
        errors = [
            np.abs(_changed("jpeg", q, face).astype(int) - image).mean() for q in (75.0, 25.0)
        ]
        assert 0 < errors[0] < errors[1] < 10

    def test_pose_and_mirror(self, face):
        image = data.astronaut()
        np.testing.assert_array_equal(_changed("flip", 1.0, face), image[:, ::-1])
        there = _changed("rotation", 15.0, face)
        x, y, w, h = face.box
        inside = np.s_[y + h // 3 : y + 2 * h // 3, x + w // 3 : x + 2 * w // 3]
        back = _changed("rotation", -15.0, face, there)
        assert np.abs(back[inside].astype(int) - image[inside]).mean() < 6

    def test_bars_cover_their_landmarks(self, face):
        for name, points in [("eyes", (0, 1)), ("nose", (2,)), ("mouth", (3, 4))]:
            covered = _changed(f"occlusion_{name}", 0.25, face)
            for point in points:
                x, y = face.landmarks[point].astype(int)
                assert covered[y, x].max() == 0
            assert (covered != data.astronaut()).any(axis=2).mean() < 0.02

    def test_a_shifted_box_takes_its_landmarks_along(self, face):
        moved = _changed("crop_jitter", 0.1, face)
        shift = np.subtract(moved.box, face.box)
        assert shift[2:].tolist() == [0, 0]
        assert np.hypot(*(shift[:2] / face.box[2:])) == pytest.approx(0.1, abs=0.01)
        np.testing.assert_allclose(moved.landmarks - face.landmarks, [shift[:2]] * 5, atol=1e-4)

    def test_landmarks_scatter_by_the_stated_spread(self, face):
        rng = np.random.default_rng(0)
        change = BY_NAME["landmark_jitter"].change
        places = [change(data.astronaut(), face, 0.05, rng).landmarks for _ in range(400)]
        eyes = np.hypot(*(face.landmarks[1] - face.landmarks[0]))
        np.testing.assert_allclose(np.std(places, axis=0), 0.05 * eyes, rtol=0.15)
        assert change(data.astronaut(), face, 0.05, rng).box == face.box


class TestTable:
    @pytest.fixture(scope="class")
    @classmethod
    def table(cls, tmp_path_factory, demo_model):
        folder = tmp_path_factory.mktemp("photos")
        Image.fromarray(data.astronaut()[:300, 60:420]).save(folder / "a.png")
        Image.new("RGB", (60, 60)).save(folder / "blank.png")
        (folder / "m.csv").write_text(
            "photo,patient_id\nblank.png,p1\na.png,p2\n", encoding="utf-8"
        )
        cls.folder = folder
        return robustness(folder / "m.csv", model=demo_model, device="cpu", seed=3)

    def test_rows(self, table):
        blank, rows = table[table["photo"] == "blank.png"], table[table["photo"] == "a.png"]
        assert blank[["perturbation", "status"]].values.tolist() == [["none", "no_face"]]
        assert len(rows) == 1 + sum(len(p.levels) for p in SUITE)
        assert rows["perturbation"].iloc[0] == "none"
        assert (table["patient_id"] == table["photo"].map({"blank.png": "p1", "a.png": "p2"})).all()
        ok = rows["status"] == "ok"
        assert ok.mean() > 0.8
        assert (rows["score"].notna() == ok).all()
        assert rows.loc[~ok, "reason"].notna().all()
        difference = rows["score"] - rows["score"].iloc[0]
        pd.testing.assert_series_equal(rows["difference"], difference, check_names=False)
        still = rows["perturbation"].isin(["none", "landmark_jitter"])  # this model takes the box
        assert (rows.loc[ok & ~still, "difference"] != 0).all()
        assert (rows.loc[still, "difference"] == 0).all()

    def test_smallest_face(self, demo_model):
        """A photograph whose face is too small is refused as when scoring."""
        options = ScoreOptions(min_face=400)
        rows = robustness(self.folder / "m.csv", model=demo_model, device="cpu", options=options)
        assert rows["status"].tolist() == ["no_face"] * 2
        assert rows["reason"].tolist() == ["no face of 400 pixels or more was found"] * 2

    def test_order_and_subset_do_not_matter(self, table, demo_model):
        suite = [BY_NAME["noise"], BY_NAME["crop_jitter"]]
        some = robustness(
            self.folder / "m.csv", model=demo_model, device="cpu", seed=3, suite=suite
        )
        keys = ["photo", "perturbation", "level"]
        both = some.merge(table, on=keys, suffixes=("", "_all"))
        assert len(both) == len(some)
        pd.testing.assert_series_equal(both["score"], both["score_all"], check_names=False)
        other = robustness(
            self.folder / "m.csv", model=demo_model, device="cpu", seed=4, suite=suite
        )
        assert (other["score"].dropna() != some["score"].dropna()).any()

    def test_suite_is_checked(self, tmp_path, demo_model):
        for suite in ([], [SUITE[0], SUITE[0]]):
            with pytest.raises(InputError, match="needs different perturbations"):
                robustness(tmp_path, model=demo_model, suite=suite)
