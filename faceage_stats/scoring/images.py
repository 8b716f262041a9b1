"""Photographs as arrays, and faces as the model's input.

A photograph that cannot be scored raises `Unscorable` with the status that its row will carry.
"""

from __future__ import annotations

import functools
import os
import stat
from pathlib import Path
from typing import Any

import numpy as np

from faceage_stats.errors import FaceageError
from faceage_stats.scoring._extra import require

__all__ = [
    "Unscorable",
    "crop_face",
    "decode",
    "read_photograph",
    "roll_matrix",
    "standardise",
    "upright",
    "widened",
]

MAX_MEGAPIXELS = 64.0
_ORIENTATION_TAG = 0x0112
# The first image is the photograph, further ones are its depth map, gain map or thumbnail.
_PRIMARY_PICTURE_FORMATS = {"MPO", "HEIF", "AVIF"}


class Unscorable(FaceageError):
    """A photograph that ends as a row with a status and a reason instead of a score."""

    def __init__(self, status: str, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


@functools.cache
def _pillow() -> Any:
    """Pillow's Image module, able to read HEIC too."""
    image = require("PIL.Image")
    require("pillow_heif").register_heif_opener()
    return image


def read_photograph(
    path: str | Path, *, exif: bool = True, max_megapixels: float = MAX_MEGAPIXELS
) -> np.ndarray:
    """Read a photograph file into an RGB array.

    Parameters
    ----------
    path : path
        JPEG, PNG, TIFF, WebP, HEIC or any other format that Pillow recognises by its content.
    exif : bool
        Turn the picture upright as its EXIF orientation says. The published pipeline did not.
    max_megapixels : float
        Larger pictures are refused before they are decoded.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
        Colour order RGB. Transparency is dropped, 16-bit grey scaled to 8 bits, CMYK converted;
        colour profiles are not applied, as published.

    Raises
    ------
    Unscorable
        Status `missing`, `unreadable`, `animated` or `too_large`.
    """
    try:
        _refuse_other_than_file(path)
        with open(path, "rb") as handle:
            return decode(handle, exif=exif, max_megapixels=max_megapixels)
    except FileNotFoundError as error:
        raise Unscorable("missing", "no such file") from error
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        reason = getattr(error, "strerror", None) or "the file name cannot be opened"
        raise Unscorable("unreadable", reason.lower()) from error


def _refuse_other_than_file(path: str | Path) -> None:
    """Opening a pipe would wait for whoever writes to it, for ever."""
    mode = os.stat(path).st_mode
    if stat.S_ISDIR(mode):
        closed = not os.access(path, os.R_OK | os.X_OK)
        reason = "a folder that may not be opened" if closed else "a folder, not a photograph"
        raise Unscorable("unreadable", reason)
    if not stat.S_ISREG(mode):
        raise Unscorable("unreadable", "a pipe, socket or device, not a file")


def decode(source: Any, *, exif: bool = True, max_megapixels: float = MAX_MEGAPIXELS) -> np.ndarray:
    """Binary file object to RGB array; see `read_photograph`."""
    pillow = _pillow()
    try:
        with pillow.open(source) as picture:
            _check_header(picture, max_megapixels)
            picture.load()
            pixels = _rgb(picture)
            orientation = picture.getexif().get(_ORIENTATION_TAG, 1) if exif else 1
    except Unscorable:
        raise
    except (pillow.DecompressionBombError, pillow.DecompressionBombWarning) as error:
        raise _too_large(max_megapixels) from error
    except pillow.UnidentifiedImageError as error:
        raise Unscorable("unreadable", "not a picture in a known format") from error
    except Exception as error:  # decoders raise any class of error on a broken file
        raise Unscorable("unreadable", f"damaged picture: {error}") from error
    return upright(pixels, orientation)


def _too_large(limit: float) -> Unscorable:
    return Unscorable(
        "too_large",
        f"more than {limit:g} megapixels; shrink the photograph or raise --max-megapixels",
    )


def _check_header(picture: Any, max_megapixels: float) -> None:
    """Refuse by what the header says, before anything is decoded."""
    if picture.width * picture.height > max_megapixels * 1e6:
        raise _too_large(max_megapixels)
    frames = getattr(picture, "n_frames", 1)
    if frames > 1 and picture.format not in _PRIMARY_PICTURE_FORMATS:
        raise Unscorable("animated", f"holds {frames} pictures; export the one to be scored")


def _rgb(picture: Any) -> np.ndarray:
    """8-bit RGB pixels of a decoded picture of any mode."""
    if picture.mode.startswith("I;16") or picture.mode == "I":
        grey = np.asarray(picture).astype(np.int64)
        if grey.size and (grey.min() < 0 or grey.max() > 65535):
            raise Unscorable("unreadable", "grey levels beyond 16 bits; export as 8 or 16 bits")
        eight = ((grey + 128) // 257).astype(np.uint8)
        return np.repeat(eight[:, :, None], 3, axis=2)
    if picture.mode == "F":
        raise Unscorable("unreadable", "floating-point grey levels; export as 8 or 16 bits")
    if picture.mode in {"P", "PA"}:
        picture = picture.convert("RGBA")
    return np.asarray(picture if picture.mode == "RGB" else picture.convert("RGB"))


def upright(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """Undo an EXIF orientation (1-8; anything else means upright already)."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.transpose(1, 0, 2)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)


def crop_face(
    image: np.ndarray,
    box: tuple[int, int, int, int],
    *,
    size: int = 160,
    margin: float = 0.0,
    roll: float = 0.0,
) -> np.ndarray:
    """Cut a face box to a square crop, byte for byte as the published pipeline did.

    Parameters
    ----------
    image : ndarray of uint8, shape (height, width, 3)
    box : tuple of int
        ``(x, y, width, height)``; the part outside the image is cut off.
    size : int
        Side of the crop in pixels.
    margin : float
        Widen the box by this fraction of its sides on every side (published: 0).
    roll : float
        Turn the picture about the box by this angle in degrees first, so that eyes found at that
        roll become level (published: 0).

    Returns
    -------
    ndarray of uint8, shape (size, size, 3)

    Raises
    ------
    Unscorable
        Status `too_small`: nothing of the box lies inside the image.
    """
    if roll:
        image = _rotated(image, roll_matrix(box, roll))
    x, y, width, height = widened(box, margin)
    face = image[y : y + height, x : x + width]
    if face.size == 0:
        raise Unscorable("too_small", "the face box holds no pixel")
    pillow = _pillow()
    # Columns, then rows: one call would pick the order by itself, differently across versions.
    picture = pillow.fromarray(np.ascontiguousarray(face))
    picture = picture.resize((size, face.shape[0]), pillow.Resampling.BICUBIC)
    return np.asarray(picture.resize((size, size), pillow.Resampling.BICUBIC))


def widened(box: tuple[int, int, int, int], margin: float) -> tuple[int, int, int, int]:
    """The box with a margin on every side, as a fraction of it; what lies before 0 is cut off."""
    x, y, width, height = box
    dx, dy = round(width * margin), round(height * margin)
    return max(0, x - dx), max(0, y - dy), width + 2 * dx, height + 2 * dy


def roll_matrix(box: tuple[int, int, int, int], degrees: float) -> np.ndarray:
    """Where a photograph's points go when it is turned about the middle of the box."""
    x, y, width, height = box
    centre = (x + (width - 1) / 2, y + (height - 1) / 2)
    return np.asarray(require("cv2").getRotationMatrix2D(centre, degrees, 1.0))


def _rotated(image: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """The photograph turned, edges repeated."""
    cv2 = require("cv2")
    turned = cv2.warpAffine(
        image, matrix, image.shape[1::-1], flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(turned)


def standardise(
    crop: np.ndarray, mean: list[float] | None = None, std: list[float] | None = None
) -> np.ndarray:
    """Standardise a crop to the float32 numbers that a model takes.

    Parameters
    ----------
    crop : ndarray of uint8, shape (size, size, 3)
    mean, std : list of float, optional
        Per channel, of pixels scaled to 0-1. Without them the mean and standard
        deviation over all pixels and channels are used, in float64, as published.

    Returns
    -------
    ndarray of float32, shape (size, size, 3)

    Raises
    ------
    Unscorable
        Status `flat`: every pixel is equal, so that the standard deviation is 0.

    Examples
    --------
    >>> import numpy as np
    >>> from faceage_stats.scoring.images import standardise
    >>> crop = np.array([[[0, 0, 0], [255, 255, 255]]], np.uint8)
    >>> standardise(crop).ravel().tolist()
    [-1.0, -1.0, -1.0, 1.0, 1.0, 1.0]
    """
    if mean is not None and std is not None:
        return np.asarray((crop / 255.0 - mean) / std, np.float32)
    pixels = crop.astype(np.float64)
    spread = pixels.std()
    if spread == 0:
        raise Unscorable("flat", "every pixel of the face crop is equal")
    return np.asarray((pixels - pixels.mean()) / spread, np.float32)
