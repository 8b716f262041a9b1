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
            "Cards that ship with the package. Weights never do: a card says which file is meant, "
            "by its SHA-256, and no other file is opened under its name. `demo` is the "
            "demonstration model with random weights."
        ),
        tables={"cards": table.rename_axis("entry").reset_index(), "words": words(cards)},
        columns={
            "entry": "what the card states",
            "card": "name of the card",
            "text": "what it says",
            **{name: f"card `{name}`" for name in cards},
        },
    )


def facts(card):
    """What the software reads from a card."""
    entry, rule, crop = card["input"], card["input"]["standardisation"], card["crop"]
    fixed = rule["kind"] == "fixed"
    level = ", eyes made level" if crop["align"] else ""
    source = card["source_sha256"]
    return {
        "name": f"{card['name']} ({card['version']})",
        "unit of the score": card["output"]["unit"],
        "input": f"{entry['size']} x {entry['size']} pixels, {entry['colour']}, {entry['layout']}",
        "mean": ", ".join(map(str, rule["mean"])) if fixed else "of the crop",
        "SD": ", ".join(map(str, rule["std"])) if fixed else "of the crop",
        "detector": card["detector"],
        "crop": f"most {crop['face']} face, margin {crop['margin']:g}{level}",
        "embedding": f"{card['embedding']['width']} numbers" if card["embedding"] else "none",
        "weights": "faceage models fetch" if card["fetch"] else how_to_get(card),
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
    return pd.DataFrame(rows, columns=["card", "entry", "text"])


def how_to_get(card):
    """Where weights come from that cannot be downloaded."""
    return "random: faceage models demo" if card["demo"] else "from the holders of the weights"
