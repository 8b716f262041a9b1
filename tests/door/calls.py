"""How to call every public statistic on a cohort."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

import faceage_stats as fs
from tests.door.cohorts import Cohort

__all__ = ["CALLS", "NO_TABLE", "NOT_A_STATISTIC"]

Call = Callable[[Cohort], Any]


def cox(c: Cohort, right: str = "", **options: Any) -> Any:
    return fs.coxph(f"{c.surv} ~ {right or f'{c.x} + {c.site}'}", c.data, **options)


def part(c: Cohort, *roles: str) -> Any:
    """Some columns; pandas does not select them where the bytes of one are foreign."""
    names = ["patient_id", *(c[role] for role in roles)]
    if isinstance(c.data, pd.DataFrame):
        return pd.DataFrame({name: c.data[name] for name in names})
    return c.data[names]


def parts(c: Cohort) -> Any:
    cut, names = c.typed("time", 4, 9), {"start": "from", "id": "one"}
    return fs.surv_split(f"{c.surv} ~ {c.x} + {c.sex}", c.data, cut=cut, **names)


def cox_on_parts(c: Cohort) -> Any:
    return fs.coxph(f"Surv(from, {c.time}, {c.event}) ~ {c.x} + {c.sex}", parts(c))


def of_paths(curves: Any, c: Cohort) -> Any:
    """Survival of every patient at a time, whoever comes first."""
    return curves.at(c.typed("time", 3))[["estimate"]].sort_values("estimate", ignore_index=True)


def cox_on_merged(c: Cohort) -> Any:
    """Follow-up of each patient, with a second marker measured on the day of entry."""
    event = f"event({c.time}, {c.event})"
    rows = fs.tmerge(part(c, "x"), c.data, id="patient_id", tstop=c.time, died=event)
    rows = fs.tmerge(rows, c.data, id="patient_id", later=f"tdc({c.start}, {c.z}, 0)")
    return fs.coxph(f"Surv(tstart, tstop, died) ~ {c.x} + later", rows).tidy()


def propensity(c: Cohort) -> Any:
    return fs.ipw(f"{c.treated} ~ {c.x} + {c.age} + {c.sex}", c.data)


def genes(c: Cohort) -> Any:
    expression = part(c, "z", "age", "again", "time")
    methods = ["moderated", "lm", "spearman"]
    return fs.gene_screen(expression, part(c, "x"), c["x"], methods=methods)


def snps(c: Cohort) -> Any:
    return part(c, "snp1", "snp2")


def people(c: Cohort) -> Any:
    return part(c, "x", "age", "sex")


def counts(c: Cohort) -> Any:
    return np.asarray(c.column("snp1"))[:4].reshape(2, 2)


def pilot(c: Cohort) -> Any:
    """Readers who read every case in two modalities; made in pandas."""
    data = c.data if isinstance(c.data, pd.DataFrame) else c.data.to_pandas()
    second = data.assign(**{c["x"]: data[c["z"]]})
    twice = pd.concat([data.assign(modality="photo"), second.assign(modality="chart")])
    return fs.mrmc(
        f"{c.truth} ~ {c.x}", twice, reader=c["reader"], case=c["case_id"], modality="modality"
    )


def of_life_table(c: Cohort) -> dict[str, Any]:
    """Ages of patients against a simulated life table; times that are not as given are in days."""
    rates = fs.simulated_rates().query("sex == 'F'").drop(columns="sex")
    return {"rates": rates, "age": c["age"], "time_unit": "days" if "time" in c.units else "years"}


SURVIVAL: dict[str, tuple[Call, ...]] = {
    "coxph": (
        cox,
        lambda c: cox(c, f"{c.x} * {c.treated} + strata({c.stage})", ties="breslow"),
        lambda c: cox(c, f"ns({c.age}, df=2) + {c.sex}", weights=c["weight"], cluster=c["case_id"]),
        lambda c: cox(c, f"factor({c.stage}) + offset({c.z} / 20)").predict(c.data, "risk"),
        lambda c: cox(c, f"{c.x} + strata({c.sex})").survfit(),
        lambda c: cox(c).residuals("dfbeta"),
        lambda c: cox(c, f"{c.sex} + tt({c.x})", tt="x * log(t + 1)"),
        lambda c: cox(c, f"{c.x} + {c.sex}", ties="exact"),
        lambda c: fs.coxph(f"Surv({c.start}, {c.time}, {c.event}) ~ {c.x} + {c.z}", c.data),
        lambda c: of_paths(cox_on_parts(c).survfit(parts(c), id="one"), c),
    ),
    "clogit": (
        lambda c: fs.clogit(f"{c.died} ~ {c.x} + {c.sex} + strata({c.stage})", c.data),
        lambda c: fs.clogit(f"{c.died} ~ {c.x} + strata({c.site})", c.data, method="efron"),
    ),
    "surv_split": (lambda c: cox_on_parts(c),),
    "tmerge": (lambda c: cox_on_merged(c),),
    "cox_zph": (lambda c: fs.cox_zph(cox(c)),),
    "anova": (lambda c: fs.anova(cox(c, c.x), cox(c, f"{c.x} + {c.site}")),),
    "coxphf": (lambda c: fs.coxphf(f"{c.surv} ~ {c.x} + {c.sex}", c.data),),
    "logistf": (lambda c: fs.logistf(f"{c.died} ~ {c.x} + {c.sex}", c.data),),
    "coxnet": (lambda c: fs.coxnet(f"{c.surv} ~ {c.x} + {c.z} + {c.sex}", c.data, n_penalties=5),),
    "coxph_screen": (
        lambda c: fs.coxph_screen(
            c.data, [c["x"], c["z"]], time=c["time"], event=c["event"], adjust=c.sex
        ),
    ),
    "survfit": (
        lambda c: fs.survfit(f"{c.surv} ~ {c.site}", c.data),
        lambda c: fs.survfit(f"{c.surv} ~ {c.stage} + {c.treated}", c.data, conf_type="log-log"),
        lambda c: fs.survfit(f"{c.surv} ~ {c.day}", c.data, weights=c["weight"]).at(
            c.typed("time", 5, 20)
        ),
        lambda c: fs.survfit(
            f"{c.surv} ~ 1", c.data, estimator="exp(-fleming-harrington)"
        ).median(),
    ),
    "follow_up": (lambda c: fs.follow_up(f"{c.surv} ~ {c.site}", c.data).median(),),
    "survdiff": (
        lambda c: fs.survdiff(f"{c.surv} ~ {c.site}", c.data),
        lambda c: fs.survdiff(f"{c.surv} ~ {c.day} + strata({c.sex})", c.data, rho=1),
        lambda c: fs.survdiff(f"{c.surv} ~ {c.site}", c.data, weight="peto_peto"),
    ),
    "maxcombo": (lambda c: fs.maxcombo(f"{c.surv} ~ {c.sex} + strata({c.treated})", c.data),),
    "pairwise_survdiff": (lambda c: fs.pairwise_survdiff(f"{c.surv} ~ {c.site}", c.data),),
    "logrank_trend": (lambda c: fs.logrank_trend(f"{c.surv} ~ {c.stage}", c.data),),
    "rmst": (lambda c: fs.rmst(f"{c.surv} ~ {c.sex}", c.data, tau=c.typed("time", 15)),),
    "cuminc": (
        lambda c: fs.cuminc(f"Surv({c.time}, {c.cause}) ~ {c.sex}", c.data),
        lambda c: fs.cuminc(f"Surv({c.time}, {c.cause}) ~ 1", c.data),
    ),
    "aalen_johansen": (
        lambda c: fs.aalen_johansen(f"Surv({c.time}, {c.cause}) ~ {c.sex}", c.data),
        lambda c: fs.aalen_johansen(f"Surv({c.time}, {c.cause}) ~ 1", c.data).rmst(
            c.typed("time", 3)
        ),
        lambda c: fs.aalen_johansen(
            f"Surv({c.time}, {c.cause}) ~ 1", c.data, weights=c["weight"]
        ).at(c.typed("time", 5, 20)),
    ),
    "survexp": (
        lambda c: fs.survexp(
            f"{c.surv} ~ {c.sex}", c.data, times=c.typed("time", 2, 9), **of_life_table(c)
        ),
    ),
    "smr": (lambda c: fs.smr(f"{c.surv} ~ {c.site}", c.data, **of_life_table(c)),),
    "pyears": (
        lambda c: fs.pyears(
            f"{c.surv} ~ {c.sex}",
            c.data,
            age=c["age"],
            breaks=[0, 60, 1e4],
            time_unit=of_life_table(c)["time_unit"],
        ),
    ),
    "survreg": (
        lambda c: fs.survreg(f"{c.surv} ~ {c.x} + {c.site} + strata({c.sex})", c.data),
        lambda c: fs.survreg(f"{c.surv} ~ {c.x}", c.data, distribution="loglogistic").glance(),
        lambda c: fs.survreg(
            f"Surv({c.start}, {c.time}, type='interval2') ~ {c.sex}",
            c.data,
            distribution="lognormal",
        ).predict(c.data, "quantile"),
    ),
    "crr": (
        lambda c: fs.crr(f"Surv({c.time}, {c.cause}) ~ {c.x} + {c.sex}", c.data),
        lambda c: fs.crr(
            f"Surv({c.time}, {c.cause}) ~ {c.x} + strata({c.sex})", c.data, weights=c["weight"]
        ),
    ),
    "finegray": (lambda c: fs.finegray(f"Surv({c.time}, {c.cause}) ~ {c.x} + {c.sex}", c.data),),
    "concordance": (
        lambda c: fs.concordance(f"{c.surv} ~ {c.x}", c.data),
        lambda c: fs.concordance(
            f"{c.surv} ~ {c.x} + strata({c.stage})", c.data, reverse=True, timewt="n/G2"
        ),
        lambda c: fs.concordance(cox(c)),
        lambda c: fs.concordance(f"{c.surv} ~ {c.z}", c.data, weights=c["weight"]),
    ),
    "concordance_test": (lambda c: fs.concordance_test(f"{c.surv} ~ {c.x} + {c.z}", c.data),),
    "adjusted_curves": (
        lambda c: fs.adjusted_curves(
            cox(c, f"{c.x} + {c.sex}"),
            c.data,
            by=c["sex"],
            times=c.typed("time", 5, 20),
            n_resamples=2,
        ),
    ),
    "adjusted_rmst": (
        lambda c: fs.adjusted_rmst(
            cox(c, f"{c.x} + {c.sex}"),
            c.data,
            by=c["sex"],
            tau=c.typed("time", 5, 20),
            n_resamples=2,
        ),
    ),
    "optimism": (lambda c: fs.optimism(f"{c.surv} ~ {c.x} + {c.z}", c.data, n_resamples=2),),
}
PREDICTION: dict[str, tuple[Call, ...]] = {
    "roc": (
        lambda c: fs.roc(f"{c.died} ~ {c.x}", c.data),
        lambda c: fs.roc(f"{c.died} ~ {c.stage}", c.data, direction="<").coords(
            "youden", ci="wilson"
        ),
    ),
    "roc_test": (
        lambda c: fs.roc_test(
            fs.roc(f"{c.died} ~ {c.x}", c.data), fs.roc(f"{c.died} ~ {c.z}", c.data)
        ),
    ),
    "roc_test_power": (
        lambda c: fs.roc_test_power(
            fs.roc(f"{c.died} ~ {c.x}", c.data), fs.roc(f"{c.died} ~ {c.z}", c.data)
        ),
    ),
    "time_roc": (
        lambda c: fs.time_roc(f"{c.surv} ~ {c.x} + {c.z}", c.data, c.typed("time", 5, 20)),
    ),
    "brier": (
        lambda c: fs.brier(f"{c.surv} ~ {c.risk1} + {c.risk2}", c.data, c.typed("time", 20)),
    ),
    "calibration": (
        lambda c: fs.calibration(f"{c.died} ~ {c.risk1}", c.data, groups=3, n_resamples=0),
        lambda c: fs.calibration(
            f"{c.surv} ~ {c.risk1}", c.data, times=c.typed("time", 20), groups=2, n_resamples=0
        ),
    ),
    "decision_curve": (
        lambda c: fs.decision_curve(
            f"{c.died} ~ {c.risk1} + {c.risk2}", c.data, [0.3], n_resamples=0
        ),
        lambda c: fs.decision_curve(
            f"{c.surv} ~ {c.risk1}", c.data, [0.3], times=c.typed("time", 20), n_resamples=0
        ),
    ),
    "nri": (
        lambda c: fs.nri(f"{c.died} ~ {c.risk1} + {c.risk2}", c.data),
        lambda c: fs.nri(
            f"{c.surv} ~ {c.risk1} + {c.risk2}", c.data, times=c.typed("time", 20), cuts=[0.5]
        ),
    ),
    "idi": (lambda c: fs.idi(f"{c.died} ~ {c.risk1} + {c.risk2}", c.data),),
    "rcorrp_cens": (lambda c: fs.rcorrp_cens(f"{c.surv} ~ {c.x} + {c.z}", c.data),),
    "royston": (
        lambda c: fs.royston(f"{c.surv} ~ {c.x}", c.data),
        lambda c: fs.royston(cox(c)),
    ),
    "risk_model": (
        lambda c: fs.risk_model(f"{c.surv} ~ {c.x} + {c.sex}", c.data, times=c.typed("time", 20)),
        lambda c: fs.risk_model(
            f"{c.surv} ~ {c.x} + {c.site}", c.data, times=c.typed("time", 5, 20)
        ).predict(c.data),
    ),
    "mrmc": (
        lambda c: fs.mrmc(f"{c.truth} ~ {c.x}", c.data, reader=c["reader"], case=c["case_id"]),
    ),
    "reader_auc": (
        lambda c: fs.reader_auc(
            f"{c.truth} ~ {c.x}", c.data, reader=c["reader"], case=c["case_id"]
        ),
    ),
    "reader_agreement": (
        lambda c: fs.reader_agreement(c.data, c["call"], reader=c["reader"], case=c["case_id"]),
    ),
    "reader_survival": (
        lambda c: fs.reader_survival(
            f"Surv({c.case_time}, {c.case_event}) ~ {c.x}",
            c.data,
            reader=c["reader"],
            case=c["case_id"],
        ),
    ),
    "reader_power": (lambda c: fs.reader_power(pilot(c), 0.1, n_reader=5, n_case=40),),
    "marker_substitution": (
        lambda c: fs.marker_substitution(
            f"{c.surv} ~ {c.sex}", c.data, marker=c["faceage"], other=c["age"]
        ),
    ),
    "teachh": (
        lambda c: fs.teachh(
            c.data, age=c["age"], missing="worst", time=c["time"], event=c["event"]
        ),
    ),
    "teachh_substitution": (
        lambda c: fs.teachh_substitution(
            c.data,
            other=c["faceage"],
            age=c["age"],
            missing="worst",
            follow_up_cap=None,
            times=c.typed("time", 5, 20),
        ),
    ),
    "survival_ranking_loss": (
        lambda c: fs.survival_ranking_loss(f"{c.surv} ~ {c.x} + {c.z}", c.data),
    ),
    "survival_head": (
        lambda c: fs.survival_head(
            c.surv, c.data, features=[c["x"], c["z"]], penalties=[0.1, 0.01], n_folds=2
        ),
    ),
    "state_by": (
        lambda c: fs.state_by(c.data, c.typed("time", 5, 20), time=c["time"], event=c["event"]),
        lambda c: fs.state_by(c.data, c.typed("time", 20), time=c["time"], event=c["event"]),
    ),
    "cox_sample_size_pilot": (
        lambda c: fs.cox_sample_size_pilot(
            f"{c.x} ~ {c.z}", c.data, failure=c["event"], hazard_ratio=1.5
        ),
    ),
}


ASSOCIATION: dict[str, tuple[Call, ...]] = {
    "glm": (
        lambda c: fs.glm(f"{c.died} ~ {c.x} + {c.site}", c.data, robust="HC3"),
        lambda c: fs.glm(
            f"{c.event} ~ {c.x} + {c.sex} + offset(log({c.time}))", c.data, family="quasipoisson"
        ).drop1(),
        lambda c: fs.glm(f"{c.time} ~ {c.x} + {c.sex}", c.data, family="gamma", link="log").anova(),
        lambda c: fs.glm(
            f"{c.time} ~ {c.age}", c.data, family="inverse_gaussian", link="log"
        ).predict(),
    ),
    "lmer": (
        lambda c: fs.lmer(f"{c.faceage} ~ {c.age} + {c.sex}", c.data, id=c["case_id"]),
        lambda c: fs.lmer(f"{c.x} ~ {c.z}", c.data, id=c["site"], slope=c["z"]).components(),
    ),
    "gee": (
        lambda c: fs.gee(f"{c.faceage} ~ {c.age} + {c.sex}", c.data, id=c["case_id"]),
        lambda c: fs.gee(f"{c.died} ~ {c.x}", c.data, id=c["case_id"], family="binomial"),
        lambda c: fs.gee(f"{c.x} ~ {c.z}", c.data, id=c["case_id"], variance="jackknife"),
    ),
    "rmcorr": (lambda c: fs.rmcorr(f"~ {c.x} + {c.z}", c.data, id=c["case_id"]),),
    "rm_anova": (lambda c: fs.rm_anova(f"{c.x} ~ {c.reader}", c.data, id=c["case_id"]),),
    "emmeans": (
        lambda c: fs.emmeans(fs.lm(f"{c.x} ~ {c.site} + {c.z}", c.data), c.data, c["site"]),
        lambda c: fs.emmeans(
            fs.logistic(f"{c.died} ~ {c.sex} + {c.z}", c.data), c.data, c["sex"]
        ).contrasts(),
    ),
    "lm": (
        lambda c: fs.lm(f"{c.x} ~ {c.z} + {c.site} + {c.treated}", c.data).anova(),
        lambda c: fs.lm(f"{c.x} ~ {c.z} + {c.site} + {c.treated}", c.data),
        lambda c: fs.lm(f"{c.x} ~ poly({c.age}, 2) * {c.sex}", c.data, weights=c["weight"]),
        lambda c: fs.lm(f"{c.x} ~ log({c.time}) + I({c.z} ** 2)", c.data, robust="HC3").predict(
            c.data
        ),
    ),
    "logistic": (
        lambda c: fs.logistic(f"{c.died} ~ {c.x} + {c.site}", c.data),
        lambda c: fs.logistic(f"{c.died} ~ {c.x}:{c.treated} + factor({c.stage})", c.data).predict(
            c.data
        ),
    ),
    "subgroup_forest": (
        lambda c: fs.subgroup_forest(f"{c.surv} ~ {c.x}", c.data, by=[c["sex"], c["treated"]]),
        lambda c: fs.subgroup_forest(f"{c.died} ~ {c.x} + {c.z}", c.data, by=c["sex"]),
    ),
    "age_gap": (
        # a categorical has an order that text lacks, and so a trend
        lambda c: fs.age_gap(c.data, by=c["site"], faceage=c["faceage"], age=c["age"]).tidy(),
        lambda c: fs.age_gap(c.data, by=c["stage"], faceage=c["faceage"], age=c["age"]).augment(),
    ),
    "t_test": (
        lambda c: fs.t_test(f"{c.x} ~ {c.sex}", c.data),
        lambda c: fs.t_test(f"{c.x} ~ {c.treated}", c.data, var_equal=True),
        lambda c: fs.t_test(c.column("x"), c.column("z"), paired=True),
    ),
    "wilcox_test": (
        lambda c: fs.wilcox_test(f"{c.x} ~ {c.sex}", c.data),
        lambda c: fs.wilcox_test(c.column("x"), c.column("z"), paired=True),
    ),
    "kruskal_test": (lambda c: fs.kruskal_test(f"{c.x} ~ {c.site}", c.data),),
    "aov": (lambda c: fs.aov(f"{c.x} ~ {c.site}", c.data),),
    "oneway_test": (lambda c: fs.oneway_test(f"{c.x} ~ {c.site}", c.data),),
    "levene_test": (lambda c: fs.levene_test(f"{c.x} ~ {c.site}", c.data),),
    "var_test": (lambda c: fs.var_test(f"{c.x} ~ {c.sex}", c.data),),
    "cliff_delta": (lambda c: fs.cliff_delta(f"{c.x} ~ {c.sex}", c.data),),
    "hedges_g": (lambda c: fs.hedges_g(f"{c.x} ~ {c.sex}", c.data),),
    "smd": (lambda c: fs.smd(f"{c.x} ~ {c.sex}", c.data),),
    "cor_test": (
        lambda c: fs.cor_test(f"~ {c.x} + {c.z}", c.data),
        lambda c: fs.cor_test(f"~ {c.x} + {c.z}", c.data, method="spearman", exact=False),
        lambda c: fs.cor_test(c.column("x"), c.column("z"), method="kendall", exact=False),
    ),
    "cor_matrix": (lambda c: fs.cor_matrix(f"~ {c.x} + {c.z} + {c.age}", c.data),),
    "cor_dependent_test": (lambda c: fs.cor_dependent_test(f"{c.x} ~ {c.z} + {c.age}", c.data),),
    "partial_cor": (lambda c: fs.partial_cor(f"~ {c.x} + {c.z} | {c.age}", c.data),),
    "shapiro_test": (lambda c: fs.shapiro_test(c.column("x")),),
    "chisq_test": (
        lambda c: fs.chisq_test(f"~ {c.sex} + {c.site}", c.data),
        lambda c: fs.chisq_test(f"~ {c.stage} + {c.treated}", c.data),
    ),
    "fisher_test": (lambda c: fs.fisher_test(f"~ {c.sex} + {c.treated}", c.data),),
    "mcnemar_test": (lambda c: fs.mcnemar_test(f"~ {c.died} + {c.call}", c.data),),
    "mantelhaen_test": (
        lambda c: fs.mantelhaen_test(f"~ {c.sex} + {c.treated} | {c.site}", c.data),
        lambda c: fs.mantelhaen_test(f"~ {c.stage} + {c.site} | {c.sex}", c.data),
        lambda c: fs.mantelhaen_test([counts(c), counts(c) + 1]),
    ),
    "bartlett_test": (lambda c: fs.bartlett_test(f"{c.x} ~ {c.site}", c.data),),
    "fligner_test": (lambda c: fs.fligner_test(f"{c.x} ~ {c.site}", c.data),),
    "pairwise_t_test": (
        lambda c: fs.pairwise_t_test(f"{c.x} ~ {c.site}", c.data),
        lambda c: fs.pairwise_t_test(f"{c.x} ~ {c.stage}", c.data, pool_sd=False, p_adjust="BY"),
    ),
    "pairwise_wilcox_test": (lambda c: fs.pairwise_wilcox_test(f"{c.x} ~ {c.site}", c.data),),
    "maxstat_test": (
        lambda c: fs.maxstat_test(f"{c.surv} ~ {c.x}", c.data),
        lambda c: fs.maxstat_test(f"{c.z} ~ {c.age}", c.data, p_method="exactGauss"),
    ),
    "ipw": (
        lambda c: propensity(c).tidy(),
        lambda c: propensity(c).augment()[["propensity", "weight"]],  # beside the rows as given
        lambda c: fs.ipw(f"{c.died} ~ {c.x}", c.data, estimand="ATT").balance([c["z"], c["age"]]),
    ),
    "dunn_test": (lambda c: fs.dunn_test(f"{c.x} ~ {c.site}", c.data),),
    "games_howell_test": (lambda c: fs.games_howell_test(f"{c.x} ~ {c.site}", c.data),),
    "tost": (
        lambda c: fs.tost(
            f"{c.x} ~ {c.sex}", c.data, low=c.typed("marker", -3), high=c.typed("marker", 3)
        ),
        lambda c: fs.tost(
            f"Pair({c.faceage}, {c.age}) ~ 1",
            c.data,
            low=c.typed("age", -5),
            high=c.typed("age", 5),
        ),
    ),
    "cochran_q_test": (lambda c: fs.cochran_q_test(c.data, [c["died"], c["event"], c["truth"]]),),
    "friedman_test": (lambda c: fs.friedman_test(c.data, [c["faceage"], c["again"], c["age"]]),),
    "smd_categorical": (lambda c: fs.smd_categorical(c.column("snp1")[:3], c.column("snp2")[:3]),),
    "kappa": (
        lambda c: fs.kappa(f"~ {c.rating1} + {c.rating2}", c.data),
        lambda c: fs.kappa(c.column("died"), c.column("call")),
    ),
    "deming": (lambda c: fs.deming(f"{c.faceage} ~ {c.again}", c.data, error_ratio=2),),
    "disattenuate": (lambda c: fs.disattenuate(fs.cor_test(f"~ {c.x} + {c.z}", c.data), 0.8, 0.9),),
    "regression_calibration": (
        lambda c: fs.regression_calibration(
            lambda d: fs.coxph(f"{c.surv} ~ {c.x} + {c.sex}", d),
            c.data,
            marker=c["x"],
            given=c.sex,
            reliability=0.8,
        ),
    ),
    "simex": (
        lambda c: fs.simex(
            lambda d: fs.lm(f"{c.z} ~ {c.x}", d),
            c.data,
            marker=c["x"],
            reliability=0.8,
            added_variance=(1, 2),
            n_resamples=3,
        ),
    ),
    "lin_ccc": (lambda c: fs.lin_ccc(f"~ {c.faceage} + {c.age}", c.data),),
    "icc": (lambda c: fs.icc(c.data, [c["faceage"], c["again"]]),),
    "repeatability": (lambda c: fs.repeatability(c.data, [c["faceage"], c["again"]]),),
    "paired_conditions": (
        lambda c: fs.paired_conditions(
            c.data, c["faceage"], pair=c["case_id"], condition=c["reader"]
        ),
    ),
    "bland_altman": (
        lambda c: fs.bland_altman(c.data, c["faceage"], c["age"]),
        lambda c: fs.bland_altman(c.data, c["faceage"], c["age"], subject=c["case_id"]),
    ),
    "accuracy": (
        lambda c: fs.accuracy(c.data, c["faceage"], c["age"], by=c["sex"], n_resamples=2),
    ),
    "accuracy_test": (
        lambda c: fs.accuracy_test(c.data, [c["faceage"], c["again"]], c["age"], by=c["sex"]),
    ),
    "calibration_line": (lambda c: fs.calibration_line(c.data, c["faceage"], c["age"]),),
    "age_decade": (lambda c: fs.age_decade(c.column("age")),),
    "gene_screen": (genes,),
    "gene_set_test": (
        lambda c: fs.gene_set_test(genes(c), {"first": [c["z"], c["age"]], "next": [c["again"]]}),
    ),
    "max_t": (lambda c: fs.max_t(genes(c), n_resamples=20),),
    "variant_qc": (lambda c: fs.variant_qc(snps(c)),),
    "variant_screen": (lambda c: fs.variant_screen(snps(c), people(c), f"{c.x} ~ {c.sex}"),),
    "set_test": (
        lambda c: fs.set_test(
            snps(c), people(c), f"{c.x} ~ {c.age}", sets={"gene": [c["snp1"], c["snp2"]]}
        ),
    ),
    "complete_case": (lambda c: fs.complete_case(c.data, [c["x"], c["site"]]),),
    "impute": (
        lambda c: [
            table[[c["gap"], c["age"]]]
            for table in fs.impute(f"{c.faceage} ~ {c.gap} + {c.age}", c.data, m=2, iterations=2)
        ],
    ),
    "pool_rubin": (lambda c: fs.pool_rubin([fs.lm(f"{c.x} ~ {v}", c.data) for v in (c.z, c.z)]),),
    "pool_test": (
        lambda c: fs.pool_test(
            [fs.lm(f"{c.x} ~ {c.z} + {c.age}", c.data)] * 2, [fs.lm(f"{c.x} ~ 1", c.data)] * 2
        ),
    ),
    "influence": (lambda c: fs.influence(cox(c, c.x)),),
    "landmark": (
        lambda c: fs.landmark(c.data, c.typed("time", 5), time=c["time"], event=c["event"]).tidy(),
    ),
    "side_by_side": (
        lambda c: fs.side_by_side({"one": cox(c, c.x), "two": cox(c, f"{c.x} + {c.z}")}),
    ),
    "bind_tidy": (lambda c: fs.bind_tidy({"one": cox(c, c.x), "two": cox(c, c.z)}),),
    "adjust_family": (
        lambda c: fs.adjust_family(pd.DataFrame({"p_value": c.column("p")}), family="all"),
    ),
    "p_adjust": (lambda c: fs.p_adjust(c.column("p"), "BH"),),
    "qvalue": (lambda c: fs.qvalue(c.column("p"), pi0=1.0),),
    "acat": (lambda c: fs.acat(c.column("p")),),
    "pool_chisq": (lambda c: fs.pool_chisq(c.column("weight"), 2),),
    "pool_scalar": (lambda c: fs.pool_scalar(c.column("x"), c.column("weight")),),
    "resample": (
        # a function that reads no column: a hostile cohort may lack any of them
        lambda c: fs.resample(len, c.data, 3, cluster=c["case_id"]),
    ),
}
CALLS = SURVIVAL | PREDICTION | ASSOCIATION

# Of numbers that are typed: no table can change them.
NO_TABLE: dict[str, dict[str, Any]] = {
    "binom_test": {"x": 7, "n": 20},
    "prop_test": {"x": [7, 9], "n": [20, 25]},
    "prop_trend_test": {"x": [7, 9, 12], "n": [20, 25, 22]},
    "roc_power": {"auc": 0.7, "n_case": 40, "n_control": 80},
    "roc_sample_size": {"auc": 0.7, "power": 0.9, "kappa": 2.0},
    "hwe_test": {"n_hom": 12, "n_het": 20, "n_hom_other": 5},
    "cor_diff_test": {"r1": 0.5, "n1": 40, "r2": 0.2, "n2": 50},
    "e_value": {"estimate": 1.6, "conf_low": 1.2, "conf_high": 2.1},
    "cox_power": {"n": 200, "hazard_ratio": 1.5, "event_fraction": 0.5},
    "cox_sample_size": {"hazard_ratio": 1.5, "sd": 1.0, "power": 0.8},
    "pmsampsize_binary": {"parameters": 5, "prevalence": 0.2, "r2_cox_snell": 0.1},
    "pmsampsize_survival": {
        "parameters": 5,
        "rate": 0.07,
        "times": 2.0,
        "mean_follow_up": 2.5,
        "r2_cox_snell": 0.1,
    },
}
NOT_A_STATISTIC = {
    "coxph_parquet": "reads a file; it equals coxph of the same rows",
    "read_gmt": "reads a file of gene sets",
    "senescence_example": "an example gene set",
    "simulated_rates": "an example life table",
}
