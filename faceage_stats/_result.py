"""The result protocol: every fit is a frozen object with tidy(), glance() and augment()."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Mapping
from types import FunctionType
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from faceage_stats._arguments import check_fit, refuse_unknown_arguments
from faceage_stats._call import checked_call
from faceage_stats._in_r import here_for_part
from faceage_stats._near import check_option
from faceage_stats._options import options, unwarned, warns_of_patients
from faceage_stats._plain import estimate_text, p_text, records
from faceage_stats._printing import short_html, short_text
from faceage_stats._scale import is_ratio
from faceage_stats._wald import limits as wald_limits
from faceage_stats._wald import std_errors

__all__ = ["ConfintLimits", "Fit", "Result", "bind_tidy", "frozen_result"]

ConfintLimits = Literal["normal"]
R = typing.TypeVar("R")


class Result:
    """Base of the frozen result dataclasses.

    A subclass defines `tidy`, `glance` and, where rows have values, `augment`; it may name
    further tables in `_further_tables` and choose what is printed in `_printed`. Its public
    methods refuse arguments that they do not know.
    """

    def __init_subclass__(cls, **options: Any) -> None:
        """Check the arguments of the methods of every subclass; of private data they warn."""
        super().__init_subclass__(**options)
        _guard(cls)

    if not TYPE_CHECKING:  # a type checker goes on refusing what a class lacks

        def __getattr__(self, name: str) -> Any:
            """Say what stands here for a part that R's fits have."""
            if hasattr(type(self), name):  # a property that failed: its own error
                return object.__getattribute__(self, name)
            told = "" if name.startswith("_") else here_for_part(name, type(self))
            raise AttributeError(f"{type(self).__name__} has no '{name}'.{told}")

    def tidy(self) -> pd.DataFrame:
        """Return one row per term, group or time."""
        raise NotImplementedError

    def glance(self) -> pd.DataFrame:
        """Return one row for the whole fit."""
        raise NotImplementedError

    def augment(self) -> pd.DataFrame:
        """Return one row per observation used."""
        raise NotImplementedError(
            f"{type(self).__name__} has no augment(): it holds no value per row of the data. "
            "Use tidy() or glance()."
        )

    def summary(self) -> pd.DataFrame:
        """Return the table that readers expect: estimate with interval, and p value, as text.

        Returns
        -------
        pandas.DataFrame
            What names a row in `tidy` (``term``, ``group`` ...), ``estimate`` and, where it is
            tested, ``p_value`` and ``p_adjusted``. A log ratio is exponentiated, as its ``scale``
            says.
        """
        return _summary(self.tidy())

    def to_dict(self) -> dict[str, Any]:
        """Return every table as plain lists and numbers, ready for JSON.

        Returns
        -------
        dict
            ``tidy`` (a list of rows), ``glance`` (one row; a list where a fit has several curves),
            and the further tables of the class. A missing value is None.
        """
        glance = records(self.glance())
        tables = {name: records(getattr(self, name)()) for name in self._further_tables()}
        return {
            "tidy": records(self.tidy()),
            "glance": glance[0] if len(glance) == 1 else glance,
            **tables,
        }

    def _further_tables(self) -> tuple[str, ...]:
        """Names of methods beside tidy and glance whose tables belong to the whole result."""
        return ()

    def _printed(self) -> pd.DataFrame:
        """The table shown in a terminal or a notebook."""
        return self.tidy()

    def _title(self) -> str:
        return type(self).__name__

    def _note(self) -> str:
        """What stands under the table: tests of the whole fit."""
        return ""

    def __repr__(self) -> str:
        return short_text(*self._shown())

    def _repr_html_(self) -> str:
        return short_html(*self._shown())

    def _shown(self) -> tuple[str, pd.DataFrame, str]:
        """Title, table and note that are printed; of private data neither curve, row nor group."""
        if not options.private:
            return self._title(), self._printed(), self._note()
        with unwarned():
            whole = self.glance()
        if len(whole) > 1:  # a row for each group, and groups may be small
            whole = whole[[c for c in ("n", "n_event") if c in whole]].sum().to_frame().T
        return self._title(), whole, "Private data: only the row of the whole fit is shown."


def _guard(cls: type) -> None:
    refuse_unknown_arguments(cls)
    for name, method in list(vars(cls).items()):
        if isinstance(method, FunctionType) and not name.startswith("_"):
            setattr(cls, name, warns_of_patients(method))


_guard(Result)


