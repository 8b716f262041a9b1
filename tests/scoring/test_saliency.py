"""Which parts of a face move the score, photograph by photograph."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import faceage_stats as fs
from faceage_stats.errors import InputError
from faceage_stats.scoring import model, scorer
from faceage_stats.scoring.images import crop_face
from faceage_stats.scoring.maps import occlusion_map
from faceage_stats.scoring.regions import REGIONS, face_regions, landmarks_in_crop, region_summary
from faceage_stats.scoring.scorer import ScoreOptions
from tests.scoring.analytic import FACE, FixedDetector, write_linear

SIZE = 48


@pytest.fixture
def crop():
    return np.random.default_rng(2).integers(0, 256, (SIZE, SIZE, 3)).astype(np.uint8)


# Truth: the sum over a region of weight times distance from the mean colour.
def test_the_salient_region(tmp_path, crop):
    points = np.array([[16, 16], [32, 16], [24, 24], [18, 32], [30, 32]], float)
    labels = face_regions(points, SIZE)
    mouth = REGIONS.index("mouth")
    weights = np.where(labels == mouth, 1.0, 0.0)[:, :, None].repeat(3, axis=2)
    weights[labels == REGIONS.index("nose")] = -0.25
    opened = model.load_model(write_linear(tmp_path / "m.onnx", weights), device="cpu")
    found = occlusion_map(opened, crop, patch=1, stride=1, batch=256)
    distance = crop - np.rint(crop.reshape(-1, 3).mean(axis=0))
    expected = (weights * distance).sum(axis=2) / 255
    np.testing.assert_allclose(found.values, expected, atol=1e-3)
    table = region_summary(found, points).set_index("region")
    total = np.abs(expected).sum()
    for region, index in (("mouth", mouth), ("nose", REGIONS.index("nose"))):
        inside = labels == index
        assert table.loc[region, "mean_effect"] == pytest.approx(expected[inside].mean(), abs=1e-4)
        assert table.loc[region, "proportion"] == pytest.approx(
            np.abs(expected[inside]).sum() / total, abs=1e-2
        )
    others = table.drop(["mouth", "nose"])
    assert others["mean_abs_effect"].max() < 1e-3


@pytest.fixture
def photographs(tmp_path, monkeypatch):
    """A face whose mouth alone counts, and a photograph that cannot be read."""
    monkeypatch.setattr(scorer, "Detector", FixedDetector)
    pixels = np.random.default_rng(0).integers(0, 256, (170, 160, 3)).astype(np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"no picture")
    (tmp_path / "list.csv").write_text("photo,camera\na.png,X\nb.png,Y\n", encoding="utf-8")
    labels = face_regions(landmarks_in_crop(FACE, pixels.shape, SIZE), SIZE)
    weights = np.where(labels == REGIONS.index("mouth"), 0.05, 0.0)[:, :, None].repeat(3, axis=2)
    return tmp_path / "list.csv", write_linear(tmp_path / "m.onnx", weights), pixels


# Truth: a model that looks at the mouth alone; the score is that of the crop.
@pytest.mark.parametrize("method", ["occlusion", "rise"])
def test_the_mouth_is_found(photographs, method):
    listed, path, pixels = photographs
    table = fs.saliency(listed, model=path, device="cpu", method=method)
    rows = table[table["status"] == "ok"].set_index("region")
    assert rows.index.tolist() == list(REGIONS)
    assert rows["mean_abs_effect"].idxmax() == "mouth"
    assert rows["proportion"].sum() == pytest.approx(1)
    opened = model.load_model(path, device="cpu")
    crop = opened.prepare(crop_face(pixels, FACE.box, size=SIZE))
    assert rows["score"].unique() == pytest.approx([opened.run(crop[None])[0][0]])
    assert table["camera"].tolist() == ["X"] * 7 + ["Y"]
    assert table.iloc[-1][["photo", "status"]].tolist() == ["b.png", "unreadable"]
    assert pd.isna(table.iloc[-1]["mean_effect"])


def test_options_and_refusals(photographs):
    listed, path, _ = photographs
    with pytest.raises(InputError, match="method is 'occlude'; choose one of occlusion, rise"):
        fs.saliency(listed, model=path, method="occlude")
    wide = fs.saliency(listed, model=path, device="cpu", options=ScoreOptions(margin=0.3))
    assert wide.loc[wide["region"] == "outside", "n_pixels"].item() > 600
