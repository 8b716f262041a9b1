"""Dates and numbers as they are written elsewhere. Truth: the first days of eras, by law."""

from __future__ import annotations

import pandas as pd
import pytest

from faceage_stats.cohorts.prepare.cells import Marks, numbers
from faceage_stats.cohorts.prepare.dates import (
    format_problem,
    likely_formats,
    read_dates,
    write_date,
)

KNOWN = {
    "GYY.MM.DD": {"S01.12.25": "1926-12-25", "h31.4.30": "2019-04-30", "Ｒ０１.05.01": "2019-05-01",
                  "令和元.5.1": "2019-05-01", "T1.7.30": "1912-07-30", "M 45.7.29": "1912-07-29"},
    "GYY年MM月DD日": {"昭和64年1月7日": "1989-01-07", "平成元年1月8日": "1989-01-08"},
    "YYYY年MM月DD日": {"2021年4月1日": "2021-04-01", "２０２１年１２月３１日": "2021-12-31"},
    "DD/MM/BBBB": {"31/12/2567": "2024-12-31", "1/1/2484": "1941-01-01"},
    "CCC/MM/DD": {"113/04/01": "2024-04-01", "99/1/2": "2010-01-02"},
    "CCCMMDD": {"1130401": "2024-04-01", "0990102": "2010-01-02"},
    "YYYY/MM/DD": {"2021/04/01 13:05:22": "2021-04-01", "2021/4/1T23:59:59.317+09:00": "2021-04-01",
                   "2021/4/1": "2021-04-01", "2021/04/01 9:05 pm": "2021-04-01"},
    "YYYY-MM-DDThh:mm:ss": {"2020-01-31T10:00:00": "2020-01-31"},
}  # fmt: skip


@pytest.mark.parametrize("written", KNOWN)
def test_dates(written):
    assert not format_problem(written)
    cells = pd.Series(list(KNOWN[written]), dtype=object)
    dates, unread, _ = read_dates(cells, (written,))
    assert dates.dt.date.astype(str).tolist() == list(KNOWN[written].values())
    assert not unread.any()


@pytest.mark.parametrize(
    ("written", "cell"),
    [("GYY.MM.DD", "X1.1.1"), ("GYY.MM.DD", "2019.5.1"), ("GYY.MM.DD", "R1.13.1"),
     ("CCCMMDD", "990102"), ("DD/MM/BBBB", "31/12/1024"), ("YYYY/MM/DD", "2021/04/01 noon"),
     ("YYYY-MM-DDThh:mm:ss", "2020-01-31")],
)  # fmt: skip
def test_cells_that_are_no_dates(written, cell):
    assert read_dates(pd.Series([cell, None], dtype=object), (written,))[1].tolist() == [
        True,
        False,
    ]


@pytest.mark.parametrize("written", ["GYY", "GYY.MM.DD YYYY", "GG.MM.DD", "BBBB", "DD/MM/YYYY x"])
def test_formats_that_cannot_be_meant(written):
    assert "is no format" in format_problem(written)


# Truth: what was written is read again.
@pytest.mark.parametrize("written", [name for name in KNOWN if "hh" not in name])
def test_written_and_read(written):
    days = pd.Series([*pd.date_range("1926-12-25", "2030-01-01", freq="37D"), pd.NaT])
    cells = write_date(days, written)
    again, unread, _ = read_dates(cells, (written,))
    pd.testing.assert_series_equal(again, days, check_names=False, check_dtype=False)
    assert not unread.any()
    if "CCCM" not in written:
        assert written in likely_formats(cells)


# Truth: the same numbers in our digits; what is raised is no digit.
def test_digits_of_other_scripts():
    cells = pd.Series(["１６５．２", "٧٠", "７０kg", "10²", "1,5", None], dtype=object)
    read, unread = numbers(cells.head(2), Marks())
    assert read.tolist() == [165.2, 70.0]
    assert numbers(cells.iloc[2:4], Marks())[1].all()
    assert not unread.any()
