"""What each column of a design matrix stands for, named as R names coefficients."""

from faceage_stats._formula.terms import Column, Term, describe_columns, level_text

__all__ = ["Column", "Term", "describe_columns", "level_text"]
