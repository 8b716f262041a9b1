"""Tests of all variants of a gene together: SKAT, burden, SKAT-O, ACAT and ACAT-V."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from faceage_stats._arguments import check_fit, check_names
from faceage_stats._call import checked_call
from faceage_stats._formula.frame import model_frame
from faceage_stats._near import check_option
from faceage_stats._warn import warn
from faceage_stats.association.genomics import skat
from faceage_stats.association.genomics.acat import acat_p
from faceage_stats.association.genomics.joined import MAX_UNMATCHED, join_by_id
from faceage_stats.association.genomics.null_model import NullModel
from faceage_stats.association.genomics.set_result import SetTests
from faceage_stats.association.genomics.variant_qc import check_dosage
from faceage_stats.errors import EstimationWarning, InputError

__all__ = ["SetTest", "set_test"]

SetTest = Literal["skat", "burden", "skat_o", "acat", "acat_v"]

_METHODS: dict[SetTest, str] = {
    "skat": "SKAT",
    "burden": "Burden test",
    "skat_o": "SKAT-O",
    "acat": "ACAT of single variants",
    "acat_v": "ACAT-V",
}
_EQUAL = (1.0, 1.0)  # the beta density that is 1 everywhere


@checked_call
def set_test(
    genotypes: Any,
    data: Any,
    formula: str,
    *,
    sets: pd.DataFrame | Mapping[str, Sequence[str]],
    test: SetTest = "skat",
    weights: tuple[float, float] | None = None,
    mac_threshold: float = 10,
    id: str = "patient_id",  # noqa: A002 - the identifier column
) -> SetTests:
    """Test whether any variant of a gene is associated with a trait, given covariates.

    Parameters
    ----------
    genotypes : pandas.DataFrame or polars.DataFrame
        One row per patient: `id` and one column per variant with the dosage, 0 to 2 copies of an
        allele. Joined to `data` by `id`, never by position.
    data : pandas.DataFrame or polars.DataFrame
        Trait and covariates, one row per patient.
    formula : str
        ``"faceage ~ age + sex + pc1"``, or ``"faceage ~ 1"``. A trait of only 0 and 1 is taken as
        binary (logistic null model, no small-sample adjustment), any other as quantitative.
    sets : DataFrame or mapping
        Which variants belong together: columns ``variant_id`` and ``gene``, or gene to variants.
    test : {"skat", "burden", "skat_o", "acat", "acat_v"}
        SKAT finds effects of either sign, the burden test effects of one sign, SKAT-O adapts to
        the data; ACAT combines the p values of the variants, and ACAT-V pools those with
        `mac_threshold` copies or fewer into one burden first.
    weights : tuple of two floats, optional
        Parameters of the beta density that weighs a variant by its allele frequency, (1, 25)
        being the default of SKAT and ACAT; None weighs all alike.
    mac_threshold : float
        Of ACAT-V.
    id : str
        Identifier in both tables.

    Returns
    -------
    SetTests
        ``tidy(p_adjust=...)``: one row per set: ``gene statistic`` (Q; missing for ACAT and
        SKAT-O) ``p_value p_adjusted n_variant n_rare`` (ACAT-V: copies at or below the threshold)
        ``n n_missing`` (patients excluded) and ``rho`` (SKAT-O: weight of the burden at the
        smallest p). ``details()``: p at each rho (SKAT-O), or of each variant (ACAT).

    Raises
    ------
    InputError
        Dosages outside 0 to 2, an unknown test, a set without variants, repeated identifiers or
        columns.
    FormulaError
        Unknown columns; ``strata()``, ``cluster()`` or ``offset()``, which no test here uses.
    DesignError
        More than a tenth of the smaller table has no partner; the covariates are collinear, as
        many as patients, or explain the trait.

    Warns
    -----
    EstimationWarning
        Variants without variation, which are excluded; sets without any other (NaN).

    See Also
    --------
    acat : p values combined.
    variant_screen : variants one by one.

    Notes
    -----
    Missing dosages are replaced by the variant's mean. SKAT, burden and SKAT-O count the minor
    allele (a frequency above 0.5 turns the variant); ACAT and ACAT-V count the allele that the
    table counts, as the package does. The p value of SKAT is the tail of a weighted sum of
    chi-squared variables to about 12 significant digits; the SKAT package stops at an absolute
    error of 1e-6, which is too coarse below p = 1e-5.

    In R: ``SKAT::SKAT(Z, SKAT::SKAT_Null_Model(faceage ~ age, data = df))``

    References
    ----------
    Wu MC, Lee S, Cai T, Li Y, Boehnke M, Lin X (2011). Rare-variant association testing for
    sequencing data with the sequence kernel association test. American Journal of Human Genetics
    89:82-93. doi:10.1016/j.ajhg.2011.05.029

    Lee S, Wu MC, Lin X (2012). Optimal tests for rare variant effects in sequencing association
    studies. Biostatistics 13:762-775. doi:10.1093/biostatistics/kxs014

    Liu Y, Chen S, Li Z, Morrison AC, Boerwinkle E, Lin X (2019). ACAT. American Journal of Human
    Genetics 104:410-421. doi:10.1016/j.ajhg.2019.01.002

    Examples
    --------
    >>> snps = pd.DataFrame({"patient_id": list("abcdefgh"), "rs1": [0, 1, 0, 2, 1, 0, 0, 1],
    ...                      "rs2": [1, 0, 0, 1, 2, 1, 0, 0]})
    >>> people = pd.DataFrame({"patient_id": list("hgfedcba"),
    ...                        "faceage": [61.0, 52, 60, 75, 80, 55, 66, 58]})
    >>> test = set_test(snps, people, "faceage ~ 1", sets={"CDK6": ["rs1", "rs2"]})
    >>> test.tidy()[["gene", "n_variant", "n"]].values.tolist()
    [['CDK6', 2, 8]]
    """
    check_option("test", test, SetTest)
    members = _members(sets)
    used = list(dict.fromkeys(name for names in members.values() for name in names))
    joined = join_by_id(
        genotypes, data, key=id, columns=used, max_unmatched=MAX_UNMATCHED, what="genotypes"
    )
    frame = model_frame(formula, joined.data, caller="set_test()")
    model = NullModel.fit(frame.y, frame.x)
    dosage = _complete_dosage(joined.values[frame.rows], joined.names)
    column = {name: j for j, name in enumerate(joined.names)}
    rows: list[dict[str, Any]] = []
    details: list[dict[str, Any]] = []
    for gene, names in members.items():
        chosen = dosage[:, [column[name] for name in names]]
        varies = np.ptp(chosen, axis=0) > 0
        kept = [name for name, ok in zip(names, varies, strict=True) if ok]
        row, detail = _one_set(model, chosen[:, varies], kept, test, weights, mac_threshold)
        rows.append({"gene": gene, **row, "n_constant": int((~varies).sum())})
        details.extend({"gene": gene, **entry} for entry in detail)
    table = pd.DataFrame(rows)
    _warn(table)
    return SetTests(
        table=table,
        detail=pd.DataFrame(details),
        method=_METHODS[test],
        formula=formula,
        family=model.family,
        n=frame.n,
        n_missing=frame.n_missing,
        unmatched=joined.unmatched,
    )


def _members(sets: pd.DataFrame | Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Gene to its variants, each once, in the order given."""
    if isinstance(sets, pd.DataFrame):
        absent = [name for name in ("variant_id", "gene") if name not in sets]
        if absent:
            raise InputError(f"sets lacks the column(s) {', '.join(absent)}.")
        sets = {
            str(g): part.tolist()
            for g, part in sets.groupby("gene", sort=False, observed=True)["variant_id"]
        }
    check_fit(sets, Mapping, "set_test() takes a table, or lists of variants by gene")
    members = {
        gene: list(dict.fromkeys(map(str, check_names("a gene's variants", names))))
        for gene, names in sets.items()
    }
    empty = [str(gene) for gene, names in members.items() if not names]
    if empty or not members:
        raise InputError(f"{len(empty)} sets have no variant: {', '.join(empty[:5]) or 'no sets'}.")
    return members


