"""Public names, found by editors and type checkers here and imported on first use."""

# results
from . import errors as errors
from ._p_adjust import p_adjust as p_adjust
from ._resample import resample as resample
from ._result import bind_tidy as bind_tidy

# association
from .association.age_gap.age_gap import age_gap as age_gap
from .association.agreement.accuracy import accuracy as accuracy
from .association.agreement.age_decade import age_decade as age_decade
from .association.agreement.bland_altman import bland_altman as bland_altman
from .association.agreement.calibration_line import calibration_line as calibration_line
from .association.agreement.comparison import accuracy_test as accuracy_test
from .association.agreement.icc import icc as icc
from .association.agreement.kappa import kappa as kappa
from .association.agreement.lin_ccc import lin_ccc as lin_ccc
from .association.agreement.repeatability import repeatability as repeatability
from .association.classical.adjust_family import adjust_family as adjust_family
from .association.classical.aov import aov as aov
from .association.classical.cliff_delta import cliff_delta as cliff_delta
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
from .association.classical.means import (
    oneway_test as oneway_test,
)
from .association.classical.means import (
    t_test as t_test,
)
from .association.classical.normality import shapiro_test as shapiro_test
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
from .association.classical.spread import (
    levene_test as levene_test,
)
from .association.classical.spread import (
    var_test as var_test,
)
from .association.classical.stratified import mantelhaen_test as mantelhaen_test
from .association.genomics.acat import acat as acat
from .association.genomics.gene_screen import gene_screen as gene_screen
from .association.genomics.gene_set import gene_set_test as gene_set_test
from .association.genomics.gmt import read_gmt as read_gmt
from .association.genomics.gmt import senescence_example as senescence_example
from .association.genomics.max_t import max_t as max_t
from .association.genomics.qvalue import qvalue as qvalue
from .association.genomics.variant_qc import hwe_test as hwe_test
from .association.genomics.variant_qc import variant_qc as variant_qc
from .association.genomics.variant_screen import variant_screen as variant_screen
from .association.genomics.variant_set import set_test as set_test
from .association.missing.complete_case import complete_case as complete_case
from .association.missing.impute import impute as impute
from .association.missing.pool import pool_rubin as pool_rubin
from .association.missing.pool import pool_scalar as pool_scalar
from .association.missing.pool_statistics import pool_chisq as pool_chisq
from .association.missing.pool_statistics import pool_test as pool_test
from .association.regression.lm import lm as lm

# prediction
from .association.regression.logistic import logistic as logistic
from .association.regression.subgroup_forest import subgroup_forest as subgroup_forest
from .association.sensitivity.e_value import e_value as e_value
from .association.sensitivity.influence import influence as influence
from .association.sensitivity.landmark import landmark as landmark
from .association.sensitivity.side_by_side import side_by_side as side_by_side

# cohorts
from .cohorts.curation.curate import curate as curate
from .cohorts.remote import fetch_utk as fetch_utk
from .cohorts.schema.validate import validate as validate
from .cohorts.synthetic.simulate import simulate as simulate
from .cohorts.tables.read_table import read_table as read_table
from .prediction.horizon.brier import brier as brier
from .prediction.horizon.ipcw import Weighting as Weighting
from .prediction.horizon.state_by import state_by as state_by
from .prediction.horizon.time_roc import time_roc as time_roc
from .prediction.planning.cox_power import cox_power as cox_power
from .prediction.planning.cox_sample_size import cox_sample_size as cox_sample_size
from .prediction.planning.cox_sample_size import cox_sample_size_pilot as cox_sample_size_pilot
from .prediction.planning.pmsampsize import (
    pmsampsize_binary as pmsampsize_binary,
)
from .prediction.planning.pmsampsize import (
    pmsampsize_survival as pmsampsize_survival,
)
from .prediction.ranking.survival_head import survival_head as survival_head
from .prediction.ranking.survival_ranking_loss import survival_ranking_loss as survival_ranking_loss
from .prediction.readers.mrmc import mrmc as mrmc
from .prediction.readers.reader_agreement import reader_agreement as reader_agreement
from .prediction.readers.reader_auc import reader_auc as reader_auc
from .prediction.readers.reader_power import (
    ReaderVariance as ReaderVariance,
)
from .prediction.readers.reader_power import (
    reader_power as reader_power,
)
from .prediction.readers.reader_survival import reader_survival as reader_survival
from .prediction.risk.calibration import calibration as calibration
from .prediction.risk.decision_curve import decision_curve as decision_curve
from .prediction.risk.rcorrp_cens import rcorrp_cens as rcorrp_cens
from .prediction.risk.reclassification import idi as idi
from .prediction.risk.reclassification import nri as nri
from .prediction.risk.risk_model import risk_model as risk_model
from .prediction.risk.royston import royston as royston
from .prediction.roc.comparison import roc_test as roc_test
from .prediction.roc.roc import roc as roc
from .prediction.substitution.marker_substitution import marker_substitution as marker_substitution
from .prediction.substitution.teachh import teachh as teachh
from .prediction.substitution.teachh_substitution import teachh_substitution as teachh_substitution
from .reporting import figures as figures

# reporting
from .reporting.audit import audit as audit
from .reporting.paper import paper_values as paper_values
from .reporting.store.item import Item as Item
from .reporting.tables.table_one import table_one as table_one
from .reporting.tables.tbl_regression import tbl_regression as tbl_regression

# survival
from .survival.adjusted_curves import adjusted_curves as adjusted_curves
from .survival.competing.crr import crr as crr
from .survival.competing.cuminc import cuminc as cuminc
from .survival.concordance.comparison import concordance_test as concordance_test
from .survival.concordance.concordance import concordance as concordance
from .survival.cox.anova import anova as anova
from .survival.cox.cox_zph import cox_zph as cox_zph
from .survival.cox.coxnet import coxnet as coxnet
from .survival.cox.coxph import coxph as coxph
from .survival.cox.coxph_screen import coxph_screen as coxph_screen
from .survival.firth.coxphf import coxphf as coxphf
from .survival.firth.logistf import logistf as logistf
from .survival.km.logrank_trend import logrank_trend as logrank_trend
from .survival.km.pairwise_survdiff import pairwise_survdiff as pairwise_survdiff
from .survival.km.rmst import rmst as rmst
from .survival.km.survdiff import survdiff as survdiff
from .survival.km.survfit import survfit as survfit
from .survival.optimism import optimism as optimism

__version__: str
__all__: list[str]
