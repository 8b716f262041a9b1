"""One marker in the place of another: every number from the models fitted one by one."""

import pytest

import faceage_stats as fs
from faceage_stats.errors import FormulaError

FORMULA = "Surv(years, death) ~ sex + stage"


@pytest.fixture(scope="module")
def rows():
    return fs.curate(fs.simulate("thoracic", seed=4, n=300).tables["thoracic"], "thoracic").rows


@pytest.fixture(scope="module")
def fit(rows):
    return fs.marker_substitution(FORMULA, rows, marker="faceage10", other="age10")


def test_models_are_those_of_coxph_on_the_same_complete_cases(rows, fit):
    complete = rows.dropna(subset=["sex", "stage"])
    assert fit.n_missing == len(rows) - len(complete) > 0
    alone = fs.coxph("Surv(years, death) ~ age10", data=complete).tidy().iloc[0]
    table = fit.tidy()
    row = table[(table["model"] == "univariable") & (table["term"] == "age10")].iloc[0]
    assert row["estimate"] == pytest.approx(alone["estimate"])
    both = fs.coxph(f"{FORMULA} + faceage10 + age10", data=complete)
    assert fit.models["covariates + both"].log_lik == pytest.approx(both.log_lik)
    assert fit.fits()["n"].nunique() == 1
    assert fit.fits()["n"][0] == fit.glance()["n"][0] == len(complete)
    assert "faceage10 and age10" in repr(fit)


def test_likelihood_ratio_tests_are_differences_of_log_likelihoods(fit):
    log_lik = {name: model.log_lik for name, model in fit.models.items()}
    both, base = log_lik["covariates + both"], log_lik["covariates"]
    with_age, with_face = log_lik["covariates + age10"], log_lik["covariates + faceage10"]
    expected = [with_face - base, with_age - base, both - with_age, both - with_face]
    assert fit.tests()["statistic"].tolist() == pytest.approx([2 * d for d in expected])
    assert fit.tests()["term"].tolist() == ["faceage10", "age10"] * 2


def test_swapping_the_markers_swaps_the_answers(rows, fit):
    other = fs.marker_substitution(FORMULA, rows, marker="age10", other="faceage10")
    a, b = (t.tests().set_index("term")["p_value"] for t in (fit, other))
    assert sorted(a["age10"]) == pytest.approx(sorted(b["age10"]))


def test_strata_go_into_every_model(rows):
    fit = fs.marker_substitution("Surv(years, death) ~ stage + strata(sex)", rows,
                                 marker="faceage10", other="age10")  # fmt: skip
    assert all(len(model.frame.strata_labels) == 2 for model in fit.models.values())
    assert all(len(model.frame.strata_labels) == 2 for model in fit.univariable.values())


def test_zph_and_contrasts_name_the_models(fit):
    assert set(fit.zph()["model"]) == set(fit.models)
    table = fit.contrasts()
    assert set(table["marker1"]) | set(table["marker2"]) == set(fit.models)
    first = fit.models["covariates"].concordance
    assert table["estimate2"][0] == pytest.approx(first)
    swapped = table[table["marker2"] == "covariates + age10"]["marker1"].tolist()
    assert swapped == ["covariates + faceage10", "covariates + both"]  # new minus old


def test_markers_inside_the_formula_and_no_covariates_are_refused(rows):
    markers = {"marker": "faceage10", "other": "age10"}
    with pytest.raises(FormulaError, match="faceage10 is to be exchanged"):
        fs.marker_substitution(f"{FORMULA} + faceage10", rows, **markers)
    with pytest.raises(FormulaError, match="two different markers"):
        fs.marker_substitution(FORMULA, rows, marker="age10", other="age10")
    with pytest.raises(FormulaError, match="has no covariate"):
        fs.marker_substitution("Surv(years, death) ~ 1", rows, **markers)
