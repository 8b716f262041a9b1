"""exp() of a whole array, in a form that compiles to vector instructions."""

from __future__ import annotations

import math

import numpy as np

from faceage_stats._compiled import FloatArray, IntArray, compiled

__all__ = ["EXP_BLOCK", "exp_block"]

EXP_BLOCK = 256
_LOG2_E = math.log2(math.e)
# ln 2 in two parts: the first has trailing zeros, so that its product with k is exact
_LN2_HIGH = 6.93147180369123816490e-01
_LN2_LOW = 1.90821492927058770002e-10
_SMALLEST = -708.0  # exp() of less is below the normal numbers and becomes 0
_C2, _C3, _C4, _C5, _C6, _C7 = (1.0 / math.factorial(k) for k in range(2, 8))
_C8, _C9, _C10, _C11, _C12, _C13 = (1.0 / math.factorial(k) for k in range(8, 14))


@compiled(error_model="numpy", fastmath={"contract"})
def exp_block(x: FloatArray, power: IntArray) -> None:
    """Replace x by its exponential, to 2 ulp; at most EXP_BLOCK values, none above 0.

    exp(x) = 2^k exp(r) with |r| <= ln(2) / 2, where the Taylor series ends below one ulp. `power`
    is a buffer of EXP_BLOCK int64. NaN stays NaN.
    """
    for i in range(x.size):
        value = _SMALLEST if x[i] < _SMALLEST else x[i]
        k = np.floor(value * _LOG2_E + 0.5)
        r = (value - k * _LN2_HIGH) - k * _LN2_LOW
        tail = (((_C13 * r + _C12) * r + _C11) * r + _C10) * r + _C9
        tail = (((tail * r + _C8) * r + _C7) * r + _C6) * r + _C5
        series = ((((tail * r + _C4) * r + _C3) * r + _C2) * r + 1.0) * r + 1.0
        power[i] = (np.int64(k) + 1023) << 52  # the bits of 2^k
        x[i] = 0.0 if x[i] < _SMALLEST else series
    scale = power.view(np.float64)
    for i in range(x.size):
        x[i] *= scale[i]
