"""What an analyst calls in a day, beside R, in one run: one thread, numbers compared, then times.

    python benchmarks/breadth.py [--patients 20000] [--out benchmarks/results/breadth.csv]

Each line of TASKS is our call and R's; both give one number. A task whose package R lacks has no
time of R. `survival.py` times the Cox engine over sizes; here nothing is left out because it is
slow: where a library of ours is slower than R the ratio says so.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is loaded: one thread, as R

import argparse
import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

import faceage_stats as fs

Task = tuple[str, Callable[[pd.DataFrame], float], str]
COX = "Surv(time, event) ~ faceage + sex + arm"


def fitted(data: pd.DataFrame) -> fs.CoxPH:
    """Make the Cox model that some tasks go on from."""
    return fs.coxph(COX, data)


TASKS: dict[str, Task] = {
    "coxph and concordance": (
        "survival",
        lambda d: float(fs.coxph(COX, d).concordance_se),
        f"sqrt(coxph({COX}, d)$concordance[['std']]^2)",
    ),
    "coxph, strata": (
        "survival",
        lambda d: fs.coxph("Surv(time, event) ~ faceage + sex + strata(arm)", d).coef.iloc[0],
        "coef(coxph(Surv(time, event) ~ faceage + sex + strata(arm), d))[1]",
    ),
    "coxph, delayed entry": (
        "survival",
        lambda d: fs.coxph("Surv(start, time, event) ~ faceage + sex + arm", d).coef.iloc[0],
        "coef(coxph(Surv(start, time, event) ~ faceage + sex + arm, d))[1]",
    ),
    "coxph, clustered errors": (
        "survival",
        lambda d: np.sqrt(fs.coxph(COX, d, cluster="centre").vcov().iloc[0, 0]),
        f"sqrt(coxph({COX}, d, cluster = centre)$var[1, 1])",
    ),
    "proportional hazards": (
        "survival",
        lambda d: fs.cox_zph(fitted(d)).tidy()["statistic"].iloc[-1],
        f"cox.zph(coxph({COX}, d))$table['GLOBAL', 1]",
    ),
    "dfbeta": (
        "survival",
        lambda d: fitted(d).residuals("dfbeta").to_numpy()[0, 0],
        f"residuals(coxph({COX}, d), 'dfbeta')[1, 1]",
    ),
    "curves of a Cox model": (
        "survival",
        lambda d: fitted(d).survfit(d.head(5)).at([2])["estimate"].iloc[0],
        f"summary(survfit(coxph({COX}, d), newdata = d[1:5, ]), times = 2)$surv[1]",
    ),
    "Kaplan-Meier by arm": (
        "survival",
        lambda d: fs.survfit("Surv(time, event) ~ arm", d).at([2])["std_error"].iloc[0],
        "summary(survfit(Surv(time, event) ~ arm, d), times = 2)$std.err[1]",
    ),
    "log-rank test": (
        "survival",
        lambda d: fs.survdiff("Surv(time, event) ~ arm", d).glance()["statistic"][0],
        "survdiff(Surv(time, event) ~ arm, d)$chisq",
    ),
    "concordance": (
        "survival",
        lambda d: fs.concordance("Surv(time, event) ~ faceage", d).tidy()["std_error"][0],
        "sqrt(concordance(Surv(time, event) ~ faceage, d)$var)",
    ),
    "cumulative incidence, Gray's test": (
        "cmprsk",
        lambda d: fs.cuminc("Surv(time, status) ~ arm", d).gray_test()["statistic"][0],
        "cmprsk::cuminc(d$time, d$status, d$arm)$Tests[1, 1]",
    ),
    "states over time": (
        "survival",
        lambda d: fs.aalen_johansen("Surv(time, status) ~ arm", d).at([2])["std_error"].iloc[1],
        "summary(survfit(Surv(time, factor(status)) ~ arm, d), times = 2)$std.err[1, 2]",
    ),
    "Weibull model": (
        "survival",
        lambda d: fs.survreg(COX, d).tidy()["estimate"].iloc[1],
        f"coef(survreg({COX}, d))[2]",
    ),
    "split follow-up": (
        "survival",
        lambda d: len(fs.surv_split("Surv(time, event) ~ .", d, cut=[1, 2, 4])),
        "nrow(survSplit(Surv(time, event) ~ ., d, cut = c(1, 2, 4)))",
    ),
    "matched sets": (
        "survival",
        lambda d: fs.clogit("chosen ~ age + faceage + strata(set)", d).coef.iloc[0],
        "coef(clogit(chosen ~ age + faceage + strata(set), d))[1]",
    ),
    "area under the ROC curve": (
        "pROC",
        lambda d: fs.roc("died ~ faceage", d).ci()["conf_low"].iloc[0],
        "ci.auc(roc(d$died, d$faceage, quiet = TRUE))[1]",
    ),
    "two areas, DeLong": (
        "pROC",
        lambda d: (
            fs.roc_test(fs.roc("died ~ faceage", d), fs.roc("died ~ age", d))
            .tidy()["statistic"]
            .abs()
            .iloc[0]
        ),
        "abs(roc.test(roc(d$died, d$faceage, quiet = TRUE), roc(d$died, d$age, quiet = TRUE))"
        "$statistic)",
    ),
    "cut-point": (
        "maxstat",
        lambda d: fs.maxstat_test("Surv(time, event) ~ age", d).statistic,
        "maxstat.test(Surv(time, event) ~ age, d, smethod = 'LogRank', pmethod = 'Lau92')"
        "$statistic",
    ),
    "linear model": (
        "stats",
        lambda d: fs.lm("marker ~ age + sex + arm", d).tidy()["std_error"].iloc[1],
        "coef(summary(lm(marker ~ age + sex + arm, d)))[2, 2]",
    ),
    "logistic model": (
        "stats",
        lambda d: fs.glm("died ~ age + sex + arm", d, family="binomial").tidy()["std_error"][1],
        "coef(summary(glm(died ~ age + sex + arm, binomial, d)))[2, 2]",
    ),
    "mixed model": (
        "lme4",
        lambda d: fs.lmer("marker ~ age + visit", d, id="centre").tidy()["estimate"].iloc[1],
        "fixef(lmer(marker ~ age + visit + (1 | centre), d))[2]",
    ),
    "estimating equations": (
        "geepack",
        lambda d: fs.gee("marker ~ age + visit", d, id="centre").tidy()["estimate"].iloc[1],
        "coef(geeglm(marker ~ age + visit, id = centre, data = d, corstr = 'exchangeable'))[2]",
    ),
    "rank-sum test with limits": (
        "stats",
        lambda d: fs.wilcox_test("faceage ~ sex", d.head(2000)).p_value,
        "wilcox.test(faceage ~ sex, d[1:2000, ], conf.int = TRUE)$p.value",
    ),
}


def simulate(n: int, seed: int = 3) -> pd.DataFrame:
    """Patients with covariates, follow-up, two causes, a marker at four visits, matched sets."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({"age": rng.normal(65, 10, n).round(1)})
    table["faceage"] = (table["age"] + rng.normal(2, 6, n)).round(1)
    table["sex"], table["arm"] = rng.choice(["f", "m"], n), rng.choice(["a", "b", "c"], n)
    table = table.astype({"sex": "category", "arm": "category"})  # as R's factors
    risk = 0.03 * (table["faceage"] - 65) + 0.3 * (table["sex"] == "m")
    death, end = rng.exponential(6, n) * np.exp(-risk), rng.uniform(0.5, 8, n)
    table["time"] = np.minimum(death, end).round(3) + 0.001
    table["event"] = (death <= end).astype(int)
    table["status"] = np.where(table["event"] == 1, rng.choice([1, 2], n, p=[0.6, 0.4]), 0)
    table["start"] = (table["time"] * rng.uniform(0, 0.4, n)).round(4)
    table["died"] = (rng.uniform(size=n) < 1 / (1 + np.exp(-risk))).astype(int)
    table["centre"], table["visit"] = np.arange(n) // 4, np.arange(n) % 4
    between = rng.normal(size=n)[table["centre"]]
    table["marker"] = 2 + 0.05 * table["age"] + between + rng.normal(size=n)
    table["set"], table["chosen"] = np.arange(n) // 5, (np.arange(n) % 5 == 0).astype(int)
    return table


