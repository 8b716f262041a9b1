"""Cohorts that readers bring: a clean one, and any number with something wrong in them."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

__all__ = ["LEVELS", "SECRET", "Cohort", "clean_cohort", "hostile_cohorts"]

SECRET = "MRN"  # every identifier begins with it; no message may show one
# Levels of the text columns in R's order, which is not that of their codes: case comes second.
LEVELS = {
    "site": ["adeno", "Large", "small"],
    "sex": ["female", "Male"],
    "cancer_type": ["breast", "lung", "prostate"],
    "reader": ["r1", "r2", "r3"],
    "rating1": ["high", "low", "mid"],
    "rating2": ["high", "low", "mid"],
}


@dataclass(frozen=True)
class Cohort:
    """A table, and how its columns are called: `c["x"]` the name, `c.x` as a formula writes it."""

    data: Any
    names: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, float] = field(default_factory=dict)  # of each kind, in the plain one

    def __getitem__(self, role: str) -> str:
        return self.names.get(role, role)

    def __getattr__(self, role: str) -> str:
        if role.startswith("__"):
            raise AttributeError(role)
        name = self[role]
        return name if name.isidentifier() else f"`{name}`"

    @property
    def surv(self) -> str:
        return f"Surv({self.time}, {self.event})"

    def typed(self, kind: str, *values: float) -> Any:
        """What a call has besides columns, a time or an age, in the cohort's unit of its kind."""
        found = [value / self.units.get(kind, 1.0) for value in values]
        return found if len(found) > 1 else found[0]

    def column(self, role: str) -> Any:
        return self.data[self[role]]


