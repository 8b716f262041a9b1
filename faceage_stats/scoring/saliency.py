"""Which parts of the face move the score, for every photograph of a list."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from faceage_stats._call import checked_call
from faceage_stats._near import check_option
from faceage_stats.scoring._choices import DEFAULT_MODEL, Device
from faceage_stats.scoring.images import Unscorable
from faceage_stats.scoring.manifest import Photo, open_manifest
from faceage_stats.scoring.maps import SaliencyMap, occlusion_map, rise_map
from faceage_stats.scoring.model import Model
from faceage_stats.scoring.regions import region_summary
from faceage_stats.scoring.scorer import ScoreOptions, Scorer, open_scorer

__all__ = ["saliency"]

Method = Literal["occlusion", "rise"]

_COLUMNS = ["photo", "status", "reason", "score", "region"]
_EFFECTS = ["n_pixels", "mean_effect", "mean_abs_effect", "proportion"]


@checked_call
def saliency(
    photos: str | Path,
    *,
    model: str | Path = DEFAULT_MODEL,
    root: str | Path | None = None,
    method: Method = "occlusion",
    options: ScoreOptions | None = None,
    device: Device = "auto",
    seed: int = 0,
) -> pd.DataFrame:
    """Measure how much each part of the face moves the score.

    Parameters
    ----------
    photos, model, root
        As for `score`.
    method : {"occlusion", "rise"}
        ``"occlusion"`` slides a patch of the mean colour, a fifth of the crop wide, over the face;
        ``"rise"`` hides random smooth parts of it a thousand times.
    options : ScoreOptions, optional
        Which faces are scored, and how they are cut.
    device : str
        As for `score`.
    seed : int
        Of the random parts.

    Returns
    -------
    DataFrame
        One row per photograph and region (outside, forehead, eyes, nose, cheeks, mouth, jaw, placed
        by the landmarks): ``photo``, the manifest's columns, ``status``, ``reason``, ``score``,
        ``region``, ``n_pixels`` of the crop, ``mean_effect`` (score with the region visible minus
        hidden, signed, in the unit of the score), ``mean_abs_effect``, and ``proportion`` of the
        summed absolute effect. A photograph that cannot be scored has one row.

    Raises
    ------
    InputError
        An unknown method, or the photographs cannot be listed.
    ModelFileError
        The model is not what its card says.

    See Also
    --------
    robustness : How far the score moves when the photograph changes.
    score : The scores themselves.

    Notes
    -----
    The maps behind the regions are those of `faceage_stats.scoring.maps`, which lets you choose
    patch, stride and masks, and draws them. Effects of parts do not add up to the score.

    References
    ----------
    Zeiler, M. D. and Fergus, R. (2014). Visualizing and understanding convolutional networks.
    European Conference on Computer Vision, 818-833.

    Petsiuk, V., Das, A. and Saenko, K. (2018). RISE: Randomized input sampling for explanation of
    black-box models. British Machine Vision Conference.

    Examples
    --------
    >>> import faceage_stats as fs
    >>> from matplotlib import cbook
    >>> portrait = cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)
    >>> rows = fs.saliency(portrait)
    >>> rows["region"].tolist()
    ['outside', 'forehead', 'eyes', 'nose', 'cheeks', 'mouth', 'jaw']
    >>> round(float(rows["proportion"].sum()), 6)
    1.0
    """
    check_option("method", method, Method)
    manifest = open_manifest(photos, root=root)
    scorer = open_scorer(model, options, device=device)
    rows = []
    for photo in manifest.photos(0, manifest.n):
        carried = dict(zip(manifest.carried, photo.carried, strict=True))
        rows += [{**row, **carried} for row in _regions(scorer, photo, method, seed)]
    return pd.DataFrame(rows, columns=[_COLUMNS[0], *manifest.carried, *_COLUMNS[1:], *_EFFECTS])


def _regions(scorer: Scorer, photo: Photo, method: Method, seed: int) -> Iterator[dict[str, Any]]:
    """Rows of one photograph."""
    try:
        image = scorer.read(photo)
        face = scorer.choose(scorer.detector.detect(image))
        crop = scorer.crop(image, face)
        found = _map(scorer.model, crop, method, seed)
    except Unscorable as refusal:
        yield {"photo": photo.name, "status": refusal.status, "reason": refusal.reason}
        return
    table = region_summary(found, scorer.landmarks(image, face))
    of_photo = {"photo": photo.name, "status": "ok", "score": found.baseline}
    for row in table.to_dict("index").values():
        yield {**of_photo, **{str(column): value for column, value in row.items()}}


def _map(model: Model, crop: np.ndarray, method: Method, seed: int) -> SaliencyMap:
    if method == "rise":
        return rise_map(model, crop, seed=seed)
    size = model.size
    return occlusion_map(model, crop, patch=max(1, size // 5), stride=max(1, size // 20))
