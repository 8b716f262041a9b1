"""Attacks on simulated private cohorts: `python -m tests.cohorts.disclosure.simulated_attacks 200`.

Each cohort has 60 to 5,000 patients, cells of 1 to 4, single patients with rare values, and a
second build without one patient; in every other one nobody is censored in the first two years.
Three attackers try: the one of the package, one that knows the design of the tables and solves for
every small count with all numbers of both builds, and one that reads the curves: survival times a
number of patients is a whole number, and the curve of all less those of the sites is of the others.
"""

from __future__ import annotations

import dataclasses
import sys
import tempfile
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

import faceage_stats as fs
from faceage_stats.cohorts.disclosure.attack.attack import attack
from faceage_stats.cohorts.disclosure.attack.solver import Integers
from faceage_stats.cohorts.disclosure.rules import NO_RULES, RULE_SETS, Rules
from faceage_stats.reporting.store.release import release
from faceage_stats.reporting.store.write_item import write_item

SITES = ["breast", "gi", "lung", "hn", "rare"]
TWO_YEARS = 730  # days
RECORD = {"item": "simulated", "synthetic": False}


def cohort(seed: int) -> pd.DataFrame:
    """One cohort: two sites hold 1 to 4 patients, one patient is far older than the others."""
    rng = np.random.default_rng(seed)
    n = int(np.exp(rng.uniform(np.log(60), np.log(5000))))
    few = rng.integers(1, 5, 2)
    site = np.repeat(SITES[3:], few).tolist()
    site += rng.choice(SITES[:3], n - len(site), p=[0.5, 0.3, 0.2]).tolist()
    age = rng.normal(65, 9, n).round(1)
    age[rng.integers(n)] = 101.3
    gap = rng.normal(5, 7, n).round(2)
    days = np.ceil(rng.exponential(1500, n) * np.exp(-(age - 65) / 40)).clip(1, 2556)
    early = (days < TWO_YEARS) & (seed % 2 == 1)
    return pd.DataFrame(
        {
            "patient": rng.permutation(n),
            "site": pd.Categorical(site, SITES),
            "sex": pd.Categorical(rng.choice(["F", "M"], n), ["F", "M"]),
            "age": age,
            "faceage": age + gap,
            "years": days / 365.25,
            "death": early | (rng.random(n) < 0.5) & (days < 2556),
        }
    ).astype({"death": int})


def items(rows: pd.DataFrame) -> dict[str, fs.Item]:
    """Curves, gaps by group, counts by site, a baseline table, correlations of many markers."""
    km = fs.survfit("Surv(years, death) ~ site", data=rows)
    everyone = fs.survfit("Surv(years, death) ~ 1", data=rows)
    two_causes = rows.assign(cause=rows["death"] * (1 + rows["patient"] % 2))
    incidence = fs.cuminc("Surv(years, cause) ~ 1", data=two_causes)
    months = [month / 12 for month in range(1, 24)]
    gaps = fs.age_gap(rows, by="site")
    counts = rows.groupby("site", observed=False)["death"].agg(["size", "sum"])
    sizes = pd.DataFrame(
        {"cohort": ["All patients", *SITES], "n": [len(rows), *counts["size"]],
         "n_event": [rows["death"].sum(), *counts["sum"]]}
    )  # fmt: skip
    markers = np.random.default_rng(len(rows)).normal(size=(len(rows), 300))
    found = [stats.pearsonr(marker, rows["age"]) for marker in markers.T]
    screen = pd.DataFrame(found, columns=["estimate", "p_value"])
    screen = screen.assign(method="pearson", n=len(rows))
    numbers = {"n": len(rows), "n_event": int(rows["death"].sum())}
    table = fs.table_one(rows, by="site", columns=["age", "sex", "death"])
    return {
        "curves": fs.Item(
            caption="{n} patients, {n_event} deaths.", numbers=numbers,
            figure=partial(fs.figures.km, km),
            tables={"at": partial(fs.SurvFit.at, km, [1, 2, 3, 5]), "median": km.median()},
            source_data=partial(fs.figures.km_data, km),
        ),
        "early": fs.Item(
            caption="{n} patients.", numbers=numbers,
            tables={"all": partial(fs.SurvFit.at, everyone, months),
                    "sites": partial(fs.SurvFit.at, km, months)},
        ),
        "incidence": fs.Item(
            caption="{n} patients.", numbers=numbers,
            figure=partial(fs.figures.cuminc, incidence), tables={"incidence": incidence},
        ),
        "gaps": fs.Item(
            caption="{n} patients.", numbers=numbers,
            figure=partial(fs.figures.gap_by_group, gaps),
            tables={"gaps": gaps.tidy()},
            source_data=partial(fs.figures.gap_by_group_data, gaps),
        ),
        "sizes": fs.Item(caption="{n} patients.", numbers=numbers, tables={"sizes": sizes}),
        "baseline": fs.Item(caption="{n} patients.", numbers=numbers, tables={"numbers": table}),
        "screen": fs.Item(caption="{n} patients.", numbers=numbers, tables={"screen": screen}),
    }  # fmt: skip


def build(rows: pd.DataFrame, folder: Path, rules: Rules) -> Path:
    """Write every item as a private build does."""
    for name, item in items(rows).items():
        write_item(release(item, rules), folder / name, provenance=RECORD)
    return folder