class Fit(Result):
    """A fit with coefficients, each with its limits."""

    @property
    def _limits(self) -> dict[str, Any]:
        """How `tidy` is asked for R's limits."""
        return {}

    def _further_tables(self) -> tuple[str, ...]:
        return ("confint",)

    def vcov(self) -> pd.DataFrame:
        """Return the variance matrix of the coefficients."""
        raise NotImplementedError

    def confint(
        self,
        *,
        exponentiate: bool = False,
        conf_level: float = 0.95,
        limits: ConfintLimits | None = None,
    ) -> pd.DataFrame:
        """Return the limits that R's ``confint`` gives: ``term conf_low conf_high``.

        Parameters
        ----------
        exponentiate : bool
            Of ratios.
        conf_level : float
        limits : {"normal"}, optional
            Normal limits by the variance matrix, whatever the model: R's ``confint.default``.

        Returns
        -------
        pandas.DataFrame
            One row per coefficient: Student's t for `lm`, profile likelihood for `glm`, `logistic`
            and Firth's fits (R from 4.4 on, before by MASS), normal for the others and for a
            sandwich variance.
        """
        tidy: Any = self.tidy
        asked = self._limits if limits is None else {}
        table = _coefficients(tidy(exponentiate=exponentiate, conf_level=conf_level, **asked))
        if limits is not None:
            check_option("limits", limits, ConfintLimits)
            plain = _coefficients(self.tidy())["estimate"]
            ends = wald_limits(plain, std_errors(self.vcov()), conf_level)
            is_ratio = table["estimate"].ne(plain).to_numpy()  # a log scale stays what it is
            table["conf_low"], table["conf_high"] = (np.exp(e, out=e, where=is_ratio) for e in ends)
        return table[["term", "conf_low", "conf_high"]]


def _coefficients(table: pd.DataFrame) -> pd.DataFrame:
    if "is_reference" in table:
        table = table[~table["is_reference"]]
    return table.reset_index(drop=True)


def _summary(table: pd.DataFrame) -> pd.DataFrame:
    if "estimate" not in table:
        return table
    scales = [str(each) for each in table.get("scale", [""] * len(table))]
    is_log = np.array([text.startswith("log ") and is_ratio(text[4:]) for text in scales])
    numbers = []
    for name in ("estimate", "conf_low", "conf_high"):
        values = np.asarray(table.get(name, [np.nan] * len(table)), float)
        with np.errstate(over="ignore"):
            numbers.append(np.exp(values, out=values.copy(), where=is_log))
    names = list(table.columns[: list(table.columns).index("estimate")])
    if "term" in names:  # which says the variable and the level
        names = [name for name in names if name not in ("variable", "level")]
    texts = [estimate_text(*row) for row in zip(*numbers, strict=True)]
    if "is_reference" in names:
        names.remove("is_reference")
        fixed = table["is_reference"].eq(True)
        texts = ["reference" if f else text for f, text in zip(fixed, texts, strict=True)]
    summary = table[names].assign(estimate=texts)
    if "scale" in table:
        summary["scale"] = [t[4:] if log else t for t, log in zip(scales, is_log, strict=True)]
    for name in ("p_value", "p_adjusted"):
        if name in table:
            summary[name] = [p_text(value) for value in table[name]]
    return summary


@checked_call
def bind_tidy(fits: Mapping[str, Result], **tidy_options: Any) -> pd.DataFrame:
    """Stack the tidy tables of several fits, labelled in a first column `model`.

    Parameters
    ----------
    fits : mapping of label to fit
        The label becomes the value of `model`; order is kept.
    **tidy_options
        Passed to every fit's ``tidy`` (``exponentiate=True``, ``conf_level=0.9`` ...).

    Returns
    -------
    pandas.DataFrame
        Column ``model``, then the columns of ``tidy()``.

    See Also
    --------
    tbl_regression : Set such tables side by side, for a paper.

    Notes
    -----
    In R: ``purrr::map_dfr(fits, broom::tidy, .id = "model")``

    Examples
    --------
    >>> import faceage_stats as fs
    >>> df = pd.DataFrame({"y": [1.0, 2.0, 4.0, 3.0], "x": [1, 2, 3, 4], "z": [1, 0, 0, 1]})
    >>> fits = {"x": fs.lm("y ~ x", df), "x + z": fs.lm("y ~ x + z", df)}
    >>> bind_tidy(fits)["model"].tolist()
    ['x', 'x', 'x + z', 'x + z', 'x + z']
    """
    check_fit(fits, Mapping, "bind_tidy() takes fits by label, e.g. {'crude': fit0}")
    frames = []
    for label, fit in fits.items():
        check_fit(fit, Result, "bind_tidy() takes fits by label")
        frame = fit.tidy(**tidy_options)
        frame.insert(0, "model", label)
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


@typing.dataclass_transform(frozen_default=True)
def frozen_result(cls: type[R]) -> type[R]:
    """Make a frozen dataclass that keeps the printing of `Result`."""
    return dataclasses.dataclass(frozen=True, repr=False, eq=False)(cls)
