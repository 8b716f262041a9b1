"""Quality control of variants: frequency, missing dosages, Hardy-Weinberg proportions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from faceage_stats._call import checked_call
from faceage_stats._columns import as_pandas, require_columns
from faceage_stats._result import Result, frozen_result
from faceage_stats._scalar import check_whole
from faceage_stats.association.classical.htest import HTest
from faceage_stats.association.genomics.joined import matrix_of
from faceage_stats.errors import InputError

__all__ = ["VariantQC", "check_dosage", "hwe_test", "variant_qc"]


@checked_call
def hwe_test(n_hom: int, n_het: int, n_hom_other: int) -> HTest:
    """Test Hardy-Weinberg proportions of one variant exactly.

    Parameters
    ----------
    n_hom, n_het, n_hom_other : int
        People with two, one and no copies of an allele.

    Returns
    -------
    HTest
        ``tidy()``: ``estimate`` (inbreeding coefficient, 1 - observed / expected heterozygotes;
        missing when one allele is absent) ``p_value`` (sum over all counts of heterozygotes that
        are no more probable than the observed one, given the alleles) ``n n_missing method``.

    Raises
    ------
    InputError
        Counts that are negative, fractional or all zero.

    See Also
    --------
    variant_qc : of every variant of a table.

    Notes
    -----
    In R: ``HardyWeinberg::HWExact(c(57, 14, 50))``

    References
    ----------
    Wigginton JE, Cutler DJ, Abecasis GR (2005). A note on exact tests of Hardy-Weinberg
    equilibrium. American Journal of Human Genetics 76:887-893. doi:10.1086/429864

    Examples
    --------
    >>> test = hwe_test(57, 14, 50)
    >>> round(test.estimate, 3), test.p_value < 1e-15
    (0.768, True)
    """
    n_hom, n_het = check_whole("n_hom", n_hom), check_whole("n_het", n_het)
    n_hom_other = check_whole("n_hom_other", n_hom_other)
    n = n_hom + n_het + n_hom_other
    if n == 0:
        raise InputError("hwe_test needs three whole counts that are not all zero.")
    frequency = (2 * n_hom + n_het) / (2 * n)
    expected = 2 * n * frequency * (1 - frequency)
    return HTest(
        method="Exact test of Hardy-Weinberg proportions",
        estimate=1 - n_het / expected if expected else np.nan,
        p_value=_hwe_p(n_hom, n_het, n_hom_other),
        n=n,
    )


def _hwe_p(n_hom: int, n_het: int, n_hom_other: int) -> float:
    """Exact p value from the three counts."""
    alleles = min(2 * n_hom + n_het, 2 * n_hom_other + n_het)
    n = n_hom + n_het + n_hom_other
    het = np.arange(alleles % 2, alleles + 1, 2)
    rare = (alleles - het) / 2
    log_p = het * np.log(2) - special.gammaln(het + 1) - special.gammaln(rare + 1)
    log_p -= special.gammaln(n - het - rare + 1)
    probability = np.exp(log_p - log_p.max())
    observed = probability[het == n_het][0]
    extreme = probability[probability <= observed * (1 + 1e-9)].sum()
    return float(min(extreme / probability.sum(), 1.0))


@checked_call
def variant_qc(
    genotypes: Any,
    *,
    variants: Sequence[str] | None = None,
    id: str = "patient_id",  # noqa: A002 - the identifier column
    min_maf: float = 0.01,
    max_missing: float = 0.05,
    min_hwe_p: float = 1e-6,
) -> VariantQC:
    """Describe every variant: which pass the usual filters, and why others do not.

    Parameters
    ----------
    genotypes : pandas.DataFrame or polars.DataFrame
        One row per person: `id` and one column per variant with the dosage, 0 to 2.
    variants : sequence of str, optional
        By default every column but `id`.
    id : str
        Identifier; it is not used as a variant.
    min_maf : float
        Smallest minor allele frequency.
    max_missing : float
        Largest proportion of missing dosages.
    min_hwe_p : float
        Smallest exact Hardy-Weinberg p value.

    Returns
    -------
    VariantQC
        ``tidy()``: ``variant_id n n_missing missing_proportion allele_frequency`` (of the counted
        allele) ``maf hwe_p`` (missing for imputed, fractional dosages) ``passed reason``.
        ``passed``: names of those kept.

    Raises
    ------
    InputError
        Columns that are not dosages.

    See Also
    --------
    variant_screen : Test each variant that passes.
    set_test : Test sets of them.

    References
    ----------
    Anderson CA, Pettersson FH, Clarke GM, Cardon LR, Morris AP, Zondervan KT (2010). Data quality
    control in genetic case-control association studies. Nature Protocols 5:1564-1573.
    doi:10.1038/nprot.2010.116

    Examples
    --------
    >>> snps = pd.DataFrame({"patient_id": [1, 2, 3, 4], "rs1": [0, 1, 2, 1], "rs2": [0, 0, 0, 0]})
    >>> variant_qc(snps).tidy()[["variant_id", "maf", "passed", "reason"]].values.tolist()
    [['rs1', 0.5, True, ''], ['rs2', 0.0, False, 'rare']]
    """
    table = as_pandas(genotypes)
    names = [str(c) for c in table.columns if c != id] if variants is None else list(variants)
    require_columns(names, table, "variant_qc()")
    dosage = check_dosage(matrix_of(table, names, "genotypes"), names)
    known = ~np.isnan(dosage)
    n = known.sum(axis=0)
    missing_proportion = (len(dosage) - n) / max(len(dosage), 1)
    frequency = np.where(known, dosage, 0).sum(axis=0) / np.where(n > 0, 2 * n, np.nan)
    maf = np.minimum(frequency, 1 - frequency)
    hwe_p = np.array([_dosage_hwe(column[~np.isnan(column)]) for column in dosage.T])
    failures = {
        "missing": missing_proportion > max_missing,
        "rare": ~(maf >= min_maf) | (maf == 0),
        "Hardy-Weinberg": hwe_p < min_hwe_p,
    }
    reasons = [
        ", ".join(name for name, failed in failures.items() if failed[j]) for j in range(len(names))
    ]
    table = pd.DataFrame(
        {
            "variant_id": names,
            "n": n,
            "n_missing": len(dosage) - n,
            "missing_proportion": missing_proportion,
            "allele_frequency": frequency,
            "maf": maf,
            "hwe_p": hwe_p,
            "passed": [not reason for reason in reasons],
            "reason": reasons,
        }
    )
    return VariantQC(
        table, len(dosage), {"maf": min_maf, "missing": max_missing, "hwe_p": min_hwe_p}
    )


def check_dosage(dosage: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """Refuse what lies outside 0 to 2."""
    outside = ((dosage < 0) | (dosage > 2)).any(axis=0)
    if outside.any():
        shown = ", ".join(np.array(names, object)[outside][:5])
        raise InputError(
            f"{int(outside.sum())} variants have dosages outside 0 to 2 ({shown}). Dosages count "
            "copies of one allele; missing ones are left empty."
        )
    return dosage


def _dosage_hwe(dosage: np.ndarray) -> float:
    if not len(dosage) or (dosage % 1 != 0).any():
        return np.nan
    return _hwe_p(*(int((dosage == copies).sum()) for copies in (2, 1, 0)))


@frozen_result
class VariantQC(Result):
    """Quality of every variant, made by `variant_qc`; `n` people, `limits` the filters used."""

    table: pd.DataFrame
    n: int
    limits: dict[str, float]

    @property
    def passed(self) -> list[str]:
        """Variants that pass every filter."""
        return [str(name) for name in self.table.loc[self.table["passed"], "variant_id"]]

    def tidy(self) -> pd.DataFrame:
        """Return one row per variant.

        Returns
        -------
        pandas.DataFrame
            ``variant_id n n_missing missing_proportion allele_frequency maf hwe_p passed reason``.
        """
        return self.table.copy()

    def glance(self) -> pd.DataFrame:
        """Return one row: variants, and how many fail each filter (one may fail several).

        Returns
        -------
        pandas.DataFrame
            ``n_variant n_passed n_missing_variant n_rare n_hwe n n_missing``; no person is dropped.
        """
        reasons = self.table["reason"]
        row = {
            "n_variant": len(reasons),
            "n_passed": len(self.passed),
            "n_missing_variant": int(reasons.str.contains("missing").sum()),
            "n_rare": int(reasons.str.contains("rare").sum()),
            "n_hwe": int(reasons.str.contains("Hardy").sum()),
            "n": self.n,
            "n_missing": 0,
        }
        return pd.DataFrame([row])