def knows_the_design(builds: list[tuple[pd.DataFrame, Path]], rules: Rules) -> int:
    """Count small cells that all numbers of all builds leave one value only.

    The attacker knows that sites divide the patients, sexes divide a site, and that the builds
    differ by one patient.
    """
    system, true = Integers(), {}
    slack = rules.base - 1 if rules.active else 0
    for number, (rows, folder) in enumerate(builds):
        cells = pd.read_csv(folder / "baseline" / "table_numbers.csv")
        sizes = pd.read_csv(folder / "sizes" / "table_sizes.csv").set_index("cohort")
        for site in SITES:
            of_site = rows[rows["site"] == site]
            names = [(number, site, sex) for sex in "FM"]
            true |= {name: int((of_site["sex"] == name[2]).sum()) for name in names}
            true[number, site, "n"] = len(of_site)
            system.relate({**dict.fromkeys(names, 1.0), (number, site, "n"): -1.0})
            _know(system, (number, site, "n"), sizes.loc[site, "n"], slack)
            part = cells[(cells["variable"] == "sex") & (cells["group"] == site)]
            for sex, n in zip(part["level"], part["n"], strict=True):
                _know(system, (number, site, sex), n, slack)
        sites = {(number, site, "n"): 1.0 for site in SITES}
        system.relate({**sites, (number, "all", "n"): -1.0})
        _know(system, (number, "all", "n"), sizes.loc["All patients", "n"], slack)
    if len(builds) == 2:
        system.relate({(0, "all", "n"): 1.0, (1, "all", "n"): -1.0}, 1, 1)
        for site in SITES:
            for part in ("n", "F", "M"):
                system.relate({(0, site, part): 1.0, (1, site, part): -1.0}, 0, 1)
    small = [name for name, n in true.items() if 0 < n < 5]
    ranges = system.ranges(small)
    return sum(ranges.get(name) == (true[name], true[name]) for name in small)


def _know(system: Integers, name: object, shown: float, slack: int) -> None:
    if np.isnan(shown):
        system.know(name, 1)
    else:
        system.know(name, max(shown - slack, 0) if shown else 0, shown + (slack if shown else 0))


def reads_the_curves(rows: pd.DataFrame, folder: Path) -> int:
    """Tell the patients of the sites without a curve by those of all and of the others.

    A number of patients fits when each share of them who survive is a whole number, within what is
    printed; who knows the rules knows that multiples of a base say nothing.
    """
    tables = [pd.read_csv(folder / "early" / f"table_{name}.csv") for name in ("all", "sites")]
    if any("estimate" not in table for table in tables):
        return 0
    by_site = {name.removeprefix("site="): curve for name, curve in tables[1].groupby("strata")}
    large = [site for site in SITES[:3] if site in by_site]
    curves = [tables[0], *(by_site[site] for site in large)]
    found = [_patients_of(curve) for curve in curves]
    if not all(len(sizes) == 1 for sizes in found):
        return 0
    sizes = [size for (size,) in found]
    rest = int((~rows["site"].isin(large)).sum())
    of_a_base = all(size % 5 == 0 for size in sizes)
    return int(not of_a_base and 0 < rest < 8 and sizes[0] - sum(sizes[1:]) == rest)


def _patients_of(curve: pd.DataFrame) -> list[int]:
    """Numbers of patients, near those at risk in the first month, that fit a curve."""
    survival = curve["estimate"].drop_duplicates().to_numpy(float)
    survival = survival[survival < 1]
    near = int(curve["n_risk"].iloc[0])
    sizes = np.arange(near, int(1.2 * near) + 10)
    alive = np.outer(sizes, survival)
    half = 0.5 * 10.0 ** -max(len(repr(s).partition(".")[2]) for s in [*survival.tolist(), 0.5])
    fits = (np.abs(alive - alive.round()) <= half * sizes[:, None] + 1e-6).all(axis=1)
    return sizes[fits].tolist() if len(survival) else []


def attacked(seed: int, rules: Rules) -> tuple[int, int, int]:
    """Findings of the three attackers on two builds of one cohort."""
    rules = dataclasses.replace(rules, key=f"secret of {seed}".encode())
    rows = cohort(seed)
    fewer = rows[rows["patient"] != 0]
    with tempfile.TemporaryDirectory() as place:
        now = build(rows, Path(place) / "now", rules)
        before = build(fewer, Path(place) / "before", rules)
        ours = len(attack(now, before))
        design = knows_the_design([(rows, now), (fewer, before)], rules)
        return ours, design, reads_the_curves(rows, now)


def main() -> int:
    """Attack as many cohorts as asked for, under each rule set, and once without rules."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    recovered = 0
    for seed in range(n):
        rules = list(RULE_SETS.values())[seed % len(RULE_SETS)]
        found = attacked(seed, rules)
        recovered += sum(found)
        if sum(found):
            print(f"cohort {seed}, {rules.name}: {found} findings", flush=True)
    bare = sum(min(attacked(seed, NO_RULES)[:2]) > 0 for seed in range(n // 10))
    print(f"{n} cohorts, two builds each: {recovered} findings; without rules {bare} of {n // 10}.")
    return int(recovered > 0 or bare < n // 20)


if __name__ == "__main__":
    raise SystemExit(main())
