"""A messy export of an invented Brazilian hospital, and the table of its photographs.

Semicolons, decimal commas, DD/MM/YYYY, codes of the hospital, three words for missing, heights in
metres and a few in centimetres, rows that stand twice, patients with an amended row.

    python tests/messy_hospital.py FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

SITES = {"C50": 0.3, "C61": 0.2, "C34": 0.2, "C32": 0.1, "C15": 0.08, "C71": 0.07, "C53": 0.05}


def write(folder: Path, n: int = 600, seed: int = 7) -> None:
    """Write exportacao.csv and biomarkers.csv."""
    rng = np.random.default_rng(seed)
    export, start, faceage = _patients(rng, n)
    _blot(rng, export)
    again = export.sample(12, random_state=1)
    amended = export.sample(9, random_state=2).assign(
        **{"ECOG": "1", "Atualizado em": "01/02/2024"}
    )
    rows = pd.concat([export, again, amended]).sample(frac=1, random_state=3)
    rows.to_csv(folder / "exportacao.csv", sep=";", index=False, encoding="cp1252")
    photographs = _photographs(rng, export["Prontuário"].to_numpy(), start, faceage)
    photographs.to_csv(folder / "biomarkers.csv", index=False)


def _patients(rng: np.random.Generator, n: int) -> tuple[pd.DataFrame, pd.Series, np.ndarray]:
    site = rng.choice(list(SITES), n, p=list(SITES.values()))
    female = np.isin(site, ["C50", "C53"])
    male = (site == "C61") | ((rng.random(n) < 0.6) & ~female)
    age = np.clip(rng.normal(64, 11, n), 25, 92)
    faceage = age + rng.normal(4, 7, n)
    start = pd.Series(pd.Timestamp("2013-01-01") + pd.to_timedelta(rng.integers(0, 2900, n), "D"))
    birth = start - pd.to_timedelta((age * 365.25).astype(int), "D")
    risk = 0.12 * np.exp(0.03 * (faceage - 66) + 0.02 * (age - 65))
    days = np.ceil(365.25 * rng.exponential(1 / risk))
    censored = (pd.Timestamp("2023-12-31") - start).dt.days * rng.choice([1, 0.6], n)
    died = days <= censored
    end = start + pd.to_timedelta(np.maximum(np.minimum(days, censored), 1).astype(int), "D")
    height = rng.normal(np.where(male, 1.72, 1.60), 0.07)
    export = pd.DataFrame(
        {
            "Prontuário": [f"HC-{i:06d}" for i in rng.choice(900_000, n, replace=False)],
            "Data de nascimento": _date(birth),
            "Sexo": np.where(male, "Masc", "Fem"),
            "Topografia": site,
            "Início RT": _date(start),
            "Data do óbito": _date(end.where(died)),
            "Último contato": _date(end),
            "Tabagismo": rng.choice(["nunca", "ex-fumante", "fumante"], n),
            "Altura (m)": _number(height, 2),
            "Peso (kg)": _number(np.clip(rng.normal(26, 4, n), 17, 50) * height**2, 1),
            "ECOG": rng.choice(list("0123"), n, p=[0.5, 0.3, 0.15, 0.05]),
            "Intenção": rng.choice(["curativa", "paliativa"], n, p=[0.95, 0.05]),
            "Atualizado em": "01/01/2024",
        }
    )
    return export, start, faceage


def _blot(rng: np.random.Generator, export: pd.DataFrame) -> None:
    """Words for missing values, other spellings, and what cannot be."""
    blots = {
        "Tabagismo": (["", "ignorado", "9"], 0.12),
        "ECOG": (["", "9"], 0.08),
        "Peso (kg)": (["", "ignorado"], 0.06),
        "Sexo": (["M", "F"], 0.05),
        "Início RT": ([""], 0.005),
        "Altura (m)": (["168", "175"], 0.01),
    }
    for name, (values, share) in blots.items():
        rows = rng.random(len(export)) < share
        export.loc[rows, name] = rng.choice(values, rows.sum())
    dead = export.index[export["Data do óbito"] != ""][:3]
    export.loc[dead, "Data do óbito"] = export.loc[dead, "Data de nascimento"]


def _photographs(
    rng: np.random.Generator, patients: np.ndarray, start: pd.Series, faceage: np.ndarray
) -> pd.DataFrame:
    rows = []
    for patient, day, score in zip(patients, start, faceage, strict=True):
        for i in range(rng.choice([0, 1, 2], p=[0.04, 0.8, 0.16])):
            status = rng.choice(["ok", "several_faces", "no_face"], p=[0.93, 0.03, 0.04])
            taken = day + pd.Timedelta(int(rng.integers(-25, 10)) + 150 * i, "D")
            value = score + rng.normal(0, 2) if status != "no_face" else None
            rows.append((f"{patient}_{i}.jpg", patient, taken.date(), status, value))
    rows.append(("visitor.jpg", "HC-XX0001", pd.Timestamp("2020-01-01").date(), "ok", 50.0))
    table = pd.DataFrame(rows, columns=["photo", "patient_id", "taken_on", "status", "score"])
    return table.assign(
        model="faceage", model_version="1.0", model_sha256="ab" * 32, reason="", score_unit="years"
    )


def _date(days: pd.Series) -> pd.Series:
    return days.dt.strftime("%d/%m/%Y").fillna("")


def _number(values: np.ndarray, digits: int) -> list[str]:
    return [f"{value:.{digits}f}".replace(".", ",") for value in values]


if __name__ == "__main__":
    write(Path(sys.argv[1]))
