"""Observed combinations of some columns, labelled and ordered as R does."""

from faceage_stats._formula.groups import GroupFrame, join_labels, strata_labels

__all__ = ["GroupFrame", "join_labels", "strata_labels"]
