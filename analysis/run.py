"""Make display items: `python analysis/run.py fig3a fig3b` writes two folders of results/."""

from __future__ import annotations

import argparse
import dataclasses
import functools
import gc
import importlib
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import repeat
from typing import Any

import faceage_stats as fs
import reading
import recipe
import workflow
from choosing import Chosen, choose, results_of, whose
from endings import end_with_parent, finish
from faceage_stats._exits import ending
from faceage_stats.cohorts.synthetic.files import is_simulated
from faceage_stats.errors import DataUnavailableError, DesignError, FaceageError
from faceage_stats.reporting.figures.mark import MATCHED, SYNTHETIC
from faceage_stats.reporting.provenance.fingerprints import file_sha256, ingredients
from faceage_stats.reporting.provenance.provenance import provenance
from faceage_stats.reporting.store.mend import release_until_safe
from faceage_stats.reporting.store.record import read_record
from faceage_stats.reporting.store.released import Released
from faceage_stats.reporting.store.write_item import write_item, write_unavailable
from planning import batches
from releases import refuse_few_new_patients
from running import at_work
from settings import settings_of
from simulate import simulate
from withheld import withheld_of

# SHA-256 of a file as this process saw it first: it is kept when the files change.
first_sha256 = functools.cache(file_sha256)
# New objects after which Python looks for unreachable ones. By default it does so after 700, and
# goes each time over what the libraries made for good: a sixth of the time of all items.
NEW_OBJECTS = 50_000
TOO_FEW = (
    "The models of this page cannot be fitted to your tables: too few patients, events or groups, "
    "or tables that do not belong together. `make reproduce` says which while it makes the page."
)


def run(name: str, config: Mapping[str, Any]) -> str:
    """Read the item's tables, compute it, write it; return one line for the progress log."""
    earlier = results_of(name, config)
    settings = dataclasses.replace(settings_of(name, config), earlier=earlier)
    folder = workflow.RESULTS / name
    chosen = choose(name, config)
    arguments = recipe.item_recipe(name, config)
    if not chosen.possible:
        return _unavailable(name, arguments, chosen.reason)
    unmade = [table.name for table in chosen.used.values() if not table.path.is_file()]
    if unmade:
        raise FaceageError(f"{', '.join(unmade)} is not made yet: run `make reproduce`.")
    made_from = ingredients(**arguments, sha256=first_sha256)
    _refuse_false_labels(chosen.used.values())
    rules = settings.rules(*chosen.used)
    label = _label(chosen, earlier)
    owned = whose(name, config)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        data = {table: reading.copied(given) for table, given in chosen.used.items()}
        try:
            item = importlib.import_module(f"items.{name}").make(data, settings)
        except DataUnavailableError as error:
            return _unavailable(name, arguments, str(error))
        except DesignError as error:
            if not rules.active:
                raise
            print(f"  {name}: {error}")  # with counts that no page may print
            return _unavailable(name, arguments, TOO_FEW)

        def write(released: Released) -> None:
            _mark(released.figures.values(), label, owned)
            # that a coefficient runs to infinity tells that nobody of a small group died
            messages = [] if rules.active else _messages(caught)
            record = provenance(name, **arguments, synthetic=bool(label), warnings=messages)
            record |= {"matched": label == MATCHED, "scores": reading.scores_of(data)}
            refuse_changed(name, made_from, record)
            write_item(released, folder, provenance=record)

        item = reading.named(item, chosen, owned, data)
        released = release_until_safe(item, rules, write, withheld_of(name))
    n_warnings = len(_messages(caught))
    note = f", released under {rules.name}" if rules.active else ""
    withheld = f"; withheld: {'; '.join(released.withheld)}" if released.withheld else ""
    return f"{len(released.tables)} tables, {n_warnings} warnings{note}{withheld}"


def _unavailable(name: str, arguments: Mapping[str, Any], reason: str) -> str:
    """Write that an item cannot be made from these tables, and why."""
    record = provenance(name, **arguments, synthetic=False)  # nothing is shown
    write_unavailable(workflow.RESULTS / name, reason=reason, provenance=record)
    return f"skipped: {reason.splitlines()[0]}"


def _mark(figures: Iterable[Any], label: str, owned: Sequence[workflow.Table]) -> None:
    """Write into the corner of each figure that it is synthetic, or whose patients it shows."""
    for figure in figures:
        if label:
            fs.figures.mark_synthetic(figure, label)
        elif owned:
            fs.figures.mark_cohort(figure, reading.label_of(owned))


