"""The age gap in groups of patients, side by side."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from scipy.stats import qmc, t

from faceage_stats._result import Result
from faceage_stats.errors import InputError
from faceage_stats.reporting import formats
from faceage_stats.reporting.figures import rows, style, text
from faceage_stats.reporting.figures.density import density
from faceage_stats.reporting.figures.style import Figure

__all__ = ["gap_by_group", "gap_by_group_data"]

_ROW = 8.0  # height of a group, mm
_QUANTILES = {"q05": 0.05, "q25": 0.25, "median": 0.5, "q75": 0.75, "q95": 0.95}


def gap_by_group_data(
    gaps: Result | pd.DataFrame, summary: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Tabulate what `gap_by_group` draws: quantiles, and the comparison with the reference.

    Parameters
    ----------
    gaps : AgeGap or pandas.DataFrame
        A result of ``age_gap``, or one row per patient: ``group`` and ``gap``. A patient may be in
        several groups, with a row for each. What this function returned is taken as it is.
    summary : pandas.DataFrame, optional
        One row per group: ``group, estimate, conf_low, conf_high, p_value`` (mean difference
        against the reference); groups without a row, as the reference, are drawn first. Taken from
        `gaps` when that is an `AgeGap` with a reference.

    Returns
    -------
    pandas.DataFrame
        ``group, n, mean, mean_low, mean_high`` (95 % t interval) ``, q05, q25, median, q75, q95``,
        then the columns of `summary`. The outer quantiles are missing below 20 patients, where
        they would all but show single patients.

    Raises
    ------
    InputError
        If columns are missing, a gap is missing, or `summary` names a group without patients.

    See Also
    --------
    gap_by_group : The figure.

    Examples
    --------
    >>> rows = pd.DataFrame({"group": list("aab"), "gap": [1.0, 3.0, 7.0]})
    >>> gap_by_group_data(rows)[["group", "n", "mean", "median"]].values.tolist()
    [['a', 2, 2.0, 2.0], ['b', 1, 7.0, 7.0]]
    """
    if isinstance(gaps, pd.DataFrame) and {*_QUANTILES, "mean"} <= set(gaps):
        return gaps
    patients, found, _ = _inputs(gaps)
    summary = found if summary is None else summary
    grouped = patients.groupby("group", sort=False, observed=True)["gap"]
    data = pd.DataFrame({"n": grouped.size(), "mean": grouped.mean()})
    half = t.ppf(0.975, (data["n"] - 1).clip(lower=1)) * grouped.std() / np.sqrt(data["n"])
    data["mean_low"], data["mean_high"] = data["mean"] - half, data["mean"] + half
    for name, q in _QUANTILES.items():
        data[name] = grouped.quantile(q)
    data.loc[data["n"] < 20, ["q05", "q95"]] = np.nan
    data = data.rename_axis("group").reset_index()
    if summary is None:
        return data
    style.require(summary, ("group", "estimate", "conf_low", "conf_high"), "The summary frame")
    unknown = sorted(set(summary["group"].map(str)) - set(data["group"].map(str)))
    if unknown:
        raise InputError(f"The summary names group(s) without patients: {', '.join(unknown)}.")
    first = [group for group in data["group"] if group not in set(summary["group"])]
    order = pd.DataFrame({"group": [*first, *summary["group"]]})
    extra = summary.drop(columns=[c for c in data.columns if c in summary.columns and c != "group"])
    return order.merge(data, on="group").merge(extra, on="group", how="left")


