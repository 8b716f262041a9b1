"""Benchmarks beside R and other packages, as measured and committed."""

from functools import partial
from pathlib import Path

import pandas as pd
from matplotlib.ticker import NullLocator

import faceage_stats as fs

ROOT = Path(__file__).resolve().parents[2]
TABLES = ()
READS = "committed timings"
FILES = ("benchmarks/results/*.csv",)
LINES = {
    "ours_s": "coxph and its concordance, in memory",
    "rust_survival_s": "survival, in Rust",
    "file_s": "coxph_parquet, one row group in memory",
}


def make(data, settings):
    """Show the committed timings; they are taken by hand on a quiet machine, not by this build."""
    files = sorted(ROOT.glob(FILES[0]))
    tables = {path.stem: pd.read_csv(path) for path in files}
    columns = dict.fromkeys(column for table in tables.values() for column in table)
    for name, table in tables.items():
        if "reached" in table:
            tables[name] = table.assign(reached=table["reached"].map(verdict))
    growth = grown(tables["growth"], tables["row_groups"])
    return fs.Item(
        figure=fs.Figure(partial(draw, growth), label="Growth with patients and covariates"),
        caption=(
            "Processor seconds of a Cox fit by the number of patients (10 covariates) and of "
            "covariates (10,000 patients), all threads together. Each table was taken in one run, "
            "ours and the other package's side by side; what travels between machines is the "
            "ratio. The scripts are in `benchmarks/`."
        ),
        answer=(
            "The committed timings, ours beside the others'; targets are reached or missed. "
            f"{of_a_day(tables['breadth'])} {from_a_file(tables['row_groups'])}"
        ),
        tables=tables,
        source_data=growth,
        columns={
            **dict.fromkeys(columns, "as measured by the script in benchmarks/"),
            "label": "Column of the tables growth and row_groups",
        },
    )


def of_a_day(breadth):
    """Say how often R is left behind, and what is slower here."""
    timed = breadth.dropna(subset=["ratio"])
    fast, slow = int((timed["ratio"] >= 5).sum()), timed.loc[timed["ratio"] < 1, "task"]
    slower = f"slower than R here: {', '.join(slow)}" if len(slow) else "none is slower than R"
    return (
        f"Of {len(timed)} calls of a day, on {int(breadth['n'].iloc[0]):,} patients, {fast} take a "
        f"fifth of R's time or less; {slower} (table of breadth)."
    )


def verdict(reached):
    """Say whether a target was reached; nothing where there is none."""
    return {"true": "reached", "yes": "reached", "false": "missed", "no": "missed"}.get(
        str(reached).lower()
    )


def from_a_file(row_groups):
    """Say what the largest fit from a file took, and what ten times as many rows would."""
    largest = row_groups.sort_values("n").iloc[-1]
    n, covariates, passes = (int(largest[name]) for name in ("n", "covariates", "passes"))
    seconds, a_pass = largest["ours_s"], 10 * n * 8 * (covariates + 2) / 1e9  # and time and event
    return (
        f"Read from a file, {n:,} patients with {covariates} covariates take {seconds:.0f} seconds "
        f"of one processor and {largest['peak_mb'] / 1000:.1f} GB, in {passes} passes (table of "
        f"row groups). On paper, ten times as many take {a_pass:.1f} GB a pass, as many passes, "
        f"{10 * seconds / 60:.0f} minutes and the same memory."
    )


def grown(growth, row_groups):
    """One row per fit: patients, covariates, whose, seconds."""
    files = row_groups[["n", "covariates"]].assign(file_s=row_groups["ours_s"])
    long = pd.concat([growth, files]).melt(["n", "covariates"], list(LINES), "label", "estimate")
    return long.dropna(subset=["estimate"]).sort_values(["label", "n", "covariates"])


@fs.figures.styled
def draw(growth):
    """Time against patients, and against covariates, on logarithmic axes."""
    figure = fs.figures.new_figure("double", 78)
    panels = figure.subplots(1, 2, sharey=True)
    by = {"n": growth["covariates"] == 10, "covariates": growth["n"] == 10_000}
    for axes, (column, rows) in zip(panels, by.items(), strict=True):
        for colour, (label, text) in zip(fs.figures.PALETTE, LINES.items(), strict=False):
            line = growth[rows & (growth["label"] == label)].sort_values(column)
            if len(line) > 1:
                axes.plot(line[column], line["estimate"], "o-", color=colour, ms=3, label=text)
        axes.set(xscale="log", yscale="log")
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(lambda value, _: f"{value:,.10g}")
            axis.set_minor_locator(NullLocator())
    panels[0].set(xlabel="Simulated patients (10 covariates)", ylabel="Processor seconds")
    panels[1].set(xlabel="Covariates (10,000 simulated patients)")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=len(labels))
    ours = growth[(growth["label"] == "ours_s") & by["n"]]
    said = [f"{row.n:,.0f}: {row.estimate:.3g}" for row in ours.itertuples()]
    figure.alt_text = (
        "Two panels, time of a Cox fit against patients and against covariates, both axes "
        f"logarithmic. Ours in seconds by patients: {'; '.join(said)}."
    )
    return figure
