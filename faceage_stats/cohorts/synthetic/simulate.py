"""Synthetic cohorts with planted truth: raw tables that the published analyses can be run on."""

from __future__ import annotations

import importlib
import json
import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from faceage_stats import __version__
from faceage_stats._call import checked_call
from faceage_stats._near import check_option, did_you_mean
from faceage_stats.cohorts.synthetic.matched import (
    SEED,
    matched_design,
    matched_values,
)
from faceage_stats.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["COHORTS", "Synthetic", "simulate"]

Cohort: TypeAlias = Literal[
    "maastro",
    "thoracic",
    "palliative",
    "survey",
    "genotyped",
    "harvard_rt",
    "maastro_rt",
    "serial",
    "older_rt",
]
# cohort -> (module, function that draws it), imported when it runs: the names alone cost nothing
_BUILDERS: dict[Cohort, tuple[str, str]] = {
    "maastro": ("maastro", "build"),
    "thoracic": ("thoracic", "build"),
    "palliative": ("palliative", "build"),
    "survey": ("survey", "build"),
    "genotyped": ("genotyped", "build"),
    "harvard_rt": ("fahr", "build_harvard"),
    "maastro_rt": ("fahr", "build_maastro"),
    "serial": ("serial", "build"),
    "older_rt": ("older", "build"),
}
COHORTS: tuple[Cohort, ...] = get_args(Cohort)

# table -> schema, where the names differ
_SCHEMAS = {"harvard_rt": "fahr_rt", "maastro_rt": "fahr_rt"}
SMALLEST = 20
GENERATOR = "faceage_stats.simulate"
Match: TypeAlias = Literal["published"]
_NOTICE = (
    "Every row is drawn by a random number generator. No row is a patient, and a value recovered "
    "from this table shows that the software works, not that a finding replicates."
)
_MATCHED = (
    "Matched: the numbers of the generator were searched until the estimates of this one table "
    "are the published ones. That they are is no evidence for them."
)


@dataclass(frozen=True, eq=False)
class Synthetic:
    """A simulated cohort: its tables, and the truth that was planted in them.

    Attributes
    ----------
    cohort : str
        Name of the cohort.
    seed : int
        Seed that it was drawn with.
    tables : dict of str to pandas.DataFrame
        The tables by file name, in the raw codings of their schema.
    truth : dict
        What was planted, in plain lists and numbers: ``planted`` (one record per value, with
        the ``id`` of the published value, or None), margins, baseline,
        censoring, missing values.
    """

    cohort: str
    seed: int
    tables: dict[str, pd.DataFrame]
    truth: dict[str, Any]

    @property
    def data(self) -> pd.DataFrame:
        """The only table of the cohort; refused where there are several."""
        if len(self.tables) > 1:
            names = ", ".join(self.tables)
            raise InputError(
                f"{self.cohort} has {len(self.tables)} tables ({names}): use .tables['...']."
            )
        return next(iter(self.tables.values()))

    def __repr__(self) -> str:
        sizes = ", ".join(f"{name} {len(t)} x {t.shape[1]}" for name, t in self.tables.items())
        return f"<synthetic {self.cohort}, seed {self.seed}: {sizes}>"


