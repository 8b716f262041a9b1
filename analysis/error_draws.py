"""Draw people whose marker has error 1,000 times: `python analysis/error_draws.py` (minutes).

What each method finds in each draw goes into ``analysis/drawn/errors.csv``, beside it the hash of
the generator: the item `measured_with_error` refuses draws of another one.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

import faceage_stats as fs
from faceage_stats._files import sha256
from items import _measured

FOLDER = Path(__file__).parent / "drawn"
DRAWS, MADE_FROM = FOLDER / "errors.csv", FOLDER / "errors_made_from.json"
SEEDS, N_RESAMPLES = 1000, 10  # SIMEX fits forty times for each seed
COLUMNS = ["study", "method", "seed", "planted", "estimate", "conf_low", "conf_high"]


def generator_sha256() -> str:
    """Hash of the module that draws the people."""
    return sha256(Path(_measured.__file__))


def draws(seeds: range) -> pd.DataFrame:
    """What every study finds in the people of each seed."""
    planted = {study.name: _measured.truth(study) for study in _measured.STUDIES}
    parts = []
    for seed in seeds:
        rows = _measured.people(np.random.default_rng(seed))
        for study in _measured.STUDIES:
            found = _measured.estimates(study, rows, seed, N_RESAMPLES)
            parts.append(found.assign(study=study.name, seed=seed, planted=planted[study.name]))
    return pd.concat(parts, ignore_index=True)[COLUMNS]


def main() -> int:
    """Draw, analyse, write."""
    warnings.simplefilter("ignore", fs.errors.FaceageWarning)
    table = draws(range(SEEDS)).sort_values(COLUMNS[:3], ignore_index=True)
    numbers = table.columns[3:]
    table[numbers] = table[numbers].astype(float).map(lambda value: float(f"{value:.5g}"))
    FOLDER.mkdir(exist_ok=True)
    table.to_csv(DRAWS, index=False, lineterminator="\n")
    record = {
        "generator": generator_sha256(),
        "seeds": SEEDS,
        "simulations": N_RESAMPLES,
    }
    MADE_FROM.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
