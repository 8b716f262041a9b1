"""Embeddings whose truth is known: a few hidden traits of a face behind many correlated columns."""

import numpy as np
import pandas as pd

N_FEATURES = 32
NOISE = 2.0  # SD of what is in a column beside the traits, whose SD is 1


class Network:
    """How traits enter the columns of an embedding: the same for everybody whom it looks at."""

    def __init__(self, rng, n_traits):
        self.mixing = rng.normal(size=(n_traits, N_FEATURES))

    def embed(self, rng, traits):
        """Columns of patients with these traits."""
        noise = NOISE * rng.normal(size=(len(traits), N_FEATURES))
        return pd.DataFrame(traits @ self.mixing + noise).add_prefix("embedding_")

    def best(self, weights):
        """Coefficients of the best linear guess of a weighted sum of independent traits."""
        covariance = self.mixing.T @ self.mixing + NOISE**2 * np.eye(N_FEATURES)
        return np.linalg.solve(covariance, self.mixing.T @ weights)
