"""Robustness: the same face under changes of light, pose, make-up, blur, compression and crop."""

from itertools import product

import numpy as np
import pandas as pd

import faceage_stats as fs
from faceage_stats._seed import generator
from items import _demonstration as demo

TABLES = ()
READS = "variants of two portraits"
LIMIT = 5  # years
N_DRAWS = 20  # places of the landmarks, a photograph
LIMITS = {
    "bias": "bias",
    "limit_low": "lower limit",
    "limit_high": "upper limit",
}
SPREAD = {
    "coefficient of repeatability": "repeatability",
    f"proportion of |change| > {LIMIT}": "proportion changed",
}
TITLES = {
    "brightness": "Brightness, factor",
    "contrast": "Contrast, factor",
    "gamma": "Gamma, exponent",
    "colour_cast": "Warmth, gain of red",
    "rotation": "Rotation, degrees",
    "turn": "Head turned, degrees",
    "nod": "Head nodded, degrees",
    "lipstick": "Lipstick, opacity",
    "eye_shadow": "Eye shadow, opacity",
    "foundation": "Foundation, opacity",
    "blur": "Blur, SD / face width",
    "noise": "Noise, SD in grey levels",
    "jpeg": "JPEG quality",
    "occlusion_eyes": "Bar over the eyes",
    "occlusion_nose": "Bar over the nose",
    "occlusion_mouth": "Bar over the mouth",
    "crop_jitter": "Box shifted",
    "landmark_jitter": "Landmarks moved",
    "flip": "Mirrored",
}


def make(data, settings):
    """Score every variant as it is and under the suite; test against retest."""
    with demo.workplace() as place:
        photographs = write_portraits(place / "portraits")
        rows = fs.robustness(photographs, model=demo.MODEL, device="cpu", seed=settings.seed)
        moved = moved_landmarks(photographs, settings.seed)
    rows = rows.assign(score=rows["score"].astype(float))
    base = rows[rows["perturbation"] == "none"].set_index("photo")["score"]
    changed = rows[rows["perturbation"] != "none"]
    changed = changed.assign(unchanged=changed["photo"].map(base))
    strengths = by_strength(changed)
    agreement = by_perturbation(changed, base)
    limits = agreement["quantity"].isin(list(LIMITS.values()))
    return fs.Item(
        figure=fs.Figure(draw(changed, strengths), label="Change of the score by what was changed"),
        caption=(
            f"Change of the score when the photograph is changed, a line per photograph "
            f"(n = {len(base)}, variants of {demo.FACES}) and their mean; dashed: {LIMIT} "
            "years; lost: no face was found after the change. Two people say nothing about how "
            "well a score tells people apart, so that the intraclass correlations show only how "
            "they are computed. Scored by dlib's small model of apparent age, which is not "
            "FaceAge."
        ),
        answer=(
            f"Of {len(changed)} changed photographs the face was found in "
            f"{int(changed['score'].notna().sum())}; the score of dlib's model (not FaceAge) moved "
            f"by more than {LIMIT} years in {int((changed['difference'].abs() > LIMIT).sum())} of "
            "them."
        ),
        checks=(
            "The intraclass correlation assumes a random sample of people; two people are none, "
            "and its interval says so."
        ),
        tables={
            "repeatability": agreement[~limits],
            "limits_of_agreement": agreement[limits],
            "strengths": strengths,
            "landmarks": moved,
        },
        values=values(agreement),
        source_data=changed[["photo", "perturbation", "level", "unit", "status", "difference"]],
        columns={
            "perturbation": "what was changed",
            "level": "how much, in `unit`",
            "quantity": "ICC: two-way, absolute agreement, one measurement; repeatability: its "
            f"coefficient (years); proportion changed: by more than {LIMIT} years; bias and limits "
            "of agreement: years",
            "photo": "variant of a portrait",
            "status": "whether a face was found in the changed photograph",
            "difference": "score of the changed photograph minus that of the unchanged one",
            "n": "photographs (limits of agreement: pairs)",
            "n_failed": "photographs in which no face was found after the change",
            "largest": "largest absolute change (years)",
            "lowest": "lowest score of the draws (years)",
            "highest": "highest score of the draws (years)",
        },
    )


def moved_landmarks(photographs, seed):
    """Spread of one photograph's score when its landmarks are off by chance, over many draws."""
    from faceage_stats.scoring.manifest import open_manifest
    from faceage_stats.scoring.perturbations import SUITE
    from faceage_stats.scoring.scorer import open_scorer

    jitter = next(change for change in SUITE if change.name == "landmark_jitter")
    scorer = open_scorer(demo.MODEL, device="cpu")
    manifest = open_manifest(photographs)
    draws = []
    for photo in manifest.photos(0, manifest.n):
        image = scorer.read(photo)
        face = scorer.choose(scorer.detector.detect(image))  # found once for all draws
        for level, k in product(jitter.levels, range(N_DRAWS)):
            rng = generator(seed + k, photo.name, jitter.name, repr(level))
            crop = scorer.crop(image, jitter.change(image, face, level, rng))
            score = float(scorer.model.run(scorer.model.prepare(crop)[None])[0][0])
            draws.append({"photo": photo.name, "level": level, "unit": jitter.unit, "score": score})
    groups = pd.DataFrame(draws).groupby(["photo", "level", "unit"])["score"]
    table = groups.agg(n="count", mean="mean", std_dev="std", lowest="min", highest="max")
    table = table.reset_index()
    return table.assign(photo=table["photo"].str.removesuffix(".png"))


