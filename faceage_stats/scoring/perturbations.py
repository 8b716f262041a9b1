"""Changes of a photograph that should not change the score: light, pose, make-up, blur ..."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from faceage_stats.scoring._extra import require
from faceage_stats.scoring._make_up import eye_shadow, foundation, lipstick
from faceage_stats.scoring._turned_head import nodded, turned
from faceage_stats.scoring.detector import Face
from faceage_stats.scoring.images import decode

__all__ = ["SUITE", "Perturbation"]

Change = Callable[[np.ndarray, Face, float, np.random.Generator], np.ndarray | Face]


@dataclass(frozen=True)
class Perturbation:
    """One kind of change at several strengths.

    Attributes
    ----------
    name : str
    levels : tuple of float
        Strengths, in `unit`.
    unit : str
    change : callable
        ``(photograph, face, level, generator) -> photograph``, in which the face is looked for
        again; or ``-> face``, another place of the face in the photograph as it is.
    """

    name: str
    levels: tuple[float, ...]
    unit: str
    change: Change


def _clipped(values: np.ndarray) -> np.ndarray:
    return np.asarray(np.clip(np.rint(values), 0, 255), np.uint8)


def _brightness(
    image: np.ndarray, face: Face, level: float, rng: np.random.Generator
) -> np.ndarray:
    return _clipped(image * np.float32(level))


def _contrast(image: np.ndarray, face: Face, level: float, rng: np.random.Generator) -> np.ndarray:
    mean = np.float32(image.mean())
    return _clipped((image - mean) * np.float32(level) + mean)


def _gamma(image: np.ndarray, face: Face, level: float, rng: np.random.Generator) -> np.ndarray:
    table = _clipped(255 * (np.arange(256) / 255) ** level)
    return np.asarray(table[image])


def _colour(image: np.ndarray, face: Face, level: float, rng: np.random.Generator) -> np.ndarray:
    return _clipped(image * np.array([1 + level, 1, 1 - level], np.float32))


def _rotation(image: np.ndarray, face: Face, level: float, rng: np.random.Generator) -> np.ndarray:
    cv2 = require("cv2")
    x, y, width, height = face.box
    centre = (x + width / 2, y + height / 2)
    matrix = cv2.getRotationMatrix2D(centre, level, 1.0)
    options = {"flags": cv2.INTER_CUBIC, "borderMode": cv2.BORDER_REPLICATE}
    return np.asarray(cv2.warpAffine(image, matrix, image.shape[1::-1], **options))


def _blur(image: np.ndarray, face: Face, level: float, rng: np.random.Generator) -> np.ndarray:
    cv2 = require("cv2")
    return np.asarray(cv2.GaussianBlur(image, (0, 0), max(0.1, level * face.box[2])))


def _noise(image: np.ndarray, face: Face, level: float, rng: np.random.Generator) -> np.ndarray:
    return _clipped(image + rng.normal(0, level, image.shape))


def _jpeg(image: np.ndarray, face: Face, level: float, rng: np.random.Generator) -> np.ndarray:
    buffer = io.BytesIO()
    require("PIL.Image").fromarray(image).save(buffer, "JPEG", quality=int(level))
    buffer.seek(0)
    return decode(buffer, exif=False)


def _flip(image: np.ndarray, face: Face, level: float, rng: np.random.Generator) -> np.ndarray:
    return np.ascontiguousarray(image[:, ::-1])


def _bar(points: tuple[int, ...]) -> Change:
    """Black bar over landmarks, as wide as the face and `level` of its height."""

    def change(image: np.ndarray, face: Face, level: float, rng: np.random.Generator) -> np.ndarray:
        x, _, width, height = face.box
        middle = float(face.landmarks[list(points), 1].mean())
        top, bottom = (max(0, round(middle + s * level * height / 2)) for s in (-1, 1))
        out = image.copy()
        out[top:bottom, x : x + width] = 0
        return out

    return change


def _shifted(image: np.ndarray, face: Face, level: float, rng: np.random.Generator) -> Face:
    """The box some way in a random direction, its landmarks with it."""
    x, y, width, height = face.box
    angle = rng.uniform(0, 2 * np.pi)
    shift = np.rint(level * np.array([np.cos(angle) * width, np.sin(angle) * height])).astype(int)
    box = max(0, x + int(shift[0])), max(0, y + int(shift[1])), width, height
    return replace(face, box=box, landmarks=face.landmarks + (np.array(box[:2]) - [x, y]))


def _unsteady(image: np.ndarray, face: Face, level: float, rng: np.random.Generator) -> Face:
    """Each landmark off by chance, as another detector would place it."""
    between_eyes = np.hypot(*(face.landmarks[1] - face.landmarks[0]))
    moved = face.landmarks + rng.normal(0, level * between_eyes, face.landmarks.shape)
    return replace(face, landmarks=moved.astype(np.float32))


SUITE: tuple[Perturbation, ...] = (
    Perturbation("brightness", (0.5, 0.75, 1.25, 1.5), "factor", _brightness),
    Perturbation("contrast", (0.5, 0.75, 1.25, 1.5), "factor", _contrast),
    Perturbation("gamma", (0.5, 0.75, 1.5, 2.0), "exponent", _gamma),
    Perturbation("colour_cast", (-0.2, -0.1, 0.1, 0.2), "red gain, blue loss", _colour),
    Perturbation("rotation", (-15.0, -5.0, 5.0, 15.0), "degrees", _rotation),
    Perturbation("turn", (-30.0, -15.0, 15.0, 30.0), "degrees to the right", turned),
    Perturbation("nod", (-20.0, -10.0, 10.0, 20.0), "degrees downwards", nodded),
    Perturbation("lipstick", (0.3, 0.6), "opacity", lipstick),
    Perturbation("eye_shadow", (0.3, 0.6), "opacity", eye_shadow),
    Perturbation("foundation", (0.3, 0.6), "opacity", foundation),
    Perturbation("blur", (0.01, 0.02, 0.04), "SD, fraction of face width", _blur),
    Perturbation("noise", (5.0, 10.0, 20.0), "SD, grey levels", _noise),
    Perturbation("jpeg", (75.0, 50.0, 25.0), "quality", _jpeg),
    Perturbation("occlusion_eyes", (0.15, 0.25), "fraction of face height", _bar((0, 1))),
    Perturbation("occlusion_nose", (0.15, 0.25), "fraction of face height", _bar((2,))),
    Perturbation("occlusion_mouth", (0.15, 0.25), "fraction of face height", _bar((3, 4))),
    Perturbation("crop_jitter", (0.02, 0.05, 0.1), "fraction of the box", _shifted),
    Perturbation("landmark_jitter", (0.01, 0.025, 0.05), "SD, fraction of eye distance", _unsteady),
    Perturbation("flip", (1.0,), "mirrored", _flip),
)
