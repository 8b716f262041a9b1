"""Truth: what the data functions must hold, read back from the drawn figure."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from faceage_stats.errors import InputError
from faceage_stats.reporting.figures import (
    gene_set_heatmap,
    gene_strip,
    qq,
    qq_data,
    text_overlaps,
    volcano,
    volcano_data,
)


@pytest.fixture
def screen():
    rng = np.random.default_rng(0)
    r = np.concatenate([[0.7, 0.6, 0.58], rng.normal(0, 0.08, 400)])
    p = 2 * stats.norm.sf(np.abs(r) * 12)
    table = pd.DataFrame({"gene": ["CDK6", "RB1", "ATM", *(f"G{i}" for i in range(400))]})
    table = table.assign(variable="faceage", estimate=r, p_value=p, p_holm=np.minimum(p * 403, 1))
    age = table.assign(variable="age", estimate=r / 10, p_value=0.5, p_holm=1.0)
    return pd.concat([table, age], ignore_index=True)


def test_volcano_data(screen):
    screen.loc[5, ["estimate", "p_value"]] = np.nan
    data = volcano_data(screen, highlight=["ATM"])
    assert len(data) == len(screen) - 1
    assert data.loc[data["highlighted"], "variable"].tolist() == ["faceage", "age"]
    np.testing.assert_allclose(10.0 ** -data["height"], screen["p_value"].dropna())
    underflow = pd.DataFrame({"gene": ["A"], "estimate": [1], "p_value": [0.0], "p_bh": [0.0]})
    assert np.isfinite(volcano_data(underflow)["height"].iloc[0])


def test_volcano_draws_and_names(screen):
    panels = {"faceage": "FaceAge, given age", "age": "Age"}
    fig = volcano(screen, effect="Correlation", highlight=["CDK6"], panels=panels)
    left, right = fig.axes
    assert left.get_xlim() == right.get_xlim()
    assert {"CDK6", "RB1", "ATM"} <= {t.get_text() for t in left.texts}
    assert [t.get_text() for t in right.texts] == ["CDK6"]  # highlighted, not significant
    assert "FaceAge, given age: 403 genes, 3 significant" in fig.alt_text
    assert not text_overlaps(fig)
    single = volcano(screen[screen["variable"] == "age"].drop(columns="variable"), effect="r")
    assert len(single.axes) == 1


def test_crowded_names_are_left_out_not_overprinted():
    p = np.full(15, 1e-9)
    crowd = pd.DataFrame({"gene": [f"VERYLONGNAME{i}" for i in range(15)], "estimate": 0.5})
    fig = volcano(crowd.assign(p_value=p, p_holm=p), effect="r")
    assert 0 < len(fig.axes[0].texts) < 15
    assert not text_overlaps(fig)


def test_volcano_refusals(screen):
    with pytest.raises(InputError, match="lacks adjusted p values"):
        volcano_data(screen.drop(columns="p_holm"))
    with pytest.raises(InputError, match="genes that the screen lacks: TP53"):
        volcano_data(screen, highlight=["TP53"])
    with pytest.raises(InputError, match="no gene with an estimate"):
        volcano_data(screen.assign(p_value=np.nan))


def test_qq_data_is_the_order_statistics_of_uniforms():
    data = qq_data(np.append(np.arange(1, 100) / 100, np.nan))
    np.testing.assert_allclose(data["expected"], data["observed"])
    rng = np.random.default_rng(1)
    draws = np.sort(rng.uniform(size=(20_000, 20)), axis=1)
    band = qq_data(np.arange(1, 21) / 21)
    share = ((draws > 10.0 ** -band["conf_high"].to_numpy())
             & (draws < 10.0 ** -band["conf_low"].to_numpy())).mean(axis=0)  # fmt: skip
    np.testing.assert_allclose(share, 0.95, atol=0.01)
    with pytest.raises(InputError, match="no p values"):
        qq_data([np.nan])


def test_qq_draws_a_series_per_variable(screen):
    fig = qq(screen, panels={"faceage": "FaceAge", "age": "Age"})
    labels = [t.get_text() for t in fig.axes[0].get_legend().get_texts()]
    assert [label.split(",")[0] for label in labels] == ["FaceAge", "Age"]
    assert labels[1].endswith("λ = 1.00, 403 tests")  # a median p of 0.5
    assert not text_overlaps(fig)


def test_strip_orders_chromosomes_by_number():
    table = pd.DataFrame(
        {"gene": list("ABCD"), "chromosome": ["10", "2", "X", "2"], "position": [1, 9, 5, 3],
         "p_value": [0.2, 1e-8, 0.4, 0.9], "p_adjusted": [0.8, 4e-8, 1, 1]}
    )  # fmt: skip
    fig = gene_strip(table)
    axes = fig.axes[0]
    assert [t.get_text() for t in axes.get_xticklabels()] == ["2", "10", "X"]
    assert [t.get_text() for t in axes.texts] == ["B"]
    assert "4 tests along the genome; significant after adjustment: B" in fig.alt_text
    plain = gene_strip(table.drop(columns=["chromosome", "position"]))
    assert plain.axes[0].get_xlabel() == "Gene, in the order of the table, 4 tests"
    assert not text_overlaps(fig)


def test_heatmap_orders_by_the_first_variable(screen):
    few = screen[screen["gene"].isin(["CDK6", "RB1", "ATM", "G1", "G2"])]
    fig = gene_set_heatmap(few, effect="Correlation", panels={"faceage": "FaceAge", "age": "Age"})
    axes = fig.axes[0]
    order = [t.get_text() for t in axes.get_xticklabels()]
    assert order[:3] == ["CDK6", "RB1", "ATM"]
    assert [t.get_text() for t in axes.texts].count("*") == 3
    assert "CDK6 FaceAge 0.70" in fig.alt_text
    assert not text_overlaps(fig)
    with pytest.raises(InputError, match="variable"):
        gene_set_heatmap(few.drop(columns="variable"), effect="r")
