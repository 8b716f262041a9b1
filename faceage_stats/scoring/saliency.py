"""Which parts of the face move the score: occlusion and RISE maps for any scalar ONNX model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from faceage_stats._seed import generator
from faceage_stats.errors import InputError
from faceage_stats.scoring._extra import require
from faceage_stats.scoring.detector import Face
from faceage_stats.scoring.model import Model
from faceage_stats.scoring.template import template_matrix

__all__ = [
    "REGIONS",
    "SaliencyMap",
    "face_regions",
    "landmarks_in_crop",
    "occlusion_map",
    "overlay",
    "region_summary",
    "rise_map",
]

REGIONS = ("outside", "forehead", "eyes", "nose", "cheeks", "mouth", "jaw")


@dataclass(frozen=True)
class SaliencyMap:
    """Effect of each pixel on the score.

    Attributes
    ----------
    values : ndarray, shape (size, size)
        Score with the pixel visible minus score with it hidden, in the unit of the score.
    std_error : ndarray, shape (size, size)
        Of `values`: over the patches that cover the pixel, or over the random masks.
    baseline : float
        Score of the whole crop.
    method : str
    n_runs : int
        Evaluations of the model.
    """

    values: np.ndarray
    std_error: np.ndarray
    baseline: float
    method: str
    n_runs: int


def _scores(model: Model, crops: Iterator[np.ndarray], batch: int) -> np.ndarray:
    """Scores of a stream of crops."""
    scores: list[np.ndarray] = []
    held: list[np.ndarray] = []
    for crop in crops:
        held.append(model.prepare(crop))
        if len(held) == batch:
            scores.append(model.run(np.stack(held))[0])
            held = []
    if held:
        scores.append(model.run(np.stack(held))[0])
    return np.concatenate(scores).astype(float)


def _blended(crop: np.ndarray, visible: np.ndarray) -> np.ndarray:
    """The crop where visible, its mean colour where hidden."""
    mean = crop.reshape(-1, 3).mean(axis=0)
    mixed = mean + (crop - mean) * visible[:, :, None]
    return np.asarray(np.rint(mixed), np.uint8)


def occlusion_map(
    model: Model, crop: np.ndarray, *, patch: int = 32, stride: int = 8, batch: int = 16
) -> SaliencyMap:
    """Slide a patch of the mean colour over the face and note how the score changes.

    Parameters
    ----------
    model : Model
    crop : ndarray of uint8, shape (size, size, 3)
    patch, stride : int
        Side and step of the patch in pixels.
    batch : int
        Crops per run of the model.

    Returns
    -------
    SaliencyMap
        Each pixel has the mean change over the patches that cover it.

    Raises
    ------
    InputError
        A patch or stride that leaves pixels uncovered.
    """
    size = crop.shape[0]
    if not 1 <= stride <= patch <= size:
        raise InputError(f"patch {patch} and stride {stride} need 1 <= stride <= patch <= {size}.")
    starts = sorted({*range(0, size - patch + 1, stride), size - patch})
    places = [(top, left) for top in starts for left in starts]

    def hidden() -> Iterator[np.ndarray]:
        yield crop
        for top, left in places:
            visible = np.ones((size, size))
            visible[top : top + patch, left : left + patch] = 0
            yield _blended(crop, visible)

    baseline, *scores = _scores(model, hidden(), batch)
    count, total, squares = (np.zeros((size, size)) for _ in range(3))
    for (top, left), change in zip(places, baseline - np.array(scores), strict=True):
        window = np.s_[top : top + patch, left : left + patch]
        count[window] += 1
        total[window] += change
        squares[window] += change**2
    values = total / count
    spread = np.maximum(squares / count - values**2, 0) * count / np.maximum(count - 1, 1)
    std_error = np.where(count > 1, np.sqrt(spread / count), np.nan)
    return SaliencyMap(values, std_error, float(baseline), "occlusion", len(places) + 1)


def rise_map(
    model: Model,
    crop: np.ndarray,
    *,
    n_masks: int = 1000,
    cells: int = 8,
    visible: float = 0.5,
    seed: int = 0,
    batch: int = 16,
) -> SaliencyMap:
    """Hide random smooth parts of the face many times and regress the score on what was visible.

    Parameters
    ----------
    model : Model
    crop : ndarray of uint8, shape (size, size, 3)
    n_masks : int
        Random masks.
    cells : int
        Cells per side of the coarse random grid that is enlarged to a mask.
    visible : float
        Probability that a cell is visible.
    seed : int
    batch : int
        Crops per run of the model.

    Returns
    -------
    SaliencyMap
        Slope of the score on each pixel's visibility (0 to 1) over the masks: the expected score
        with the pixel visible minus hidden. Petsiuk, Das and Saenko (2018) weight the masks by
        the score; the slope is the same map, centred and in the unit of the score.

    Raises
    ------
    InputError
        Fewer than 10 masks, or `visible` outside 0 to 1.
    """
    if n_masks < 10 or not 0 < visible < 1 or cells < 2:
        raise InputError("rise_map needs n_masks >= 10, cells >= 2 and visible between 0 and 1.")
    masks = _random_masks(crop.shape[0], n_masks, cells, visible, seed)

    def shown() -> Iterator[np.ndarray]:
        yield crop
        for mask in masks:
            yield _blended(crop, mask)

    baseline, *masked = _scores(model, shown(), batch)
    scores = np.array(masked) - np.mean(masked)
    centred = masks - masks.mean(axis=0)
    variance = (centred**2).sum(axis=0)
    values = np.tensordot(scores, centred, 1) / variance
    # heteroscedasticity-consistent standard error of a simple regression slope, pixel by pixel
    meat = np.zeros_like(values)
    for score, mask in zip(scores, centred, strict=True):
        meat += ((score - values * mask) * mask) ** 2
    scale = n_masks / (n_masks - 2)
    return SaliencyMap(
        values, np.sqrt(scale * meat) / variance, float(baseline), "rise", n_masks + 1
    )


def _random_masks(size: int, n: int, cells: int, visible: float, seed: int) -> np.ndarray:
    """Coarse random grids, enlarged bilinearly and shifted by a random part of a cell."""
    cv2 = require("cv2")
    rng = generator(seed, "masks")
    side = -(-size // cells)
    large = (cells + 1) * side
    masks = np.empty((n, size, size), np.float32)
    for i in range(n):
        grid = (rng.random((cells + 1, cells + 1)) < visible).astype(np.float32)
        smooth = cv2.resize(grid, (large, large), interpolation=cv2.INTER_LINEAR)
        top, left = rng.integers(0, side + 1, 2)
        masks[i] = smooth[top : top + size, left : left + size]
    return masks


def landmarks_in_crop(
    face: Face,
    image_shape: tuple[int, ...],
    size: int,
    template: Mapping[str, list[float]] | None = None,
) -> np.ndarray:
    """Landmarks in the crop of a box without margin, or of a card's `template`, shape (5, 2)."""
    if template:
        matrix = template_matrix(face.landmarks, template, size)
        return np.asarray(face.landmarks.astype(float) @ matrix[:, :2].T + matrix[:, 2])
    x, y, width, height = face.box
    shown = min(width, image_shape[1] - x), min(height, image_shape[0] - y)
    return (face.landmarks.astype(float) - [x, y] + 0.5) / shown * size - 0.5


