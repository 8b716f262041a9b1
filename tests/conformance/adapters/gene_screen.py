"""Screens of expression against FaceAge and age, and against survival."""

import warnings

import pandas as pd

import faceage_stats as fs
from faceage_stats.errors import EstimationWarning

from . import adapter


@adapter("gene_screen")
def gene_screen(args, data, case):
    tables, screen = screens(args, data)
    tested = tables["limma"]["p_value"].notna()
    genes = tables["limma"]["gene"]
    row = {name: table[genes == case["expected"]["planted_gene"]].iloc[0]
           for name, table in tables.items()}  # fmt: skip
    prior = screen.glance().iloc[0]
    return {
        "n_genes_tested": int(tested.sum()),
        "constant_genes": genes[~tested].tolist(),
        "top5": {name: _top(table, genes) for name, table in tables.items()},
        "n_significant_bh05": {name: int((t["p_bh"] < 0.05).sum()) for name, t in tables.items()},
        "limma_df_prior": prior["df_prior"],
        "limma_s2_prior": prior["s2_prior"],
        "planted": {"n": row["limma"]["n"], **planted(args, data, case, row)},
    }


def screens(args, data):
    """Every screen of the case under R's name for it, and the linear one."""
    first = list(data.columns).index(args["first_gene_column"])
    genes = list(data.columns[first : first + args["n_genes"]])
    clinical = data[[c for c in data.columns if c not in genes]]
    clinical = clinical.assign(row=range(len(clinical)))
    wide = pd.concat([clinical[["row"]], data[genes]], axis=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EstimationWarning)  # the constant gene
        screen = fs.gene_screen(
            wide, clinical, args["covariate"], adjust=args["adjust_for"], id="row"
        )
        outcome = f"Surv({args['time']}, {args['event']})"
        cox = fs.gene_screen(wide, clinical, outcome, id="row")
    tables = {}
    for variable in (args["covariate"], args["adjust_for"]):
        for method in ("pearson", "spearman", "lm"):
            tables[f"{method}_{variable}"] = screen.tidy(method=method, variable=variable)
    return {**tables, "cox": cox.tidy(), "limma": screen.tidy(method="moderated")}, screen


def _top(table, genes):
    return genes[table["p_value"].sort_values(kind="stable").index[:5]].tolist()


def planted(args, data, case, row):
    """R's columns for one gene."""
    answer = {}
    for name, line in row.items():
        answer[f"{name}_p"] = line["p_value"]
        answer[f"{name}_p_bh"] = line["p_bh"]
        if name.startswith(("pearson", "spearman")):
            answer[f"{name}_{'r' if name.startswith('pearson') else 'rho'}"] = line["estimate"]
        else:
            answer[f"{name}_coef"] = line["estimate"]
            answer[f"{name}_se"] = line["std_error"]
            answer[f"{name}_{'z' if name == 'cox' else 't'}"] = line["statistic"]
    limma = row["limma"]
    answer["limma_ave_expr"], answer["limma_b"] = limma["mean"], limma["log_odds"]
    answer["limma_s2_post"], answer["limma_df_total"] = limma["sigma_post"] ** 2, limma["df"]
    frame = data.rename(columns={case["expected"]["planted_gene"]: "gene_tested"})
    fit = (
        fs.coxph(f"Surv({args['time']}, {args['event']}) ~ gene_tested", data=frame)
        .glance()
        .iloc[0]
    )
    answer |= {"cox_concordance": fit["concordance"], "cox_score_chisq": fit["statistic_sc"]}
    return answer
