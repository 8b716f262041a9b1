"""Fixtures of the public tables."""

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs
from tests.real.people import reference, table


@pytest.fixture(scope="session")
def everybody():
    return table("nhanes")


@pytest.fixture(scope="module", params=["whole", "open_half"])
def nhanes(request, everybody):
    """The people, under R's names, and R's numbers for them."""
    rows = everybody if request.param == "whole" else everybody.query("open == 1")
    rows = rows.reset_index(drop=True)
    rows = rows.rename(columns={"phenoage10": "pheno10", "phenoage_group": "pheno_band"})
    bands = rows["pheno_band"].cat.rename_categories(["<=65", "65-75", "75-85", ">85"])
    slope = fs.lm("phenoage ~ age", rows)
    accel = slope.augment()["residual"].to_numpy()
    quarter = np.searchsorted(np.quantile(accel, [0.25, 0.5, 0.75]), accel, side="left")
    rows = rows.assign(
        pheno_band=bands,
        accel=accel,
        accel10=accel / 10,
        accel_q=pd.Categorical.from_codes(quarter, ["Q1", "Q2", "Q3", "Q4"]),
        died10=((rows["death"] == 1) & (rows["years"] <= 10)).astype(int),
    )
    return rows, reference("nhanes")[request.param]
