"""Speed of the gene screens against limma and statsmodels, in one run.

    python benchmarks/association.py [--genes 20000] [--patients 1000] [--out results.csv]

limma is timed when `Rscript` finds it (R_LIBS may name its library); otherwise statsmodels' OLS,
one fit per gene for some of the genes, scaled up. Answers are compared before times are.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import faceage_stats as fs

# Seconds, at 20,000 genes of 1,000 patients.
TARGETS = {"moderated t": 1.0, "adjusted correlation": 1.0, "max-T, 1,000 permutations": 30.0}
LIMMA = """
suppressMessages(library(limma))
x <- matrix(readBin("{folder}/genes.bin", "double", {n} * {m}), {n}, {m})
d <- read.csv("{folder}/people.csv"); design <- model.matrix(~ faceage + age, d); y <- t(x)
times <- replicate({repeats}, system.time(fit <<- eBayes(lmFit(y, design)))[["elapsed"]])
cat(min(times), "\\n"); writeBin(as.double(fit$t[, 2]), "{folder}/t.bin")
"""


def tables(n: int, m: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Random expression, a few genes of which follow FaceAge given age."""
    rng = np.random.default_rng(1)
    people = pd.DataFrame({"patient_id": np.arange(n), "age": rng.normal(65, 10, n)})
    people["faceage"] = people["age"] + rng.normal(2, 6, n)
    values = rng.normal(7, 1, (n, m)) * rng.uniform(0.3, 1.5, m)
    values[:, :20] += 0.03 * (people["faceage"] - people["age"]).to_numpy()[:, None]
    genes = pd.DataFrame(values, columns=[f"G{j}" for j in range(m)])
    genes.insert(0, "patient_id", people["patient_id"])
    return genes, people


def best(task: Callable[[], Any], repeats: int) -> tuple[float, Any]:
    """Smallest wall-clock time of several runs, and the last answer."""
    times, answer = [], None
    for _ in range(repeats):
        started = time.perf_counter()
        answer = task()
        times.append(time.perf_counter() - started)
    return min(times), answer


def limma(
    genes: pd.DataFrame, people: pd.DataFrame, repeats: int
) -> tuple[float, np.ndarray] | None:
    """Seconds of lmFit + eBayes and its t statistics; None without R or limma."""
    if shutil.which("Rscript") is None:
        return None
    values = genes.drop(columns="patient_id").to_numpy()
    n, m = values.shape
    with tempfile.TemporaryDirectory() as folder:
        values.T.tofile(f"{folder}/genes.bin")  # column by column, as R reads
        people.to_csv(f"{folder}/people.csv", index=False)
        script = Path(folder, "limma.R")
        script.write_text(LIMMA.format(folder=folder, n=n, m=m, repeats=repeats), encoding="utf-8")
        run = subprocess.run(["Rscript", str(script)], capture_output=True, text=True, check=False)
        if run.returncode != 0:
            return None
        return float(run.stdout), np.fromfile(f"{folder}/t.bin")


def statsmodels_loop(genes: pd.DataFrame, people: pd.DataFrame, n_genes: int) -> tuple[float, Any]:
    """Seconds of one OLS per gene, scaled up from `n_genes` genes, and their t statistics."""
    import statsmodels.api as sm

    x = sm.add_constant(people[["faceage", "age"]].to_numpy())
    values = genes.drop(columns="patient_id").to_numpy()
    seconds, t = best(lambda: [sm.OLS(y, x).fit().tvalues[1] for y in values.T[:n_genes]], 1)
    return seconds * values.shape[1] / n_genes, np.array(t)


def measure(n: int, m: int, repeats: int) -> pd.DataFrame:
    """One row per task: our seconds, the peer's, the ratio, the target."""
    genes, people = tables(n, m)

    def screen(method: str) -> pd.DataFrame:
        fit = fs.gene_screen(genes, people, "faceage", adjust="age", methods=[method])
        return fit.tidy()

    rows = []
    moderated, table = best(lambda: screen("moderated"), repeats)
    peer = limma(genes, people, repeats)
    if peer is not None:
        difference = np.abs(table["statistic"].to_numpy() / peer[1] - 1).max()
        assert difference < 1e-6, f"limma's t differ by {difference:.1e}"
        rows.append(("moderated t", moderated, "limma lmFit + eBayes", peer[0], difference))
    else:
        rows.append(("moderated t", moderated, "limma is not installed", np.nan, np.nan))
    correlation, table = best(lambda: screen("partial"), repeats)
    seconds, t = statsmodels_loop(genes, people, min(200, m))
    difference = np.abs(table["statistic"].to_numpy()[: len(t)] / t - 1).max()
    assert difference < 1e-6, f"statsmodels' t differ by {difference:.1e}"
    rows.append(
        ("adjusted correlation", correlation, "statsmodels OLS per gene", seconds, difference)
    )
    fit = fs.gene_screen(genes, people, "faceage", adjust="age", methods=["lm"])
    permuted, _ = best(lambda: fs.max_t(fit, n_resamples=1000), 1)
    rows.append(("max-T, 1,000 permutations", permuted, "", np.nan, np.nan))
    out = pd.DataFrame(rows, columns=["task", "seconds", "peer", "peer_seconds", "difference"])
    out["ratio"] = out["peer_seconds"] / out["seconds"]
    target = out["task"].map(TARGETS)
    aimed_at = out.assign(target=target.map("{:g} s".format), reached=out["seconds"] <= target)
    return aimed_at.assign(genes=m, patients=n)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--genes", type=int, default=20_000)
    parser.add_argument("--patients", type=int, default=1000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--out", type=Path, help="CSV file to write")
    options = parser.parse_args()
    table = measure(options.patients, options.genes, options.repeats)
    print(table.to_string(index=False, float_format=lambda v: f"{v:.3g}"))
    if options.out:
        partial = options.out.with_name(options.out.name + ".part")
        table.to_csv(partial, index=False)
        os.replace(partial, options.out)
    slow = table[~table["reached"]]
    if options.genes == 20_000 and options.patients == 1000 and len(slow):
        print(f"slower than the target: {', '.join(slow['task'])}")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
