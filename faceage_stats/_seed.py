"""One scheme of seeds: every use of randomness has a generator, named by what it draws."""

from __future__ import annotations

import hashlib

import numpy as np

from faceage_stats.errors import InputError

__all__ = ["DEFAULT_SEED", "generator"]

DEFAULT_SEED = 0


def generator(seed: int, *names: str | int) -> np.random.Generator:
    """Return the generator that belongs to a seed and to the names of a use.

    Draws depend on nothing else: neither on the order of computations nor on the number of
    workers. Other names give independent draws.

    Parameters
    ----------
    seed : int
        Seed of the project or of the call, 0 or more.
    *names : str or int
        What is drawn, and where it is repeated the number of the replicate, e.g.
        ``generator(seed, "max_t", 17)``.

    Returns
    -------
    numpy.random.Generator

    Raises
    ------
    InputError
        `seed` is not a whole number of 0 or more.

    Notes
    -----
    Texts enter NumPy's ``SeedSequence`` as the first eight bytes of their SHA-256, numbers as
    they are.

    Examples
    --------
    >>> int(generator(1, "c index", 7).integers(1000))
    800
    """
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise InputError(f"seed is {seed!r}; it must be a whole number, 0 or more.")
    return np.random.default_rng([int(seed), *(_word(name) for name in names)])


def _word(name: str | int) -> int:
    if isinstance(name, str):
        return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
    if not isinstance(name, int | np.integer):
        raise InputError(f"a draw is named by a {type(name).__name__}; give text or a number.")
    return int(name)
