"""What estimates say of the number of patients behind them: errors, intervals, shares, areas."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd
from scipy.stats import norm

from faceage_stats.cohorts.disclosure.attack.build import Page
from faceage_stats.cohorts.disclosure.attack.cells import Name, decimal, group_of, name_of
from faceage_stats.cohorts.disclosure.attack.solver import Integers

__all__ = ["know_from_differences", "know_from_estimates"]

_Z = float(norm.ppf(0.975))
_MANY = 10**5  # a range that ends beyond says nothing
# a share -> the counts that it may be of: part and whole
_SHARES = {
    "fraction": (("n_event", "n"), ("n_missing", "n")),
    "prevalence": (("n_case", "n"), ("n_event", "n")),
    "percent": (("n_event", "n"),),
}


def know_from_estimates(
    system: Integers, page: Page, table: pd.DataFrame, records: list[dict[Any, Any]]
) -> None:
    """Narrow the counts of each row by the estimates beside them.

    Parameters
    ----------
    system : Integers
        Changed in place.
    page : Page
    table : pandas.DataFrame
    records : list of dict
        Its rows.
    """
    slack = page.base - 1 + 1e-3  # errors of a release are those of the rounded number
    for record in records:
        if "n" in table:
            for low, high in (*_by_error(record), *_by_interval(record), *_by_binomial(record)):
                if high < _MANY:
                    system.know(name_of(page, record, "n"), low - slack, high + slack)
        _by_share(system, page, table, record)
        _by_area(system, page, table, record)


def know_from_differences(
    system: Integers,
    page: Page,
    records: list[dict[Any, Any]],
    sizes: Mapping[tuple[str, ...], Name],
) -> None:
    """Narrow a group by the error of a difference of two means, s1^2 / n1 + s2^2 / n2.

    Parameters
    ----------
    system : Integers
        Changed in place.
    page : Page
    records : list of dict
        Rows of a table of differences, one per pair of groups.
    sizes : mapping of group to name
        Of the counts of their patients.
    """
    spreads = {
        group_of(record): spread
        for table in page.tables.values()
        if {"group", "std_dev"} <= set(table)
        for record in table.to_dict(orient="records")
        if (spread := _span(record, "std_dev"))
    }
    for record in records:
        error = _span(record, "std_error")
        names = [group_of(record, column) for column in ("group1", "group2")]
        if error is None or not all(name in spreads and name in sizes for name in names):
            continue
        fewest = min(system.bounds[sizes[name]][0] for name in names)
        by = 1 + (page.base - 1) / max(fewest, 1)  # of the rounded number of the smaller group
        for one, two in (names, names[::-1]):
            low, high = system.bounds[sizes[two]]
            squares = error[0] ** 2 / by, error[1] ** 2 * by
            rest = [(squares[i] - spreads[two][1 - i] ** 2 / n) for i, n in ((0, low), (1, high))]
            if min(rest) > 0:
                least, most = spreads[one][0] ** 2 / max(rest), spreads[one][1] ** 2 / min(rest)
                system.know(sizes[one], least - 1e-3, most + 1e-3)


def _span(record: dict[Any, Any], column: str) -> tuple[float, float] | None:
    """The smallest and largest number that is printed so; one more rounding is granted."""
    found = decimal(record.get(column, ""))
    return None if found is None else (found[0] - found[1], found[0] + found[1])


def _by_error(record: dict[Any, Any]) -> Iterator[tuple[float, float]]:
    """Standard deviation over standard error, squared."""
    spread, error = _span(record, "std_dev"), _span(record, "std_error")
    if spread and error and error[0] > 0:
        yield (spread[0] / error[1]) ** 2, (spread[1] / error[0]) ** 2


def _by_interval(record: dict[Any, Any]) -> Iterator[tuple[float, float]]:
    """Of a mean: 1.96 standard deviations over half the interval; with t at most 13, no less."""
    spread, low, high = (_span(record, c) for c in ("std_dev", "conf_low", "conf_high"))
    if spread and low and high and low[1] < high[0] and decimal(record.get("mean", "")):
        half = ((high[0] - low[1]) / 2, (high[1] - low[0]) / 2)
        fewest = (_Z * spread[0] / half[1]) ** 2
        most = (_Z * spread[1] / half[0]) ** 2
        yield fewest, most + 4  # t instead of the normal quantile


def _by_binomial(record: dict[Any, Any]) -> Iterator[tuple[float, float]]:
    """A proportion p with standard error s is of p (1 - p) / s^2 patients."""
    for column in ("sensitivity", "specificity", "prevalence", "fraction"):
        share, error = _span(record, column), _span(record, "std_error")
        if share and error and 0 < share[0] < share[1] < 1 and error[0] > 0:
            ends = [p * (1 - p) for p in share]
            top = 0.25 if share[0] < 0.5 < share[1] else max(ends)
            yield min(ends) / error[1] ** 2, top / error[0] ** 2


def _by_share(system: Integers, page: Page, table: pd.DataFrame, record: dict[Any, Any]) -> None:
    """A share of a known whole is a part, but for levels, whose whole is their family."""
    for column, pairs in _SHARES.items():
        share = _span(record, column)
        if share is None or "level" in table:
            continue
        unit = 100 if column == "percent" else 1
        for part, whole in pairs:
            if {part, whole} <= set(table):
                low, high = system.bounds[name_of(page, record, whole)]
                if high < _MANY:
                    system.know(
                        name_of(page, record, part), share[0] / unit * low, share[1] / unit * high
                    )
                break


def _by_area(system: Integers, page: Page, table: pd.DataFrame, record: dict[Any, Any]) -> None:
    """Twice the area under a curve times cases and controls is a whole number."""
    if not {"estimate", "n_case"} <= set(table) or not {"n_control", "n"} & set(table):
        return
    area = decimal(record.get("estimate", ""))
    case = name_of(page, record, "n_case")
    if area is None or not 0.5 < area[0] < 1 or decimal(record["n_case"]) is not None:
        return
    other = name_of(page, record, "n_control" if "n_control" in table else "n")
    low, high = system.bounds[other]
    fits = []
    for whole in range(int(low), int(min(high, low + 50)) + 1):
        for cases in range(1, page.minimum):
            controls = whole if "n_control" in table else whole - cases
            pairs = 2 * cases * controls
            slack = area[1] * pairs
            if slack < 0.05 and abs(area[0] * pairs - round(area[0] * pairs)) < slack + 1e-6:
                fits.append(cases)
            elif slack >= 0.05:
                return  # too few decimals
    if len(set(fits)) == 1 and math.isfinite(high) and high - low < 50:
        system.know(case, fits[0], fits[0])
