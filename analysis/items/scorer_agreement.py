"""Agreement of the scorer with the published pipeline, photograph by photograph."""

import hashlib
import json
import sys

import numpy as np
import pandas as pd

import faceage_stats as fs
from items import _demonstration as demo

sys.path.insert(0, str(demo.ROOT))  # the reference and its photographs live with the tests

TABLES = ()
READS = "outputs of mtcnn 0.1.1, Pillow 9.5.0 and Keras 2.15"
FILES = ("tests/scoring/reference/*.json", "tests/scoring/recipes.py")
NAMES = {"bgr": "colour channels swapped", "hflip": "mirrored", "rot180": "rotated 180"}
REFERENCE = demo.ROOT / "tests" / "scoring" / "reference"


def make(data, settings):
    """Detect, crop and convert again; set the original's answers beside ours."""
    faces = detections()
    crops = crop_bytes()
    conversion = converted()
    summary = summarise(faces, crops, conversion)
    found = faces[faces["face"] > 0]
    return fs.Item(
        caption=(
            f"{len(found)} faces in {faces['photograph'].nunique()} photographs; "
            f"{int(found['equal'].sum())} boxes equal those of mtcnn 0.1.1 to the integer. Faces "
            f"are variants of {demo.FACE}. Boxes and crops involve no age model; the conversion "
            f"is compared on a {demo.RANDOM}."
        ),
        answer=(
            f"{int(found['equal'].sum())} of {len(found)} boxes, and "
            f"{int(crops['equal'].sum())} of {len(crops)} crops byte for byte, equal those of the "
            "published pipeline."
        ),
        checks=(
            "Each step is compared by itself, so that a difference in one cannot hide in the next."
        ),
        tables={
            "summary": summary,
            "crops": crops,
            "conversion": conversion,
            "detections": faces,
        },
        values=values(summary),
        columns={
            "set": "published: the set that the detector was written against; independent: "
            "photographs run through mtcnn 0.1.1 afterwards",
            "photograph": "variant of the portrait; tests/scoring/recipes.py makes it",
            "face": "number of the face, most confident first; 0 where neither finds one",
            "published_box": "x, y, width, height by mtcnn 0.1.1 under TensorFlow 2.15.1",
            "box": "x, y, width, height by this package (crops: given)",
            "equal": "the two are equal",
            "landmarks_equal": "the five landmarks are equal to the pixel",
            "confidence_difference": "our confidence minus that of mtcnn 0.1.1",
            "published_sha256": "SHA-256 of the crop by Pillow 9.5.0, first 16 digits",
            "sha256": "SHA-256 of our crop, first 16 digits",
            "input": "seeded random input of the network",
            "keras": "Keras 2.15.1, float32, random weights (years)",
            "onnx": "the converted model on ONNX Runtime (years)",
            "difference": "this package minus the original",
            "check": "what is compared",
            "n_equal": "of them equal (conversion: within the limit)",
            "largest_difference": "largest absolute difference",
            "limit": "largest difference that is accepted",
        },
    )


def detections():
    """Every face of both reference sets: the original's box and ours."""
    from faceage_stats.scoring.detector import Detector, describe
    from tests.scoring.recipes import RECIPES, VARIANTS

    detector, portrait = Detector(device="cpu"), demo.portrait()
    rows = []
    for kind, recipes in (("published", VARIANTS), ("independent", RECIPES)):
        cases = json.loads((REFERENCE / f"mtcnn_{kind}.json").read_text(encoding="utf-8"))["cases"]
        for name, case in cases.items():
            photograph = np.ascontiguousarray(recipes[name](portrait))
            ours = [describe(face) for face in detector.detect(photograph)]
            theirs = case["detections"]
            rows += [{"set": kind, "photograph": shown(name), **row}
                     for row in compared(theirs, ours)]  # fmt: skip
    return pd.DataFrame(rows)


def shown(name):
    """What a variant of the portrait is called on the page."""
    return NAMES.get(name, name.replace("_", " "))