@style.styled
def gap_by_group(
    gaps: Result | pd.DataFrame,
    summary: pd.DataFrame | None = None,
    *,
    label: str = "FaceAge − age (years)",
    reference: str | None = None,
    points: bool = False,
    width: str | float | None = None,
) -> Figure:
    """Draw the distribution of the age gap by group, with differences from the reference.

    The box is the quartiles and the median, its whiskers the 5th and 95th percentile, the diamond
    the mean. Behind it is a violin, or with ``points=True`` every patient as a point.

    Parameters
    ----------
    gaps, summary
        As in `gap_by_group_data`.
    label : str
        Axis label with its unit.
    reference : str, optional
        Name of the reference group, for the header of the differences; an `AgeGap` has it.
    points : bool
        Draw one point per patient. Only for public or synthetic data: exact values can be read
        from the figure. The default draws densities and percentiles only.
    width : {"single", "double"} or float, optional
        Column width or millimetres; by default one column if everything fits.

    Returns
    -------
    Figure
        Its ``alt_text`` says in words what it shows.

    Raises
    ------
    InputError
        As `gap_by_group_data`; or if the text leaves no room for the plot.

    See Also
    --------
    gap_by_group_data : The numbers that are drawn.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> rows = pd.DataFrame({"group": ["UTK"] * 50 + ["cancer"] * 50, "gap": rng.normal(2, 5, 100)})
    >>> gap_by_group(rows).axes[0].get_xlabel()
    'FaceAge − age (years)'
    """
    data = gap_by_group_data(gaps, summary)
    values, found = _drawn_values(gaps, data)
    reference = found if reference is None else reference
    left, right = _group_columns(data, reference)
    chosen = rows.choose_width(width, left, right, plot=30)
    heights = rows.row_heights(left[0].cells, minimum=_ROW)
    layout = rows.RowLayout(chosen, left, right, heights, label)
    fig, axes = rows.draw_rows(layout)
    rows.set_scale(axes, _gap_limits(list(values.values()), points), layout, ratio=False)
    axes.axvline(0, color=style.GREY, lw=0.6, ls=(0, (3, 2)), zorder=0)
    for row, y in zip(style.records(data), layout.centres, strict=True):
        colour = style.GREY if _is_reference(row) else style.PALETTE[0]
        if points:
            _draw_points(axes, values[row["group"]], y, colour)
        else:
            _draw_violin(axes, values[row["group"]], y, colour)
        _draw_box(axes, row, y)
    fig.alt_text = _alt(data, label, reference, points)
    return fig


def _drawn_values(gaps: Any, data: pd.DataFrame) -> tuple[dict[Any, np.ndarray], str | None]:
    """The gaps of each group, and the reference; without patients what the table shows of them."""
    if gaps is data:
        shown = data.set_index("group")[[*_QUANTILES, "mean_low", "mean_high"]].astype(float)
        values = {group: row.dropna().to_numpy() for group, row in shown.iterrows()}
        return values, next(iter(data.get("group2", pd.Series(dtype=object)).dropna()), None)
    patients, _, reference = _inputs(gaps)
    grouped = patients.groupby("group", observed=True)["gap"]
    return {name: block.to_numpy(float) for name, block in grouped}, reference


def _inputs(gaps: Any) -> tuple[pd.DataFrame, pd.DataFrame | None, str | None]:
    """Rows of patients with `group` and `gap`, the comparisons, and the reference group."""
    if isinstance(gaps, pd.DataFrame):
        style.require(gaps, ("group", "gap"), "The gaps frame")
        missing = int(gaps[["group", "gap"]].isna().any(axis=1).sum())
        if missing:
            raise InputError(
                f"`group` or `gap` is missing in {missing} row(s). Drop and count them first."
            )
        return gaps, None, None
    rows_of = gaps.augment()
    members = [column for column in rows_of.columns if column not in ("age", "gap")]
    long = [rows_of.loc[rows_of[name].astype(bool), ["gap"]].assign(group=name) for name in members]
    reference = gaps.reference
    summary = None
    if reference is not None:
        summary = gaps.contrasts().rename(columns={"group1": "group"})
    return pd.concat(long), summary, reference


def _group_columns(
    data: pd.DataFrame, reference: str | None
) -> tuple[list[rows.Column], list[rows.Column]]:
    labels = [
        f"{text.wrap(text.pretty(row['group']), 30)}\nn = {formats.format_count(row['n'])}"
        for row in style.records(data)
    ]
    left = [rows.Column("", labels)]
    if "estimate" not in data.columns:
        limits = zip(data["mean"], data["mean_low"], data["mean_high"], strict=True)
        cells = [formats.format_estimate_ci(*numbers) for numbers in limits]
        return left, [rows.Column("Mean (95% CI)", cells)]
    cells = [
        formats.REFERENCE
        if _is_reference(row)
        else formats.format_estimate_ci(row["estimate"], row["conf_low"], row["conf_high"])
        for row in style.records(data)
    ]
    against = f" vs {reference}" if reference else ""
    level = data["conf_level"].dropna().iloc[0] if "conf_level" in data.columns else 0.95
    header = f"{text.wrap(f'Difference{against}', 32)}\n({100 * level:g}% CI)"
    right = [rows.Column(header, cells)]
    if "p_value" in data.columns:
        printed = ["" if np.isnan(p) else formats.format_p(p) for p in data["p_value"]]
        right.append(rows.Column("p", printed))
    return left, right


