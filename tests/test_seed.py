"""Seeds: one generator per use, whatever was drawn before and wherever it runs."""

import hashlib

import numpy as np
import pytest

from faceage_stats._seed import DEFAULT_SEED, generator
from faceage_stats.errors import InputError


def first(*key) -> int:
    return int(generator(*key).integers(2**62))


def test_draws_are_those_of_numpy_for_the_hashed_name():
    word = int.from_bytes(hashlib.sha256(b"c index").digest()[:8], "big")
    assert first(1, "c index", 7) == np.random.default_rng([1, word, 7]).integers(2**62)


def test_seed_name_and_replicate_each_give_other_draws():
    keys = [(s, n, b) for s in (0, 1) for n in ("a", "b", "ab") for b in range(1, 20)]
    assert len({first(*key) for key in keys}) == len(keys)
    assert first(DEFAULT_SEED, "a", "b") != first(DEFAULT_SEED, "b", "a")


def test_draws_do_not_depend_on_what_was_drawn_before():
    once = first(3, "x", 2)
    generator(3, "x", 1).normal(size=100)
    assert first(np.int64(3), "x", 2) == once


@pytest.mark.parametrize("seed", [-1, 1.5, None, True, "1"])
def test_what_is_no_seed_is_refused(seed):
    with pytest.raises(InputError, match=r"seed is .*; it must be a whole number, 0 or more"):
        generator(seed, "a")
