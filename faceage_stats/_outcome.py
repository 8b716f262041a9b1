"""Binary outcome: picks the event level and counts dropped rows."""

from faceage_stats._formula.any_frame import any_binary_frame as binary_frame
from faceage_stats._formula.outcome import BinaryFrame, require_probabilities

__all__ = ["BinaryFrame", "binary_frame", "require_probabilities"]
