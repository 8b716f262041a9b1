"""Germline variants of senescence genes, for FaceAge given age and for age given FaceAge."""

from functools import partial

import pandas as pd

import faceage_stats as fs

TABLES = ("thoracic", "genotypes", "variants")
OTHER = {"faceage": "age", "age": "faceage"}
TESTS = {"skat": "SKAT", "burden": "Burden", "skat_o": "SKAT-O", "acat_v": "ACAT-V"}


def make(data, settings):
    """Quality control, single variants, and four tests of all variants of a gene together."""
    genotypes = data["genotypes"]
    components = [name for name in genotypes if name.startswith("pc") and name[2:].isdigit()]
    rows = fs.curate(data["thoracic"], "thoracic").rows
    rows = rows.merge(genotypes[["patient_id", *components]], on="patient_id")
    known = [name for name in data["variants"]["variant_id"].unique() if name in genotypes]
    quality = fs.variant_qc(genotypes, variants=known)
    variants = data["variants"][data["variants"]["variant_id"].isin(quality.passed)]
    formulas = {
        marker: f"{marker} ~ {' + '.join([other, 'sex', *components])}"
        for marker, other in OTHER.items()
    }
    single = fs.variant_screen(genotypes, rows, formulas["faceage"], variants=quality.passed)
    single = single.tidy().merge(variants, on="variant_id")
    by_gene = pd.concat(
        [
            fs.set_test(genotypes, rows, formula, sets=variants, test=test)
            .tidy()
            .assign(variable=marker, method=name)
            for marker, formula in formulas.items()
            for test, name in TESTS.items()
            if test != "skat_o" or marker == "faceage"  # SKAT-O takes most of the time
        ],
        ignore_index=True,
    )
    return fs.Item(
        figure=fs.Figure(partial(fs.figures.gene_strip, single), label="Variants along the genome"),
        caption=(
            "{n_variant} germline variants of {n_gene} genes in {n} thoracic patients: additive "
            "linear model of FaceAge given age, sex and ancestry components where there are any. "
            "The dotted line is the Bonferroni limit; variants significant after Holm's adjustment "
            "are named by their gene."
        ),
        answer=(
            "The variant of CDK6 with the smallest p value "
            "{cdk6_variant:vs 0|raises|lowers|does not clearly change} FaceAge by {cdk6_variant} "
            "years per allele at equal age and sex (adjusted {cdk6_variant:p}, {n} patients)."
        ),
        checks=(
            "Variants pass filters for missing dosages, frequency and Hardy-Weinberg proportions "
            "([table](variants-table-quality-control)); ancestry components enter where the table "
            "has them."
        ),
        numbers={
            "n": len(rows),
            "n_variant": len(quality.passed),
            "n_gene": variants["gene"].nunique(),
        },
        roles=ROLES,
        tables={
            "genes": wide(by_gene),
            "top_variants": single.sort_values("p_value", kind="stable").head(10)[SHOWN],
            "quality_control": quality.glance(),
        },
        values=values(single),
        source_data=single[SHOWN],
        columns=COLUMNS,
    )


def wide(by_gene):
    """One row per gene and marker, the tests side by side, the smallest p value first."""
    table = by_gene.pivot(
        index=["variable", "gene", "n_variant", "n"], columns="method",
        values=["p_value", "p_adjusted"],
    )  # fmt: skip
    table.columns = [f"{value}_{slug(method)}" for value, method in table.columns]
    order = [f"{value}_{test}" for test in TESTS for value in ("p_value", "p_adjusted")]
    table = table[order].reset_index()
    return table.sort_values(["variable", "p_value_skat_o"], ascending=[False, True])


def slug(method):
    """Column suffix of a test."""
    return next(test for test, name in TESTS.items() if name == method)


def values(single):
    """The variant of CDK6 with the smallest p value, Holm-adjusted over all variants."""
    row = single[single["gene"] == "CDK6"].sort_values("p_value", kind="stable").head(1)
    row = row.assign(id="cdk6_variant", quantity="mean_difference", term=row["variant_id"])
    row["p_value"] = row["p_adjusted"]
    return row[["id", "quantity", "term", "estimate", "conf_low", "conf_high", "p_value", "n"]]


SHOWN = ["variant_id", "gene", "chromosome", "position", "estimate", "conf_low", "conf_high",
         "p_value", "p_adjusted", "allele_frequency", "n"]  # fmt: skip
COLUMNS = {
    "chromosome": "chromosome",
    "position": "base pair",
    **{
        f"{value}_{test}": f"{label} of {name}"
        for test, name in TESTS.items()
        for value, label in {"p_value": "p value", "p_adjusted": "Holm-adjusted p value"}.items()
    },
}
ROLES = {
    "position": "setting",
    "effect_allele_frequency": "proportion",
    **{column: "p_value" for column in COLUMNS if column.startswith("p_")},
}
