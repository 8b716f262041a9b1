"""Families adjusted apart, their rows kept; p.adjust itself is tested on the floor."""

import pandas as pd
import pytest

from faceage_stats.association.classical.adjust_family import adjust_family
from faceage_stats.errors import InputError


def test_families_are_adjusted_apart_and_keep_their_rows():
    tests = pd.DataFrame({"site": ["a", "b", "a"], "p_value": [0.01, 0.02, 0.03]}, index=[5, 3, 9])
    out = adjust_family(tests, family="smoking", by="site", p_adjust="bonferroni")
    assert out.index.tolist() == [5, 3, 9]
    assert out["p_adjusted"].tolist() == [0.02, 0.02, 0.06]
    assert out["family"].tolist() == [
        "smoking, a (2 tests)",
        "smoking, b (1 test)",
        "smoking, a (2 tests)",
    ]


def test_refusals():
    with pytest.raises(InputError, match="no columns 'p_value', 'site'"):
        adjust_family(pd.DataFrame({"p": [1]}), family="x", by="site")
    with pytest.raises(InputError, match="Did you mean 'holm'"):
        adjust_family(pd.DataFrame({"p_value": [0.1]}), family="x", p_adjust="hol")
