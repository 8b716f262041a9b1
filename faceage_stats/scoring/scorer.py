"""One photograph to one row: decode, detect, crop, score, judge."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from faceage_stats.errors import InputError
from faceage_stats.scoring._choices import ON_SEVERAL, Device, OnSeveral
from faceage_stats.scoring._table import LANDMARKS
from faceage_stats.scoring.detector import Detector, Face, detector_device
from faceage_stats.scoring.images import MAX_MEGAPIXELS, Unscorable, crop_face, read_photograph
from faceage_stats.scoring.manifest import Photo
from faceage_stats.scoring.model import Model, load_model
from faceage_stats.scoring.quality import face_quality, roll_degrees
from faceage_stats.scoring.regions import landmarks_in_crop
from faceage_stats.scoring.template import crop_by_template

__all__ = ["Prepared", "ScoreOptions", "Scorer", "open_scorer"]

_SMALLEST_SIDE = 20  # a photograph with a shorter side cannot hold a face that MTCNN looks for


@dataclass(frozen=True)
class ScoreOptions:
    """How photographs are scored; everything here is recorded in run.json.

    Attributes
    ----------
    exif : bool
        Turn photographs upright as their EXIF orientation says; False is as published.
    on_several : {"confident", "largest", "error"}
        With several faces score the most ``"confident"`` one (as published), the ``"largest"``,
        or none (``"error"``). The row is marked `several_faces` in each case.
    margin : float, optional
        Widen the box by this fraction on every side; by default what the model card says.
    align : bool, optional
        Turn the face until the eyes are level; by default what the model card says.
    min_face : int
        Refuse faces whose box has a shorter side, in pixels. The detector does not look for much
        smaller ones either, so that they neither count as several faces nor cost time.
    max_megapixels : float
        Refuse larger photographs.
    embedding : bool
        Keep the model's penultimate layer as columns ``embedding_0 ...``.
    """

    exif: bool = True
    on_several: OnSeveral = "confident"
    margin: float | None = None
    align: bool | None = None
    min_face: int = 0
    max_megapixels: float = MAX_MEGAPIXELS
    embedding: bool = False

    def __post_init__(self) -> None:
        if self.on_several not in ON_SEVERAL:
            raise InputError(f"on_several is {self.on_several!r}; use {', '.join(ON_SEVERAL)}.")
        if self.margin is not None and not 0 <= self.margin <= 1:
            raise InputError(f"margin is {self.margin}; use a fraction from 0 to 1.")
        if not 0 < self.max_megapixels <= 1000 or self.min_face < 0:
            raise InputError("max_megapixels must lie in (0, 1000] and min_face not below 0.")


@dataclass
class Prepared:
    """A row in the making; `pixels` waits for the model unless the row is final."""

    row: dict[str, Any]
    pixels: np.ndarray | None


class Scorer:
    """Detector, model and options together; safe to use from several threads.

    Parameters
    ----------
    model : Model
    detector : Detector
    options : ScoreOptions
    """

    def __init__(self, model: Model, detector: Detector, options: ScoreOptions) -> None:
        if options.embedding and not model.has_embedding:
            raise InputError(f"The model {model.card['name']} offers no embedding.")
        self.model = model
        self.detector = detector
        self.options = options
        crop = model.card["crop"]
        self.margin = float(crop.get("margin", 0.0) if options.margin is None else options.margin)
        self.align = bool(crop.get("align", False) if options.align is None else options.align)
        self.template = crop.get("template")
        if self.template and (options.margin is not None or options.align is not None):
            raise InputError(
                f"The model {model.card['name']} takes faces laid over a template, which leaves no "
                "choice of a margin or of level eyes. Leave out --margin and --align."
            )
        self._constants = {
            "model": model.card["name"],
            "model_version": model.card["version"],
            "model_sha256": model.sha256,
            "score_unit": None,
        }

    @property
    def settings(self) -> dict[str, Any]:
        """What decides the scores: options with the card's defaults filled in."""
        rule = {"margin": self.margin, "align": self.align, "template": self.template}
        return {**asdict(self.options), **rule}

    def prepare(self, photo: Photo) -> Prepared:
        """Prepare everything up to the model; a failure becomes the row's status and reason."""
        start = time.perf_counter()
        row: dict[str, Any] = {"photo": photo.name, **self._constants}
        pixels = None
        try:
            pixels = self._face_pixels(photo, row)
        except Unscorable as refusal:
            row["status"], row["reason"] = refusal.status, refusal.reason
        except Exception as error:  # one photograph must not end the run
            row["status"], row["reason"] = "unreadable", f"internal {type(error).__name__}"
        row["seconds"] = time.perf_counter() - start
        return Prepared(row, pixels)

    def finish(self, batch: list[Prepared]) -> list[dict[str, Any]]:
        """Rows of a batch, scored in one run of the model."""
        waiting = [item for item in batch if item.pixels is not None]
        if waiting:
            start = time.perf_counter()
            stack = np.stack([item.pixels for item in waiting if item.pixels is not None])
            outputs = self.model.run(stack, embedding=self.options.embedding)
            seconds = (time.perf_counter() - start) / len(waiting)
            for i, item in enumerate(waiting):
                item.row["seconds"] += seconds
                self._fill(item.row, *(output[i] for output in outputs))
        return [item.row for item in batch]

    def _fill(self, row: dict[str, Any], score: Any, embedding: Any = ()) -> None:
        """Put the model's answer into a row."""
        if not np.isfinite(score):
            row["status"], row["reason"] = "unreadable", "the model's answer is not a number"
            return
        row["score"] = float(score)
        row["score_unit"] = self.model.card["output"]["unit"]
        row.update({f"embedding_{i}": float(value) for i, value in enumerate(embedding)})

    def _face_pixels(self, photo: Photo, row: dict[str, Any]) -> np.ndarray:
        """The model's input for one photograph; fills the row on the way."""
        image = self.read(photo)
        faces = self.detector.detect(image)
        row["n_faces"] = len(faces)
        face = self.choose(faces)
        _describe(face, row)
        if len(faces) > 1:
            row["status"] = "several_faces"
            if self.options.on_several == "error":
                raise Unscorable("several_faces", f"{len(faces)} faces; not scored as asked")
            which = "largest" if self.options.on_several == "largest" else "most confident"
            row["reason"] = f"{len(faces)} faces; scored the {which} one"
        else:
            row["status"] = "ok"
        crop = self.crop(image, face)
        row.update(face_quality(face, crop))
        return self.model.prepare(crop)

    def read(self, photo: Photo) -> np.ndarray:
        """Decoded photograph, refused when no face could be found in it."""
        if photo.path is None:
            raise Unscorable("outside_root", "the path leaves the photograph folder; see --root")
        image = read_photograph(
            photo.path, exif=self.options.exif, max_megapixels=self.options.max_megapixels
        )
        if min(image.shape[:2]) < _SMALLEST_SIDE:
            raise Unscorable(
                "too_small",
                f"{image.shape[1]} x {image.shape[0]} pixels; the smallest face that is looked "
                f"for is {_SMALLEST_SIDE} pixels",
            )
        return image

    def choose(self, faces: list[Face]) -> Face:
        """The face to score: the detector lists the most confident first."""
        if not faces:
            least = self.options.min_face
            sought = (
                f"no face of {least} pixels or more was found" if least else "no face was found"
            )
            raise Unscorable("no_face", sought)
        if self.options.on_several == "largest":
            return max(faces, key=lambda face: face.box[2] * face.box[3])
        return faces[0]

    def crop(self, image: np.ndarray, face: Face) -> np.ndarray:
        """The face as the model sees it, by the rule of the options and the card."""
        if min(face.box[2:]) < self.options.min_face:
            raise Unscorable(
                "too_small", f"the face is smaller than {self.options.min_face} pixels"
            )
        if self.template:
            return crop_by_template(image, face.landmarks, self.template, self.model.size)
        return crop_face(
            image,
            face.box,
            size=self.model.size,
            margin=self.margin,
            roll=roll_degrees(face) if self.align else 0.0,
        )

    def landmarks(self, image: np.ndarray, face: Face) -> np.ndarray:
        """Where the landmarks lie in `crop`, shape (5, 2)."""
        return landmarks_in_crop(
            face,
            image.shape,
            self.model.size,
            self.template,
            margin=self.margin,
            roll=roll_degrees(face) if self.align else 0.0,
        )


def open_scorer(
    model: str | Path, options: ScoreOptions | None = None, *, device: Device = "auto"
) -> Scorer:
    """Open a model by name or path, and the detector beside it."""
    options = options or ScoreOptions()
    opened = load_model(model, device=device)
    detector = Detector(device=detector_device(opened.device), min_face=options.min_face)
    return Scorer(opened, detector, options)


def _describe(face: Face, row: dict[str, Any]) -> None:
    """Box, confidence and landmarks into a row; a box without area is dropped."""
    if min(face.box[2:]) >= 1:
        names = ("box_x", "box_y", "box_width", "box_height")
        row.update(zip(names, face.box, strict=True))
    row["confidence"] = min(1.0, face.confidence)
    for name, (x, y) in zip(LANDMARKS, face.landmarks, strict=True):
        row[f"{name}_x"], row[f"{name}_y"] = float(x), float(y)
