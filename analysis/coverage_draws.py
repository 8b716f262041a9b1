"""Draw the unmatched cohorts 200 times: `python analysis/coverage_draws.py` (some minutes).

Each draw is analysed as its item does, once with the effect as planted and once without it. What
each test found goes into ``analysis/drawn/coverage.csv``, beside it the hash of the generator's
sources: the item `coverage` refuses draws of another generator.
"""

from __future__ import annotations

import hashlib
import json
import math
import sys
import warnings
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

import faceage_stats as fs
from faceage_stats.cohorts import synthetic
from faceage_stats.cohorts.synthetic import (
    fahr,
    genotyped,
    maastro,
    palliative,
    serial,
    survey,
    thoracic,
)
from items import _palliative, _survey
from items import thoracic as thoracic_item

FOLDER = Path(__file__).parent / "drawn"
DRAWS, MADE_FROM = FOLDER / "coverage.csv", FOLDER / "made_from.json"
SEEDS = 200
GENERATOR = ("engine", "gap", "adjustment", "maastro_sites", "maastro", "thoracic", "palliative",
             "survey", "genotyped", "fahr", "serial")  # fmt: skip
FAR = ("short", "mid", "long")
ARMS = list(survey.AUC)
GAINS = {
    "gain of AUC by the chart": (ARMS[1], ARMS[0]),
    "gain of AUC by the FaceAge risk model": (ARMS[2], ARMS[1]),
}
# What age carries of FaceAge in its place follows from what was planted; no value of it was.
AGE_ALONE = "age per decade, in the place of faceage"
QUARTERS = list(fahr.QUARTILES["harvard_rt"])
COLUMNS = ["cohort", "term", "effect", "seed", "planted", "estimate", "conf_low", "conf_high",
           "p_value"]  # fmt: skip


@dataclass(frozen=True)
class Study:
    """One kind of cohort: how it is drawn, without the effect as well, and what is estimated."""

    build: Callable[..., Any]
    n: int
    design: Any
    null: Any
    analyse: Callable[[dict[str, pd.DataFrame]], pd.DataFrame]
    truth: dict[str, float]  # of each term, as planted
    at_null: dict[str, float]  # and without the effect: terms whose test is then of a true null


def generator_sha256() -> str:
    """Hash of the modules that draw the cohorts."""
    folder = Path(synthetic.__path__[0])
    texts = [(folder / f"{name}.py").read_text(encoding="utf-8") for name in GENERATOR]
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def _cox(rows: pd.DataFrame, formula: str, term: str, name: str) -> pd.DataFrame:
    fit = fs.coxph(f"Surv(years, death) ~ {formula}", data=rows).tidy(exponentiate=True)
    return _named(fit[fit["term"] == term], name)


def _added(rows: pd.DataFrame, term: str, others: str, name: str) -> pd.DataFrame:
    """The hazard ratio of a term beside others; p of the likelihood-ratio test, as of the item."""
    without, beside = (
        fs.coxph(f"Surv(years, death) ~ {terms}", data=rows)
        for terms in (others, f"{term} + {others}")
    )
    found = beside.tidy(exponentiate=True).query("term == @term")
    tested = fs.anova(without, beside).tidy()["p_value"].iloc[-1]
    return _named(found.assign(p_value=tested), name)


def _named(table: pd.DataFrame, name: str) -> pd.DataFrame:
    columns = ["estimate", "conf_low", "conf_high", "p_value"]
    return table.reindex(columns=columns).assign(term=name)


