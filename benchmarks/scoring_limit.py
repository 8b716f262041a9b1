"""What is left to gain beside the networks: a photograph's time, and that of its networks alone.

    python benchmarks/scoring_limit.py [--out FILE.csv]

With the architecture of FaceAge and with dlib's small network, in processor time.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
from scoring import median, write_photographs


class Recorded:
    """A session that keeps what it is asked."""

    def __init__(self, session: Any) -> None:
        self.session, self.asked = session, []

    def run(self, names: Any, feed: Any) -> Any:
        """Run, and keep the question."""
        self.asked.append((names, feed))
        return self.session.run(names, feed)

    def run_again(self) -> None:
        """Ask everything once more."""
        for names, feed in self.asked:
            self.session.run(names, feed)


def limit(model: str | Path, photo: Path) -> dict[str, float]:
    """Processor time of one photograph, of its networks alone, and the ratio that leaves."""
    from faceage_stats.scoring.manifest import open_manifest
    from faceage_stats.scoring.scorer import open_scorer

    scorer = open_scorer(model, device="cpu")
    (listed,) = open_manifest(photo).photos(0, 1)
    whole = median(lambda: scorer.finish([scorer.prepare(listed)]))
    detector, parts = scorer.detector, {}
    for name in ("_pnet", "_rnet", "_onet"):
        setattr(detector, name, Recorded(getattr(detector, name)))
    crop = scorer.prepare(listed).pixels[None]
    for label, name in (("P-Net", "_pnet"), ("R-Net", "_rnet"), ("O-Net", "_onet")):
        parts[f"{label} alone"] = median(getattr(detector, name).run_again)
    parts["age network alone"] = median(lambda: scorer.model.run(crop))
    ratio = whole / sum(parts.values())
    return {"photograph": whole, **parts, "ratio if all else took no time": ratio}


def table() -> pd.DataFrame:
    """The limit of each model."""
    from faceage_stats.scoring.demo import write_demo_model

    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        write_photographs(place / "one", 1)
        models = {"FaceAge's architecture": write_demo_model(place / "model"), "dlib-age": None}
        rows = [
            (label, quantity, round(value, 2))
            for label, model in models.items()
            for quantity, value in limit(model or label, place / "one/00000.jpg").items()
        ]
    return pd.DataFrame(rows, columns=["model", "quantity", "milliseconds or ratio"])


def main() -> None:
    """Measure, print, write a CSV when asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, help="CSV file to write")
    args = parser.parse_args()
    found = table()
    print(found.to_string(index=False))
    if args.out:
        found.to_csv(args.out, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
