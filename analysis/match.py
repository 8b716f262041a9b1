"""Search the designs of the matched cohorts: `python analysis/match.py thoracic serial` (minutes).

Each search starts from the design that ``matched.json`` holds, or from the default one, and writes
what it finds there. The random streams stay as they are throughout. Of maastro, whose published
values are too many for a design, single patients are adjusted as well, in a table beside it.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

import faceage_stats as fs
from faceage_stats.cohorts.synthetic import matched
from matching import maastro, older, others
from matching.knobs import Study, design_of, given_at
from matching.search import newton, wander
from workflow import ROOT

FOLDER = ROOT / "faceage_stats" / "cohorts" / "synthetic"
FILE, ADJUSTED = FOLDER / "matched.json", "matched_maastro.csv"
STUDIES: Mapping[str, Study] = {
    "maastro": maastro.DESIGN,
    "thoracic": others.THORACIC,
    "palliative": others.PALLIATIVE,
    "survey": others.SURVEY,
    "harvard_rt": others.FAHR,
    "serial": others.SERIAL,
    "older_rt": older.OLDER,
}
LEVELS = (10.0, 8.0, 6.0, 4.0, 3.0, 2.0)
ENOUGH = 0.15  # margin inside the rounding


def found(study: Study, given: Mapping[str, Any]) -> dict[str, Any]:
    """The design of a study, in what it differs from the default, after its search."""
    start = np.array([knob.read(study.default, given) for knob in study.knobs])
    step, reach = (np.array([getattr(k, name) for k in study.knobs]) for name in ("step", "reach"))

    def realised(x: np.ndarray) -> np.ndarray:
        return study.realised(design_of(study, given, x))

    def margin(x: np.ndarray) -> float:
        return study.margin(realised(x))

    x = start
    if margin(x) < ENOUGH:
        x = newton(
            realised, x, goal=study.goal, tolerance=study.tolerance, step=step, reach=reach,
            levels=LEVELS,
        )  # fmt: skip
        rng = np.random.default_rng(matched.SEED)
        x = wander(margin, x, step=step / 4, enough=ENOUGH, most=study.random_steps, rng=rng)
    print(f"  {study.cohort:<12} margin {margin(x):.2f}", flush=True)
    return given_at(study, given, x)


def adjusted(given: dict[str, Any]) -> dict[str, Any]:
    """Adjust the maastro cohort of a design, patient by patient, and store it."""
    design = matched.adjusted(maastro.DESIGN.default, given)
    rows = maastro.adjusted_rows(design)
    margins = maastro.margins(maastro.drawn(design).assign(**rows))
    name = min(margins, key=lambda each: margins[each])
    print(f"  maastro      margin {margins[name]:.2f} ({name})", flush=True)
    rows.to_csv(FOLDER / ADJUSTED, index=False, lineterminator="\n")
    return given | {"adjusted": ADJUSTED}


def main() -> int:
    """Command line: names of cohorts."""
    warnings.simplefilter("ignore", fs.errors.FaceageWarning)
    stored = json.loads(FILE.read_text(encoding="utf-8"))
    for name in sys.argv[1:] or STUDIES:
        given = stored["designs"].get(name, {})
        design = found(STUDIES[name], given)
        stored["designs"][name] = adjusted(design) if name == "maastro" else design
        FILE.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
