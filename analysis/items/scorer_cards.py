"""Model cards: what each model takes, what its number means, and where its weights are."""

import pandas as pd

import faceage_stats as fs

TABLES = ()
READS = "model cards"
FILES = ("faceage_stats/scoring/cards/*.json",)


def make(data, settings):
    """One column per card that ships with the package."""
    from faceage_stats.scoring.model import shipped_card, shipped_names

    cards = {name: shipped_card(name) for name in shipped_names()}
    table = pd.DataFrame({name: facts(card) for name, card in cards.items()})
    return fs.Item(
        caption=(
            "Cards that ship with the package. A card says which file is meant, by its SHA-256, "
            "and no other file is opened under its name. Where a card says unknown, the model "
            "scores nothing until somebody fills it in. `demo` has random weights, for tests of "
            "speed and conversion."
        ),
        answer=f"{len(cards)} cards ship with the package.",
        tables={"cards": table.rename_axis("entry").reset_index(), "words": words(cards)},
        columns={
            "entry": "what the card states",
            "model": "name of the card",
            "text": "what it says",
            **{name: f"card `{name}`" for name in cards},
        },
    )


def facts(card):
    """What the software reads from a card."""
    entry, rule = card["input"], card["input"]["standardisation"]
    moments = {"per_image": "of the crop", "unknown": "unknown"}.get(rule["kind"])
    source = card["source_sha256"]
    return {
        "name": f"{card['name']} ({card['version']})",
        "score": f"in {card['output']['unit']}",
        "input": f"{entry['size']} x {entry['size']} pixels, {entry['colour']}, {entry['layout']}",
        "mean": moments or ", ".join(f"{value:.3f}" for value in rule["mean"]),
        "SD": moments or ", ".join(f"{value:.3f}" for value in rule["std"]),
        "detector": card["detector"],
        "crop": how_cropped(card["crop"]),
        "embedding": f"{card['embedding']['width']} numbers" if card["embedding"] else "none",
        "weights": how_to_get(card),
        "SHA-256 of the source": f"{source[:16]}…" if source else "stated when installed",
        "licence": card["licence"],
    }


def words(cards):
    """What a card says to people."""
    rows = [
        (name, entry, text)
        for name, card in cards.items()
        for entry, text in (
            ("score", card["output"]["meaning"]),
            ("note", card["note"]),
            ("citation", card["citation"]),
        )
        if text
    ]
    return pd.DataFrame(rows, columns=["model", "entry", "text"])


def how_cropped(crop):
    """Which part of the photograph the model sees."""
    template = crop.get("template")
    if template == "unknown":
        return "laid over an unknown template"
    if template:
        return f"{', '.join(template).replace('_', ' ')} laid over a template"
    level = ", eyes made level" if crop["align"] else ""
    return f"box of the most {crop['face']} face, margin {crop['margin']:g}{level}"


def how_to_get(card):
    """Where the weights come from."""
    if card["demo"]:
        return "random, by “faceage models demo”"
    if card["fetch"]:
        return "by “faceage models fetch”"
    if card.get("package"):
        return "there after the set-up"
    if card.get("released"):
        return f"by “faceage convert {card['released']['file']}”"
    return "not public"
