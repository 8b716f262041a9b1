"""Public names, read by editors and type checkers; Python imports each on first use."""

from . import errors as errors
from ._options import options as options
from ._p_adjust import p_adjust as p_adjust
from ._per_patient import per_patient as per_patient
from ._resample import resample as resample
from ._resampled import Resampled as Resampled
from ._result import bind_tidy as bind_tidy
from .association.age_gap.age_gap import age_gap as age_gap
from .association.age_gap.result import AgeGap as AgeGap
from .association.agreement.accuracy import Accuracy as Accuracy
from .association.agreement.accuracy import accuracy as accuracy
from .association.agreement.age_decade import age_decade as age_decade
from .association.agreement.bland_altman import (
    BlandAltman as BlandAltman,
)
from .association.agreement.bland_altman import (
    bland_altman as bland_altman,
)
from .association.agreement.calibration_line import (
    CalibrationLine as CalibrationLine,
)
from .association.agreement.calibration_line import (
    calibration_line as calibration_line,
)
from .association.agreement.comparison import (
    AccuracyTest as AccuracyTest,
)
from .association.agreement.comparison import (
    accuracy_test as accuracy_test,
)
from .association.agreement.deming import Deming as Deming
from .association.agreement.deming import deming as deming
from .association.agreement.icc import ICC as ICC
from .association.agreement.icc import icc as icc
from .association.agreement.kappa import Kappa as Kappa
from .association.agreement.kappa import kappa as kappa
from .association.agreement.lin_ccc import LinConcordance as LinConcordance
from .association.agreement.lin_ccc import lin_ccc as lin_ccc
from .association.agreement.paired_conditions import (
    PairedConditions as PairedConditions,
)
from .association.agreement.paired_conditions import (
    paired_conditions as paired_conditions,
)
from .association.agreement.repeatability import (
    Repeatability as Repeatability,
)
from .association.agreement.repeatability import (
    repeatability as repeatability,
)
from .association.classical.adjust_family import adjust_family as adjust_family
from .association.classical.aov import AovFit as AovFit
from .association.classical.aov import aov as aov
from .association.classical.cliff_delta import cliff_delta as cliff_delta
from .association.classical.cor_matrix import CorMatrix as CorMatrix
from .association.classical.cor_matrix import cor_matrix as cor_matrix
from .association.classical.correlation import cor_test as cor_test
from .association.classical.correlation_comparison import (
    cor_dependent_test as cor_dependent_test,
)
from .association.classical.correlation_comparison import (
    cor_diff_test as cor_diff_test,
)
from .association.classical.counts import (
    chisq_test as chisq_test,
)
from .association.classical.counts import (
    fisher_test as fisher_test,
)
from .association.classical.counts import (
    mcnemar_test as mcnemar_test,
)
from .association.classical.effect_size import (
    hedges_g as hedges_g,
)
from .association.classical.effect_size import (
    smd as smd,
)
from .association.classical.effect_size import (
    smd_categorical as smd_categorical,
)
from .association.classical.games_howell import games_howell_test as games_howell_test
from .association.classical.htest import HTest as HTest
from .association.classical.maxstat import MaxStat as MaxStat
from .association.classical.maxstat import maxstat_test as maxstat_test
from .association.classical.means import (
    oneway_test as oneway_test,
)
from .association.classical.means import (
    t_test as t_test,
)
from .association.classical.normality import shapiro_test as shapiro_test
from .association.classical.pairwise import dunn_test as dunn_test
from .association.classical.pairwise import pairwise_t_test as pairwise_t_test
from .association.classical.pairwise import pairwise_wilcox_test as pairwise_wilcox_test
from .association.classical.pairwise_result import PairwiseTests as PairwiseTests
from .association.classical.partial_cor import partial_cor as partial_cor
from .association.classical.proportions import (
    binom_test as binom_test,
)
from .association.classical.proportions import (
    prop_test as prop_test,
)
from .association.classical.ranks import (
    kruskal_test as kruskal_test,
)
from .association.classical.ranks import (
    wilcox_test as wilcox_test,
)
from .association.classical.repeated import cochran_q_test as cochran_q_test
from .association.classical.repeated import friedman_test as friedman_test
from .association.classical.several_proportions import prop_trend_test as prop_trend_test
from .association.classical.spread import bartlett_test as bartlett_test
from .association.classical.spread import fligner_test as fligner_test
from .association.classical.spread import (
    levene_test as levene_test,
)
from .association.classical.spread import (
    var_test as var_test,
)
from .association.classical.stratified import mantelhaen_test as mantelhaen_test
from .association.classical.tost import Tost as Tost
from .association.classical.tost import tost as tost
from .association.genomics.acat import acat as acat
from .association.genomics.gene_result import GeneScreen as GeneScreen
from .association.genomics.gene_screen import gene_screen as gene_screen
from .association.genomics.gene_set import (
    GeneSetTests as GeneSetTests,
)
from .association.genomics.gene_set import (
    gene_set_test as gene_set_test,
)
from .association.genomics.gmt import read_gmt as read_gmt
from .association.genomics.gmt import senescence_example as senescence_example
from .association.genomics.max_t import MaxT as MaxT
from .association.genomics.max_t import max_t as max_t
from .association.genomics.qvalue import QValues as QValues
from .association.genomics.qvalue import qvalue as qvalue
from .association.genomics.set_result import SetTests as SetTests
from .association.genomics.variant_qc import (
    VariantQC as VariantQC,
)
from .association.genomics.variant_qc import (
    hwe_test as hwe_test,
)
from .association.genomics.variant_qc import (
    variant_qc as variant_qc,
)
from .association.genomics.variant_screen import (
    VariantScreen as VariantScreen,
)
from .association.genomics.variant_screen import (
    variant_screen as variant_screen,
)
from .association.genomics.variant_set import set_test as set_test
from .association.longitudinal.gee import GEE as GEE
from .association.longitudinal.gee import gee as gee
from .association.longitudinal.lmer import lmer as lmer
from .association.longitudinal.lmer_result import LMER as LMER
from .association.longitudinal.rm_anova import RMAnova as RMAnova
from .association.longitudinal.rm_anova import rm_anova as rm_anova
from .association.longitudinal.rmcorr import RMCorr as RMCorr
from .association.longitudinal.rmcorr import rmcorr as rmcorr
from .association.measurement_error.corrected import ErrorCorrected as ErrorCorrected
from .association.measurement_error.disattenuate import disattenuate as disattenuate
from .association.measurement_error.regression_calibration import (
    regression_calibration as regression_calibration,
)
from .association.measurement_error.simex import simex as simex
from .association.missing.complete_case import (
    CompleteCases as CompleteCases,
)
from .association.missing.complete_case import (
    complete_case as complete_case,
)
from .association.missing.imputation import Imputation as Imputation
from .association.missing.impute import impute as impute
from .association.missing.pool import (
    Pooled as Pooled,
)
from .association.missing.pool import (
    pool_rubin as pool_rubin,
)
from .association.missing.pool import (
    pool_scalar as pool_scalar,
)
from .association.missing.pool_statistics import pool_chisq as pool_chisq
from .association.missing.pool_statistics import pool_test as pool_test
from .association.regression.emmeans import emmeans as emmeans
from .association.regression.glm import glm as glm
from .association.regression.glm_model import GLM as GLM
from .association.regression.hosmer_lemeshow import HosmerLemeshow as HosmerLemeshow
from .association.regression.linear_model import LinearModel as LinearModel
from .association.regression.lm import lm as lm
from .association.regression.logistic import logistic as logistic
from .association.regression.logistic_model import Logistic as Logistic
from .association.regression.marginal import EMMeans as EMMeans
from .association.regression.subgroup_forest import subgroup_forest as subgroup_forest
from .association.regression.subgroup_result import SubgroupForest as SubgroupForest
from .association.sensitivity.e_value import EValue as EValue
from .association.sensitivity.e_value import e_value as e_value
from .association.sensitivity.influence import influence as influence
from .association.sensitivity.landmark import Landmark as Landmark
from .association.sensitivity.landmark import landmark as landmark
from .association.sensitivity.side_by_side import side_by_side as side_by_side
from .association.weighting.ipw import ipw as ipw
from .association.weighting.result import IPW as IPW
from .cohorts.curation.curate import curate as curate
from .cohorts.curation.flow import Curated as Curated
from .cohorts.curation.flow import Flow as Flow
from .cohorts.phenoage import phenoage as phenoage
from .cohorts.plausibility.plausibility import Plausibility as Plausibility
from .cohorts.plausibility.plausibility import plausibility as plausibility
from .cohorts.prepare.add_scores import add_scores as add_scores
from .cohorts.prepare.prepare import prepare as prepare
from .cohorts.remote import fetch_utk as fetch_utk
from .cohorts.schema.validate import validate as validate
from .cohorts.synthetic.simulate import Synthetic as Synthetic
from .cohorts.synthetic.simulate import simulate as simulate
from .cohorts.tables.read_table import read_table as read_table
from .prediction.horizon.brier import Brier as Brier
from .prediction.horizon.brier import brier as brier
from .prediction.horizon.ipcw import Weighting as Weighting
from .prediction.horizon.score import TimeScore as TimeScore
from .prediction.horizon.state_by import state_by as state_by
from .prediction.horizon.time_roc import time_roc as time_roc
from .prediction.planning.cox_power import cox_power as cox_power
from .prediction.planning.cox_sample_size import (
    CoxSampleSize as CoxSampleSize,
)
from .prediction.planning.cox_sample_size import (
    cox_sample_size as cox_sample_size,
)
from .prediction.planning.cox_sample_size import (
    cox_sample_size_pilot as cox_sample_size_pilot,
)
from .prediction.planning.pmsampsize import (
    pmsampsize_binary as pmsampsize_binary,
)
from .prediction.planning.pmsampsize import (
    pmsampsize_survival as pmsampsize_survival,
)
from .prediction.planning.pmsampsize_result import PredictionSampleSize as PredictionSampleSize
from .prediction.planning.roc_power import roc_power as roc_power
from .prediction.planning.roc_power import roc_sample_size as roc_sample_size
from .prediction.planning.roc_test_power import roc_test_power as roc_test_power
from .prediction.ranking.head_result import SurvivalHead as SurvivalHead
from .prediction.ranking.survival_head import survival_head as survival_head
from .prediction.ranking.survival_ranking_loss import (
    RankingLoss as RankingLoss,
)
from .prediction.ranking.survival_ranking_loss import (
    survival_ranking_loss as survival_ranking_loss,
)
from .prediction.readers.mrmc import MRMC as MRMC
from .prediction.readers.mrmc import mrmc as mrmc
from .prediction.readers.reader_agreement import (
    ReaderAgreement as ReaderAgreement,
)
from .prediction.readers.reader_agreement import (
    reader_agreement as reader_agreement,
)
from .prediction.readers.reader_auc import ReaderAUC as ReaderAUC
from .prediction.readers.reader_auc import reader_auc as reader_auc
from .prediction.readers.reader_power import (
    ReaderPower as ReaderPower,
)
from .prediction.readers.reader_power import (
    ReaderVariance as ReaderVariance,
)
from .prediction.readers.reader_power import (
    reader_power as reader_power,
)
from .prediction.readers.reader_survival import (
    ReaderSurvival as ReaderSurvival,
)
from .prediction.readers.reader_survival import (
    reader_survival as reader_survival,
)
from .prediction.risk.calibration import calibration as calibration
from .prediction.risk.calibration_result import Calibration as Calibration
from .prediction.risk.decision_curve import decision_curve as decision_curve
from .prediction.risk.decision_result import DecisionCurve as DecisionCurve
from .prediction.risk.nomogram import Nomogram as Nomogram
from .prediction.risk.rcorrp_cens import (
    PairedConcordance as PairedConcordance,
)
from .prediction.risk.rcorrp_cens import (
    rcorrp_cens as rcorrp_cens,
)
from .prediction.risk.reclassification import idi as idi
from .prediction.risk.reclassification import nri as nri
from .prediction.risk.reclassification_result import Reclassification as Reclassification
from .prediction.risk.risk_model import RiskModel as RiskModel
from .prediction.risk.risk_model import risk_model as risk_model
from .prediction.risk.royston import Royston as Royston
from .prediction.risk.royston import royston as royston
from .prediction.risk.validation import RiskValidation as RiskValidation
from .prediction.roc.comparison import roc_test as roc_test
from .prediction.roc.comparison_result import ROCTest as ROCTest
from .prediction.roc.partial_auc import PartialAUC as PartialAUC
from .prediction.roc.result import ROC as ROC
from .prediction.roc.roc import roc as roc
from .prediction.substitution.marker_substitution import (
    MarkerSubstitution as MarkerSubstitution,
)
from .prediction.substitution.marker_substitution import (
    marker_substitution as marker_substitution,
)
from .prediction.substitution.teachh import TEACHH as TEACHH
from .prediction.substitution.teachh import teachh as teachh
from .prediction.substitution.teachh_substitution import (
    TEACHHSubstitution as TEACHHSubstitution,
)
from .prediction.substitution.teachh_substitution import (
    teachh_substitution as teachh_substitution,
)
from .reporting import figures as figures
from .reporting.audit import audit as audit
from .reporting.claims.claims import claims as claims
from .reporting.paper import paper_values as paper_values
from .reporting.store.figure import Figure as Figure
from .reporting.store.item import Item as Item
from .reporting.tables.baseline_table import TableOne as TableOne
from .reporting.tables.table_one import table_one as table_one
from .reporting.tables.tbl_regression import (
    RegressionTable as RegressionTable,
)
from .reporting.tables.tbl_regression import (
    tbl_regression as tbl_regression,
)
from .scoring.model import Model as Model
from .scoring.model import load_model as load_model
from .scoring.robustness import robustness as robustness
from .scoring.run_options import RunOptions as RunOptions
from .scoring.saliency import saliency as saliency
from .scoring.score import score as score
from .scoring.scorer import ScoreOptions as ScoreOptions
from .survival.adjusted_curves import (
    AdjustedCurves as AdjustedCurves,
)
from .survival.adjusted_curves import (
    adjusted_curves as adjusted_curves,
)
from .survival.adjusted_rmst import AdjustedRMST as AdjustedRMST
from .survival.adjusted_rmst import adjusted_rmst as adjusted_rmst
from .survival.competing.crr import crr as crr
from .survival.competing.cuminc import CumInc as CumInc
from .survival.competing.cuminc import cuminc as cuminc
from .survival.competing.finegray import finegray as finegray
from .survival.competing.result import FineGray as FineGray
from .survival.concordance.comparison import (
    ConcordanceTest as ConcordanceTest,
)
from .survival.concordance.comparison import (
    concordance_test as concordance_test,
)
from .survival.concordance.concordance import Concordance as Concordance
from .survival.concordance.concordance import concordance as concordance
from .survival.cox.anova import Anova as Anova
from .survival.cox.anova import anova as anova
from .survival.cox.clogit import CLogit as CLogit
from .survival.cox.clogit import clogit as clogit
from .survival.cox.cox_zph import CoxZph as CoxZph
from .survival.cox.cox_zph import cox_zph as cox_zph
from .survival.cox.coxnet import coxnet as coxnet
from .survival.cox.coxnet_result import Coxnet as Coxnet
from .survival.cox.coxnet_result import CoxnetCV as CoxnetCV
from .survival.cox.coxph import coxph as coxph
from .survival.cox.coxph_parquet import CoxParquet as CoxParquet
from .survival.cox.coxph_parquet import coxph_parquet as coxph_parquet
from .survival.cox.coxph_screen import CoxScreen as CoxScreen
from .survival.cox.coxph_screen import coxph_screen as coxph_screen
from .survival.cox.curves import CoxCurves as CoxCurves
from .survival.cox.result import CoxPH as CoxPH
from .survival.episodes.surv_split import surv_split as surv_split
from .survival.episodes.tmerge import tmerge as tmerge
from .survival.firth.coxphf import coxphf as coxphf
from .survival.firth.logistf import logistf as logistf
from .survival.firth.result import FirthCox as FirthCox
from .survival.firth.result import FirthLogistic as FirthLogistic
from .survival.km.follow_up import follow_up as follow_up
from .survival.km.logrank_trend import LogrankTrend as LogrankTrend
from .survival.km.logrank_trend import logrank_trend as logrank_trend
from .survival.km.maxcombo import MaxCombo as MaxCombo
from .survival.km.maxcombo import maxcombo as maxcombo
from .survival.km.pairwise_survdiff import (
    PairwiseSurvDiff as PairwiseSurvDiff,
)
from .survival.km.pairwise_survdiff import (
    pairwise_survdiff as pairwise_survdiff,
)
from .survival.km.rmst import rmst as rmst
from .survival.km.rmst_result import RMST as RMST
from .survival.km.survdiff import SurvDiff as SurvDiff
from .survival.km.survdiff import survdiff as survdiff
from .survival.km.survfit import survfit as survfit
from .survival.km.survfit_result import SurvFit as SurvFit
from .survival.life_tables.pyears import PersonYears as PersonYears
from .survival.life_tables.pyears import pyears as pyears
from .survival.life_tables.rates import simulated_rates as simulated_rates
from .survival.life_tables.smr import SMR as SMR
from .survival.life_tables.smr import smr as smr
from .survival.life_tables.survexp import SurvExp as SurvExp
from .survival.life_tables.survexp import survexp as survexp
from .survival.multistate.aalen_johansen import aalen_johansen as aalen_johansen
from .survival.multistate.result import MultiState as MultiState
from .survival.optimism import Optimism as Optimism
from .survival.optimism import optimism as optimism
from .survival.parametric.result import SurvReg as SurvReg
from .survival.parametric.survreg import survreg as survreg

__version__: str
__all__: list[str]
