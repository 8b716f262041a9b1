"""Faces as the published pipeline found them: the MTCNN cascade of mtcnn 0.1.1, to the pixel.

Three networks look at ever fewer candidates: P-Net slides over an image pyramid, R-Net and O-Net
judge square crops. Coordinates follow the original's MATLAB heritage (boxes include their last
pixel, crops count from 1), because each of those conventions moves a box by a pixel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from faceage_stats.errors import InputError
from faceage_stats.scoring._area import area_pyramid
from faceage_stats.scoring._crops import cut_crops, standardised
from faceage_stats.scoring._mtcnn_weights import load_network
from faceage_stats.scoring._nms import suppress
from faceage_stats.scoring._session import open_session, running_device

__all__ = ["Detector", "Face", "describe", "detector_device"]

_MIN_FACE = 20  # pixels
_CELL = 12  # P-Net's receptive field
_STRIDE = 2
_FACTOR = 0.709
_THRESHOLDS = (0.6, 0.7, 0.7)
_NEAR = 0.4  # a little less than the log odds of the first threshold
# P-Net runs over strips of about this many pixels: its activations then stay in the cache and
# memory stays flat for large photographs; the numbers do not change.
_STRIP_PIXELS = {"cpu": 30_000}
_CUT = 64  # crops cut at once, while the photograph is in the cache
_BATCH = 8  # crops that R-Net and O-Net see at once, while their activations are


@dataclass(frozen=True)
class Face:
    """One detected face.

    Attributes
    ----------
    box : tuple of int
        ``(x, y, width, height)`` in pixels; ``x`` and ``y`` are not negative, the far corner may
        lie outside the image.
    confidence : float
        O-Net's probability of a face.
    landmarks : ndarray, shape (5, 2)
        ``(x, y)`` of left eye, right eye, nose, left and right mouth corner, as seen in the image.
    corners : tuple of float
        ``(x1, y1, x2, y2)`` before rounding and clipping.
    """

    box: tuple[int, int, int, int]
    confidence: float
    landmarks: np.ndarray
    corners: tuple[float, float, float, float]


class Detector:
    """MTCNN with the published settings (smallest face 20 pixels, thresholds 0.6, 0.7, 0.7).

    Thread-safe: the sessions run in the calling thread, so several workers may use one detector.

    Parameters
    ----------
    device : str
        ``"auto"``, ``"cpu"``, ``"cuda"`` or ``"tensorrt"``.
    threads : int
        Threads of one session; 1 when several photographs are scored side by side.
    min_face : int
        Smallest face that is looked for, in pixels. The published 20 are the least; with 80 a large
        photograph takes a third of the time, and what is smaller is not found.

    Examples
    --------
    >>> import numpy as np
    >>> from faceage_stats.scoring.detector import Detector
    >>> Detector(device="cpu").detect(np.zeros((64, 64, 3), np.uint8))
    []
    """

    def __init__(self, *, device: str = "cpu", threads: int = 1, min_face: int = _MIN_FACE) -> None:
        self.min_face = max(_MIN_FACE, min_face)
        self._pnet, self._rnet, self._onet = (
            open_session(load_network(name), device=device, threads=threads)
            for name in ("pnet", "rnet", "onet")
        )
        self.device = running_device(self._pnet)

    def detect(self, image: np.ndarray) -> list[Face]:
        """Faces in an RGB photograph, most confident first.

        Parameters
        ----------
        image : ndarray of uint8, shape (height, width, 3)
            Colour order RGB.

        Returns
        -------
        list of Face
            Empty when no candidate survives the three networks.

        Raises
        ------
        InputError
            The array is not height x width x 3 of uint8.
        """
        if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
            raise InputError(
                f"image has shape {image.shape} and dtype {image.dtype}; "
                "the detector takes height x width x 3 of uint8 (RGB)."
            )
        return self.trace(image)[0]

    def trace(self, image: np.ndarray) -> tuple[list[Face], tuple[int, int, int]]:
        """Faces, and how many candidates were left after each network."""
        proposals = self._propose(image)
        refined = self._refine(image, proposals)
        boxes, points = self._finish(image, refined)
        faces = [_face(box, point) for box, point in zip(boxes, points, strict=True)]
        return faces, (len(proposals), len(refined), len(faces))

    def _propose(self, image: np.ndarray) -> np.ndarray:
        """P-Net over the pyramid: candidate squares, columns x1 y1 x2 y2 score."""
        found = [np.empty((0, 9))]
        scales = _pyramid(image.shape[0], image.shape[1], self.min_face)
        sizes = [_scaled_size(image, scale) for scale in scales]
        for scale, level in zip(scales, area_pyramid(image, sizes), strict=True):
            boxes = _cells(self._run_pnet(level), scale)
            found.append(boxes[suppress(boxes, 0.5)])
        boxes = np.concatenate(found)
        boxes = boxes[suppress(boxes, 0.7)]
        size = np.tile(boxes[:, 2:4] - boxes[:, 0:2], 2)
        corners = boxes[:, 0:4] + boxes[:, 5:9] * size
        squares = np.trunc(_squared(corners))
        return np.column_stack([squares, boxes[:, 4]])

    def _run_pnet(self, pixels: np.ndarray) -> np.ndarray:
        """Maps of one pyramid level, in strips of rows, shape (6, rows, columns).

        Four box regressions, then the logits of no face and of a face.
        """
        height, width = pixels.shape[:2]
        rows = -(-(height - 2) // 2) - 4
        limit = _STRIP_PIXELS.get(self.device, height * width)
        step = max(1, (limit // width - _CELL) // _STRIDE)
        strips = []
        for top in range(0, rows, step):
            bottom = min(rows, top + step)
            last = height if bottom == rows else _STRIDE * (bottom - 1) + _CELL
            strip = standardised(pixels[_STRIDE * top : last])[None]
            strips.append(self._pnet.run(None, {"image": strip})[0][0])
        return np.concatenate(strips, axis=1)

    def _refine(self, image: np.ndarray, boxes: np.ndarray) -> np.ndarray:
        """R-Net: drops most candidates, moves the remaining ones."""
        judged = _judged(self._rnet, image, boxes, 24)
        if judged is None:
            return np.empty((0, 5))
        regression, probability = judged
        passed = probability[:, 1] > _THRESHOLDS[1]
        boxes = np.column_stack([boxes[passed, 0:4], probability[passed, 1]])
        keep = suppress(boxes, 0.7)
        corners = _moved(boxes[keep], regression[passed][keep])
        return np.column_stack([_squared(corners), boxes[keep, 4]])

    def _finish(self, image: np.ndarray, boxes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """O-Net: final boxes and landmarks, most confident first."""
        boxes = np.trunc(boxes)
        judged = _judged(self._onet, image, boxes, 48)
        if judged is None:
            return np.empty((0, 5)), np.empty((0, 5, 2), np.float32)
        regression, landmarks, probability = judged
        passed = probability[:, 1] > _THRESHOLDS[2]
        boxes = np.column_stack([boxes[passed, 0:4], probability[passed, 1]])
        size = boxes[:, 2:4] - boxes[:, 0:2] + 1
        points = landmarks[passed].reshape(-1, 2, 5).transpose(0, 2, 1)
        points = (size[:, None] * points + boxes[:, None, 0:2] - 1).astype(np.float32)
        boxes[:, 0:4] = _moved(boxes, regression[passed])
        keep = suppress(boxes, 0.7, by_smaller=True)
        return boxes[keep], points[keep]


def _judged(
    session: Any, image: np.ndarray, boxes: np.ndarray, side: int
) -> list[np.ndarray] | None:
    """Outputs of a network over the squares, in batches that keep memory flat.

    None when there is nothing to judge; a box without area ends the search, as it did in the
    original. Boxes count pixels from 1 and include their last.
    """
    corners = boxes[:, 0:4].astype(np.int32).astype(np.int64)
    sizes = (boxes[:, 2:4] - boxes[:, 0:2] + 1).astype(np.int32).astype(np.int64)
    if len(boxes) == 0 or (sizes <= 0).any():
        return None
    squares = np.column_stack([corners[:, 0:2] - 1, sizes])
    parts = []
    for i in range(0, len(squares), _CUT):
        crops = cut_crops(image, squares[i : i + _CUT], side)
        for k in range(0, len(crops), _BATCH):
            parts.append(session.run(None, {"image": crops[k : k + _BATCH]}))
    return [np.concatenate(part) for part in zip(*parts, strict=True)]


def _face(row: np.ndarray, landmarks: np.ndarray) -> Face:
    """A face with its integer box: near corner clipped at 0, far corner truncated."""
    x, y = max(0, int(row[0])), max(0, int(row[1]))
    corners = (float(row[0]), float(row[1]), float(row[2]), float(row[3]))
    return Face((x, y, int(row[2] - x), int(row[3] - y)), float(row[4]), landmarks, corners)


def _pyramid(height: int, width: int, min_face: int) -> list[float]:
    """Scales at which a face of so many pixels or more fills a cell of 12."""
    first = _CELL / min_face
    scales: list[float] = []
    side = min(height, width) * first
    while side >= _CELL:
        scales.append(float(first * np.power(_FACTOR, len(scales))))
        side *= _FACTOR
    return scales


def _scaled_size(image: np.ndarray, scale: float) -> tuple[int, int]:
    """Height and width of the photograph at one level of the pyramid."""
    return int(np.ceil(image.shape[0] * scale)), int(np.ceil(image.shape[1] * scale))


def _cells(maps: np.ndarray, scale: float) -> np.ndarray:
    """Cells above the threshold: x1 y1 x2 y2 score and their four regressions."""
    columns = (maps[5] - maps[4]).T  # log odds of a face
    x, y = np.nonzero(columns > _NEAR)
    probability = 1 / (1 + np.exp(-columns[x, y]))
    passed = probability >= np.float32(_THRESHOLDS[0])
    x, y, probability = x[passed], y[passed], probability[passed]
    # The original flips the regression maps when exactly one cell passes; kept, as boxes need it.
    source = len(columns) - 1 - x if len(x) == 1 else x
    cell = np.column_stack([x, y]) * _STRIDE
    near, far = np.trunc((cell + 1) / scale), np.trunc((cell + _CELL) / scale)
    return np.column_stack([near, far, probability, maps[:4, y, source].T])


def _squared(corners: np.ndarray) -> np.ndarray:
    """Squares about the same centres, as large as the longer side."""
    size = corners[:, 2:4] - corners[:, 0:2]
    side = size.max(axis=1, keepdims=True)
    near = corners[:, 0:2] + size * 0.5 - side * 0.5
    return np.column_stack([near, near + side])


def _moved(boxes: np.ndarray, regression: np.ndarray) -> np.ndarray:
    """Corners after adding the network's corrections, in units of the box."""
    size = np.tile(boxes[:, 2:4] - boxes[:, 0:2] + 1, 2)
    return np.asarray(boxes[:, 0:4] + regression * size)


def detector_device(device: str) -> str:
    """Device of the detector beside a model: TensorRT would compile anew for every picture size."""
    return "cuda" if device == "tensorrt" else device


def describe(face: Face) -> dict[str, Any]:
    """The face in the words of the original's answer (integers truncated towards zero)."""
    names = ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")
    points = {n: [int(x), int(y)] for n, (x, y) in zip(names, face.landmarks, strict=True)}
    return {"box": list(face.box), "confidence": face.confidence, "keypoints": points}
