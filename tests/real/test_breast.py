"""76 probes of 198 patients (GSE7390, in scikit-survival). Truth: survival 3.5-3, limma 3.54.1."""

import numpy as np
import pandas as pd
import pytest
from sksurv.datasets import load_breast_cancer

import faceage_stats as fs
from tests.real.people import CLOSED, ITERATIVE, close, reference

SCREENS = {"cox_unadjusted": None, "cox_adjusted_age_er": "age10 + er"}
MODERATED = {
    "moderated_er": ("er_positive", None),
    "moderated_er_given_age": ("er_positive", "age"),
    "moderated_age_given_er": ("age", "er"),
    "moderated_age": ("age", None),
}


@pytest.fixture(scope="module")
def r():
    return reference("breast")


@pytest.fixture(scope="module")
def patients():
    table, outcome = load_breast_cancer()
    table = table.assign(er=table["er"].astype(str), grade=table["grade"].astype(str))
    return table.assign(
        patient_id=[f"P{i + 1:03d}" for i in range(len(table))],
        event=outcome["e.tdm"].astype(int),
        years=outcome["t.tdm"] / 365.25,
        age10=table["age"] / 10,
        er_positive=(table["er"] == "positive").astype(int),
    ).reset_index(drop=True)


def probes(patients):
    return [name for name in patients if name.endswith("_at")]


def screened(patients, exposure, adjust, method):
    expression = patients[["patient_id", *probes(patients)]]
    clinical = patients.drop(columns=probes(patients))
    screen = fs.gene_screen(expression, clinical, exposure, adjust=adjust, methods=(method,))
    return screen, screen.tidy(method=method).set_index("gene")


def test_clinical_model_and_its_hazards(r, patients):
    expected = r["clinical"]["age_er"]
    fit = fs.coxph("Surv(years, event) ~ age10 + er", patients)
    terms = fit.tidy().query("~is_reference")
    close(terms["estimate"], expected["coef"], ITERATIVE)
    close(terms["std_error"], expected["se"], ITERATIVE)
    close(fs.cox_zph(fit).tidy()["statistic"], r["clinical"]["zph_age_er"]["chisq"], ITERATIVE)
    known = patients.assign(
        grade_known=pd.Categorical(
            patients["grade"],
            ["well differentiated", "intermediate", "poorly differentiated"],
        )
    )
    fit = fs.coxph("Surv(years, event) ~ age10 + er + size + grade_known", known)
    close(fit.tidy().query("~is_reference")["estimate"],
          r["clinical"]["age_er_size_grade"]["coef"], ITERATIVE)  # fmt: skip


@pytest.mark.parametrize("name", SCREENS)
def test_screen_of_survival(r, patients, name):
    fit = fs.coxph_screen(patients, probes(patients), time="years", event="event",
                          adjust=SCREENS[name])  # fmt: skip
    expected = pd.DataFrame(r[name]["table"]).set_index("probe")
    table = fit.tidy()
    for method in ("holm", "BH"):
        table[f"p_{method.lower()}"] = fs.p_adjust(table["p_value"], method)
    table = table.set_index("term").loc[expected.index]
    for ours, theirs in {"estimate": "coef", "std_error": "se", "p_value": "p", "p_holm": "p_holm",
                         "p_bh": "p_bh"}.items():  # fmt: skip
        close(table[ours], expected[theirs], ITERATIVE)
    assert (table["p_holm"] < 0.05).sum() == r[name]["n_holm_below_0.05"]


@pytest.mark.parametrize("name", MODERATED)
def test_moderated(r, patients, name):
    _, table = screened(patients, *MODERATED[name], "moderated")
    expected = pd.DataFrame(r[name]["table"]).set_index("probe").loc[table.index]
    for ours, theirs in {"estimate": "estimate", "statistic": "t", "df": "df", "p_value": "p",
                         "p_holm": "p_holm", "p_bh": "p_bh"}.items():  # fmt: skip
        close(table[ours], expected[theirs], ITERATIVE)


@pytest.mark.parametrize(("name", "adjust", "method"), [
    ("pearson_age", None, "pearson"), ("spearman_age", None, "spearman"),
    ("partial_age_given_er", "er", "partial"),
])  # fmt: skip
def test_correlations(r, patients, name, adjust, method):
    _, table = screened(patients, "age", adjust, method)
    expected = pd.DataFrame(r[name]["table"]).set_index("probe").loc[table.index]
    close(table["estimate"], expected["estimate"], CLOSED)
    close(table["p_value"], expected["p"], CLOSED)


def test_all_probes_together(r, patients):
    expected = r["global"]
    fit = fs.coxph_screen(patients, probes(patients), time="years", event="event",
                          adjust="age10 + er")  # fmt: skip
    close(fs.acat(fit.tidy()["p_value"]).p_value, expected["acat_cox_adjusted"], ITERATIVE)
    values = patients[probes(patients)]
    scaled = ((values - values.mean()) / values.std()).to_numpy()
    u, s, _ = np.linalg.svd(scaled, full_matrices=False)
    rows = patients.assign(**{f"pc{i}": u[:, i] * s[i] for i in range(3)})
    small = fs.coxph("Surv(years, event) ~ age10 + er", rows)
    large = fs.coxph("Surv(years, event) ~ age10 + er + pc0 + pc1 + pc2", rows)
    three = expected["three_principal_components"]
    close((s**2 / (s**2).sum())[:3], three["variance_share"])
    row = fs.anova(small, large).tidy().iloc[-1]
    close(row[["statistic", "p_value"]], [three["lr"], three["p"]], ITERATIVE)


@pytest.mark.parametrize(("cor", "name"), [(0.01, "fixed_cor_0.01"), (None, "estimated_cor")])
def test_camera(r, patients, cor, name):
    screen, _ = screened(patients, "age", "er", "moderated")
    names = probes(patients)
    sets = {"first_20": names[:20], "last_20": names[56:]}
    table = fs.gene_set_test(screen, sets, method="camera", inter_gene_cor=cor).tidy()
    expected = r["global"]["camera_technical_sets"][name]
    close(table["p_value"], [row["PValue"] for row in expected], ITERATIVE)