def _is_reference(row: dict[str, Any]) -> bool:
    """Whether a group is the one that others are compared with; a withheld estimate is none."""
    if "group2" in row:
        return bool(pd.isna(row["group2"]))
    return "estimate" in row and not np.isfinite(row["estimate"])


def _gap_limits(values: list[np.ndarray], points: bool) -> tuple[float, float]:
    """All points, or the range of the violins (1st to 99th percentile of each group)."""
    spans = [np.quantile(v, [0, 1] if points else [0.01, 0.99]) for v in values if len(v)]
    low, high = min(0.0, *(s[0] for s in spans)), max(0.0, *(s[1] for s in spans))
    margin = 0.03 * (high - low) or 1.0
    return low - margin, high + margin


def _draw_violin(axes: Axes, values: np.ndarray, y: float, colour: str) -> None:
    """Violin between the 1st and the 99th percentile, so that no extreme patient shows."""
    if len(values) < 20:  # too few for a density that hides its patients
        return
    low, high = np.quantile(values, [0.01, 0.99])
    x, height = density(values)
    keep = (x >= low) & (x <= high)
    half = 0.42 * _ROW * height[keep]
    axes.fill_between(x[keep], y - half, y + half, color=colour, alpha=0.3, lw=0, zorder=1)


def _draw_points(axes: Axes, values: np.ndarray, y: float, colour: str) -> None:
    """Every patient as a point, spread by a quasi-random sequence within the local density."""
    x, height = density(values)
    ordered = np.sort(values)
    spread = qmc.Halton(1, scramble=False).random(len(ordered))[:, 0] - 0.5
    offset = spread * 0.84 * _ROW * np.interp(ordered, x, height)
    size = float(np.clip(900 / len(values), 1.2, 4))
    axes.scatter(
        ordered, y + offset, s=size, color=colour, alpha=0.45, lw=0, zorder=1,
        rasterized=len(values) > 500,
    )  # fmt: skip


def _draw_box(axes: Axes, row: dict[str, Any], y: float) -> None:
    """Box and diamond; where the quartiles are withheld, the diamond alone."""
    axes.plot(row["mean"], y, "D", ms=2.6, color=style.PALETTE[1], mew=0, zorder=5)
    if np.isnan(row["median"]):
        return
    low, high = row["q05"], row["q95"]
    statistics = {
        "med": row["median"], "q1": row["q25"], "q3": row["q75"],
        "whislo": row["q25"] if np.isnan(low) else low,
        "whishi": row["q75"] if np.isnan(high) else high,
    }  # fmt: skip
    line = {"color": style.INK, "lw": 0.7}
    axes.bxp(
        [statistics], positions=[y], widths=0.22 * _ROW, orientation="horizontal",
        showfliers=False, showcaps=False, manage_ticks=False, patch_artist=True,
        boxprops={"facecolor": "white", "edgecolor": style.INK, "lw": 0.7},
        whiskerprops=line, medianprops={"color": style.INK, "lw": 1.2}, zorder=3,
    )  # fmt: skip


def _alt(data: pd.DataFrame, label: str, reference: str | None, points: bool) -> str:
    parts = []
    for row in style.records(data):
        difference = ""
        if np.isfinite(row.get("estimate", np.nan)):
            interval = formats.format_estimate_ci(
                row["estimate"], row["conf_low"], row["conf_high"]
            )
            difference = f", difference from {reference or 'the reference'} {interval}"
        mean = formats.format_number(row["mean"], 2)
        count = formats.format_count(row["n"])
        parts.append(f"{text.pretty(row['group'])}: n {count}, mean {mean}{difference}")
    shape = "Points" if points else "Violins"
    return f"{shape} with boxes of {label} by group. {'; '.join(parts)}."