def _messages(caught: list[warnings.WarningMessage]) -> list[str]:
    """Texts of our warnings."""
    ours = [w for w in caught if issubclass(w.category, fs.errors.FaceageWarning)]
    return sorted({str(w.message) for w in ours})


def _refuse_false_labels(tables: Iterable[workflow.Table]) -> None:
    """Refuse a table called synthetic or public that is not what was simulated or fetched."""
    for table in tables:
        simulated = table.cohort is None or is_simulated(table.path, table.cohort)
        fetched = table.source != "public" or first_sha256(table.path) == workflow.public_sha256(
            table.name
        )
        if not (simulated and fetched):
            raise FaceageError(
                f"{table.path.name} is called {table.source} in config.yaml, but it is not the "
                "file that this package wrote. If it is your table, give its path; otherwise "
                "delete it, and it is made again."
            )


def refuse_changed(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Refuse when a file that was read is no longer what it was when it was read."""
    changed = {
        entry["file"] if isinstance(entry, dict) else key
        for part in ("inputs", "schemas", "files")
        for key, entry in after[part].items()
        if before[part].get(key) != entry
    }
    if before["script"] != after["script"]:
        changed.add(after["script"]["file"])
    if changed:
        raise FaceageError(
            f"{', '.join(sorted(changed))} changed while {name} was computed; run again when "
            "no other program writes to it."
        )


def _label(chosen: Chosen, earlier: Iterable[str]) -> str:
    """What figures say of their rows: synthetic, matched to the published values, or nothing."""
    records = [read_record(workflow.RESULTS / result) or {} for result in earlier]
    synthetic = [record for record in records if record.get("synthetic")]
    if not (chosen.synthetic or synthetic):
        return ""
    matched = chosen.matched and all(record.get("matched") for record in synthetic)
    return MATCHED if matched else SYNTHETIC


def made(name: str, config: Mapping[str, Any]) -> bool:
    """Make one item and say so, or say what is wrong with it."""
    started = time.perf_counter()
    try:
        summary = run(name, config)
    except BrokenPipeError:
        raise
    except (FaceageError, OSError) as error:
        print(f"{name}: {ending(error)[1]}", file=sys.stderr, flush=True)
        return False
    except Exception:
        print(f"{name}: an error of the program", file=sys.stderr)
        traceback.print_exc()
        return False
    print(f"  {name:<20} {time.perf_counter() - started:5.1f} s  {summary}", flush=True)
    return True


def _tables_of(names: Iterable[str], config: Mapping[str, Any]) -> list[workflow.Table]:
    """Tables that items read, each once."""
    used = {n: table for name in names for n, table in choose(name, config).used.items()}
    return [table for table in used.values() if table.path.is_file()]


def made_in_turn(names: Sequence[str], config: Mapping[str, Any], cores: int) -> bool:
    """Make items, those of others' results last, and only when all others were made."""
    if cores == 1:
        return _made_by(map, names, config)
    try:
        with ProcessPoolExecutor(cores, initializer=_start_worker) as pool:
            return _made_by(pool.map, names, config)
    except BrokenProcessPool:
        print(
            "A process that made an item was ended, perhaps because memory ran out; `--cores 1` "
            "needs least.",
            file=sys.stderr,
        )
        return False


def _made_by(each: Callable[..., Iterable[bool]], names: Sequence[str], config: Any) -> bool:
    return all(all(list(each(made, part, repeat(config)))) for part in batches(names))


def _start_worker() -> None:
    end_with_parent()
    _hash_scripts()


def _hash_scripts() -> None:
    for script in workflow.ITEMS.glob("*.py"):
        first_sha256(script)  # before any of them is imported


def main() -> int:
    """Command line: names of items. One that fails stops only those of others' results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("items", nargs="+", choices=workflow.item_names(), metavar="ITEM")
    parser.add_argument("--cores", type=int, default=1, help="processes side by side (default: 1)")
    parser.add_argument("--cohorts", nargs="*", default=[], help="synthetic cohorts, drawn first")
    arguments = parser.parse_args()
    gc.set_threshold(NEW_OBJECTS)
    _hash_scripts()
    config = workflow.load_config()
    with at_work():
        simulate(arguments.cohorts, config)
        refuse_few_new_patients(_tables_of(arguments.items, config), workflow.private_rules(config))
        return 0 if made_in_turn(arguments.items, config, arguments.cores) else 1


if __name__ == "__main__":
    finish(main)
