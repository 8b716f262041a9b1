"""Rule sets by name, and the settings that are refused."""

import dataclasses

import numpy as np
import pytest

from faceage_stats.cohorts.disclosure.rounding import round_counts
from faceage_stats.cohorts.disclosure.rules import NO_RULES, RULE_SETS, rules_from
from faceage_stats.errors import InputError


@pytest.mark.parametrize(
    ("name", "minimum", "base", "curve_base"),
    [("opensafely", 8, 5, 10), ("eu_small_cell", 5, 5, 5), ("strict", 10, 10, 10)],
)
def test_a_rule_set_is_found_by_its_name(name, minimum, base, curve_base):
    rules = rules_from(name)
    assert rules == RULE_SETS[name]
    assert (rules.minimum, rules.base, rules.curve_base) == (minimum, base, curve_base)


def test_own_rules_and_the_right_to_release():
    assert rules_from({"minimum": 12, "base": 10}).name == "own"
    assert rules_from({"minimum": 0, "i_hold_the_right_to_release": True}) is NO_RULES
    assert not NO_RULES.active


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("opensavely", "Did you mean .opensafely"),
        (True, "is True"),
        (0, "is 0"),
        ({"minimum": True, "base": 5}, "wrong or unknown: minimum"),
        ({"minimum": 8, "round": 5}, "wrong or unknown: round"),
        ({"base": 5}, "minimum is missing"),
        ({"minimum": 0}, "i_hold_the_right_to_release: true"),
        ({"minimum": 0, "i_hold_the_right_to_release": 1}, "i_hold_the_right_to_release: true"),
        ({"minimum": 8, "base": 1}, "below 5 small counts follow"),
    ],
)
def test_what_does_not_protect_is_refused(setting, message):
    with pytest.raises(InputError, match=message):
        rules_from(setting)


@pytest.mark.parametrize("name", ["opensafley", "mine"])
def test_a_rule_set_that_is_not_there_is_refused_in_a_sentence(name):
    with pytest.raises(InputError, match=f"no rule set is called '{name}'.*It is opensafely"):
        RULE_SETS[name]


@pytest.mark.parametrize("name", RULE_SETS)
def test_a_larger_count_is_never_shown_as_less(name):
    """Of nested groups, 15, 20, 15, 20 would tell that they have 19, 18, 17 and 16 patients."""
    for number in range(40):
        rules = dataclasses.replace(RULE_SETS[name], key=f"key {number}".encode())
        shown = round_counts(np.arange(1, 400), rules)
        assert (np.diff(shown[np.isfinite(shown)]) >= 0).all()
        assert np.isfinite(shown[np.isfinite(shown).argmax() :]).all()


def test_every_count_goes_up_as_often_as_it_is_near():
    rules = [dataclasses.replace(RULE_SETS["strict"], key=f"{i}".encode()) for i in range(2000)]
    up = np.mean([round_counts([41, 45, 48], each) > 40 for each in rules], axis=0)
    assert up == pytest.approx([0.1, 0.5, 0.8], abs=0.04)
