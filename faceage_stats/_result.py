"""The result protocol: every fit is a frozen object with tidy(), glance() and augment()."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from faceage_stats._glossary import GLOSSARY
from faceage_stats.errors import InputError

__all__ = ["GLOSSARY", "Result", "bind_tidy", "frozen_result", "normal_interval"]

R = typing.TypeVar("R")


class Result:
    """Base of the frozen result dataclasses; subclasses define the three methods."""

    def tidy(self, *args: Any, **kwargs: Any) -> pd.DataFrame:
        """One row per term, group or time."""
        raise NotImplementedError

    def glance(self) -> pd.DataFrame:
        """One row for the whole fit."""
        raise NotImplementedError

    def augment(self) -> pd.DataFrame:
        """One row per observation used."""
        raise NotImplementedError(f"{type(self).__name__} has no row-wise values")

    def to_dict(self) -> dict[str, Any]:
        """Plain lists and numbers, ready for JSON: {"tidy": [...], "glance": {...}}."""
        return {
            "tidy": self.tidy().to_dict(orient="records"),
            "glance": self.glance().iloc[0].to_dict(),
        }

    def _title(self) -> str:
        return type(self).__name__

    def __repr__(self) -> str:
        with pd.option_context("display.width", 120, "display.max_columns", 30):
            body = self.tidy().to_string(index=False, float_format=lambda v: f"{v:.6g}")
        return f"{self._title()}\n{body}"

    def _repr_html_(self) -> str:
        import html

        body = self.tidy().to_html(index=False, float_format=lambda v: f"{v:.4g}", border=0)
        return f"<p><strong>{html.escape(self._title())}</strong></p>{body}"


def normal_interval(
    estimate: Any, std_error: Any, conf_level: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Symmetric normal limits: estimate -/+ z * std_error."""
    if not 0 < conf_level < 1:
        raise InputError(f"conf_level is {conf_level}; it must lie between 0 and 1, e.g. 0.95.")
    half_width = special.ndtri(0.5 + conf_level / 2) * np.asarray(std_error, float)
    estimate = np.asarray(estimate, float)
    return estimate - half_width, estimate + half_width


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
    """
    frames = []
    for label, fit in fits.items():
        frame = fit.tidy(**tidy_options)
        frame.insert(0, "model", label)
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


@typing.dataclass_transform(frozen_default=True)
def frozen_result(cls: type[R]) -> type[R]:
    """`dataclass(frozen=True)` that keeps the printing of `Result`."""
    return dataclasses.dataclass(frozen=True, repr=False, eq=False)(cls)
