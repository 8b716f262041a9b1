"""Write mtcnn_independent.json: what mtcnn 0.1.1 itself finds on the recipes.

Run where TensorFlow 2.15 and mtcnn 0.1.1 are installed (never needed by the tests):

    python make_mtcnn_reference.py
"""

import hashlib
import json
import sys
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent


def main() -> None:
    import cv2
    import numpy as np
    from mtcnn import MTCNN
    from skimage import data

    sys.path.insert(0, str(HERE.parent))
    from recipes import RECIPES

    detector, portrait, cases = MTCNN(), data.astronaut(), {}
    for name, recipe in RECIPES.items():
        photograph = np.ascontiguousarray(recipe(portrait))
        faces = detector.detect_faces(photograph)
        for face in faces:
            face["confidence"] = float(face["confidence"])
            face["keypoints"] = {k: [int(v) for v in p] for k, p in face["keypoints"].items()}
        digest = hashlib.sha256(photograph.tobytes()).hexdigest()
        cases[name] = {"sha256": digest, "detections": faces}
    versions = {p: version(p) for p in ("mtcnn", "tensorflow-cpu", "numpy", "scikit-image")}
    versions["opencv"] = cv2.__version__
    what = "mtcnn 0.1.1 detect_faces(), default settings, on tests/scoring/recipes.py"
    text = json.dumps({"what": what, "versions": versions, "cases": cases}, indent=1)
    (HERE / "mtcnn_independent.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
