"""The text of a formula: its two sides, and strata(), cluster() and offset() beside the terms."""

from faceage_stats._formula.parse import CONTEXT, RightSide, parse_right, split_formula

__all__ = ["CONTEXT", "RightSide", "parse_right", "split_formula"]