def _complete_dosage(dosage: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """Dosages from 0 to 2, missing ones replaced by the variant's mean."""
    check_dosage(dosage, names)
    known = ~np.isnan(dosage)
    mean = np.where(known, dosage, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    return np.where(known, dosage, mean)


class _SetRow(NamedTuple):
    """The row of one set, and the rows of its details."""

    row: dict[str, Any]
    details: list[dict[str, Any]]


def _one_set(
    model: NullModel,
    dosage: np.ndarray,
    names: list[str],
    test: SetTest,
    weights: tuple[float, float] | None,
    mac_threshold: float,
) -> _SetRow:
    """Test one set."""
    row: dict[str, Any] = {"statistic": np.nan, "p_value": np.nan, "n_variant": dosage.shape[1]}
    if not dosage.shape[1]:
        return _SetRow(row, [])
    frequency = dosage.mean(axis=0) / 2
    if test.startswith("acat"):
        return _acat_set(model, dosage, names, test, weights, mac_threshold, row)
    turned = frequency > 0.5
    dosage = np.where(turned, 2 - dosage, dosage)
    density = stats.beta.pdf(np.where(turned, 1 - frequency, frequency), *(weights or _EQUAL))
    scores = model.scores(dosage).weighted(density)
    if test == "skat_o":
        p, p_at_rho = skat.skat_o(scores)
        row |= {"p_value": p, "rho": skat.RHO[np.argmin(p_at_rho)]}
        pairs = zip(skat.RHO, p_at_rho, strict=True)
        return _SetRow(row, [{"rho": rho, "p_value": value} for rho, value in pairs])
    q, p = (skat.skat if test == "skat" else skat.burden)(scores)
    return _SetRow(row | {"statistic": q, "p_value": p}, [])


def _acat_set(
    model: NullModel,
    dosage: np.ndarray,
    names: list[str],
    test: SetTest,
    weights: tuple[float, float] | None,
    mac_threshold: float,
    row: dict[str, Any],
) -> _SetRow:
    frequency = dosage.mean(axis=0) / 2
    if test == "acat_v":
        rare = dosage.sum(axis=0) <= mac_threshold
        p = skat.acat_v(model, dosage, frequency, weights or _EQUAL, rare)
        return _SetRow(row | {"p_value": p, "n_rare": int(rare.sum())}, [])
    single = model.single_p(model.scores(dosage))
    weight = np.ones(len(single)) if weights is None else skat.acat_weights(frequency, weights)
    detail = [{"variant_id": name, "p_value": p} for name, p in zip(names, single, strict=True)]
    return _SetRow(row | {"p_value": acat_p(single, weight).p_value}, detail)


def _warn(table: pd.DataFrame) -> None:
    n_constant, n_empty = int(table["n_constant"].sum()), int((table["n_variant"] == 0).sum())
    if n_constant:
        emptied = f"; {n_empty} sets have none left and no p value" if n_empty else ""
        warn(
            f"{n_constant} variants do not vary in the patients used and are excluded{emptied}.",
            EstimationWarning,
        )