def _maastro(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    rows = fs.curate(tables["maastro"], "maastro", follow_up_cap=7).rows
    smokers = fs.age_gap(rows[rows["smoking"].notna()], by="smoking", unit="months")
    pairs = smokers.contrasts(pairs="all")
    pair = pairs[(pairs["group1"] == "current") & (pairs["group2"] == "never")]
    adjusted = _cox(rows, "faceage10 + age10 + sex + site", "faceage10", "faceage per decade")
    return pd.concat([adjusted, _named(pair, "gap, current minus never smoker")])


def _thoracic(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    rows = fs.curate(tables["thoracic"], "thoracic").rows
    clinical = " + ".join(thoracic_item.COVARIATES)
    return pd.concat(
        [
            _cox(rows, f"faceage10 + {clinical}", "faceage10", "faceage per decade"),
            _added(rows, "age10", f"faceage10 + {clinical}", "age per decade, given faceage"),
            _added(rows, "faceage10", f"age10 + {clinical}", "faceage per decade, given age"),
            _cox(rows, f"age10 + {clinical}", "age10", AGE_ALONE),
        ]
    )


def _palliative_rows(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    rows = fs.curate(tables["palliative"], "palliative").rows
    terms = "faceage10 + " + " + ".join(_palliative.COVARIATES)
    return _cox(rows, terms, "faceage10", "faceage per decade")


def _survey_rows(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    rows = _survey.known(tables["survey"]).query("occupation != 'lay'")
    fit = fs.mrmc("dead ~ rating", rows, **_survey.STUDY)
    means = fit.tidy().set_index("modality").loc[ARMS].reset_index()
    pairs = fit.contrasts().set_index(["modality1", "modality2"])
    each = [_named(means.iloc[[i]], f"AUC, {arm}") for i, arm in enumerate(ARMS)]
    gains = [_named(pairs.loc[[pair]], name) for name, pair in GAINS.items()]
    return pd.concat([*each, *gains])


def _genes(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    rows = tables["thoracic"]
    screen = fs.gene_screen(
        tables["expression"], rows, "faceage", adjust="age", genes=list(genotyped.SENESCENCE),
        methods="partial",
    ).tidy()  # fmt: skip
    screen["p_value"] = fs.p_adjust(screen["p_value"], "holm")
    others = screen[screen["gene"] != genotyped.TARGET].sort_values("p_value").head(1)
    return pd.concat(
        [
            _named(screen[screen["gene"] == genotyped.TARGET], "CDK6 with faceage, given age"),
            _named(others, "smallest p of the other genes, Holm"),
        ]
    )


def _fahr(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    rows = fs.curate(tables["harvard_rt"], "fahr_rt").rows
    clinical = "fahr_faceage10 + age10 + sex + race + cancer_group"
    rows = rows.assign(quartile=pd.qcut(rows["fahr_survival"], 4, labels=["1", "2", "3", "4"]))
    return pd.concat(
        [
            _cox(rows, f"quartile + {clinical}", "quartile4", "highest against lowest quartile"),
            _cox(rows, f"faceage10 + quartile + {clinical}", "faceage10",
                 "faceage per decade, given FAHR-FaceAge"),
        ]
    )  # fmt: skip


def _serial(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    rows = fs.curate(tables["serial_photos"], "serial_photos").rows
    formula = "far_group + interval_years + sex + race + diagnosis"
    return pd.concat(
        [
            _cox(rows[rows["interval_class"] == name], formula, "far_group>1", f"FAR, {name}")
            for name in FAR
        ]
    )


def _build_genes(seed: int, n: int, design: genotyped.Design) -> tuple[Any, Any]:
    tables, truth = genotyped.build(seed, n, design)
    return tables | thoracic.build(seed, thoracic.N, design.patients)[0], truth


def studies() -> dict[str, Study]:
    """Every kind of cohort, its planted values and its design without the effect."""
    no_smoking = replace(maastro.DESIGN, faceage_hr=1.0, months_of_smoking=0.0)
    no_faceage = {"faceage per decade": 1.0}
    faceage = "faceage per decade"
    return {
        "maastro": Study(
            maastro.build, maastro.N, maastro.DESIGN, no_smoking, _maastro,
            {faceage: maastro.DESIGN.faceage_hr, "gap, current minus never smoker": 33.0},
            {faceage: 1.0, "gap, current minus never smoker": 0.0},
        ),
        "thoracic": Study(
            thoracic.build, thoracic.N, thoracic.DESIGN,
            replace(thoracic.DESIGN, ratios=thoracic.RATIOS | no_faceage), _thoracic,
            {faceage: thoracic.RATIOS[faceage], "age per decade, given faceage": 1.0,
             "faceage per decade, given age": thoracic.RATIOS[faceage], AGE_ALONE: math.nan},
            {faceage: 1.0, "age per decade, given faceage": 1.0,
             "faceage per decade, given age": 1.0},
        ),
        "palliative": Study(
            palliative.build, palliative.N, palliative.DESIGN,
            replace(palliative.DESIGN, ratios=palliative.RATIOS | no_faceage), _palliative_rows,
            {faceage: palliative.RATIOS[faceage]}, {faceage: 1.0},
        ),
        "survey": Study(
            survey.build, survey.N, survey.DESIGN,
            replace(survey.DESIGN, auc=dict.fromkeys(ARMS, 0.74)), _survey_rows,
            {f"AUC, {arm}": auc for arm, auc in survey.AUC.items()}
            | {name: survey.AUC[new] - survey.AUC[old] for name, (new, old) in GAINS.items()},
            dict.fromkeys(GAINS, 0.0),
        ),
        "genotyped": Study(
            _build_genes, genotyped.N, genotyped.DESIGN, genotyped.DESIGN, _genes,
            {"CDK6 with faceage, given age": genotyped.CORRELATION},
            {"smallest p of the other genes, Holm": 0.0},
        ),
        "harvard_rt": Study(
            fahr.build_harvard, fahr.N["harvard_rt"], fahr.DESIGN,
            replace(fahr.DESIGN, quartiles={"harvard_rt": dict.fromkeys(QUARTERS, 1.0)}), _fahr,
            {"highest against lowest quartile": fahr.QUARTILES["harvard_rt"]["fourth"],
             "faceage per decade, given FAHR-FaceAge": 1.0},
            {"highest against lowest quartile": 1.0, "faceage per decade, given FAHR-FaceAge": 1.0},
        ),
        "serial": Study(
            serial.build, serial.N, serial.DESIGN,
            replace(serial.DESIGN, far_hr=dict.fromkeys(FAR, 1.0)), _serial,
            {f"FAR, {name}": hr for name, hr in serial.DESIGN.far_hr.items()},
            {f"FAR, {name}": 1.0 for name in FAR},
        ),
    }  # fmt: skip


def draws(cohort: str, seeds: range) -> pd.DataFrame:
    """What each test finds in each draw of a cohort, with the effect and without it."""
    warnings.simplefilter("ignore", fs.errors.FaceageWarning)
    study = studies()[cohort]
    designs = {"planted": (study.design, study.truth), "none": (study.null, study.at_null)}
    rows = []
    for seed in seeds:
        for effect, (design, truth) in designs.items():
            found = study.analyse(study.build(seed, study.n, design)[0])
            found = found[found["term"].isin(truth)]
            planted = found["term"].map(truth)
            rows.append(found.assign(cohort=cohort, seed=seed, effect=effect, planted=planted))
    return pd.concat(rows, ignore_index=True)


def main() -> int:
    """Draw, analyse, write."""
    names = list(studies())
    with ProcessPoolExecutor(max_workers=4) as pool:
        table = pd.concat(pool.map(draws, names, [range(SEEDS)] * len(names)), ignore_index=True)
    table = table[COLUMNS].sort_values(COLUMNS[:4], ignore_index=True)
    numbers = table.select_dtypes(float).columns
    table[numbers] = table[numbers].map(lambda v: v if pd.isna(v) else float(f"{v:.5g}"))
    FOLDER.mkdir(exist_ok=True)
    table.to_csv(DRAWS, index=False, lineterminator="\n")
    record = {"generator": generator_sha256(), "seeds": SEEDS}
    MADE_FROM.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
