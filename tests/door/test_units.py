"""Days or years, millimetres or centimetres: every number keeps, or goes with its unit.

Truth: theory. A number that has a unit is multiplied by a power of the ratio of the units, the
numbers of one row by the same one; a test, a probability and a count know nothing of units. The
factors are exact in binary, so that what is tied stays tied.
"""

from __future__ import annotations

import functools
import math
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

import pandas as pd
import pytest

from tests.door.calls import CALLS
from tests.door.cohorts import Cohort
from tests.door.test_invariance import answers, cohort, numbers, plain


class Unit(NamedTuple):
    columns: tuple[str, ...]
    factor: float  # how many of the new unit are one of the old
    goes: set[str]  # columns of answers that hold nothing else


UNITS = {
    "time": Unit(("time", "start", "years", "case_time"), 365.25, {"time", "tau", "rmtl"}),
    "marker": Unit(("x", "z"), 2.5, {"value", "true_sd", "error_sd"}),
    "age": Unit(("age", "faceage", "again", "gap"), 12.0, {"age", "gap", "difference"}),
}
STAYS = re.compile(r"statistic|p_.*|df.*|n|n_.*|r_squared|concordance.*|auc|eta_.*|r|level|term")
WRITTEN = re.compile(r"\d[\d.]*(e[+-]\d+)?")  # a time within a sentence, rounded
OF_ONE_ROW = {"estimate", "std_error", "conf_low", "conf_high"}

DENSITY = "a likelihood of measured values is a density, per unit"
IN_YEARS = "its rules are of ages in years"
SHARED = "the genes share one prior variance, and only some are in the new unit"
# Where theory says otherwise: unit, statistic, part of the place in its answers.
OTHERWISE: dict[tuple[str, str, str], str] = {
    ("time", "coxph", "[6]"): "its tt() is log(t + 1)",
    ("time", "survreg", "Intercept"): "an intercept on the log scale moves by the log of the unit",
    ("time", "survreg", "linear_predictor"): "on the log scale, as the intercept",
    ("time", "survreg", "log_lik"): DENSITY,
    ("time", "survreg", "aic"): DENSITY,
    ("time", "survreg", "bic"): DENSITY,
    ("time", "gene_screen", ""): SHARED,
    ("time", "gene_set_test", ""): SHARED,
    ("marker", "coxph", "[3]"): "an offset has the scale of the log hazard",
    ("marker", "royston", "estimate"): "a marker alone is taken for a log hazard ratio",
    ("marker", "survival_ranking_loss", ""): "a score has the scale of the log hazard",
    ("marker", "cox_sample_size_pilot", ""): "a hazard ratio of 1.5 per unit is another effect",
    ("marker", "lm", "log_lik"): DENSITY,
    ("marker", "lm", "aic"): DENSITY,
    ("marker", "lm", "bic"): DENSITY,
    ("marker", "pool_scalar", ""): "its variances are in the old unit",
    ("marker", "gene_screen", ""): SHARED,
    ("marker", "gene_set_test", ""): SHARED,
    ("age", "lmer", "log_lik"): DENSITY,
    ("age", "lmer", "aic"): DENSITY,
    ("age", "lmer", "bic"): DENSITY,
    ("age", "pyears", ""): IN_YEARS,
    ("age", "survexp", ""): "a life table is by years of age",
    ("age", "smr", ""): "a life table is by years of age",
    ("age", "teachh", ""): IN_YEARS,
    ("age", "teachh_substitution", ""): IN_YEARS,
    ("age", "age_decade", ""): IN_YEARS,
    ("age", "repeatability", "tidy"): "the share within five years",
    ("age", "paired_conditions", "tidy"): "the share beyond five years",
    ("age", "gene_screen", ""): SHARED,
    ("age", "gene_set_test", ""): SHARED,
}


def otherwise(unit: str, name: str) -> list[str]:
    return [place for kind, statistic, place in OTHERWISE if (kind, statistic) == (unit, name)]


@functools.cache
def in_unit(unit: str) -> Cohort:
    columns, factor, _ = UNITS[unit]
    data = cohort().data
    return Cohort(
        data.assign(**{name: data[name] * factor for name in columns}), units={unit: 1 / factor}
    )


def power(old: Any, new: Any, factor: float) -> int | None:
    """The power of the factor that leads from the old number to the new one; None for no such."""
    if same_text(old, new):
        return 0
    try:
        ratio = math.log(float(new) / float(old)) / math.log(factor)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    nearest = round(ratio) if math.isfinite(ratio) else 9
    return nearest if abs(nearest) <= 4 and math.isclose(ratio, nearest, abs_tol=1e-5) else None


def same_text(old: Any, new: Any) -> bool:
    if isinstance(old, str) or old is None or new is None:
        return WRITTEN.sub("", str(old)) == WRITTEN.sub("", str(new))
    return bool(pd.isna(old) and pd.isna(new)) or math.isclose(old, new, abs_tol=1e-9)


def without_times(answer: dict[str, Any]) -> dict[str, Any]:
    """By the place, whatever time stands in the name of a column: `event_by_5`."""
    return {
        re.sub(r"_by_[\d.]+|_[\d.]+(?=\[)", "_t", path): value for path, value in answer.items()
    }


def moved(unit: str, name: str) -> Iterator[tuple[str, Any, Any]]:
    """Place, old and new number of every answer; one without an answer has None."""
    pairs = zip(plain(name), answers(name, in_unit(unit)), strict=True)
    for k, ((_, expected), result) in enumerate(pairs):
        old, new = without_times(expected), without_times(numbers(result))
        yield from ((f"[{k}]{path}", old.get(path), new.get(path)) for path in {**old, **new})


def faults(unit: str, name: str) -> Iterator[tuple[str, str]]:
    """Place and kind of every number that goes neither with its unit nor without."""
    _, factor, goes = UNITS[unit]
    rows: defaultdict[str, set[int]] = defaultdict(set)
    terms = {}
    for path, old, new in moved(unit, name):
        row, _, column = path.rpartition(".")
        column, number = column.partition("[")[0], re.search(r"\[\d+\]$", path)
        row += number.group() if number else ""
        if column == "term":
            terms[row] = str(old)
        found = power(old, new, factor)
        place = f"{row}.{column} {terms.get(row, '')}"
        is_zero = not isinstance(old, str) and (pd.isna(old) or abs(old) < 1e-9)
        if found is None:
            yield place, f"{old!r} became {new!r}"
        elif found and STAYS.fullmatch(column):
            yield place, f"{old!r} went with the unit to {new!r}"
        elif column in goes and found != 1 and not is_zero:
            yield place, f"{old!r} has the unit and became {new!r}"
        elif column in OF_ONE_ROW and not is_zero:
            rows[row].add(found)
    yield from (
        (row, f"powers {each} of the unit in one row")
        for row, each in rows.items()
        if len(each) > 1
    )


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("name", CALLS)
def test_a_number_keeps_or_goes_with_its_unit(name: str, unit: str) -> None:
    places = otherwise(unit, name)
    found = [
        f"{place}: {what}"
        for place, what in faults(unit, name)
        if not any(p in place for p in places)
    ]
    assert not found, f"{len(found)} numbers:\n" + "\n".join(found[:20])


@pytest.mark.parametrize(("unit", "name", "place"), OTHERWISE)
def test_what_theory_excepts_does_move(unit: str, name: str, place: str) -> None:
    assert any(place in where for where, _ in faults(unit, name)), "no longer an exception"
