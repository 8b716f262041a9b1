"""Truth: every permutation refitted by least squares; error rates under the null."""

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats._seed import generator
from faceage_stats.association.genomics.max_t import step_down
from faceage_stats.errors import InputError

N = 40


def tables(effect=0.0, m=6, seed=0, missing=False):
    rng = np.random.default_rng(seed)
    people = pd.DataFrame({"patient_id": range(N), "age": rng.normal(65, 9, N)})
    people["faceage"] = people["age"] + rng.normal(0, 5, N)
    shared = rng.normal(size=(N, 1))
    genes = pd.DataFrame(shared + rng.normal(size=(N, m)), columns=[f"G{j}" for j in range(m)])
    genes["G1"] += effect * (people["faceage"] - people["age"])
    if missing:
        genes.loc[:4, "G2"] = np.nan
        genes["G3"] = 1.0
    return genes.assign(patient_id=range(N)), people


def t_of(y, exposure, others):
    known = ~np.isnan(y)
    x = np.column_stack([others, exposure])[known]
    coef, square = np.linalg.lstsq(x, y[known], rcond=None)[:2]
    variance = square[0] / (known.sum() - x.shape[1]) * np.linalg.inv(x.T @ x)[-1, -1]
    return coef[-1] / np.sqrt(variance)


@pytest.mark.filterwarnings("ignore:of 6 genes")
@pytest.mark.parametrize("missing", [False, True])
def test_equals_refitting_every_permutation(missing):
    genes, people = tables(0.15, missing=missing)
    screen = fs.gene_screen(genes, people, "faceage", adjust="age", methods=["lm"])
    n_resamples, seed = 60, 3
    got = fs.max_t(screen, n_resamples=n_resamples, seed=seed).tidy()
    shuffles = generator(seed, "max_t").permuted(np.tile(np.arange(N), (n_resamples, 1)), axis=1)
    others = np.column_stack([np.ones(N), people["age"]])
    exposure = people["faceage"].to_numpy()
    exposure = exposure - others @ np.linalg.lstsq(others, exposure, rcond=None)[0]
    names = [name for name in genes if name.startswith("G") and genes[name].nunique() > 1]
    observed = np.array([t_of(genes[g].to_numpy(), people["faceage"], others) for g in names])
    permuted = np.array(
        [[t_of(genes[g].to_numpy(), exposure[s], others) for g in names] for s in shuffles]
    )
    order = np.argsort(-np.abs(observed))  # largest first
    adjusted, floor = {}, 0.0
    for rank, j in enumerate(order):
        largest = np.abs(permuted[:, order[rank:]]).max(axis=1)
        floor = max(floor, (1 + (largest >= abs(observed[j])).sum()) / (1 + n_resamples))
        adjusted[names[j]] = floor
    got = got.set_index("gene").loc[names]
    np.testing.assert_allclose(got["statistic"], observed, rtol=1e-9)
    np.testing.assert_allclose(got["p_adjusted"], [adjusted[g] for g in names])
    single = (1 + (np.abs(permuted) >= np.abs(observed)).sum(axis=0)) / (1 + n_resamples)
    np.testing.assert_allclose(got["p_permutation"], single)


@pytest.mark.filterwarnings("ignore:of 6 genes")
def test_genes_that_cannot_be_tested_take_no_part():
    genes, people = tables(missing=True)
    screen = fs.gene_screen(genes, people, "faceage", adjust="age", methods=["lm"])
    result = fs.max_t(screen, n_resamples=19)
    row = result.tidy().set_index("gene").loc["G3"]
    assert row.isna().all()
    assert result.glance().iloc[0]["n_no_estimate"] == 1
    fewer = fs.gene_screen(genes.drop(columns="G3"), people, "faceage", adjust="age")
    np.testing.assert_allclose(
        result.tidy()["p_adjusted"].dropna(), fs.max_t(fewer, n_resamples=19).tidy()["p_adjusted"]
    )


def test_same_seed_same_result_in_any_chunk(monkeypatch):
    screen = fs.gene_screen(*tables(0.2), "faceage", adjust="age", methods=["lm"])
    first = fs.max_t(screen, n_resamples=99).tidy()
    monkeypatch.setattr("faceage_stats.association.genomics.max_t._CHUNK", 2)
    pd.testing.assert_frame_equal(first, fs.max_t(screen, n_resamples=99).tidy())
    assert not first.equals(fs.max_t(screen, n_resamples=99, seed=2).tidy())


def test_family_wise_error_under_the_null():
    hits = 0
    for seed in range(120):
        screen = fs.gene_screen(*tables(seed=seed), "faceage", adjust="age", methods=["lm"])
        hits += fs.max_t(screen, n_resamples=99, seed=seed).tidy()["p_adjusted"].min() <= 0.05
    assert hits / 120 <= 0.11  # 0.05 with three standard errors


def test_many_patterns_of_missing_values_keep_memory_bounded():
    rng = np.random.default_rng(1)
    values = rng.normal(size=(N, 80))
    values[np.arange(80) % N, np.arange(80)] = np.nan
    values[(np.arange(80) + 1 + np.arange(80) // N) % N, np.arange(80)] = np.nan
    design = np.column_stack([np.ones(N), rng.normal(size=N)])
    counts = step_down(values, design, np.arange(80), np.zeros(80), 5, 1)
    assert (counts.single == 5).all()
    assert (counts.largest == 5).all()  # every permuted |t| is at least 0


def test_refusals():
    genes, people = tables()
    screen = fs.gene_screen(genes, people, "faceage", methods=["lm"])
    with pytest.raises(InputError, match="n_resamples is 0"):
        fs.max_t(screen, n_resamples=0)
    people = people.assign(time=1.0 + people.index, event=1)
    with pytest.raises(InputError, match="survival has none"):
        fs.max_t(fs.gene_screen(genes, people, "Surv(time, event)"))
