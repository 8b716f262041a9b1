"""Columns of plain numbers are looked at together, and tell what each tells by itself.

Truth: `ColumnKind.narrow`, which looks at every cell, whose answers test_read_table.py compares
with those of other readers.
"""

from __future__ import annotations

import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import faceage_stats as fs
from faceage_stats.cohorts.tables import delimited
from faceage_stats.cohorts.tables.column_kind import ColumnKind
from faceage_stats.cohorts.tables.number_marks import NumberMarks
from faceage_stats.cohorts.tables.plain_numbers import plain_blocks
from faceage_stats.cohorts.tables.reading import Codes, Reading
from faceage_stats.errors import FaceageError

PLAIN = ["0", "1", "12", "-61", "-9", "123", "999", "1234", "-0", "-0.0", "0.5", "1.5", "3.130",
         "-0.130", "12.25", "1e5", "2.5E-07", "1234.567", "9" * 15, "0.1234"]  # fmt: skip
HOSTILE = ["", " ", "NA", "#N/A", " 1", "1 ", "007", "0.", ".5", "1.", "+1", "+3.130", "1,5",
           "3.130.500", "1 000", "nan", "inf", "1e400", "1e5e", "e5", "-", "--1", ".", "9" * 16,
           "9" * 19, "0x1F", "1_0", "\u0661", "true", "2020-01-31", "unknown", "a", "1\u00a0",
           "\u22121"]  # fmt: skip
BLOCKS = st.lists(
    st.lists(st.sampled_from(PLAIN), min_size=3, max_size=3)
    | st.lists(st.sampled_from([*PLAIN, *HOSTILE]), min_size=3, max_size=3),
    min_size=1,
    max_size=3,
)


def one_by_one(kinds, columns):
    for kind, cells in zip(kinds, columns, strict=True):
        kind.narrow(cells)


def told(narrow, blocks, options):
    """What is learnt of two columns: the first of the blocks, the second of their first cells."""
    how = Reading(na_values=options["na_values"])
    kinds = [
        ColumnKind(
            False,
            how.codes("x"),
            NumberMarks(options["decimal"], options["thousands"], options["commas"]),
        )
        for _ in range(2)
    ]
    for block in blocks:
        narrow(kinds, [pa.array(block, pa.string()), pa.array([block[0]] * 3, pa.string())])
    return [answer(kind) for kind in kinds]


def answer(kind):
    marks = kind.marks_in_text
    found = [kind.name, kind.dtype, kind.gaps, kind.empty, kind.round, kind.possible, kind.n_words]
    found += [marks.n, marks.n_numbers, +marks.n_marked, kind.marks.settled]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            kind.check("x", "t.csv", is_declared=False)
        except FaceageError as error:
            found.append(str(error))
    return [*found, [str(each.message) for each in caught]]


@settings(
    max_examples=400,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(
    blocks=BLOCKS,
    options=st.fixed_dictionaries(
        {
            "na_values": st.sampled_from([(), ("-9", "unknown"), ("nan",), (1,)]),
            "decimal": st.sampled_from([None, ".", ","]),
            "thousands": st.sampled_from([None, None, " "]),
            "commas": st.booleans(),
        }
    ),
)
def test_columns_together_tell_what_each_tells_alone(blocks, options):
    assert told(delimited._narrow, blocks, options) == told(one_by_one, blocks, options)


CODES = Codes(("", "NA"), ())


@pytest.mark.parametrize("cell", PLAIN)
def test_plain_cells_are_looked_at_together(cell):
    (block,) = plain_blocks([pa.array([cell, "1234", "NA"])], CODES)
    assert block is not None
    assert (block.n, block.gaps) == (2, True)


@pytest.mark.parametrize("cell", [cell for cell in HOSTILE if cell not in CODES.texts])
def test_other_cells_are_looked_at_closely(cell):
    plain, hostile = plain_blocks([pa.array(["1.5", "NA"]), pa.array([cell, "1.5"])], CODES)
    assert (plain is None, hostile is None) == (False, True)


@settings(max_examples=60, derandomize=True, database=None, deadline=None)
@given(st.lists(st.tuples(*[st.sampled_from([*PLAIN * 3, *HOSTILE])] * 3), min_size=1, max_size=6))
def test_the_table_is_the_same(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("t") / "t.csv"
    pd.DataFrame(rows, columns=list("abc")).to_csv(path, index=False, sep=";")

    def read():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                return fs.read_table(path)
            except FaceageError as error:
                return str(error)

    together = read()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "_narrow", one_by_one)
        patch.setattr(ColumnKind, "may_be_plain", False)
        alone = read()
    if isinstance(alone, str):
        assert together == alone
    else:
        pd.testing.assert_frame_equal(together, alone, check_exact=True)


def test_thousands_of_genes_are_read_in_a_fraction_of_the_time(tmp_path: Path):
    genes = np.random.default_rng(1).normal(8, 2, (20, 300)).round(4)
    path = tmp_path / "genes.csv"
    pd.DataFrame(genes, columns=[f"g{i}" for i in range(300)]).to_csv(path, index=False)

    def seconds() -> float:
        took = []
        for _ in range(3):
            began = time.process_time()
            read = fs.read_table(path)
            took.append(time.process_time() - began)
        assert (read.to_numpy() == genes).all()
        return min(took)

    together = seconds()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "_narrow", one_by_one)
        assert together < seconds() / 2
