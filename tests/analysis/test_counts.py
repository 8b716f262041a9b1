"""What a figure counts is what the table beside it counts."""

import importlib
import re
from types import SimpleNamespace

import pandas as pd

import faceage_stats as fs


def test_figure_2d_draws_each_patient_once():
    """The Harvard patients come from two tables, whose row numbers repeat."""
    item = importlib.import_module("items.fig2d")
    data = {name: fs.simulate(name, seed=3).data for name in item.TABLES}
    made = item.make(data, SimpleNamespace(points=lambda table: False))
    gaps = made.tables["gaps"]
    for name, figure in (
        ("MAASTRO", made.figure[""].draw()),
        ("Harvard", made.figure["harvard"].draw()),
    ):
        rows = gaps[gaps["model"] == name]
        tabled = dict(zip(rows["group"].astype(str), rows["n"], strict=True))
        texts = [text.get_text() for text in figure.axes[0].texts]
        drawn = dict(re.findall(r"^(ECOG \d)\nn = ([\d,]+)$", "\n\n".join(texts), flags=re.M))
        counted = {group: int(n.replace(",", "")) for group, n in drawn.items()}
        assert counted == {group: tabled[group] for group in counted}
        source = made.source_data()
        source = source[source["cohort"] == name]
        assert dict(zip(source["group"].astype(str), source["n"], strict=True)) == counted
        assert len(counted) >= 3
        assert isinstance(rows, pd.DataFrame)
