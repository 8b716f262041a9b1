"""A few of the simulated attacks; the two hundred of them run by themselves in CI."""

import pytest

from faceage_stats.cohorts.disclosure.rules import NO_RULES, RULE_SETS

from .simulated_attacks import attacked, cohort


@pytest.mark.parametrize(("seed", "name"), list(enumerate(RULE_SETS)))
def test_no_attacker_recovers_a_small_count_a_time_or_a_value(seed, name):
    assert (cohort(seed).groupby("site", observed=False).size() < 5).sum() == 2  # as planted
    assert attacked(seed, RULE_SETS[name]) == (0, 0, 0)


def test_every_attacker_recovers_them_from_what_is_not_released():
    ours, design, curves = attacked(3, NO_RULES)
    assert ours > 10
    assert design >= 2
    assert curves == 1
