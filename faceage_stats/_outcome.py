"""Binary outcome: picks the event level and counts dropped rows."""

from faceage_stats._formula.outcome import BinaryFrame, binary_frame, require_probabilities

__all__ = ["BinaryFrame", "binary_frame", "require_probabilities"]
