"""Accuracy of predictions: our times beside pROC's, timeROC's and scikit-survival's, in one run.

python benchmarks/prediction.py --out prediction.csv
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from shutil import which

import numpy as np
import pandas as pd

import faceage_stats as fs

HORIZONS = [0.2, 0.4, 0.6, 0.8, 1.0]
# How many times the peer's speed, or how many seconds, a task is meant to reach or to take.
TARGETS = {
    ("paired DeLong", 100_000): (6, "times"),
    ("paired DeLong", 1_000_000): (0.3, "s"),
    ("AUC(t) with errors, 5 times", 100_000): (0.1, "s"),
}

R_SCRIPT = r"""
args <- commandArgs(TRUE)
d <- read.csv(args[1])
seconds <- function(f) {
  times <- replicate(as.integer(args[3]), system.time(f())["elapsed"])
  cat(min(times), "\n")
}
if (args[2] == "delong") {
  library(pROC)
  seconds(function() {
    a <- roc(d$y, d$m1, direction = "<", quiet = TRUE); b <- roc(d$y, d$m2, direction = "<", quiet = TRUE)
    roc.test(a, b, method = "delong", paired = TRUE)
  })
} else if (args[2] == "bootstrap") {
  library(pROC)
  a <- roc(d$y, d$m1, direction = "<", quiet = TRUE); b <- roc(d$y, d$m2, direction = "<", quiet = TRUE)
  seconds(function() roc.test(a, b, method = "bootstrap", paired = TRUE, boot.n = 2000, progress = "none"))
} else {
  library(timeROC)
  seconds(function() timeROC(T = d$t, delta = d$d, marker = d$m1, cause = 1, weighting = "marginal",
                             times = c(0.2, 0.4, 0.6, 0.8, 1), iid = TRUE))
}
"""  # noqa: E501 - R code as R users write it


def simulate(n: int, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    m1, noise = rng.normal(size=(2, n))
    m2 = 0.7 * m1 + 0.7 * noise
    y = (rng.random(n) < 1 / (1 + np.exp(-m1))).astype(int)
    event, censored = rng.exponential(np.exp(-0.7 * m1)), rng.exponential(2.0, n)
    columns = {"y": y, "m1": m1, "m2": m2, "t": np.minimum(event, censored)}
    return pd.DataFrame({**columns, "d": (event <= censored).astype(int)})


def best_of(function: Callable[[], object], repeats: int) -> float:
    """Smallest wall time, after one call that compiles and warms up."""
    function()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


def r_seconds(data: pd.DataFrame, task: str, repeats: int) -> float | None:
    """Smallest elapsed time in R; None without R or without the package."""
    if which("Rscript") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        table, script = Path(folder, "data.csv"), Path(folder, "run.R")
        data.to_csv(table, index=False)
        script.write_text(R_SCRIPT, encoding="utf-8")
        run = subprocess.run(
            ["Rscript", str(script), str(table), task, str(repeats)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    return float(run.stdout.split()[-1]) if run.returncode == 0 else None


def delong(n: int) -> Callable[[], object]:
    data = simulate(n)
    return lambda: fs.roc_test(fs.roc("y ~ m1 + m2", data, direction="<")).tidy()


def scikit_survival(data: pd.DataFrame) -> Callable[[], object]:
    from sksurv.metrics import cumulative_dynamic_auc
    from sksurv.util import Surv

    y = Surv.from_arrays(data["d"] == 1, data["t"])
    return lambda: cumulative_dynamic_auc(y, y, data["m1"], HORIZONS)


def rows() -> list[dict[str, object]]:
    small, large = simulate(5_000), simulate(100_000)
    follow_up, short = simulate(10_000), simulate(1_000)
    pair = fs.roc("y ~ m1 + m2", small, direction="<")

    def auc_t(data: pd.DataFrame) -> Callable[[], object]:
        return lambda: fs.time_roc("Surv(t, d) ~ m1", data, HORIZONS).tidy()

    tasks = [
        ("paired DeLong", 100_000, delong(100_000), 5, lambda: r_seconds(large, "delong", 3)),
        ("paired DeLong", 1_000_000, delong(1_000_000), 3, None),
        (
            "2,000 bootstrap AUC differences", 5_000,
            lambda: fs.roc_test(pair, method="bootstrap"), 2,
            lambda: r_seconds(small, "bootstrap", 1),
        ),
        # the reference's time and memory grow with the square of n: compared at 1,000
        ("AUC(t) with errors, 5 times", 1_000, auc_t(short), 5,
         lambda: r_seconds(short, "timeroc", 1)),
        ("AUC(t) with errors, 5 times", 10_000, auc_t(follow_up), 5, None),
        ("AUC(t) with errors, 5 times", 100_000, auc_t(large), 5, None),
    ]  # fmt: skip
    peers = {
        "paired DeLong": "pROC",
        "2,000 bootstrap AUC differences": "pROC",
        "AUC(t) with errors, 5 times": "timeROC (iid)",
    }
    table = []
    for task, n, function, repeats, reference in tasks:
        ours = best_of(function, repeats)
        theirs = reference() if reference else None
        table.append({"task": task, "n": n, "ours_s": ours, "peer": peers[task], "peer_s": theirs})
    theirs = best_of(scikit_survival(follow_up), 3)
    ours = best_of(auc_t(follow_up), 5)
    task = "AUC(t), 5 times (the peer without errors)"
    table.append(
        {"task": task, "n": 10_000, "ours_s": ours, "peer": "scikit-survival", "peer_s": theirs}
    )
    data = simulate(2_000).assign(risk=lambda d: 1 / (1 + np.exp(-d["m1"])))
    benefit = best_of(
        lambda: fs.decision_curve("Surv(t, d) ~ risk", data, np.arange(0.05, 0.5, 0.05), times=0.5,
                                  n_resamples=500), 1,
    )  # fmt: skip
    table.append(
        {"task": "decision curve, survival, 500 resamples, 9 thresholds", "n": 2_000,
         "ours_s": benefit, "peer": "", "peer_s": None}
    )  # fmt: skip
    return table


def sorts(n: int) -> float:
    """Seconds of putting two columns of n numbers in order: what no comparison can do without."""
    values = simulate(n)[["m1", "m2"]].to_numpy().T
    return best_of(lambda: [np.argsort(each) for each in values], 5)


def judged(found: list[dict[str, object]]) -> pd.DataFrame:
    """The ratio to the peer, what was aimed at and whether it is reached, and the limit."""
    table = pd.DataFrame(found)
    table["ratio"] = table["peer_s"].astype(float) / table["ours_s"]
    keys = list(zip(table["task"], table["n"], strict=True))
    aims = [TARGETS.get(key, (np.nan, "")) for key in keys]
    table["target"] = [f"{aim:g} {unit}".strip() if unit else "" for aim, unit in aims]
    table["reached"] = [
        None if not unit else row.ratio >= aim if unit == "times" else row.ours_s <= aim
        for (aim, unit), row in zip(aims, table.itertuples(), strict=True)
    ]
    table["limit_s"] = [sorts(n) if key in TARGETS else np.nan for key in keys for n in [key[1]]]
    table["over_limit"] = table["ours_s"] / table["limit_s"]
    return table.assign(limit=np.where(table["limit_s"].notna(), "two sorts", ""))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, help="CSV file to write")
    options = parser.parse_args()
    table = judged(rows())
    print(table.to_string(index=False, float_format=lambda v: f"{v:.4g}"))
    if options.out:
        partial = options.out.with_name(options.out.name + ".part")
        table.to_csv(partial, index=False)
        os.replace(partial, options.out)


if __name__ == "__main__":
    main()
