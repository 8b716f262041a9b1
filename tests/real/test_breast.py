"""76 probes of 198 patients (GSE7390, in scikit-survival). Truth: survival 3.5-3, limma 3.54.1."""

import numpy as np
import pandas as pd
import pytest
from sksurv.datasets import load_breast_cancer

import faceage_stats as fs
from tests.real.people import CLOSED, ITERATIVE, close, reference, same_columns

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


def same_summary(table, expected):
    """The counts and the first ten that R printed of a screen."""
    for rule, p in {"p": "p_value", "holm": "p_holm", "bh": "p_bh"}.items():
        assert (table[p] < 0.05).sum() == expected[f"n_{rule}_below_0.05"]
    close(table["p_value"].min(), expected["smallest_p"], ITERATIVE)
    first = [row["probe"] for row in expected["top10"]]
    assert table.sort_values("p_value").index[:10].tolist() == first
    top = table.loc[first]
    names = {"estimate": "coef", "std_error": "se", "statistic": "t", "df": "df",
             "p_value": "p", "p_holm": "p_holm", "p_bh": "p_bh"}  # fmt: skip
    names |= {"estimate": "estimate"} if "estimate" in expected["top10"][0] else {}
    names = {ours: theirs for ours, theirs in names.items() if theirs in expected["top10"][0]}
    same_columns(top, expected["top10"], ITERATIVE, **names)


def same_cox(fit, expected):
    """What R kept of a Cox model."""
    terms, row = fit.tidy().query("~is_reference"), fit.glance().iloc[0]
    assert len(terms) == len(expected["terms"])
    close(terms["estimate"], expected["coef"], ITERATIVE)
    close(terms["std_error"], expected["se"], ITERATIVE)
    for ours, theirs in {"n": "n", "n_event": "n_event", "log_lik": "loglik", "concordance": "c",
                         "concordance_se": "c_se", "statistic_log": "lr"}.items():  # fmt: skip
        close(row[ours], expected[theirs], ITERATIVE)


def test_clinical_model_and_its_hazards(r, patients):
    assert [len(patients), patients["event"].sum()] == [r["n"], r["n_event"]]
    assert probes(patients) == r["probes"]
    fit = fs.coxph("Surv(years, event) ~ age10 + er", patients)
    same_cox(fit, r["clinical"]["age_er"])
    zph, expected = fs.cox_zph(fit).tidy(), r["clinical"]["zph_age_er"]
    assert zph["term"].tolist() == expected["terms"]
    close(zph["statistic"], expected["chisq"], ITERATIVE)
    close(zph["p_value"], expected["p"], ITERATIVE)
    known = patients.assign(
        grade_known=pd.Categorical(
            patients["grade"],
            ["well differentiated", "intermediate", "poorly differentiated"],
        )
    )
    fit = fs.coxph("Surv(years, event) ~ age10 + er + size + grade_known", known)
    same_cox(fit, r["clinical"]["age_er_size_grade"])


@pytest.mark.parametrize("name", SCREENS)
def test_screen_of_survival(r, patients, name):
    fit = fs.coxph_screen(patients, probes(patients), time="years", event="event",
                          adjust=SCREENS[name])  # fmt: skip
    expected = pd.DataFrame(r[name]["table"]).set_index("probe")
    table = fit.tidy()
    for method in ("holm", "BH"):
        table[f"p_{method.lower()}"] = fs.p_adjust(table["p_value"], method)
    table = table.set_index("term").loc[expected.index]
    names = {"estimate": "coef", "std_error": "se", "statistic": "z", "p_value": "p",
             "log_lik": "loglik", "p_holm": "p_holm", "p_bh": "p_bh"}  # fmt: skip
    for ours, theirs in names.items():
        close(table[ours], expected[theirs], ITERATIVE)
    close(np.exp(table["estimate"]), expected["hr"], ITERATIVE)
    same_summary(table, r[name])


@pytest.mark.parametrize("name", MODERATED)
def test_moderated(r, patients, name):
    screen, table = screened(patients, *MODERATED[name], "moderated")
    prior = screen.glance().iloc[0]
    close(prior[["df_prior", "s2_prior"]], [r[name]["df_prior"], r[name]["s2_prior"]], ITERATIVE)
    same_summary(table, r[name])
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
    names = {"statistic": "t", "conf_low": "conf_low", "conf_high": "conf_high",
             "p_holm": "p_holm", "p_bh": "p_bh"}  # fmt: skip
    for ours, theirs in names.items():
        if theirs in expected:
            close(table[ours], expected[theirs], CLOSED)
    same_summary(table, r[name])


def test_all_probes_together(r, patients):
    expected = r["global"]
    fit = fs.coxph_screen(patients, probes(patients), time="years", event="event",
                          adjust="age10 + er")  # fmt: skip
    close(fs.acat(fit.tidy()["p_value"]).p_value, expected["acat_cox_adjusted"], ITERATIVE)
    least = fs.p_adjust(fit.tidy()["p_value"], "holm").min()
    close(least, expected["holm_min_cox_adjusted"], ITERATIVE)
    _, age = screened(patients, "age", "er", "moderated")
    close(fs.acat(age["p_value"]).p_value, expected["acat_moderated_age_given_er"], ITERATIVE)
    values = patients[probes(patients)]
    scaled = ((values - values.mean()) / values.std()).to_numpy()
    u, s, _ = np.linalg.svd(scaled, full_matrices=False)
    rows = patients.assign(**{f"pc{i}": u[:, i] * s[i] for i in range(3)})
    small = fs.coxph("Surv(years, event) ~ age10 + er", rows)
    large = fs.coxph("Surv(years, event) ~ age10 + er + pc0 + pc1 + pc2", rows)
    three = expected["three_principal_components"]
    close((s**2 / (s**2).sum())[:3], three["variance_share"])
    row = fs.anova(small, large).tidy().iloc[-1]
    close(row[["statistic", "df", "p_value"]], [three[k] for k in ("lr", "df", "p")], ITERATIVE)


@pytest.mark.parametrize(("cor", "name"), [(0.01, "fixed_cor_0.01"), (None, "estimated_cor")])
def test_camera(r, patients, cor, name):
    screen, _ = screened(patients, "age", "er", "moderated")
    names = probes(patients)
    sets = {"first_20": names[:20], "last_20": names[56:]}
    table = fs.gene_set_test(screen, sets, method="camera", inter_gene_cor=cor).tidy()
    expected = r["global"]["camera_technical_sets"][name]
    assert table["gene_set"].tolist() == [row["set"] for row in expected]
    assert table["direction"].tolist() == [row["Direction"].lower() for row in expected]
    same_columns(table, expected, ITERATIVE, n_gene="NGenes", p_value="PValue")
    if cor is None:
        same_columns(table, expected, ITERATIVE, correlation="Correlation")
