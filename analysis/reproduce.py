"""From tables to the finished book: what `make reproduce` runs."""

from __future__ import annotations

import argparse
import difflib
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any

import pandas as pd

import faceage_stats as fs
import workflow
from choosing import choose, is_own, wanted_items, whose
from declared import declared
from endings import finish
from faceage_stats.errors import DataUnavailableError
from planning import Plan, plan, with_earlier
from releases import identifiers, refuse_few_new_patients
from running import at_work, only_run
from summary import summarise
from withheld import withhold_more

EPILOG = """examples:
  python analysis/reproduce.py                 everything that is not up to date, and the book
  python analysis/reproduce.py fig3c ext1      two items and the tables that they need; no book
  python analysis/reproduce.py --cores 8

exit codes:
  0 all up to date, 1 something could not be made or another run is at work, 2 wrong arguments,
  130 interrupted: what is finished is kept, and the next run continues from there"""
SLOWEST = 10  # shown at the end
# What Snakemake says on its way even when asked to be quiet; all else it says is shown.
CHATTER = ("Assuming unrestricted", "host: ", "Building DAG", "Using shell", "Select jobs",
           "Execute ", "Complete log", "Elapsed time")  # fmt: skip
PROGRESS = re.compile(r"  (?P<name>\w+) +(?P<seconds>[\d.]+) s  ")


def main() -> int:
    """Fetch public data, bring every result and the book up to date, say where it is."""
    arguments = _arguments()
    started = time.perf_counter()
    config = workflow.load_config()
    tables = workflow.tables(config)
    with only_run():
        kinds = Counter(table.source for table in tables.values())
        listed = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
        print(
            f"faceage_stats {fs.__version__}: {len(tables)} tables ({listed}), "
            f"seed {config['seed']}"
        )
        _refuse_unwritable()
        names = arguments.items or wanted_items(config)
        if any("utk" in declared(name).tables for name in names):
            _public_data(tables["utk"])
        _say_which_are_own(names, config)
        refuse_few_new_patients(tables.values(), workflow.private_rules(config))
        todo = plan(names, config, book=not arguments.items)
        _announce(todo, len(with_earlier(names, config)))
        code = 0 if todo.empty else _make(todo, names, config, arguments.cores)
        if code == 0 and "private" in kinds:
            code = _make_safe(names, config, arguments)
    if code == 0:
        seconds = time.perf_counter() - started
        done = "Nothing to do, all up to date" if todo.empty else f"Done in {seconds:.0f} s"
        print(f"{done}: results/" if arguments.items else f"{done}.")
        for line in [] if arguments.items else summarise(config):
            print(f"  {line}")
    return code


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "items", nargs="*", type=_item, metavar="ITEM", help="display items (default: all)"
    )
    parser.add_argument(
        "--cores", type=_cores, default=2, metavar="N", help="processes side by side (default: 2)"
    )
    return parser.parse_args()


def _item(text: str) -> str:
    known = workflow.item_names()
    if text in known:
        return text
    near = difflib.get_close_matches(text, known, n=1)
    hint = f"did you mean `{near[0]}`?" if near else f"the items are {', '.join(known)}."
    raise argparse.ArgumentTypeError(f"there is no item `{text}`; {hint}")


def _cores(text: str) -> int:
    if text.isdecimal() and int(text) > 0:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1.")


def _refuse_unwritable() -> None:
    """Find out now, not after minutes, that nothing can be written; results/ is known to be."""
    for folder in (workflow.DATA, workflow.ROOT / "book", workflow.ROOT / ".snakemake"):
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".probe.{os.getpid()}"
        try:
            probe.write_bytes(b"x")
        finally:
            probe.unlink(missing_ok=True)


def _public_data(utk: workflow.Table) -> None:
    if utk.source != "public" or utk.path.is_file():
        return
    from faceage_stats.cohorts.remote import copy_utk

    try:
        copy_utk(utk.path)
        print(f"  UTKFace outputs of FaceAge: {utk.path.name}, SHA-256 verified")
    except DataUnavailableError as error:
        print(f"  UTKFace outputs of FaceAge are not available; their pages will say so.\n{error}")


def _say_which_are_own(names: list[str], config: Mapping[str, Any]) -> None:
    """Say which pages are of private tables, and which of them had to leave tables out."""
    own = [name for name in names if is_own(name, config)]
    if not own:
        return
    labels = {t.label: None for name in own for t in whose(name, config)}
    print(f"Of your tables ({'; '.join(labels)}): {', '.join(own)}")
    for name in names:
        chosen = choose(name, config)
        if chosen.left_out and any(t.source == "synthetic" for t in chosen.left_out):
            what = "without" if chosen.possible else "not made, for it needs"
            print(f"  {name}: {what} {', '.join(table.name for table in chosen.left_out)}")


