"""The same faces under small changes, scored again: a long table for ICC and Bland-Altman."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from faceage_stats._call import checked_call
from faceage_stats._seed import generator
from faceage_stats.errors import InputError
from faceage_stats.scoring._choices import DEFAULT_MODEL, Device
from faceage_stats.scoring.detector import Face
from faceage_stats.scoring.images import Unscorable
from faceage_stats.scoring.manifest import Photo, open_manifest
from faceage_stats.scoring.perturbations import SUITE, Perturbation
from faceage_stats.scoring.scorer import ScoreOptions, Scorer, open_scorer

__all__ = ["robustness"]

_COLUMNS = ["photo", "perturbation", "level", "unit", "status", "reason", "score", "difference"]


@checked_call
def robustness(
    photos: str | Path,
    *,
    model: str | Path = DEFAULT_MODEL,
    root: str | Path | None = None,
    suite: Sequence[Perturbation] = SUITE,
    options: ScoreOptions | None = None,
    device: Device = "auto",
    seed: int = 0,
) -> pd.DataFrame:
    """Score every photograph unchanged and under every perturbation.

    Parameters
    ----------
    photos, model, root
        As for `score`.
    suite : sequence of Perturbation
        By default light, colour, pose, make-up, blur, noise, compression, occlusion, crop,
        landmarks and mirror.
    options : ScoreOptions, optional
        Which faces are scored, and how they are cut.
    device : str
        As for `score`.
    seed : int
        The generator of each photograph, perturbation and level derives from it and their names,
        so that the order does not matter.

    Returns
    -------
    DataFrame
        One row per photograph, perturbation and level: ``photo``, the manifest's columns,
        ``perturbation`` (``none`` first), ``level``, ``unit``, ``status``, ``reason``, ``score``
        and ``difference`` from the unchanged photograph's score. The face is looked for again in
        the changed photograph, except under ``crop_jitter`` and ``landmark_jitter``, of which the
        latter changes nothing where the model's card takes the box. A photograph that cannot be
        scored as it is has one row.

    Raises
    ------
    InputError
        The suite is empty or repeats a name, or the photographs cannot be listed.
    ModelFileError
        The model is not what its card says.

    See Also
    --------
    saliency : Which parts of the face move the score.
    repeatability : How far the score of one face moves.
    icc : How well the score tells faces apart in spite of it.
    paired_conditions : Two photographs of each face, instead of a drawn change.

    Examples
    --------
    >>> import faceage_stats as fs
    >>> from faceage_stats.scoring.perturbations import SUITE
    >>> from matplotlib import cbook
    >>> portrait = cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)
    >>> light = [change for change in SUITE if change.name == "brightness"]
    >>> rows = fs.robustness(portrait, suite=light)
    >>> rows[["perturbation", "level", "status"]]
      perturbation  level status
    0         none   0.00     ok
    1   brightness   0.50     ok
    2   brightness   0.75     ok
    3   brightness   1.25     ok
    4   brightness   1.50     ok
    """
    names = [perturbation.name for perturbation in suite]
    if not names or len(set(names)) != len(names):
        raise InputError(f"The suite needs different perturbations; it has {names}.")
    manifest = open_manifest(photos, root=root)
    scorer = open_scorer(model, options, device=device)
    rows = []
    for photo in manifest.photos(0, manifest.n):
        carried = dict(zip(manifest.carried, photo.carried, strict=True))
        rows += [{**row, **carried} for row in _versions(scorer, photo, suite, seed)]
    return pd.DataFrame(rows, columns=[_COLUMNS[0], *manifest.carried, *_COLUMNS[1:]])


def _versions(
    scorer: Scorer, photo: Photo, suite: Iterable[Perturbation], seed: int
) -> Iterator[dict[str, Any]]:
    """Rows of one photograph."""
    base: dict[str, Any] = {"photo": photo.name, "perturbation": "none", "level": 0.0, "unit": ""}
    try:
        image = scorer.read(photo)
        face = scorer.choose(scorer.detector.detect(image))
        score = _scored(scorer, image, face)
    except Unscorable as refusal:
        yield {**base, "status": refusal.status, "reason": refusal.reason}
        return
    yield {**base, "status": "ok", "score": score, "difference": 0.0}
    for perturbation in suite:
        for level in perturbation.levels:
            rng = generator(seed, photo.name, perturbation.name, repr(level))
            row = {**base, "perturbation": perturbation.name, "level": level}
            row["unit"] = perturbation.unit
            try:
                changed = _changed(scorer, image, face, perturbation, level, rng)
                row |= {"status": "ok", "score": changed, "difference": changed - score}
            except Unscorable as refusal:
                row |= {"status": refusal.status, "reason": refusal.reason}
            yield row


def _scored(scorer: Scorer, image: np.ndarray, face: Face) -> float:
    pixels = scorer.model.prepare(scorer.crop(image, face))
    return float(scorer.model.run(pixels[None])[0][0])


def _changed(
    scorer: Scorer,
    image: np.ndarray,
    face: Face,
    perturbation: Perturbation,
    level: float,
    rng: np.random.Generator,
) -> float:
    """Score of the changed photograph, or of the face at another place."""
    changed = perturbation.change(image, face, level, rng)
    if isinstance(changed, Face):
        return _scored(scorer, image, changed)
    return _scored(scorer, changed, scorer.choose(scorer.detector.detect(changed)))