def face_regions(landmarks: np.ndarray, size: int) -> np.ndarray:
    """Label each pixel of a crop with a region of the face, as an index into `REGIONS`.

    Positions are measured from the middle of the eyes, across and down the face, in distances
    between the eyes, so that the regions follow size and tilt.
    """
    left, right, nose, *mouth = landmarks.astype(float)
    across = right - left
    unit = float(np.hypot(*across))
    if unit == 0:
        raise InputError("The two eyes coincide; no regions can be drawn.")
    across /= unit
    down = np.array([-across[1], across[0]])
    middle = (left + right) / 2
    rows, columns = np.mgrid[0:size, 0:size]
    offset = np.stack([columns, rows], axis=-1) - middle
    a, b = np.abs(offset @ across) / unit, offset @ down / unit
    tip, lips = ((point - middle) @ down / unit for point in (nose, np.mean(mouth, axis=0)))
    labels = np.zeros((size, size), np.int64)
    width = a <= 1.05
    labels[width & (b < -0.3) & (b > -1.4)] = REGIONS.index("forehead")
    labels[width & (np.abs(b) <= 0.3)] = REGIONS.index("eyes")
    labels[width & (b > 0.3) & (b <= lips + 0.3)] = REGIONS.index("cheeks")
    labels[(a <= 0.32) & (b > 0.3) & (b <= (tip + lips) / 2)] = REGIONS.index("nose")
    labels[(a <= 0.6) & (b > (tip + lips) / 2) & (b <= lips + 0.3)] = REGIONS.index("mouth")
    labels[width & (b > lips + 0.3) & (b < lips + 1.2)] = REGIONS.index("jaw")
    return labels


def region_summary(saliency: SaliencyMap, landmarks: np.ndarray) -> pd.DataFrame:
    """Reduce a map to the regions of the face.

    Parameters
    ----------
    saliency : SaliencyMap
    landmarks : ndarray, shape (5, 2)
        In the coordinates of the crop; see `landmarks_in_crop`.

    Returns
    -------
    DataFrame
        One row per region: ``region``, ``n_pixels``, ``mean_effect`` (signed, unit of the
        score), ``mean_abs_effect`` and ``proportion`` of the summed absolute effect.
    """
    size = saliency.values.shape[0]
    labels = face_regions(landmarks, size)
    absolute = np.abs(saliency.values)
    rows = []
    for index, region in enumerate(REGIONS):
        inside = labels == index
        n = int(inside.sum())
        rows.append({
            "region": region,
            "n_pixels": n,
            "mean_effect": float(saliency.values[inside].mean()) if n else np.nan,
            "mean_abs_effect": float(absolute[inside].mean()) if n else np.nan,
            "proportion": float(absolute[inside].sum() / absolute.sum()) if absolute.any() else 0.0,
        })  # fmt: skip
    return pd.DataFrame(rows)


def overlay(crop: np.ndarray, saliency: SaliencyMap, *, strength: float = 0.6) -> np.ndarray:
    """Draw the map over the face: red raises the score, blue lowers it.

    Parameters
    ----------
    crop : ndarray of uint8, shape (size, size, 3)
    saliency : SaliencyMap
    strength : float
        Opacity of the strongest effect.

    Returns
    -------
    ndarray of uint8, shape (size, size, 3)
    """
    limit = float(np.abs(saliency.values).max())
    relative = saliency.values / limit if limit else saliency.values
    colour = np.where(relative[:, :, None] > 0, [178, 24, 43], [33, 102, 172])
    alpha = strength * np.abs(relative)[:, :, None]
    grey = crop.mean(axis=2, keepdims=True)
    return np.asarray(np.rint((1 - alpha) * grey + alpha * colour), np.uint8)