def _announce(todo: Plan, n_items: int) -> None:
    for entry in todo.damage:
        print(f"  {entry.item}: {entry.file} is {entry.problem}; the item is made again")
    parts = [
        *([f"{len(todo.items)} of {_counted(n_items, 'item')}"] if todo.items else []),
        *([_counted(len(todo.cohorts), "synthetic cohort")] if todo.cohorts else []),
        *(["the book"] if todo.book else []),
    ]
    if parts:
        print(f"To make: {', '.join(parts)}", flush=True)


def _counted(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def _make(todo: Plan, names: list[str], config: Mapping[str, Any], cores: int) -> int:
    """Run Snakemake on the plan; say what was slow and what could not be made."""
    todo.forget()
    times: dict[str, float] = {}
    with _snakemake(todo, cores) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            if match := PROGRESS.match(line):
                times[match["name"]] = float(match["seconds"])
    if len(times) > 1:
        slowest = sorted(times, key=lambda name: -times[name])[:SLOWEST]
        print("Slowest: " + ", ".join(f"{name} {times[name]:.1f} s" for name in slowest))
    left = plan(names, config, book=todo.book)
    if left.empty and process.returncode == 0:
        return 0
    unmade = [*left.cohorts, *left.items, *(["the book"] if left.book else [])]
    print(
        f"Not made: {', '.join(unmade)}. The causes are shown above; Snakemake ended with code "
        f"{process.returncode}.",
        file=sys.stderr,
    )
    return 1


def _make_safe(names: list[str], config: Mapping[str, Any], arguments: argparse.Namespace) -> int:
    """Attack all items together; make those again that give away what another withholds."""
    named = identifiers(workflow.tables(config).values())
    while len(found := _attack(named)):
        items = sorted(set(found["item"]))
        if not withhold_more(found):
            print(
                f"Do not show these results: {len(found)} numbers of few patients can be recovered "
                f"from {', '.join(items)}. `faceage attack results/` says where; choose stricter "
                "rules in config.yaml.",
                file=sys.stderr,
            )
            return 1
        print(f"Attacked: {', '.join(items)} and others give few patients away; more is withheld")
        todo = plan(names, config, book=not arguments.items)
        if code := _make(todo, names, config, arguments.cores):
            return code
    print("Attacked: no count, time or value of few patients was recovered")
    return 0


def _attack(named: set[str]) -> pd.DataFrame:
    from faceage_stats.cohorts.disclosure.attack.attack import attack

    html = workflow.ROOT / "book" / "_build" / "html"
    book = html if html.is_dir() else None
    return attack(workflow.RESULTS, book=book, identifiers=named)


@contextmanager
def _snakemake(todo: Plan, cores: int) -> Iterator[subprocess.Popen[str]]:
    """Snakemake at work, seen by other runs; ended with us."""
    handed_over = {
        "cohorts": json.dumps(todo.cohorts),
        "items": json.dumps([todo.items] if todo.items else []),
        "book": todo.book,
    }
    command = [
        sys.executable, "-m", "snakemake",
        "--snakefile", str(workflow.ROOT / "analysis" / "Snakefile"),
        "--cores", str(cores),
        "--scheduler", "greedy",
        "--keep-going",
        # Results are published whole or not at all, and their records tell what is made.
        "--rerun-incomplete", "--keep-incomplete", "--drop-metadata", "--rerun-triggers", "mtime",
        "--quiet", "rules", "progress", "host", "reason",
        "--config", *(f"{key}={value}" for key, value in handed_over.items()),
    ]  # fmt: skip
    # One thread per job: the jobs themselves run side by side.
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    process = subprocess.Popen(
        command, cwd=workflow.ROOT, env={**os.environ, **threads}, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, encoding="utf-8", errors="replace",
    )  # fmt: skip
    complaints = threading.Thread(target=_relay_complaints, args=[process.stderr])
    complaints.start()
    try:
        with at_work(process.pid):
            yield process
            process.wait()
    finally:
        process.terminate()
        process.wait()
        complaints.join()


def _relay_complaints(stream: IO[str]) -> None:
    for line in stream:
        if not line.startswith(CHATTER):
            print(line, end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    finish(main)
