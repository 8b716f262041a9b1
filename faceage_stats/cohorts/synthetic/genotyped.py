"""Germline genotypes and expression of thoracic patients: CDK6 follows FaceAge and not age."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from faceage_stats.cohorts.synthetic import engine as draw
from faceage_stats.cohorts.synthetic import thoracic
from faceage_stats.cohorts.synthetic.gap import GapModel
from faceage_stats.cohorts.synthetic.truth import planted

__all__ = ["DESIGN", "N", "SENESCENCE", "Design", "build"]

N = 146
# Genes known for their part in cellular senescence, with chromosome and rough position (Mb).
SENESCENCE = {
    "ATM": ("11", 108.2),
    "BMI1": ("10", 22.3),
    "CCND1": ("11", 69.6),
    "CDK2": ("12", 55.9),
    "CDK4": ("12", 57.7),
    "CDK6": ("7", 92.6),
    "CDKN1A": ("6", 36.7),
    "CDKN1B": ("12", 12.7),
    "CDKN2A": ("9", 21.9),
    "CDKN2B": ("9", 22.0),
    "CXCL8": ("4", 73.7),
    "E2F1": ("20", 33.6),
    "GDF15": ("19", 18.3),
    "GLB1": ("3", 33.0),
    "HMGB1": ("13", 30.4),
    "IGFBP3": ("7", 45.9),
    "IGFBP7": ("4", 57.0),
    "IL1A": ("2", 112.7),
    "IL1B": ("2", 112.8),
    "IL6": ("7", 22.7),
    "LMNB1": ("5", 126.7),
    "MDM2": ("12", 68.8),
    "MMP1": ("11", 102.7),
    "MMP3": ("11", 102.8),
    "NFKB1": ("4", 102.5),
    "RB1": ("13", 48.3),
    "SERPINE1": ("7", 101.1),
    "TERT": ("5", 1.2),
    "TGFB1": ("19", 41.3),
    "TP53": ("17", 7.6),
}
NULL_GENES = 1000
TARGET = "CDK6"
CORRELATION = 0.65  # of CDK6 expression with the part of FaceAge that age does not explain
ALLELE_LOG_ODDS = 0.60  # per SD of that part, for each CDK6 variant
VARIANTS_PER_GENE = 4
FREQUENCY = (0.03, 0.45)
BLOCK, BLOCK_CORRELATION = 20, 0.3  # null genes move together in blocks
MISSING = {"expression": 0.0, "genotypes": 0.01}


@dataclass(frozen=True)
class Design:
    """What may differ between cohorts of this kind; genes and variants do not."""

    patients: thoracic.Design


DESIGN = Design(thoracic.DESIGN)


def build(
    seed: int, n: int, design: Design = DESIGN
) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """Genotypes, their variants, and expression; and what was planted."""
    patients = _patients(seed, n, design.patients)
    unexplained = _unexplained(patients, design.patients.gap)
    variants = _variants(seed)
    tables = {
        "genotypes": _genotypes(seed, patients, unexplained, variants),
        "variants": variants,
        "expression": _expression(seed, patients, unexplained),
    }
    return tables, _truth()


def _patients(seed: int, n: int, design: thoracic.Design) -> pd.DataFrame:
    """Patients of the synthetic thoracic cohort of this seed."""
    cohort = thoracic.build(seed, max(n, thoracic.N), design)[0]["thoracic"]
    rows = draw.stream(seed, "genotyped", "patients").choice(len(cohort), size=n, replace=False)
    return cohort.loc[np.sort(rows), ["patient_id", "faceage", "age"]].reset_index(drop=True)


def _unexplained(patients: pd.DataFrame, gap: GapModel) -> np.ndarray:
    """FaceAge minus its planted expectation at this age, in standard deviations."""
    expected = patients["age"] + gap.mean + gap.slope * (patients["age"] - thoracic.AGE_MEAN)
    return (
        (patients["faceage"] - expected) / gap.sd_given_age(thoracic.EFFECT_VARIANCE)
    ).to_numpy()


def _expression(seed: int, patients: pd.DataFrame, unexplained: np.ndarray) -> pd.DataFrame:
    """log2(TPM + 1): one column per gene, in blocks with a common component."""
    n = len(patients)
    rng = draw.stream(seed, "genotyped", "expression")
    genes = [*SENESCENCE, *(f"SYN{number:04d}" for number in range(1, NULL_GENES + 1))]
    blocks = -(-len(genes) // BLOCK)
    shared = np.repeat(rng.normal(size=(n, blocks)), BLOCK, axis=1)[:, : len(genes)]
    alone = rng.normal(size=(n, len(genes)))
    scores = np.sqrt(BLOCK_CORRELATION) * shared + np.sqrt(1 - BLOCK_CORRELATION) * alone
    target = genes.index(TARGET)
    scores[:, target] = CORRELATION * unexplained + np.sqrt(1 - CORRELATION**2) * scores[:, target]
    level, spread = rng.uniform(3.5, 8.0, len(genes)), rng.uniform(0.4, 0.8, len(genes))
    table = pd.DataFrame(np.round(level + spread * scores, 3), columns=genes)
    table.insert(0, "patient_id", patients["patient_id"])
    return table


def _variants(seed: int) -> pd.DataFrame:
    """Invented variants near each senescence gene."""
    rng = draw.stream(seed, "genotyped", "variants")
    rows = []
    for gene, (chromosome, megabase) in SENESCENCE.items():
        offsets = np.sort(rng.choice(50_000, size=VARIANTS_PER_GENE, replace=False))
        for offset in offsets:
            position = int(megabase * 1_000_000) + int(offset)
            effect, other = rng.choice(list("ACGT"), size=2, replace=False)
            rows.append(
                {
                    "variant_id": f"chr{chromosome}_{position}_{other}_{effect}",
                    "gene": gene,
                    "chromosome": chromosome,
                    "position": position,
                    "effect_allele": str(effect),
                    "other_allele": str(other),
                    "effect_allele_frequency": round(float(rng.uniform(*FREQUENCY)), 3),
                }
            )
    return pd.DataFrame(rows)


def _genotypes(
    seed: int, patients: pd.DataFrame, unexplained: np.ndarray, variants: pd.DataFrame
) -> pd.DataFrame:
    """Dosages in Hardy-Weinberg proportions; those of CDK6 depend on the unexplained FaceAge."""
    rng = draw.stream(seed, "genotyped", "genotypes")
    columns: dict[str, Any] = {"patient_id": patients["patient_id"]}
    for variant in variants.itertuples():
        log_odds = special.logit(variant.effect_allele_frequency)
        shift = ALLELE_LOG_ODDS * unexplained * (variant.gene == TARGET)
        dosage = rng.binomial(2, special.expit(log_odds + shift))
        columns[str(variant.variant_id)] = draw.blank(rng, dosage, MISSING["genotypes"])
    return pd.DataFrame(columns)


def _truth() -> dict[str, Any]:
    association = planted(
        "CDK6 expression with FaceAge given age",
        CORRELATION,
        model="partial correlation",
        quantity="association",
        unit="correlation",
        paper_id="faceage_cdk6",
    )
    no_age = planted(
        "CDK6 expression with age",
        0.0,
        model="correlation",
        quantity="association",
        unit="correlation",
    )
    allele = planted(
        "each CDK6 variant, per SD of FaceAge given age",
        ALLELE_LOG_ODDS,
        model="binomial in the allele count",
        quantity="log_odds",
        unit="log odds of the effect allele",
    )
    return {
        "planted": [association, no_age, allele],
        "genes": {
            "senescence": list(SENESCENCE),
            "associated_with_faceage": [TARGET],
            "null": NULL_GENES,
            "block_size": BLOCK,
            "correlation_within_block": BLOCK_CORRELATION,
        },
        "missing": {"rates": MISSING, "mechanism": "completely at random"},
        "notes": [
            "Genes SYN0001 and on are invented and belong to no gene set; the senescence symbols "
            "are real, their values, variants and positions are not.",
            "The published association is a statement of significance: its size is assumed.",
            "Patients come from the synthetic thoracic cohort of the same seed.",
        ],
    }
