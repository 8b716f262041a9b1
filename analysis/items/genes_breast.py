"""Real genes: 76 probes, age at diagnosis and distant metastasis in breast cancer."""

from functools import partial

import pandas as pd
from sksurv.datasets import load_breast_cancer

import faceage_stats as fs

TABLES = ()
CLINICAL = "age10 + er"
# what is shown -> (screened against, given, method, name)
VIEWS = {
    "age": ("age", "er", "partial", "Age at diagnosis, given ER"),
    "er": ("er_positive", "age", "partial", "ER status, given age"),
}
PANELS = {view: name for view, (*_, name) in VIEWS.items()}


def make(data, settings):
    """Screen the probes against age, ER status and survival, and look at hazards."""
    patients, probes = load()
    expression = patients[["patient_id", *probes]]
    clinical = patients.drop(columns=probes)
    screens = {
        view: fs.gene_screen(
            expression, clinical, marker, adjust=given, genes=probes, methods=("moderated", method)
        )
        for view, (marker, given, method, _) in VIEWS.items()
    }
    correlations = pd.concat(
        [
            screens[view].tidy(method=method).assign(variable=view)
            for view, (*_, method, _name) in VIEWS.items()
        ],
        ignore_index=True,
    )
    survival = screened_survival(patients, probes)
    main = fs.coxph(f"Surv(years, event) ~ {CLINICAL}", data=patients)
    sets = {"first 20 probes": probes[:20], "last 20 probes": probes[-20:]}
    effect = "Partial correlation with expression"
    of = " of {n} patients with node-negative breast cancer, {n_gene} probes"
    return fs.Item(
        figure={
            "volcano": fs.Figure(
                partial(fs.figures.volcano, correlations, effect=effect, panels=PANELS),
                caption=(
                    f"Partial correlation of expression with age at diagnosis and with ER{of}; the "
                    "dotted line is the Bonferroni limit."
                ),
                label="All probes",
            ),
            "qq": fs.Figure(
                partial(fs.figures.qq, correlations, panels=PANELS),
                caption=f"The p values of the same screens against those of no association,{of}.",
                label="Observed against expected p values",
            ),
            "survival": fs.Figure(
                partial(
                    fs.figures.forest,
                    survival.head(10),
                    label="term",
                    effect="HR of distant metastasis",
                    width="double",
                ),
                caption=(
                    "The ten probes with the smallest p values for distant metastasis: hazard "
                    f"ratio per unit of log2 expression given age and ER, with 95% interval,{of}."
                ),
                label="Hazard ratios of ten probes",
            ),
        },
        answer=(
            "Holm's correction for {n_gene} probes leaves {n_holm} associated with metastasis "
            "given age and ER; the first is {top}: HR {breast_top_probe}."
        ),
        checks=(
            "Proportional hazards of the clinical model: ER violates them (table of the test), so "
            "that a hazard ratio given ER is an average over the follow-up."
        ),
        numbers={
            "n": main.n,
            "n_event": main.n_event,
            "n_gene": len(probes),
            "n_holm": int((survival["p_holm"] < 0.05).sum()),
            "top": survival["term"].iloc[0],
        },
        tables={
            "survival": survival,
            "top_genes": pd.concat([top_genes(screens, view) for view in VIEWS]),
            "all_probes_together": fs.acat(survival["p_value"]).tidy(),
            "technical_sets": fs.gene_set_test(screens["age"], sets, inter_gene_cor=None).tidy(),
            "clinical_model": main.tidy(exponentiate=True),
            "proportional_hazards": fs.cox_zph(main).tidy(),
        },
        values=survival.head(1).assign(id="breast_top_probe", quantity="hazard_ratio")[
            ["id", "quantity", "term", "estimate", "conf_low", "conf_high", "p_value"]
        ],
        source_data=correlations[["variable", "gene", "estimate", "p_value", "p_holm"]],
    )


def load():
    """The patients, with age in decades and follow-up in years; and the names of the probes."""
    table, outcome = load_breast_cancer()
    table = table.rename(columns=lambda name: name.removeprefix("X"))  # put there by R
    patients = table.reset_index(drop=True).assign(
        patient_id=[f"P{number:03d}" for number in range(1, len(table) + 1)],
        er=table["er"].astype(str).to_numpy(),
        event=outcome["e.tdm"].astype(int),
        years=outcome["t.tdm"] / 365.25,
    )
    patients["age10"] = patients["age"] / 10
    patients["er_positive"] = (patients["er"] == "positive").astype(int)
    return patients, [name for name in table if name.endswith("_at")]


def screened_survival(patients, probes):
    """Every probe in the clinical Cox model, with p values adjusted over all probes."""
    fit = fs.coxph_screen(patients, probes, time="years", event="event", adjust=CLINICAL)
    table = fit.tidy(exponentiate=True)
    for method in ("holm", "BH"):
        table[f"p_{method.lower()}"] = fs.p_adjust(table["p_value"], method)
    return table.sort_values("p_value").reset_index(drop=True)


def top_genes(screens, view, n=5):
    """The probes with the smallest moderated p values."""
    table = screens[view].tidy(method="moderated", p_adjust=("holm", "BH"))
    shown = ["variable", "gene", "estimate", "std_error", "statistic", "df", "p_value", "p_holm",
             "p_bh", "n"]  # fmt: skip
    return table.assign(variable=PANELS[view]).sort_values("p_value")[shown].head(n)
