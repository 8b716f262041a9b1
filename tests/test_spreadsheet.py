"""Text that a spreadsheet would run: written harmless, read back as it was."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceage_stats._spreadsheet import harmless, harmless_frame, restored, restored_frame


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+cmd|' /C calc'!A0", "-2+3+cmd", "@SUM(A1)", "\t=1", "\r=1", "-x", "'=1", "=", "@"],
)
def test_formulas_get_an_apostrophe(text):
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize(
    "text",
    ["-1.5", "+3", "-1e-5", "-12%", "+", "-", "+++", "-0.53 (-1.20 to 0.10)", "lung", "", "a=b"],
)
def test_numbers_signs_and_words_are_left(text):
    assert harmless(text) == text


@given(st.text("'=+-@\t\r1.5 (ax", max_size=8))
def test_what_is_written_is_restored(text):
    written = harmless(text)
    assert restored(written) == text or written == text == f"'{restored(text)}"


@given(st.text("'=+-@\t\rax", min_size=1, max_size=8).filter(lambda t: set(t) - set("+-")))
def test_no_two_texts_are_written_alike(text):
    assert restored(harmless(text)) == text


def test_names_levels_and_repeated_columns():
    frame = pd.DataFrame([["=1", 1.5, -2], [None, 2.5, -3]], columns=["@a", "n", "n"])
    frame["level"] = pd.Categorical(["-b", "c"])
    safe = harmless_frame(frame)
    assert list(safe) == ["'@a", "n", "n", "level"]
    assert safe["'@a"].tolist() == ["'=1", None]
    assert safe["level"].tolist() == ["'-b", "c"]
    assert safe["n"].equals(frame["n"])
    assert restored_frame(safe).equals(frame.astype({"level": object}))