def clean_cohort(n: int = 60, seed: int = 1) -> Cohort:
    """Every number is whole and fits into int8, so that any storage type can hold it."""
    rng = np.random.default_rng(seed)
    row = np.arange(n)
    x = rng.integers(-9, 10, n)
    age = rng.integers(40, 80, n)
    time = np.ceil(rng.exponential(40, n) * np.exp(-x / 20)).clip(1, 120).astype(int)
    truth = rng.integers(0, 2, n // 3 + 1)[row // 3]
    data = pd.DataFrame(
        {
            "patient_id": [f"{SECRET}{i:04d}" for i in row],
            "time": time,
            "event": rng.binomial(1, 0.7, n),
            "cause": rng.integers(0, 3, n),
            "start": (time // 3) * (row % 2),
            "x": x,
            "z": (x + rng.integers(-6, 7, n)),
            "age": age,
            "faceage": age + rng.integers(-8, 12, n),
            "again": age + rng.integers(-8, 12, n),
            "stage": rng.integers(1, 4, n),
            "dose": rng.integers(0, 3, n),
            "treated": rng.binomial(1, 0.5, n) == 1,
            "died": rng.binomial(1, 0.5, n),
            "weight": rng.integers(1, 4, n),
            "case_id": row // 3,
            "case_time": rng.integers(1, 99, n)[row // 3],
            "case_event": np.minimum((row // 3) % 4, 1),
            "truth": truth,
            "call": (truth + rng.binomial(1, 0.3, n)) % 2,
            "snp1": rng.binomial(2, 0.4, n),
            "snp2": rng.binomial(2, 0.3, n),
            "ecog": rng.integers(0, 4, n),
            "prior_chemo_courses": rng.integers(0, 4, n),
            "hospital_admissions": rng.integers(0, 3, n),
            "mets_liver": rng.integers(0, 2, n),
        }
    )
    for name, levels in LEVELS.items():
        data[name] = rng.choice(levels, n)
    data["risk1"] = 1 / (1 + np.exp(-data["x"] / 5))
    data["risk2"] = 1 / (1 + np.exp(-data["z"] / 5))
    data["p"] = data["weight"] / 7
    data["years"], data["death"] = data["time"], data["event"]
    data["gap"] = data["again"].where(row % 7 > 0)
    data["reader"] = np.array(LEVELS["reader"])[row % 3]
    data["day"] = pd.to_datetime("2020-01-31") + pd.to_timedelta(rng.integers(0, 3, n) * 40, "D")
    return Cohort(data)


NUMBERS = (
    lambda rng, n: rng.integers(-9, 10, n),
    lambda rng, n: rng.normal(size=n),
    lambda rng, n: rng.integers(0, 2, n),
    lambda rng, n: np.full(n, 3.0),
    lambda rng, n: np.full(n, np.nan),
    lambda rng, n: [None] * n,
    lambda rng, n: np.where(rng.random(n) < 0.3, np.nan, rng.normal(size=n)),
    lambda rng, n: np.where(rng.random(n) < 0.2, np.inf, rng.normal(size=n)),
    lambda rng, n: rng.normal(size=n) * 1e300,
    lambda rng, n: rng.normal(size=n) * 1e-300,
    lambda rng, n: 1e15 + rng.integers(0, 9, n),
    lambda rng, n: [str(v) for v in rng.integers(0, 12, n)],
    lambda rng, n: pd.Series([str(v) for v in rng.integers(0, 3, n)], dtype="string"),
    lambda rng, n: [str(v) for v in rng.choice(["a", "B", "c d", ""], n)],
    lambda rng, n: [(1, "a", 2.5, None, "1")[v] for v in rng.integers(0, 5, n)],
    lambda rng, n: rng.random(n) < 0.5,
    lambda rng, n: pd.Series(rng.integers(0, 2, n)).map({0: True, 1: None}).astype("boolean"),
    lambda rng, n: pd.Series(rng.choice([1, 2, None], n)).astype("Int8"),
    lambda rng, n: pd.Series(rng.integers(-99, 99, n)).astype("int8[pyarrow]"),
    lambda rng, n: rng.integers(0, 120, n).astype(np.uint8),
    lambda rng, n: rng.normal(size=n).astype(np.float16),
    lambda rng, n: rng.normal(size=n).astype(">f8"),
    lambda rng, n: [Decimal(int(v)) / 4 for v in rng.integers(-9, 9, n)],
    lambda rng, n: pd.Categorical(rng.choice(["lo", "mid", "hi"], n), ["lo", "mid", "hi", "top"]),
    lambda rng, n: pd.Categorical(rng.integers(1, 4, n), [3, 2, 1], ordered=True),
    lambda rng, n: pd.to_datetime("2021-03-01") + pd.to_timedelta(rng.integers(0, 40, n), "D"),
    lambda rng, n: pd.to_timedelta(rng.integers(0, 40, n), "D"),
    lambda rng, n: rng.normal(size=n) + 1j,
    lambda rng, n: [[1, 2]] * n,
)
GROUPS = (
    lambda rng, n: rng.choice(["a", "b"], n),
    lambda rng, n: ["only"] * n,
    lambda rng, n: [f"level {i}" for i in range(n)],
    lambda rng, n: rng.choice(["Male", "female", "male", " male"], n),
    lambda rng, n: [("a", 1, "1", None, True)[v] for v in rng.integers(0, 5, n)],
    lambda rng, n: rng.choice(np.array(["Missing", "Overall", "NA", "x\ny", "ü"]), n),
    lambda rng, n: pd.Series(rng.choice(["a", "b"], n), dtype="string[pyarrow]"),
    lambda rng, n: pd.Categorical(rng.choice(["a", "b"], n), ["unused", "b", "a"]),
    lambda rng, n: [datetime.date(2020, 1, 1 + v) for v in rng.integers(0, 2, n)],
    lambda rng, n: pd.PeriodIndex.from_ordinals(rng.integers(600, 603, n), freq="M"),
    *NUMBERS,
)
EVENTS = (
    lambda rng, n: rng.integers(0, 2, n),
    lambda rng, n: np.zeros(n, int),
    lambda rng, n: np.ones(n, int),
    lambda rng, n: rng.integers(1, 3, n),
    lambda rng, n: rng.integers(0, 3, n),
    lambda rng, n: rng.choice(["alive", "dead"], n),
    lambda rng, n: rng.choice(["0", "1"], n),
    lambda rng, n: rng.choice([0, 1], n).astype(object),
    lambda rng, n: rng.choice([0.0, 1.0, np.nan], n),
    lambda rng, n: rng.choice([0, 1, -1], n),
    lambda rng, n: pd.Categorical(rng.choice(["censored", "died"], n), ["censored", "died"]),
    *NUMBERS,
)
TIMES = (
    lambda rng, n: rng.integers(1, 99, n),
    lambda rng, n: rng.integers(1, 4, n),
    lambda rng, n: np.full(n, 5),
    lambda rng, n: rng.integers(0, 3, n),
    lambda rng, n: rng.exponential(size=n) * 1e-12,
    lambda rng, n: rng.exponential(size=n) * 1e12,
    lambda rng, n: np.where(rng.random(n) < 0.2, np.nan, rng.exponential(size=n)),
    lambda rng, n: np.where(rng.random(n) < 0.1, np.inf, rng.exponential(size=n)),
    *NUMBERS,
)
KINDS = {
    **dict.fromkeys(["x", "z", "age", "faceage", "again", "snp1", "snp2"], NUMBERS),
    **dict.fromkeys(["risk1", "risk2", "p", "gap", "case_time"], NUMBERS),
    **dict.fromkeys(["stage", "dose", "site", "sex", "treated", "reader", "case_id"], GROUPS),
    **dict.fromkeys(["cancer_type", "rating1", "rating2", "day"], GROUPS),
    **dict.fromkeys(["event", "cause", "died", "truth", "call", "death", "case_event"], EVENTS),
    **dict.fromkeys(["time", "start", "years"], TIMES),
    **dict.fromkeys(["weight", "ecog", "mets_liver", "prior_chemo_courses"], NUMBERS),
}
NAMES = ("x.1", "age at scan", "lambda", "class", "in", "5yr", "tumour (mm)", "Intercept", "C", "é")
# A failing cohort shrinks to the first.
SIZES = (12, 0, 1, 2, 3, 5, 8, 8, 12, 20, 30, 20)
TABLES: tuple[Callable[[pd.DataFrame], pd.DataFrame], ...] = (
    *[lambda data: data] * 4,
    lambda data: data.set_axis(["same"] * len(data)),
    lambda data: pd.concat([data, data[["x"]]], axis=1),
    lambda data: data.assign(unused=[{"a": 1}] * len(data)),
    lambda data: data.rename(columns={"patient_id": 7}),
    lambda data: data.set_index(["patient_id", "case_id"], drop=False),
    lambda data: pd.concat([data, data]),
    lambda data: data.drop(columns=data.columns[len(data) % data.shape[1]]),
)


MANY = clean_cohort(600).data


def _number(draw: st.DrawFn, below: int) -> int:
    """A whole number from coins: hypothesis mixes constants of loaded code into other draws."""
    coins = [draw(st.booleans()) for _ in range((below - 1).bit_length() + 3)]
    return sum(coin << k for k, coin in enumerate(coins)) % below


@st.composite
def hostile_cohorts(draw: st.DrawFn) -> Cohort:
    """A small cohort with a few columns, names, labels or rows that something is wrong with."""

    def one_of(values: Sequence[Any]) -> Any:
        return values[_number(draw, len(values))]

    n, start = one_of(SIZES), 3 * _number(draw, 191)
    roles = {one_of(list(KINDS)) for _ in range(1 + _number(draw, 5))}
    kinds = {role: one_of(KINDS[role]) for role in sorted(roles)}
    names = {one_of(list(KINDS)): one_of(NAMES)} if _number(draw, 5) == 4 else {}
    data = one_of(TABLES)(MANY[start : start + n].reset_index(drop=True))
    rng = np.random.default_rng(_number(draw, 2**32))
    for role, kind in kinds.items():
        if role in data:
            data[role] = pd.Series(kind(rng, len(data)), data.index, name=role)
    return Cohort(data.rename(columns=names), names)
