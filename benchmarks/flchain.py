"""Speed and numbers on 7,871 real people beside R's survival package, in one run.

    python benchmarks/flchain.py [--out benchmarks/results/flchain.csv]

Free light chain in residents of Olmsted County aged 50 or more, 2,166 of whom died: flchain of R's
survival package, which scikit-survival holds as well. Seconds are the best of seven times five.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from sksurv.datasets import load_flchain

import faceage_stats as fs

OUTCOME = "Surv(years, death)"
HERE = Path(__file__).resolve().parent


def people() -> pd.DataFrame:
    """Everybody with follow-up; `flc` is log2 of kappa + lambda, so that a unit is a doubling."""
    table, outcome = load_flchain()
    table = table.assign(
        death=outcome["death"].astype(int),
        years=outcome["futime"] / 365.25,
        flc=np.log2(table["kappa"] + table["lambda"]),
        sex=table["sex"].astype(str),
    )
    return table[table["years"] > 0].reset_index(drop=True)


def seconds(run: Callable[[], object]) -> float:
    """Best of seven means over five calls, after one that compiles."""
    run()
    times = []
    for _ in range(7):
        start = time.perf_counter()
        for _ in range(5):
            run()
        times.append((time.perf_counter() - start) / 5)
    return min(times)


def ours(rows: pd.DataFrame) -> pd.DataFrame:
    """Time and one number of every task."""
    base = fs.coxph(f"{OUTCOME} ~ age + sex", rows)
    fit = fs.coxph(f"{OUTCOME} ~ flc + age + sex", rows)

    def cox() -> float:
        again = fs.coxph(f"{OUTCOME} ~ flc + age + sex", rows)
        return float(again.coef.iloc[0]) if again.concordance else np.nan

    def curve() -> float:
        return float(fs.survfit(f"{OUTCOME} ~ sex", rows).at([10])["estimate"].iloc[0])

    tasks: dict[str, Callable[[], float]] = {
        "Cox model with concordance": cox,
        "proportional hazards": lambda: float(fs.cox_zph(fit).tidy()["statistic"].iloc[-1]),
        "Kaplan-Meier by sex": curve,
        "gain of the C index": lambda: float(fs.concordance_test(base, fit).tidy()["estimate"][0]),
    }
    table = pd.DataFrame(
        {"task": name, "ours_s": seconds(run), "ours": run()} for name, run in tasks.items()
    )
    test = fs.anova(base, fit).tidy()["statistic"].iloc[-1]
    return pd.concat(
        [table, pd.DataFrame({"task": ["likelihood ratio"], "ours": [test]})], ignore_index=True
    )


def in_r() -> pd.DataFrame:
    """The same of R; empty where R is not there."""
    columns = ["task", "r_s", "r_value"]
    if shutil.which("Rscript") is None:
        return pd.DataFrame(columns=columns)
    run = subprocess.run(
        ["Rscript", HERE / "flchain.R"], capture_output=True, text=True, check=True
    )
    table = pd.DataFrame([line.split(",") for line in run.stdout.splitlines()], columns=columns)
    return table.assign(r_s=pd.to_numeric(table["r_s"]), r_value=pd.to_numeric(table["r_value"]))


def main() -> None:
    """Print the table, and write it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    rows = people()
    table = ours(rows).merge(in_r(), on="task", how="left")
    table = table.assign(n=len(rows), load=os.getloadavg()[0])
    table["ratio"] = table["r_s"] / table["ours_s"]
    table["relative_difference"] = (table["ours"] / table["r_value"] - 1).abs()
    print(table.to_string(index=False, float_format="{:.4g}".format))
    if given.out:
        table.to_csv(given.out, index=False, float_format="%.4g", lineterminator="\n")


if __name__ == "__main__":
    main()
