"""Re-exports."""

from faceage_stats._formula.splines import natural_spline_basis, ns, rcs, rcs_basis, rcs_knots

__all__ = ["natural_spline_basis", "ns", "rcs", "rcs_basis", "rcs_knots"]