def compared(theirs, ours):
    """One row per face that either found; one row where neither found any."""
    if not theirs and not ours:
        yield {"face": 0, "published_box": "no face", "box": "no face", "equal": True}
    for i in range(max(len(theirs), len(ours))):
        pair = [faces[i] if i < len(faces) else None for faces in (theirs, ours)]
        boxes = [",".join(map(str, face["box"])) if face else "no face" for face in pair]
        row = {"face": i + 1, "published_box": boxes[0], "box": boxes[1]}
        row["equal"] = boxes[0] == boxes[1]
        if None not in pair:
            row["landmarks_equal"] = pair[0]["keypoints"] == pair[1]["keypoints"]
            row["confidence_difference"] = pair[1]["confidence"] - pair[0]["confidence"]
        yield row


def crop_bytes():
    """Crops against the bytes of the Pillow release that the published pipeline used."""
    from faceage_stats.scoring.images import crop_face

    rows = []
    for crop in json.loads((REFERENCE / "pillow_crops.json").read_text(encoding="utf-8"))["crops"]:
        pixels = crop_face(demo.portrait(), tuple(crop["box"]))
        digest = hashlib.sha256(pixels.tobytes()).hexdigest()
        rows.append(
            {
                "box": ",".join(map(str, crop["box"])),
                "published_sha256": crop["sha256"][:16],
                "sha256": digest[:16],
                "equal": digest == crop["sha256"],
            }
        )
    return pd.DataFrame(rows)


def converted():
    """The converted demonstration model against Keras on the same inputs."""
    from faceage_stats.scoring.model import load_model

    keras = json.loads((REFERENCE / "keras_predictions.json").read_text(encoding="utf-8"))["years"]
    inputs = np.random.default_rng(5).standard_normal((4, 160, 160, 3)).astype(np.float32)
    with demo.workplace() as place:
        onnx = load_model(demo.random_model(place), device="cpu").run(inputs)[0].astype(float)
    frame = pd.DataFrame({"input": np.arange(1, 5), "keras": keras, "onnx": onnx})
    return frame.assign(difference=frame["onnx"] - frame["keras"])


def summarise(faces, crops, conversion):
    """One row per comparison."""
    limit = 5e-4  # years
    found = faces[faces["face"] > 0]
    sets = [
        {"check": f"{name} set: boxes", "n": len(rows), "n_equal": int(rows["equal"].sum())}
        for name, rows in found.groupby("set", sort=False)
    ]
    empty = faces[faces["face"] == 0]
    off = conversion["difference"].abs()
    return pd.DataFrame(
        [
            *sets,
            {"check": "photographs in which neither finds a face", "n": len(empty),
             "n_equal": int(empty["equal"].sum())},
            {"check": "landmarks of a face", "n": len(found),
             "n_equal": int(found["landmarks_equal"].eq(True).sum())},
            {"check": "confidence of a face", "n": len(found),
             "n_equal": int((found["confidence_difference"].abs() <= 2e-5).sum()),
             "largest_difference": found["confidence_difference"].abs().max(), "limit": 2e-5},
            {"check": "bytes of a crop", "n": len(crops), "n_equal": int(crops["equal"].sum())},
            {"check": "years of the converted model", "n": len(conversion),
             "n_equal": int((off <= limit).sum()), "largest_difference": off.max(),
             "limit": limit},
        ]
    )  # fmt: skip


def values(summary):
    """Proportions that agree, under the item's ids."""
    ids = {"published set: boxes": "scorer_boxes_published",
           "independent set: boxes": "scorer_boxes_independent",
           "bytes of a crop": "scorer_crop_bytes",
           "years of the converted model": "scorer_conversion"}  # fmt: skip
    rows = summary[summary["check"].isin(list(ids))]
    return pd.DataFrame(
        {"id": rows["check"].map(ids), "quantity": "proportion equal",
         "estimate": rows["n_equal"] / rows["n"], "n": rows["n"]}
    )  # fmt: skip