def best(run: Callable[[], float], repeats: int) -> tuple[float, float]:
    """Shortest of several timings, in seconds, after one call that compiles; and the number."""
    value, times = float(run()), []
    for _ in range(repeats):
        started = time.perf_counter()
        run()
        times.append(time.perf_counter() - started)
    return min(times), value


def in_r(data: pd.DataFrame, repeats: int) -> pd.DataFrame:
    """R's seconds and number of each task; no row where R or the package is not there."""
    empty = pd.DataFrame(columns=["task", "r_s", "r_value"])
    if shutil.which("Rscript") is None:
        return empty
    lines = [
        f'one("{name}", "{package}", function() {code})'
        for name, (package, _, code) in TASKS.items()
    ]
    with tempfile.TemporaryDirectory() as folder:
        data.to_csv(f"{folder}/d.csv", index=False)
        script, out = Path(folder, "tasks.R"), Path(folder, "out.csv")
        script.write_text(
            "options(digits = 15); suppressMessages({library(survival); library(pROC)})\n"
            f'd <- read.csv("{folder}/d.csv", stringsAsFactors = TRUE); out <- NULL\n'
            "one <- function(task, package, run) {\n"
            "  if (!suppressMessages(require(package, character.only = TRUE, quietly = TRUE)))\n"
            "    return()\n"
            "  value <- as.numeric(run())\n"
            f"  s <- min(replicate({repeats}, system.time(run())[['elapsed']]))\n"
            "  out <<- rbind(out, data.frame(task = task, r_s = s, r_value = value))\n"
            "}\n"
            + "\n".join(lines)
            + f'\nwrite.csv(format(out, digits = 15), "{out}", row.names = FALSE)\n',
            encoding="utf-8",
        )
        subprocess.run(["Rscript", str(script)], capture_output=True, text=True, check=True)
        return pd.read_csv(out)


def measure(n: int, repeats: int) -> pd.DataFrame:
    """One row per task: our seconds, R's, the ratio, how far the numbers are apart."""
    data, rows = simulate(n), []
    for name, (package, run, _) in TASKS.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            seconds, value = best(lambda call=run: call(data), repeats)
        rows.append({"task": name, "peer": package, "ours_s": seconds, "ours": value})
    table = pd.DataFrame(rows).merge(in_r(data, repeats), on="task", how="left")
    table["ratio"] = table["r_s"] / table["ours_s"]
    table["relative_difference"] = (table["ours"] / table["r_value"] - 1).abs()
    return table.assign(n=n, load=os.getloadavg()[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--patients", type=int, default=20_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--out", type=Path, help="CSV file to write")
    options = parser.parse_args()
    table = measure(options.patients, options.repeats)
    print(table.to_string(index=False, float_format=lambda v: f"{v:.4g}"))
    if options.out:
        table.to_csv(options.out, index=False, float_format="%.4g")


if __name__ == "__main__":
    main()
