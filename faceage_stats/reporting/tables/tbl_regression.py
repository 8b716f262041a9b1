"""Regression coefficients as a printed table, several models side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import pandas as pd

from faceage_stats._call import checked_call
from faceage_stats._result import frozen_result
from faceage_stats._scale import RATIOS, abbreviation
from faceage_stats.errors import InputError
from faceage_stats.reporting import formats
from faceage_stats.reporting.coefficients import (
    INTERCEPT,
    headed_rows,
    refuse_unknown_names,
    with_variables,
)
from faceage_stats.reporting.scale import scale_in, tidy_for_readers
from faceage_stats.reporting.tables.display import DisplayTable
from faceage_stats.reporting.tables.printed import PrintedResult

__all__ = ["RegressionTable", "tbl_regression"]

# heading -> the fits below it
Stacks: TypeAlias = Mapping[str, Sequence[Any]]
_NEEDED = ["term", "estimate", "conf_low", "conf_high", "p_value"]


@frozen_result
class RegressionTable(PrintedResult):
    """Coefficients of one or several models; see :func:`tbl_regression`."""

    fits: Stacks
    rows: pd.DataFrame
    summaries: pd.DataFrame
    include: str | Sequence[str] | None
    effect: str
    exponentiate: bool | None
    labels: dict[str, str]
    digits: int
    conf_level: float

    def tidy(self, *, conf_level: float | None = None) -> pd.DataFrame:
        """Return ``model``, then the columns of each fit's ``tidy(exponentiate=...)``.

        Parameters
        ----------
        conf_level : float, optional
            Level of the limits; default that of the printed table.
        """
        if conf_level is None:
            return self.rows.copy()
        return _rows(self.fits, self.include, exponentiate=self.exponentiate, conf_level=conf_level)

    def glance(self) -> pd.DataFrame:
        """Return one row per fit: ``model``, then the columns of its ``glance()``."""
        return self.summaries.copy()

    def display(self) -> DisplayTable:
        """Return the printed table: n, events, estimate (CI) and p under each model."""
        models = list(dict.fromkeys(self.rows["model"]))
        fields = {"n": "n"}
        if "n_event" in self.rows and self.rows["n_event"].notna().any():
            fields["n_event"] = "Events"
        percent = f"{100 * self.conf_level:g}% CI"
        fields |= {"estimate": f"{self.effect} ({percent})", "p_value": "p"}
        headings = {f"{f}_{i}": text for i in range(len(models)) for f, text in fields.items()}
        spanners = {
            model: [f"{field}_{i}" for field in fields]
            for i, model in enumerate(models)
            if len(models) > 1
        }
        printed: dict[tuple[str, str | None], dict[str, str]] = {}  # a heading has no term
        indented: set[tuple[str, str | None]] = set()
        for cell in headed_rows(self.rows, self.labels).to_dict(orient="records"):
            key = (cell["variable"], cell["term"])
            if cell["heading"] is not None:
                printed.setdefault((cell["variable"], None), {"row": cell["heading"]})
                indented.add(key)
            number = models.index(cell["model"])
            texts = {f"{f}_{number}": text for f, text in self._cell(cell).items()}
            printed.setdefault(key, {"row": cell["label"]}).update(texts)
        places = [place for place, key in enumerate(printed) if key in indented]
        cells = list(printed.values())
        body = pd.DataFrame(cells, columns=["row", *headings], dtype=object).fillna("")
        return DisplayTable(body, places, headings, spanners, notes=self._notes())

    def _cell(self, cell: Mapping[Any, Any]) -> dict[str, str]:
        counts = {
            name: formats.format_count(cell[name])
            for name in ("n", "n_event")
            if name in cell and not pd.isna(cell[name])
        }
        if bool(cell.get("is_reference", False)):
            return {**counts, "estimate": formats.REFERENCE}
        interval = (cell["estimate"], cell["conf_low"], cell["conf_high"])
        return {
            **counts,
            "estimate": formats.format_estimate_ci(*interval, self.digits),
            "p_value": formats.format_p(cell["p_value"]),
        }

    def _notes(self) -> list[str]:
        notes = (
            [_EFFECTS[self.effect] + "; CI: confidence interval."]
            if self.effect in _EFFECTS
            else []
        )
        if "n" in self.rows:
            notes.append("n: complete observations in the fit; in a level, those in the level.")
        missing = self.summaries.get("n_missing")
        if missing is not None and missing.fillna(0).gt(0).any():
            most, least = int(missing.max()), int(missing.min())
            span = str(most) if most == least else f"{least} to {most}"
            notes.append(f"Excluded for missing values: {span} rows per model.")
        if self.rows["estimate"].isna().any():
            notes.append("NA: not estimated; the other columns of the model determine it.")
        return notes


_EFFECTS = {short: f"{short}: {name}" for name, short in RATIOS.items() if short != name}


@checked_call
def tbl_regression(
    fits: Any,
    *,
    effect: str | None = None,
    exponentiate: bool | None = None,
    labels: Mapping[str, str] | None = None,
    include: str | Sequence[str] | None = None,
    digits: int = 2,
    conf_level: float = 0.95,
) -> RegressionTable:
    """Tabulate the coefficients of a model, or of several side by side.

    Parameters
    ----------
    fits : fit, or mapping of heading to fit or sequence of fits
        A sequence under one heading stacks its fits: univariable fits, one per variable. Any fit
        with ``tidy(exponentiate=, conf_level=)`` and ``glance()`` will do.
    effect : str, optional
        Heading of the estimate; by default the scale that the fits name ("HR", "OR" ...), and
        "Estimate" where they name none.
    exponentiate : bool, optional
        Report ratios instead of coefficients; by default where the coefficients are logarithms of
        ratios (`coxph`, `logistic` ...), while the differences of `lm` stay as they are.
    labels : mapping of variable or term to heading, optional
        Row headings. A factor, a spline or an interaction of several coefficients has a heading
        and, below it, one row per coefficient.
    include : str or sequence of str, optional
        Variables to show, in this order; the fits are not changed. By default all but the
        intercept, which is no ratio and no difference.
    digits : int
        Decimals of estimates and limits, 0 or more.
    conf_level : float
        Level of the intervals.

    Returns
    -------
    RegressionTable
        ``tidy()`` the numbers, ``glance()`` the fits, ``display()`` the printed table; also
        ``gt()``, ``to_html()``, ``to_latex()``, ``to_docx()``, ``to_xlsx()``, ``to_csv()``.

    Raises
    ------
    InputError
        No fit, a fit without the columns of the result protocol, fits on different scales, a
        variable twice under one heading, several rows for one term, or `include` or `labels`
        naming what no fit has.

    See Also
    --------
    table_one : Baseline characteristics.
    bind_tidy : The numbers of several fits in one table.
    faceage_stats.figures.forest : The same numbers as a figure.

    Notes
    -----
    In R: ``gtsummary::tbl_regression(fit, exponentiate = TRUE)``; side by side
    ``gtsummary::tbl_merge(list(univariable, multivariable))``, which is here
    ``tbl_regression({"Univariable": [fit1, fit2], "Multivariable": fit})``.

    References
    ----------
    Sjoberg DD, Whiting K, Curry M, Lavery JA, Larmarange J (2021). Reproducible summary tables
    with the gtsummary package. The R Journal 13, 570-580. doi:10.32614/RJ-2021-053

    Examples
    --------
    >>> import faceage_stats as fs
    >>> data = pd.DataFrame({"time": [1.0, 2, 3, 4, 5, 6, 7, 8], "death": [1, 1, 0, 1, 1, 0, 1, 1],
    ...                      "age": [70, 61, 66, 75, 58, 62, 69, 55], "sex": list("FMFMFMFM")})
    >>> fit = fs.coxph("Surv(time, death) ~ age + sex", data=data)
    >>> print(tbl_regression(fit, labels={"age": "Age, years"}).to_csv())  # doctest: +ELLIPSIS
    Characteristic,n,Events,HR (95% CI),p
    "Age, years",8,6,...
    sex,,,,
      F,4,3,Reference,
      M,4,3,...
    <BLANKLINE>
    """
    if digits < 0:
        raise InputError(f"digits is {digits}; it must be 0 or more.")
    headed = fits if isinstance(fits, Mapping) else {"": fits}
    if not headed:
        raise InputError("tbl_regression(): no fit was given.")
    stacks = {
        heading: list(entry) if isinstance(entry, list | tuple) else [entry]
        for heading, entry in headed.items()
    }
    table = _rows(stacks, include, exponentiate=exponentiate, conf_level=conf_level)
    known = [*table["variable"], *table["term"]]
    refuse_unknown_names(labels or {}, known, "labels", "tbl_regression()")
    scale = None if effect else scale_in(table, "tbl_regression()")
    summary = pd.concat(
        [fit.glance().assign(model=heading) for heading, fit in _each(stacks)], ignore_index=True
    )
    return RegressionTable(
        fits=stacks,
        rows=table,
        summaries=_model_first(summary),
        include=include,
        effect=effect or abbreviation(scale or "Estimate"),
        exponentiate=exponentiate,
        labels=dict(labels or {}),
        digits=digits,
        conf_level=conf_level,
    )


def _each(stacks: Stacks) -> Iterator[tuple[str, Any]]:
    """Every fit with its heading."""
    return ((heading, fit) for heading, stack in stacks.items() for fit in stack)


def _rows(
    stacks: Stacks,
    include: str | Sequence[str] | None,
    *,
    exponentiate: bool | None,
    conf_level: float,
) -> pd.DataFrame:
    """The tidy tables of all fits below each other, or of the variables to show."""
    rows = []
    for heading, stack in stacks.items():
        seen: set[str] = set()
        for fit in stack:
            table = _coefficients(fit, exponentiate=exponentiate, conf_level=conf_level)
            again = sorted(seen & (set(table["variable"]) - {INTERCEPT}))
            if again:
                raise InputError(
                    f"tbl_regression(): {', '.join(again)} occurs in two fits under {heading!r}. "
                    "Set the fits side by side: tbl_regression({'Model 1': fit1, 'Model 2': fit2})."
                )
            seen |= set(table["variable"])
            rows.append(table.assign(model=heading))
    table = pd.concat(rows, ignore_index=True)
    if isinstance(include, str):
        include = [include]
    if include is None:
        table = table[table["variable"] != INTERCEPT]
    else:
        refuse_unknown_names(include, table["variable"], "include", "tbl_regression()")
        table = pd.concat([table[table["variable"] == name] for name in dict.fromkeys(include)])
    return _model_first(table)


def _model_first(table: pd.DataFrame) -> pd.DataFrame:
    first = ["model", *[column for column in table if column != "model"]]
    return table[first].reset_index(drop=True)


def _coefficients(fit: Any, *, exponentiate: bool | None, conf_level: float) -> pd.DataFrame:
    """The tidy table of a fit, one row per term; what has no such table is refused by name."""
    table = tidy_for_readers(
        fit, "tbl_regression()", exponentiate=exponentiate, conf_level=conf_level
    )
    absent = [column for column in _NEEDED if column not in table]
    if absent:
        raise InputError(
            f"tbl_regression(): the tidy() of a {type(fit).__name__} has no column "
            f"{', '.join(absent)}; pass fits of a model, e.g. of coxph(), lm() or logistic()."
        )
    table = with_variables(table)
    repeated = table.loc[table.duplicated(["variable", "term"]), "term"]
    if len(repeated):
        raise InputError(
            f"tbl_regression(): a fit has several rows for '{repeated.iloc[0]}'; give one model "
            "at a time, or draw its tidy() with figures.forest()."
        )
    return table
