"""Pairs of photographs, against the definitions and the functions that it stands on."""

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from faceage_stats.errors import DesignError, InputError


@pytest.fixture
def photographs():
    """Twelve faces, three conditions; one face lacks a photograph, one a score."""
    rng = np.random.default_rng(0)
    age = rng.normal(60, 12, 12)
    rows = [
        {"pair": f"p{i}", "condition": condition, "score": age[i] + shift + rng.normal(0, 3)}
        for i in range(12)
        for condition, shift in (("before", 0.0), ("after", -4.0), ("again", 0.0))
    ]
    table = pd.DataFrame(rows).sample(frac=1, random_state=1)
    table.loc[table["pair"].eq("p3") & table["condition"].eq("after"), "score"] = np.nan
    return table[~(table["pair"].eq("p7") & table["condition"].eq("again"))]


def rows(fit, condition):
    return fit.tidy().query("condition == @condition").set_index("quantity")


# Truth: mean, standard deviation and share of the differences; ICC of the same two columns.
@pytest.mark.parametrize("condition", ["after", "again"])
def test_definitions(photographs, condition):
    fit = fs.paired_conditions(photographs, reference="before", limit=4)
    wide = photographs.pivot(index="pair", columns="condition", values="score")
    wide = wide[["before", condition]].dropna()
    difference = wide[condition] - wide["before"]
    table = rows(fit, condition)
    assert (table["n"] == len(wide)).all()
    assert (table["reference"] == "before").all()
    assert table.loc["mean difference", "estimate"] == pytest.approx(difference.mean())
    half = 1.959964 * difference.std(ddof=1)
    for name, sign in (("lower limit", -1), ("upper limit", 1)):
        expected = difference.mean() + sign * half
        assert table.loc[name, "estimate"] == pytest.approx(expected, rel=1e-6)
    share = table.loc["proportion of |difference| > 4", "estimate"]
    assert share == pytest.approx((difference.abs() > 4).mean())
    icc = fs.icc(wide, ["before", condition]).tidy().set_index("term").loc["ICC2"]
    ours = table.loc["ICC, two-way, absolute agreement"]
    for name in ("estimate", "conf_low", "conf_high", "std_error"):
        assert ours[name] == pytest.approx(icc[name])
    assert (table["conf_low"] <= table["estimate"]).all()
    assert (table["estimate"] <= table["conf_high"]).all()


def test_rows_and_what_is_missing(photographs):
    fit = fs.paired_conditions(photographs, reference="before")
    assert fit.glance().loc[0].to_dict() == {"n": 22, "n_missing": 2}
    points = fit.augment()
    scores = photographs["score"]
    for label, row in points.iterrows():
        assert photographs.loc[label, "condition"] == row["condition"]
        assert photographs.loc[label, "pair"] == row["pair"]
        base = 2 * row["mean"] - scores[label]
        assert scores[label] - base == pytest.approx(row["difference"])


# Truth: by hand. A face without its reference is lost to both other conditions.
@pytest.mark.parametrize(("column", "n_lost"), [(None, 2), ("pair", 3), ("condition", 3)])
def test_nothing_is_lost_in_silence(photographs, column, n_lost):
    first = photographs["pair"].eq("p0") & photographs["condition"].eq("before")
    photographs.loc[first, column or "score"] = None
    found = fs.paired_conditions(photographs, reference="before").glance().loc[0]
    assert found.to_dict() == {"n": 20, "n_missing": 2 + n_lost}


def test_order_of_rows_and_reference_by_default(photographs):
    first = fs.paired_conditions(photographs)
    pd.testing.assert_frame_equal(
        first.tidy(), fs.paired_conditions(photographs.iloc[::-1], reference="after").tidy()
    )
    turned = rows(first, "before").loc["mean difference", "estimate"]
    other = rows(fs.paired_conditions(photographs, reference="before"), "after")
    assert turned == pytest.approx(-other.loc["mean difference", "estimate"])


def test_refused(photographs):
    for data, message in (
        (photographs[photographs["condition"] == "after"], "has 1 condition; two are needed"),
        (pd.concat([photographs, photographs.head(2)]), "2 rows repeat a value of 'pair'"),
        (photographs[photographs["pair"].isin(["p0", "p1"])], "2 pairs have a score"),
    ):
        with pytest.raises(DesignError, match=message):
            fs.paired_conditions(data)
    with pytest.raises(InputError, match="Did you mean 'before'"):
        fs.paired_conditions(photographs, reference="befor")
