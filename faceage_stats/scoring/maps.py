"""Which pixels of a face move the score: occlusion and RISE maps for any scalar ONNX model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from faceage_stats._seed import generator
from faceage_stats.errors import InputError
from faceage_stats.scoring._extra import require
from faceage_stats.scoring.model import Model

__all__ = ["SaliencyMap", "occlusion_map", "overlay", "rise_map"]


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


def overlay(crop: np.ndarray, found: SaliencyMap, *, strength: float = 0.6) -> np.ndarray:
    """Draw the map over the face: red raises the score, blue lowers it.

    Parameters
    ----------
    crop : ndarray of uint8, shape (size, size, 3)
    found : SaliencyMap
    strength : float
        Opacity of the strongest effect.

    Returns
    -------
    ndarray of uint8, shape (size, size, 3)
    """
    limit = float(np.abs(found.values).max())
    relative = found.values / limit if limit else found.values
    colour = np.where(relative[:, :, None] > 0, [178, 24, 43], [33, 102, 172])
    alpha = strength * np.abs(relative)[:, :, None]
    grey = crop.mean(axis=2, keepdims=True)
    return np.asarray(np.rint((1 - alpha) * grey + alpha * colour), np.uint8)
