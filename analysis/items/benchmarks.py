"""Benchmarks beside R and other packages, as measured and committed."""

from pathlib import Path

import pandas as pd

import faceage_stats as fs

ROOT = Path(__file__).resolve().parents[2]
TABLES = ()
READS = "committed timings"
FILES = ("benchmarks/results/*.csv",)


def make(data, settings):
    """Show the committed timings; they are taken by hand on a quiet machine, not by this build."""
    files = sorted(ROOT.glob(FILES[0]))
    tables = {path.stem: pd.read_csv(path) for path in files}
    columns = dict.fromkeys(column for table in tables.values() for column in table)
    return fs.Item(
        caption=(
            "Each table was taken in one run, ours and the other package's side by side; what "
            "travels between machines is the ratio. The scripts are in `benchmarks/`."
        ),
        answer="The committed timings, ours beside the other package's; missed targets say no.",
        tables=tables,
        columns=dict.fromkeys(columns, "as measured by the script in benchmarks/"),
    )
