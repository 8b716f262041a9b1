"""Write vit_predictions.json and vit_by_torch.pth: what PyTorch itself says and saves.

Run in the project's folder where PyTorch and Hugging Face Transformers are installed (never needed
by the tests):

    PYTHONPATH=. python tests/scoring/reference/make_vit_reference.py
"""

import json
from pathlib import Path

from tests.scoring.vits import SHAPES, Shape, inputs, make_weights

HERE = Path(__file__).parent
TINY = Shape(16, 1, 2, 8, 4, 24)


def model(shape, seed=0):
    """Hugging Face's transformer with the seeded weights."""
    import torch
    import transformers

    config = transformers.ViTConfig(
        hidden_size=shape.width,
        num_hidden_layers=shape.n_layers,
        num_attention_heads=shape.n_heads,
        intermediate_size=shape.hidden,
        image_size=shape.size,
        patch_size=shape.patch,
        num_labels=1,
    )
    made = transformers.ViTForImageClassification(config).eval()
    weights = {name: torch.from_numpy(w) for name, w in make_weights(shape, seed).items()}
    made.load_state_dict(weights, strict=True)
    return made


def scores(made, shape):
    """Of the three seeded pictures."""
    import torch

    with torch.no_grad():
        return made(torch.from_numpy(inputs(shape))).logits[:, 0].tolist()


def save(state, path):
    """A checkpoint as PyTorch writes it."""
    import torch

    torch.save(state, path)


def main():
    """Predictions of every shape, and a checkpoint with an optimizer's state as in training."""
    import torch
    import transformers

    tiny = model(TINY)
    optimizer = torch.optim.AdamW(tiny.parameters(), lr=1e-3)
    tiny(torch.from_numpy(inputs(TINY))).logits.sum().backward()
    optimizer.step()
    state = {"model_state_dict": tiny.state_dict(), "optimizer_state_dict": optimizer.state_dict()}
    save({**state, "epoch": 3, "loss": 1.5}, HERE / "vit_by_torch.pth")
    record = {
        "torch": torch.__version__.partition("+")[0],
        "transformers": transformers.__version__,
        "scores": {name: scores(model(shape), shape) for name, shape in SHAPES.items()},
        "vit_by_torch": scores(tiny, TINY),
    }
    text = json.dumps(record, indent=1) + "\n"
    (HERE / "vit_predictions.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
