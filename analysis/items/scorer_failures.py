"""What becomes of photographs that are odd, broken or not photographs at all."""

import sys
from pathlib import Path

import pandas as pd

import faceage_stats as fs
from items import _demonstration as demo

sys.path.insert(0, str(demo.ROOT))  # the photographs are those of the tests

TABLES = ()
READS = "files made on the fly from one portrait"
FILES = ("tests/scoring/bad_photos.py",)
KINDS = {  # kind in tests/scoring/bad_photos.py -> what the file is
    "jpeg": "JPEG",
    "png": "PNG",
    "tiff": "TIFF, suffix in capitals",
    "webp": "WebP",
    "heic": "HEIC, as phones write it",
    "grey": "grey JPEG",
    "rgba": "PNG with transparency",
    "cmyk": "JPEG in printing colours (CMYK)",
    "sixteen": "grey PNG of 16 bits",
    "exif": "lying JPEG whose EXIF orientation says how to turn it",
    "misnamed": "JPEG that is called .png",
    "two": "two faces",
    "blank": "no face: black picture",
    "one_pixel": "1 x 1 pixel",
    "huge": "claims to be 30,000 x 30,000 pixels",
    "animated": "GIF of two pictures",
    "truncated": "JPEG cut off after 3,000 bytes",
    "empty": "zero bytes",
    "text": "text that is called .jpg",
    "broken_png": "PNG header, then zeros",
}
STATUSES = {
    "ok": "one face, scored",
    "several_faces": "several faces; the most confident one was scored unless asked otherwise",
    "no_face": "no face was found",
    "flat": "every pixel of the face is equal, so that it cannot be standardised",
    "too_small": "no room for the smallest face looked for, or a face below --min-face",
    "too_large": "more pixels than --max-megapixels allows; refused before decoding",
    "unreadable": "damaged, empty, not a picture, or no permission to read it",
    "animated": "several pictures in one file; it is not known which one is meant",
    "missing": "listed in the manifest, but there is no such file",
    "outside_root": "the path leaves the photograph folder",
}


def make(data, settings):
    """Score a folder of such files, and a manifest with two wrong lines."""
    with demo.workplace() as place:
        lists = (write_photographs(place / "photographs"), write_manifest(place / "list"))
        rows = pd.concat([scored(photographs, place) for photographs in lists])
    rows["kind"] = [KINDS.get(Path(p).stem, p) for p in rows["photo"]]
    rows["kind"] = rows["kind"].replace(
        {"gone.jpg": "line of a manifest without a file",
         "../outside.jpg": "line of a manifest that leaves the folder"}
    )  # fmt: skip
    rows["order"] = rows["status"].map(list(STATUSES).index)
    rows = rows.sort_values(["order", "kind"], kind="stable")
    shown = rows.assign(scored=rows["score"].notna())[["kind", "status", "reason", "scored"]]
    counts = rows["status"].value_counts()
    statuses = pd.DataFrame(
        {"status": list(STATUSES), "meaning": list(STATUSES.values()),
         "n": [int(counts.get(status, 0)) for status in STATUSES]}
    )  # fmt: skip
    return fs.Item(
        caption=(
            f"{len(rows)} files, {int(shown['scored'].sum())} of them scored, by dlib's "
            f"small model of apparent age. Made from {demo.FACE}."
        ),
        answer=(
            f"Of {len(rows)} odd or broken files {int(shown['scored'].sum())} are scored; each of "
            "the others is a row with its reason, and none stops the run."
        ),
        tables={"photographs": shown, "statuses": statuses},
        columns={
            "kind": "what the file is",
            "status": "what became of it",
            "reason": "what the row of the biomarkers table says",
            "scored": "whether the row has a score",
            "meaning": "when a photograph gets this status",
            "n": "files of the table above with this status",
        },
    )


def write_photographs(folder):
    """One file per kind."""
    from pillow_heif import register_heif_opener

    from tests.scoring.bad_photos import KINDS as WRITERS

    register_heif_opener()
    folder.mkdir()
    portrait = demo.portrait()[20:260, 100:380]
    for kind in KINDS:
        suffix, _, write = WRITERS[kind]
        write(folder / f"{kind}.{suffix}", portrait)
    return folder


def write_manifest(folder):
    """A list of photographs with two lines that name none."""
    folder.mkdir()
    path = folder / "manifest.csv"
    path.write_text("photo\ngone.jpg\n../outside.jpg\n", encoding="utf-8")
    return path


def scored(photographs, place):
    """The biomarkers table of a folder or manifest."""
    from faceage_stats.scoring.run_options import RunOptions
    from faceage_stats.scoring.score import score

    out = place / f"{photographs.stem}.csv"
    score(photographs, out=out, run=RunOptions(device="cpu", workers=1))
    return pd.read_csv(out)
