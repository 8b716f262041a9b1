"""Climbing a penalised likelihood."""

import numpy as np
import pytest

from faceage_stats.errors import ConvergenceError
from faceage_stats.survival.firth.profile import Evaluation, maximise


def test_an_endless_climb_is_an_error():
    def endless(beta):
        return Evaluation(float(beta[0]), np.ones(1), np.eye(1))

    with pytest.raises(ConvergenceError, match="did not converge in 500 steps"):
        maximise(endless, np.zeros(1), np.ones(1, bool))
