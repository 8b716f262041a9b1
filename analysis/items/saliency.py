"""Saliency: which parts of the face move the score, in two models."""

import numpy as np
import pandas as pd

import faceage_stats as fs
from items import _demonstration as demo

TABLES = ()
READS = "one portrait"
MODELS = {"demo A": 0, "demo B": 1}  # seeds of the random weights
PATCH, STRIDE, N_MASKS = 40, 20, 100


def make(data, settings):
    """Occlusion and RISE maps of both models on the same crop, and their regions."""
    from faceage_stats.scoring.detector import Detector
    from faceage_stats.scoring.images import crop_face
    from faceage_stats.scoring.model import load_model
    from faceage_stats.scoring.saliency import (
        landmarks_in_crop,
        occlusion_map,
        region_summary,
        rise_map,
    )

    portrait = demo.portrait()
    face = Detector(device="cpu").detect(portrait)[0]
    crop = crop_face(portrait, face.box)
    points = landmarks_in_crop(face, portrait.shape, crop.shape[0])
    maps = {}
    for name, seed in MODELS.items():
        with demo.workplace() as place:
            model = load_model(demo.model_file(place, seed=seed), device="cpu")
        maps[name, "occlusion"] = occlusion_map(model, crop, patch=PATCH, stride=STRIDE)
        maps[name, "RISE"] = rise_map(model, crop, n_masks=N_MASKS, seed=settings.seed)
    regions = pd.concat(
        [region_summary(found, points).assign(model=model, method=method)
         for (model, method), found in maps.items()], ignore_index=True,
    )  # fmt: skip
    regions = regions[["model", "method", *regions.columns.drop(["model", "method"])]]
    return fs.Item(
        figure=draw(crop, points, maps),
        caption=(
            "What a part of the face adds to the score (red) or takes off it (blue), in years, "
            f"for two {demo.MODEL.replace('model', 'models')}, whose maps mean nothing. "
            f"Occlusion: a patch of {PATCH} pixels moved by {STRIDE}; RISE: {N_MASKS} random "
            "masks. Lines: the regions of the table, placed by the landmarks. The face is "
            f"{demo.FACE}: the only photograph in these results."
        ),
        tables={"regions": regions, "comparison": compare(regions), "maps": describe(maps)},
        values=values(regions),
        source_data=coarse(maps),
        columns={
            "model": "demonstration model with random weights",
            "region": "part of the face, by the landmarks",
            "n_pixels": "pixels of the crop (160 x 160) in the region",
            "mean_effect": "mean of the map (years): score with the part visible minus hidden",
            "mean_abs_effect": "mean of its absolute value (years)",
            "proportion": "proportion of the map's summed absolute values",
            "proportion_a": "proportion in demo A",
            "proportion_b": "proportion in demo B",
            "difference": "B minus A",
            "n_runs": "evaluations of the model",
            "score": "score of the unchanged face (years)",
            "lowest": "most negative value of the map (years)",
            "highest": "most positive value of the map (years)",
            "beyond_2_se": "proportion of pixels whose value exceeds 2 standard errors over "
            "the random masks; about 0.05 were the model to ignore the face",
            "r_with_other": "correlation over pixels with the same map of the other model",
            "row": "row of blocks of 8 x 8 pixels, from the top",
            "column": "column of blocks, from the left",
            "effect": "mean of the map over the block (years)",
        },
    )


def compare(regions):
    """Proportions of the regions in the two models."""
    wide = regions.pivot_table("proportion", ["method", "region"], "model", sort=False)
    table = wide.set_axis(["proportion_a", "proportion_b"], axis=1).reset_index()
    return table.assign(difference=table["proportion_b"] - table["proportion_a"])


def describe(maps):
    """Range, noise and agreement of the maps; pixels are not independent, hence no interval."""
    rows = []
    for (model, method), found in maps.items():
        other = next(m for (name, kind), m in maps.items() if kind == method and name != model)
        beyond = (np.abs(found.values) > 2 * found.std_error).mean()
        rows.append(
            {"model": model, "method": method, "n_runs": found.n_runs, "score": found.baseline,
             "lowest": found.values.min(), "highest": found.values.max(),
             "beyond_2_se": beyond if method == "RISE" else np.nan,
             "r_with_other": np.corrcoef(found.values.ravel(), other.values.ravel())[0, 1]}
        )  # fmt: skip
    return pd.DataFrame(rows)


def coarse(maps):
    """The maps in blocks of 8 x 8 pixels."""
    parts = []
    for (model, method), found in maps.items():
        side = found.values.shape[0] // 8
        blocks = found.values.reshape(side, 8, side, 8).mean(axis=(1, 3))
        row, column = np.indices(blocks.shape)
        parts.append(
            pd.DataFrame({"model": model, "method": method, "row": row.ravel(),
                          "column": column.ravel(), "effect": blocks.ravel()})
        )  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def values(regions):
    """Proportion of each region, each under an id."""
    keys = regions[["model", "method", "region"]].apply(lambda row: "_".join(row), axis=1)
    ids = "saliency_" + keys.str.lower().str.replace(" ", "_")
    return regions.assign(id=ids, quantity="proportion", estimate=regions["proportion"])[
        ["id", "quantity", "estimate"]
    ]


@fs.figures.styled
def draw(crop, points, maps):
    """A row per model: the overlay, and the map of each method."""
    from faceage_stats.scoring.saliency import REGIONS, face_regions, overlay

    labels = face_regions(points, crop.shape[0])
    figure = fs.figures.new_figure("double", 112)
    panels = figure.subplots(len(MODELS), 3)
    for row, model in zip(panels, MODELS, strict=True):
        occlusion, rise = maps[model, "occlusion"], maps[model, "RISE"]
        row[0].imshow(overlay(crop, occlusion))
        row[0].set_title(f"{model}: occlusion on the face")
        for axes, found, title in ((row[1], occlusion, "occlusion"), (row[2], rise, "RISE")):
            limit = np.abs(found.values).max()
            image = axes.imshow(found.values, cmap="RdBu_r", vmin=-limit, vmax=limit)
            axes.set_title(f"{model}: {title}")
            figure.colorbar(image, ax=axes, label="Effect, years", shrink=0.85)
        for axes in row:
            for index in range(1, len(REGIONS)):
                axes.contour(labels == index, levels=[0.5], colors="black", linewidths=0.4)
            axes.plot(*points.T, "+", color="black", ms=4, mew=0.6)
            axes.set_axis_off()
    figure.alt_text = (
        "Two rows, one per model: a face with its occlusion map on top, the occlusion map and the "
        "RISE map, with the outlines of forehead, eyes, nose, cheeks, mouth and jaw."
    )
    return demo.marked(figure)
