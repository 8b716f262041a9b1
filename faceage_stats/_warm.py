"""Compile every kernel once, ahead of the first analysis: ``python -m faceage_stats._warm``.

Every statistic with compiled kernels is computed once, on a table of forty simulated rows.
What is compiled already is only loaded.
"""

from __future__ import annotations

import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd

import faceage_stats as fs

__all__ = ["EXAMPLES", "made_table", "warm"]

_OUTCOME = "Surv(time, event)"


def made_table() -> pd.DataFrame:
    """Make forty rows with ties in time, delayed entry and a few numeric columns."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 2))
    time = np.ceil(8 * rng.exponential(np.exp(-x[:, 0] / 2)))
    table = pd.DataFrame({"start": time * rng.uniform(0, 0.5, 40), "time": time})
    table["event"], table["case"] = rng.integers(0, 2, 40), rng.integers(0, 2, 40)
    table["x"], table["z"] = x.T
    table["risk"] = 1 / (1 + np.exp(-table["x"]))
    return table


def _cox(table: pd.DataFrame) -> None:
    fit = fs.coxph(f"{_OUTCOME} ~ x + z", table)
    fit.glance()
    fit.residuals("martingale")
    fs.cox_zph(fit)
    fs.resample(fit, table, n_resamples=2, seed=1)


def _cox_of_a_file(table: pd.DataFrame) -> None:
    with tempfile.TemporaryDirectory() as folder:
        table.sort_values("time").to_parquet(path := f"{folder}/rows.parquet")
        fs.coxph_parquet(f"{_OUTCOME} ~ x + z", path)


def _pyramid(table: pd.DataFrame) -> None:
    from faceage_stats.scoring._area import area_pyramid
    from faceage_stats.scoring._crops import cut_crops
    from faceage_stats.scoring._nms import suppress

    area_pyramid(np.zeros((30, 40, 3), np.uint8), [(13, 17), (7, 9)])
    cut_crops(np.zeros((30, 40, 3), np.uint8), np.array([[0, 0, 25, 25]]), 24)
    suppress(table[["start", "start", "time", "time", "risk"]].to_numpy(), 0.5)


EXAMPLES: dict[str, Callable[[pd.DataFrame], Any]] = {
    "Cox model": _cox,
    "Cox model of a file": _cox_of_a_file,
    "exact ties": lambda t: fs.coxph(f"{_OUTCOME} ~ x", t, ties="exact"),
    "Firth's penalty": lambda t: fs.coxphf(f"{_OUTCOME} ~ x", t),
    "screen": lambda t: fs.coxph_screen(t, ["x", "z"], time="time", event="event"),
    "concordance": lambda t: fs.concordance(f"{_OUTCOME} ~ x", t),
    "concordance test": lambda t: fs.concordance_test(
        f"{_OUTCOME} ~ x + z", t, method="u-statistic"
    ),
    "survival curve": lambda t: fs.survfit(f"{_OUTCOME} ~ 1", t, cluster="case"),
    "cumulative incidence": lambda t: fs.cuminc(f"{_OUTCOME} ~ case", t),
    "multi-state curve": lambda t: fs.aalen_johansen(f"{_OUTCOME} ~ 1", t),
    "ROC curve": lambda t: fs.roc("case ~ x", t).ci(),
    "partial area": lambda t: fs.roc("case ~ x", t, direction="<").partial_auc(0.5, 1),
    "net benefit": lambda t: fs.decision_curve(
        f"{_OUTCOME} ~ risk", t, [0.5], times=5, n_resamples=0
    ),
    "area at a horizon": lambda t: fs.time_roc(f"{_OUTCOME} ~ x", t, [5]),
    "calibration": lambda t: fs.calibration(
        f"{_OUTCOME} ~ risk", t, times=5, groups=2, n_resamples=0
    ),
    "Royston's D": lambda t: fs.royston(f"{_OUTCOME} ~ x", t),
    "paired concordance": lambda t: fs.rcorrp_cens(f"{_OUTCOME} ~ x + z", t),
    "ranking loss": lambda t: fs.survival_ranking_loss(f"{_OUTCOME} ~ x", t),
}
if find_spec("sksurv"):  # the extra that penalises
    EXAMPLES["survival head"] = lambda t: fs.survival_head(
        _OUTCOME, t, features=["x", "z"], penalties=[1.0], n_folds=2
    )
if find_spec("cv2"):  # the extra that scores photographs
    EXAMPLES["image pyramid"] = _pyramid


def warm(report: Callable[[int, int, str], None]) -> None:
    """Compute every example; before each, `report` gets its number, their count and its name."""
    table = made_table()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # forty rows are few for some of the statistics
        for number, (name, example) in enumerate(EXAMPLES.items(), 1):
            report(number, len(EXAMPLES), name)
            example(table)


def _progress(number: int, count: int, name: str) -> None:
    if sys.stderr.isatty():
        line = f"compiling kernels, once: {number} of {count} ({name})"
        print(f"\r{line:<70}", end="", file=sys.stderr, flush=True)


def _main() -> None:
    import logging

    logging.getLogger("faceage_stats").setLevel(logging.ERROR)  # the line of the first kernel
    start = time.perf_counter()
    warm(_progress)
    line = f"kernels are compiled ({time.perf_counter() - start:.0f} s)"
    print(f"\r{line:<70}" if sys.stderr.isatty() else line, file=sys.stderr)


if __name__ == "__main__":
    _main()