@checked_call
def simulate(
    cohort: Cohort, *, match: Match | None = None, seed: int = 0, n: int | None = None
) -> Synthetic:
    """Draw a synthetic cohort whose true effects are known.

    Survival follows a proportional-hazards model with a Weibull baseline, in exactly the
    columns of the published adjusted model, so that fitting that model recovers the planted
    hazard ratios without bias. Margins, the FaceAge gap, censoring, ties and missing values
    imitate the published cohorts; the truth states which values are published and which are
    assumptions.

    Parameters
    ----------
    cohort : {"maastro", "thoracic", "palliative", "survey", "genotyped", "harvard_rt", \
"maastro_rt", "serial", "older_rt"}
        The cohort. ``utk`` is not simulated: its data are public (see ``fetch_utk``).
    match : {"published"}, optional
        The one cohort whose estimates equal the published values to their last
        printed digit. Its truth has what was planted to that end, and the ids of those values. It
        tells the story of the papers, and nothing about bias or coverage: for these draw many
        cohorts without a match.
    seed : int, default 0
        A whole number from 0. The same seed gives the same rows. A matched cohort has only one.
    n : int, optional
        Patients in the analysis, at least 20; the published size by default. ``maastro`` adds
        rows flagged ``exclude`` on top. A matched cohort has the published size.

    Returns
    -------
    Synthetic
        ``.data`` (or ``.tables``, where there are several) and ``.truth``.

    Raises
    ------
    InputError
        The cohort is unknown, the seed is not a whole number from 0, n is below 20, or a matched
        cohort is asked for with another seed or size.

    See Also
    --------
    curate : Make the analysis set of a cohort from its raw table.
    paper_values : The published numbers that were planted.

    Notes
    -----
    Every component (age, FaceAge, survival, censoring ...) has a separate random stream, derived
    from the seed, the cohort and the component's name. ``survey`` and ``genotyped`` draw their
    patients from ``palliative`` and ``thoracic`` of the same seed, so that the tables join.

    References
    ----------
    Bender R, Augustin T, Blettner M (2005). Generating survival times to simulate Cox proportional
    hazards models. Statistics in Medicine 24, 1713-1723. doi:10.1002/sim.2059

    Examples
    --------
    >>> import faceage_stats as fs
    >>> cohort = fs.simulate("thoracic", seed=1)
    >>> cohort
    <synthetic thoracic, seed 1: thoracic 573 x 13>
    >>> cohort.truth["synthetic"], cohort.truth["planted"][0]["estimate"]
    (True, 1.148)
    >>> matched = fs.simulate("thoracic", match="published")
    >>> matched.truth["matched"]["ids"]
    ['faceage_thoracic_hr_adjusted', 'faceage_thoracic_age_not_significant']
    """
    if not isinstance(cohort, str):
        raise InputError(f"cohort is a {type(cohort).__name__}; give the name of a cohort.")
    if cohort not in COHORTS:
        if str(cohort) == "utk":
            raise InputError("utk is not simulated: its data are public, see fetch_utk.")
        raise InputError(
            f"unknown synthetic cohort {cohort!r}.{did_you_mean(cohort, COHORTS)} Choose from "
            f"{', '.join(COHORTS)}."
        )
    name, function = _BUILDERS[cohort]
    builder = importlib.import_module(f"{__package__}.{name}")
    published = builder.N[cohort] if isinstance(builder.N, dict) else builder.N
    seed = _whole(seed, "seed", 0)
    size = published if n is None else _whole(n, "n", SMALLEST)
    design: tuple[Any, ...] = ()
    if match is not None:
        check_option("match", match, Match)
        _refuse_another(cohort, seed, n)
        design = (matched_design(cohort, builder.DESIGN),)
    tables, planted = getattr(builder, function)(seed, size, *design)
    truth = {
        "synthetic": True,
        "notice": _NOTICE,
        **({} if match is None else {"matched": _matching(cohort)}),
        "generator": GENERATOR,
        "version": __version__,
        "cohort": cohort,
        "seed": seed,
        "n": size,
        "tables": {
            name: {"schema": _SCHEMAS.get(name, name), "n_rows": len(table)}
            for name, table in tables.items()
        },
        **planted,
    }
    # as JSON has it, so that the object and the file say the same
    return Synthetic(cohort, seed, tables, json.loads(json.dumps(truth, allow_nan=False)))


def _refuse_another(cohort: str, seed: int, n: int | None) -> None:
    """A matched cohort is one table: refuse what would be another."""
    if seed != SEED or n is not None:
        raise InputError(
            f"{cohort}: with match='published' there is one cohort, of the published size; leave "
            "out seed and n, or match."
        )


def _matching(cohort: str) -> dict[str, Any]:
    """What the truth says of a matched cohort."""
    return {"notice": _MATCHED, "ids": matched_values(cohort)}


def _whole(value: Any, name: str, smallest: int) -> int:
    """The value as an int, or an error that names the argument."""
    try:
        number = operator.index(value)
    except TypeError:
        raise InputError(f"{name} must be a whole number, not {type(value).__name__}.") from None
    if number < smallest:
        raise InputError(f"{name} is {number}; it must be {smallest} or more.")
    return number
