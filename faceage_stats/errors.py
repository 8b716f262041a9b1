"""Every exception and warning that faceage_stats raises on purpose.

A message says what was received, what is allowed, where (column, number of rows, row
positions; never a patient's value or identifier) and how to correct it.
"""

__all__ = [
    "FaceageError",
    "InputError",
    "ArgumentError",
    "FormulaError",
    "SchemaError",
    "DesignError",
    "ConstantFactorError",
    "ConvergenceError",
    "ModelFileError",
    "DataUnavailableError",
    "MissingExtraError",
    "DisclosureError",
    "FaceageWarning",
    "ConvergenceWarning",
    "InfiniteCoefficientWarning",
    "SingularColumnWarning",
    "EstimationWarning",
    "DisclosureWarning",
    "ReadingWarning",
]


class FaceageError(Exception):
    """Base class: `except FaceageError` catches every refusal of this package."""


class InputError(FaceageError, ValueError):
    """A column or argument holds values that the method cannot use."""


class ArgumentError(InputError, TypeError):
    """A call has an argument that the function does not know."""


class FormulaError(InputError):
    """A formula cannot be read, or names something that is not there."""


class SchemaError(InputError):
    """A table breaks its schema; `problems` lists every breach."""

    def __init__(self, message: str, problems: object = None):
        super().__init__(message)
        self.problems = problems


class DesignError(InputError):
    """The data cannot identify the model: no events, an empty stratum, too few rows."""


class ConstantFactorError(DesignError):
    """A factor of a formula has one level in the rows used; `variable` is its expression."""

    def __init__(self, message: str, variable: object = None):
        super().__init__(message)
        self.variable = variable


class ConvergenceError(FaceageError, RuntimeError):
    """An iteration ended without a finite answer."""


class ModelFileError(FaceageError):
    """A model file is missing, tampered with, or not what its card says."""


class DataUnavailableError(FaceageError):
    """Public data are neither on this machine nor reachable."""


class MissingExtraError(FaceageError, ImportError):
    """An optional part of the stack is not installed; the message names the extra."""


class DisclosureError(FaceageError):
    """What was to be released could give away a patient; `findings` lists where, of an attack."""

    def __init__(self, message: str, findings: object = None):
        super().__init__(message)
        self.findings = findings


class FaceageWarning(UserWarning):
    """Base class of every warning of this package."""


class ConvergenceWarning(FaceageWarning):
    """An iteration stopped before its tolerance."""


class InfiniteCoefficientWarning(ConvergenceWarning):
    """A coefficient runs to infinity (complete separation, a level without events)."""


class SingularColumnWarning(FaceageWarning):
    """A design column is constant or a linear combination of others: its coefficient is NaN."""


class EstimationWarning(FaceageWarning):
    """An estimate exists but should be read with care (tiny weights, truncation, few events)."""


class DisclosureWarning(FaceageWarning):
    """Cells were suppressed because small counts could identify a patient."""


class ReadingWarning(FaceageWarning):
    """A table was read by a guess, or as text where numbers may be meant: look at it once."""
