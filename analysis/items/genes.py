"""Genes. Which genes are associated with FaceAge given age; and which with age."""

from functools import partial

import pandas as pd

import faceage_stats as fs

TABLES = ("thoracic", "expression")
TARGET = "CDK6"
# what is shown -> (screened against, given, method)
VIEWS = {
    "faceage": ("faceage", "age", "partial", "FaceAge, given age"),
    "age": ("age", None, "pearson", "Age"),
    "age_given_faceage": ("age", "faceage", "partial", "Age, given FaceAge"),
}
PANELS = {view: VIEWS[view][3] for view in ("faceage", "age")}
EFFECT = "Correlation with expression"


def make(data, settings):
    """Screen of all genes, the senescence set beside it, and tests of gene sets."""
    rows = fs.curate(data["thoracic"], "thoracic").rows
    symbols = [name for name in data["expression"] if name[:1].isupper()]
    screens = {
        view: fs.gene_screen(
            data["expression"], rows, marker, adjust=given, genes=symbols,
            methods=("moderated", method),
        )
        for view, (marker, given, method, _) in VIEWS.items()
    }  # fmt: skip
    genome = pd.concat([correlations(screens, view) for view in PANELS], ignore_index=True)
    sets = example_sets()
    senescence = pd.concat([within_set(screens, v, sets["SENESCENCE"]) for v in VIEWS])
    shown = senescence[senescence["variable"].isin(list(PANELS))]
    return fs.Item(
        figure={
            "volcano": fs.Figure(
                partial(
                    fs.figures.volcano, genome, effect=EFFECT, highlight=[TARGET], panels=PANELS
                ),
                caption=(
                    "Partial correlation of the expression of each of {n_gene} genes with FaceAge "
                    "given age, and its correlation with age, in {n} thoracic patients. Dotted "
                    "line: Bonferroni limit."
                ),
                label="All genes",
            ),
            "qq": fs.Figure(
                partial(fs.figures.qq, genome, panels=PANELS),
                caption=(
                    "Observed against expected p values of the same {n_gene} genes: on the "
                    "diagonal where no gene is associated ({n} patients)."
                ),
                label="Observed against expected p values",
            ),
            "set": fs.Figure(
                partial(fs.figures.gene_set_heatmap, shown, effect=EFFECT, panels=PANELS),
                caption=(
                    "Correlations of the genes of the example senescence set, {n} patients; p "
                    "values adjusted over the set (Holm)."
                ),
                label="Senescence set",
            ),
        },
        answer=(
            "Of the example senescence genes, CDK6 "
            "{faceage_cdk6:vs 0|rises with|falls with|is not clearly associated with} FaceAge "
            "given age (partial correlation {faceage_cdk6}, adjusted {faceage_cdk6:p}), and "
            "{age_cdk6:vs 0|rises with|falls with|is not clearly associated with} age "
            "(correlation {age_cdk6}, adjusted {age_cdk6:p}); {n} patients."
        ),
        checks=(
            "p values that lie on the diagonal of the second figure say that the rest of the genes "
            "follows chance. Ranking uses moderated variances (limma); max-T permutes patients and "
            "assumes no distribution ([table](genes-table-top-genes))."
        ),
        numbers={"n": screens["faceage"].n, "n_gene": len(symbols)},
        roles=ROLES,
        tables={
            "senescence_genes": side_by_side(senescence),
            "top_genes": pd.concat([top_genes(screens, view) for view in VIEWS]),
            "gene_sets": pd.concat([set_tests(screens, view, sets) for view in PANELS]),
        },
        values=value_rows(senescence),
        source_data=genome[["variable", "gene", "estimate", "p_value", "p_holm", "n"]],
        columns=COLUMNS,
    )


def example_sets():
    """The example sets, their union, and the union without the gene that was planted."""
    sets = fs.senescence_example()
    union = list(dict.fromkeys(gene for genes in sets.values() for gene in genes))
    without = [gene for gene in union if gene != TARGET]
    return {"SENESCENCE": union, f"SENESCENCE without {TARGET}": without, **sets}


def correlations(screens, view):
    """Correlation of every gene, adjusted over all genes."""
    return screens[view].tidy(method=VIEWS[view][2]).assign(variable=view)


def within_set(screens, view, genes):
    """Correlations of the genes of a set, adjusted over the set alone."""
    table = correlations(screens, view)
    table = table[table["gene"].isin(genes)]
    return table.assign(
        p_holm=fs.p_adjust(table["p_value"], "holm"), p_bh=fs.p_adjust(table["p_value"], "BH")
    )


def side_by_side(table):
    """One row per gene: FaceAge beside age."""
    shown = ["estimate", "conf_low", "conf_high", "p_value", "p_holm", "p_bh"]
    wide = table.pivot(index="gene", columns="variable", values=shown)
    wide.columns = [f"{view}_{name}" for name, view in wide.columns]
    order = [f"{view}_{name}" for view in VIEWS for name in shown]
    wide.insert(0, "n", table.groupby("gene")["n"].max())
    return wide[["n", *order]].sort_values("faceage_p_value").reset_index()


def top_genes(screens, view, n=5):
    """The genes with the smallest moderated p values, with q values and permutation p values."""
    table = screens[view].tidy(method="moderated", p_adjust=("holm", "BH", "q_value"))
    permuted = fs.max_t(screens[view]).tidy()[["gene", "p_adjusted"]]
    table = table.merge(permuted.rename(columns={"p_adjusted": "p_maxt"}), on="gene")
    shown = ["variable", "gene", "estimate", "std_error", "statistic", "df", "p_value", "p_holm",
             "p_bh", "q_value", "p_maxt", "log_odds", "n"]  # fmt: skip
    return table.assign(variable=VIEWS[view][3]).sort_values("p_value")[shown].head(n)


def set_tests(screens, view, sets):
    """Competitive and self-contained tests of the example sets."""
    # the correlation between genes is estimated: genes of a pathway move together
    tests = [
        fs.gene_set_test(screens[view], sets, method=method, inter_gene_cor=None)
        for method in ("camera", "rotation")
    ]
    tables = [test.tidy().assign(method=test.method) for test in tests]
    return pd.concat(tables, ignore_index=True).assign(variable=VIEWS[view][3])


def value_rows(senescence):
    """CDK6 with FaceAge and with age; p adjusted over the senescence set (Holm)."""
    rows = senescence[senescence["gene"] == TARGET].assign(
        id=lambda d: d["variable"] + "_cdk6",
        quantity="association",
        term=TARGET,
        p_value=lambda d: d["p_holm"],
    )
    return rows[["id", "quantity", "term", "estimate", "conf_low", "conf_high", "p_value", "n"]]


COLUMNS = {
    f"{view}_{name}": f"{label} ({VIEWS[view][3]})"
    for view in VIEWS
    for name, label in {
        "estimate": "correlation",
        "conf_low": "its lower confidence limit",
        "conf_high": "its upper confidence limit",
        "p_value": "p value",
        "p_holm": "p value adjusted over the set (Holm)",
        "p_bh": "p value adjusted over the set (Benjamini and Hochberg)",
    }.items()
}
ROLES = {column: "p_value" if "_p_" in column else "estimate" for column in COLUMNS}
