"""Ranking loss. A survival head trained on pairs of patients, beside Cox models."""

from functools import partial

import numpy as np
import pandas as pd

import faceage_stats as fs
from items._embeddings import N_FEATURES, Network
from items._quoted import quoted

TABLES = ()
READS = "embeddings drawn by the item"
SIMULATES = True
OUTCOME = "Surv(years, death)"
WEIGHTS = np.array([0.7, -0.5, 0.3, 0.2, 0.0, 0.0])  # log hazard per SD of each hidden trait
SIZES, N_TEST = (150, 300, 600), 2000
BEST = "Best linear head (known)"
HEADS = {
    "best": BEST,
    "cox": "Cox, all columns",
    "coxnet": "Cox elastic net",
    "ranking": "Ranking head",
    "truth": "True log hazard (known)",
}
TRAINED = ("cox", "coxnet", "ranking")
JUDGED = f"{OUTCOME} ~ {' + '.join(HEADS)}"


def make(data, settings):
    """Train the heads on samples of growing size, judge them in other patients."""
    rng = np.random.default_rng(settings.seed)
    network = Network(rng, len(WEIGHTS))
    test = patients(rng, network, N_TEST)
    train = patients(rng, network, max(SIZES))
    trained = {n: scores(train.head(n), test, settings.seed) for n in SIZES}
    judged = {n: test.assign(**each) for n, each in trained.items()}
    table, pairs = by_size(measures, judged), by_size(differences, judged)
    drawn = pairs[pairs["marker2"] == BEST].assign(
        level=lambda d: d["n_train"].map("{:,} patients".format)
    )
    return fs.Item(
        figure={
            name: fs.Figure(
                partial(
                    fs.figures.forest, drawn[drawn["metric"] == metric], label="level",
                    group="marker1", effect=f"{metric} less that of the best linear head",
                    ratio=False,
                ),
                caption=(
                    f"{metric} of survival heads less that of the best linear head, which is known "
                    "here, in {n_test} patients that they have not seen, by how many patients they "
                    "were trained on, with 95% confidence interval. Embeddings of {n_feature} "
                    "columns, drawn with a known log hazard."
                ),
                label=f"{metric} by size of the training sample",
            )
            for name, metric in {"": "C index", "loss": "Ranking loss"}.items()
        },
        answer=(
            "Trained on 150 patients, the ranking head in place of a Cox model of all columns "
            "{ranking_c_small:vs 0|raises|lowers|does not clearly change} the C index in other "
            "patients, by {ranking_c_small:.3}; trained on 600, by {ranking_c_large:.3}."
        ),
        checks=(
            "The true log hazard and the best linear head are known here: no head is better than "
            "the latter, but by chance."
        ),
        numbers={"n_test": N_TEST, "n_feature": N_FEATURES},
        tables={
            "measures": table.assign(n=N_TEST),
            "differences": pairs,
            "truth_recovered": pd.DataFrame([recovered(n, r) for n, r in judged.items()]),
        },
        values=values(pairs),
        source_data=drawn,
        columns={
            "n_train": "Patients trained on",
            **{f"r_{name}": f"{HEADS[name]}: correlation with the best linear head"
               for name in TRAINED},
        },
    )  # fmt: skip


def patients(rng, network, n):
    """Embeddings, the true log hazard and follow-up."""
    traits = rng.normal(size=(n, len(WEIGHTS)))
    rows = network.embed(rng, traits)
    rows["best"] = rows.to_numpy() @ network.best(WEIGHTS)
    rows["truth"] = traits @ WEIGHTS
    death, end = rng.exponential(4 * np.exp(-rows["truth"])), rng.uniform(1, 8, n)
    return rows.assign(years=np.minimum(death, end), death=(death <= end).astype(int))


def scores(train, test, seed):
    """Scores of the test patients by three heads trained on others."""
    right = " + ".join(name for name in train if name.startswith("embedding_"))
    path = fs.coxnet(f"{OUTCOME} ~ {right}", train, alpha=0.5, n_penalties=20)
    chosen = path.cross_validate(5, seed=seed)
    head = fs.survival_head(
        OUTCOME, train, penalties=(0.3, 0.1, 0.03, 0.01, 0.003), n_folds=3, seed=seed
    )
    return {
        "ranking": head.predict(test)["estimate"],
        "coxnet": path.predict(test, penalty=chosen.penalty_best)["estimate"],
        "cox": fs.coxph(f"{OUTCOME} ~ {right}", data=train).predict(test, "lp")["estimate"],
    }


def by_size(judge, judged):
    """One table over all sizes of the training sample."""
    tables = {n: judge(rows) for n, rows in judged.items()}
    table = pd.concat(tables, names=["n_train", "metric", None])
    return table.reset_index(["n_train", "metric"]).replace({"marker": HEADS})


def measures(rows):
    """Both measures of every score, with intervals."""
    shown = ["marker", "estimate", "std_error", "conf_low", "conf_high"]
    found = {
        "C index": fs.concordance(JUDGED, rows, reverse=True).tidy(),
        "Ranking loss": fs.survival_ranking_loss(JUDGED, rows).tidy(),
    }
    return pd.concat({metric: table[shown] for metric, table in found.items()})


def differences(rows):
    """Each trained head against the best linear one and against the others, in the same people."""
    found = {
        "C index": fs.concordance_test(JUDGED, rows, reverse=True).tidy(),
        "Ranking loss": fs.survival_ranking_loss(JUDGED, rows).contrasts(),
    }
    table = pd.concat(found)
    table = table[table["marker1"].isin(TRAINED)]
    return table.replace({"marker1": HEADS, "marker2": HEADS})


def recovered(n, rows):
    """Correlation of the scores of each head with those of the best linear one."""
    return {"n_train": n, **{f"r_{name}": rows[name].corr(rows["best"]) for name in TRAINED}}


def values(pairs):
    """The ranking head against the Cox model of all columns, trained on few and on many."""
    pair = pairs.query("metric == 'C index'")
    pair = pair[pair["marker1"].eq(HEADS["ranking"]) & pair["marker2"].eq(HEADS["cox"])]
    ends = {"small": min(SIZES), "large": max(SIZES)}
    return quoted(**{f"ranking_c_{k}": pair[pair["n_train"] == n] for k, n in ends.items()})