def write_portraits(folder):
    """Three photographs of each of two people, where a study has those of many."""
    from PIL import Image

    folder.mkdir()
    boxes = {"astronaut": (100, 0, 400, 260), "Grace Hopper": (120, 60, 420, 400)}
    for name, pixels in demo.portraits().items():
        portrait = Image.fromarray(pixels).crop(boxes[name])
        shade = np.linspace(0.6, 1.0, portrait.width)[None, :, None]
        variants = {
            "as taken": portrait,
            "side light": Image.fromarray((np.asarray(portrait) * shade).astype(np.uint8)),
            "tilted": portrait.rotate(8, Image.Resampling.BICUBIC),
        }
        for variant, picture in variants.items():
            picture.save(folder / f"{name}, {variant}.png")
    return folder


def by_strength(changed):
    """Mean, spread and largest change at each strength."""
    groups = changed.groupby(["perturbation", "level", "unit"], sort=False)["difference"]
    table = groups.agg(
        n="count",
        n_failed=lambda change: int(change.isna().sum()),
        mean="mean",
        std_dev="std",
        largest=lambda change: change.abs().max(),
    )
    return table.reset_index()


def by_perturbation(changed, base):
    """ICC, limits of agreement, and proportion of large changes, test against retests."""
    parts = []
    for name, rows in changed.groupby("perturbation", sort=False):
        wide = rows.pivot(index="photo", columns="level", values="score")
        wide = wide.rename(columns=str).assign(unchanged=base)
        order = ["unchanged", *(column for column in wide if column != "unchanged")]
        icc = fs.icc(wide, order).tidy().query("term == 'ICC2'")
        limits = fs.bland_altman(rows, "score", "unchanged", subject="photo").tidy()
        spread = fs.repeatability(wide, order, limit=LIMIT).tidy()
        block = pd.concat(
            [
                icc.assign(quantity="ICC"),
                limits.assign(quantity=limits["term"].map(LIMITS)),
                spread.assign(quantity=spread["quantity"].map(SPREAD)).dropna(subset="quantity"),
            ]
        )
        parts.append(block.assign(perturbation=name))
    columns = ["perturbation", "quantity", "estimate", "std_error", "conf_low", "conf_high", "n"]
    return pd.concat(parts, ignore_index=True)[columns]


def values(agreement):
    """The ICC of each perturbation."""
    rows = agreement[agreement["quantity"] == "ICC"]
    ids = "robustness_icc_" + rows["perturbation"]
    return rows.assign(id=ids)[["id", "quantity", "estimate", "conf_low", "conf_high", "n"]]


@fs.figures.styled
def draw(changed, strengths):
    """A panel per perturbation, its strengths side by side."""
    figure = fs.figures.new_figure("double", 150)
    panels = figure.subplots(4, 5, sharey=True).ravel()
    for axes, (name, title) in zip(panels, TITLES.items(), strict=False):
        draw_panel(axes, changed[changed["perturbation"] == name].sort_values("level"),
                   strengths[strengths["perturbation"] == name].sort_values("level"))  # fmt: skip
        axes.set_title(title)
    for axes in panels[len(TITLES) :]:
        axes.remove()
    for axes in panels[::5]:
        axes.set_ylabel("Change, years")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="lower right", bbox_to_anchor=(0.98, 0.08))
    figure.alt_text = (
        "Nineteen small panels, one per kind of change: change of the score in years against its "
        "strength, with a line per photograph and their mean."
    )
    return demo.marked(figure)


def draw_panel(axes, changed, strengths):
    """Lines of the photographs, their mean, the limits, and how often the face was lost."""
    place = {level: x for x, level in enumerate(strengths["level"])}
    label = "one photograph"
    for _, line in changed.groupby("photo"):
        x = line["level"].map(place)
        axes.plot(x, line["difference"], color="#9A9A9A", marker=".", lw=0.6, label=label)
        label = None
    colours = fs.figures.PALETTE
    x = range(len(place))
    axes.plot(x, strengths["mean"], color=colours[0], marker="o", ms=3, label="mean")
    axes.axhline(0, color="black", lw=0.5)
    for limit, label in ((-LIMIT, None), (LIMIT, f"{LIMIT} years")):
        axes.axhline(limit, color=colours[1], lw=0.7, ls="--", label=label)
    for level, failed in zip(x, strengths["n_failed"], strict=True):
        if failed:
            place_of_text = {"ha": "center", "va": "bottom", "size": 6}
            axes.text(level, 0.02, f"{failed} lost", transform=axes.get_xaxis_transform(),
                      **place_of_text)  # fmt: skip
    axes.set_xticks(list(x), [f"{level:g}" for level in place])
    axes.set_xlim(-0.5, len(place) - 0.5)
