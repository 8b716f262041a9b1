"""Truth: the derivative of every probability in the weight of every subject, by differences."""

import numpy as np
import pandas as pd
import pytest

import faceage_stats as fs

_STATES = ["none", "well", "ill", "dead"]


def paths(kind: str) -> pd.DataFrame:
    """Subjects who move between states, with gaps, delayed entry and weights."""
    rng = np.random.default_rng(4)
    rows = []
    for subject in range(25):
        start = float(rng.integers(0, 3)) if kind == "delayed" else 0.0
        for _ in range(rng.integers(1, 4)):
            length = rng.exponential(3) if kind == "no ties" else rng.integers(1, 5)
            state = rng.choice(_STATES, p=[0.3, 0.2, 0.3, 0.2])
            rows.append((subject, start, start + length, state, rng.choice([0.5, 1, 2.3])))
            start += length + float(rng.integers(0, 2) if kind == "gaps" else 0)
            if state in ("none", "dead"):
                break
    table = pd.DataFrame(rows, columns=["id", "start", "stop", "state", "w"])
    return table.assign(state=pd.Categorical(table["state"], _STATES))


@pytest.mark.parametrize("kind", ["no ties", "ties", "gaps", "delayed"])
def test_errors_are_those_of_the_infinitesimal_jackknife(kind: str) -> None:
    table = paths(kind)

    def fit(weight: pd.Series) -> pd.DataFrame:
        data = table.assign(w=weight)
        curve = fs.aalen_johansen("Surv(start, stop, state) ~ 1", data, id="id", weights="w")
        return curve.tidy()

    squares, step = 0.0, 1e-5
    for subject in table["id"].unique():
        own = (table["id"] == subject) * step
        up, down = fit(table["w"] * (1 + own)), fit(table["w"] * (1 - own))
        slope = (up["estimate"] - down["estimate"]).to_numpy() / (2 * step)
        squares = squares + slope**2
    found = fit(table["w"])["std_error"].to_numpy()
    assert found.max() > 0.05
    np.testing.assert_allclose(found, np.sqrt(squares), rtol=1e-6, atol=1e-8)
