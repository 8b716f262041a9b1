"""Attacks on simulated private cohorts: `python -m tests.cohorts.disclosure.simulated_attacks 200`.

Each cohort has 60 to 5,000 patients, cells of 1 to 4, single patients with rare values, and a
second build without one patient. Two attackers try: the one of the package, and one that knows
the design of the tables and solves for every small count with all numbers of both builds.
"""

from __future__ import annotations

import dataclasses
import sys
import tempfile
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

import faceage_stats as fs
from faceage_stats.cohorts.disclosure.attack.attack import attack
from faceage_stats.cohorts.disclosure.attack.solver import Integers
from faceage_stats.cohorts.disclosure.rules import NO_RULES, RULE_SETS, Rules
from faceage_stats.reporting.store.release import release
from faceage_stats.reporting.store.write_item import write_item

SITES = ["breast", "gi", "lung", "hn", "rare"]
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
    return pd.DataFrame(
        {
            "patient": rng.permutation(n),
            "site": pd.Categorical(site, SITES),
            "sex": pd.Categorical(rng.choice(["F", "M"], n), ["F", "M"]),
            "age": age,
            "faceage": age + gap,
            "years": days / 365.25,
            "death": (rng.random(n) < 0.5) & (days < 2556),
        }
    ).astype({"death": int})


def items(rows: pd.DataFrame) -> dict[str, fs.Item]:
    """A survival curve, gaps by group, hazard ratios within groups, and a baseline table."""
    km = fs.survfit("Surv(years, death) ~ site", data=rows)
    gaps = fs.age_gap(rows, by="site")
    counts = rows.groupby("site", observed=False)["death"].agg(["size", "sum"])
    sizes = pd.DataFrame(
        {"cohort": ["All patients", *SITES], "n": [len(rows), *counts["size"]],
         "n_event": [rows["death"].sum(), *counts["sum"]]}
    )  # fmt: skip
    numbers = {"n": len(rows), "n_event": int(rows["death"].sum())}
    table = fs.table_one(rows, by="site", columns=["age", "sex", "death"])
    return {
        "curves": fs.Item(
            caption="{n} patients, {n_event} deaths.", numbers=numbers,
            figure=partial(fs.figures.km, km),
            tables={"at": partial(fs.SurvFit.at, km, [1, 2, 3, 5]), "median": km.median()},
            source_data=partial(fs.figures.km_data, km),
        ),
        "gaps": fs.Item(
            caption="{n} patients.", numbers=numbers,
            figure=partial(fs.figures.gap_by_group, gaps),
            tables={"gaps": gaps.tidy()},
            source_data=partial(fs.figures.gap_by_group_data, gaps),
        ),
        "sizes": fs.Item(caption="{n} patients.", numbers=numbers, tables={"sizes": sizes}),
        "baseline": fs.Item(caption="{n} patients.", numbers=numbers, tables={"numbers": table}),
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


def attacked(seed: int, rules: Rules) -> tuple[int, int]:
    """Findings of both attackers on two builds of one cohort."""
    rules = dataclasses.replace(rules, key=f"secret of {seed}".encode())
    rows = cohort(seed)
    fewer = rows[rows["patient"] != 0]
    with tempfile.TemporaryDirectory() as place:
        now = build(rows, Path(place) / "now", rules)
        before = build(fewer, Path(place) / "before", rules)
        ours = len(attack(now, before))
        return ours, knows_the_design([(rows, now), (fewer, before)], rules)


def main() -> int:
    """Attack as many cohorts as asked for, under each rule set, and once without rules."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    recovered = 0
    for seed in range(n):
        rules = list(RULE_SETS.values())[seed % len(RULE_SETS)]
        found = attacked(seed, rules)
        recovered += sum(found)
        if sum(found):
            print(f"cohort {seed}, {rules.name}: {found[0]} and {found[1]} findings", flush=True)
    bare = sum(min(attacked(seed, NO_RULES)) > 0 for seed in range(n // 10))
    print(f"{n} cohorts, two builds each: {recovered} findings; without rules {bare} of {n // 10}.")
    return int(recovered > 0 or bare < n // 20)


if __name__ == "__main__":
    raise SystemExit(main())
