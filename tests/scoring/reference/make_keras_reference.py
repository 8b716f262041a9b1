"""Write keras_predictions.json: what Keras itself predicts with the demonstration weights.

Run where TensorFlow 2.15 is installed, with the demonstration HDF5 file as argument (never needed
by the tests):

    python -c "from faceage_stats.scoring.demo import write_keras_file as w; w('demo.h5', seed=0)"
    python make_keras_reference.py demo.h5
"""

import json
import sys
from pathlib import Path

HERE = Path(__file__).parent


def build(keras):
    """Inception-ResNet-v1 and the age head, in Keras' own words."""
    layers = keras.layers

    def norm(x, name):
        options = {"axis": -1, "epsilon": 1e-3, "scale": False}
        return layers.BatchNormalization(name=name, **options)(x)

    def conv(x, n, k, name, s=1, p="same"):
        x = layers.Conv2D(n, k, strides=s, padding=p, use_bias=False, name=name)(x)
        return layers.ReLU()(norm(x, name + "_BatchNorm"))

    def residual(x, name, branches, scale, relu=True):
        ends = []
        for i, branch in enumerate(branches):
            y = x
            for n, k, label in branch:
                y = conv(y, n, k, f"{name}_Branch_{i}_Conv2d_{label}")
            ends.append(y)
        up = layers.Concatenate()(ends)
        up = layers.Conv2D(x.shape[-1], 1, name=name + "_Conv2d_1x1")(up)
        x = x + up * scale
        return layers.ReLU()(x) if relu else x

    def pool(x):
        return layers.MaxPooling2D(3, strides=2)(x)

    b35 = [[(32, 1, "1x1")], [(32, 1, "0a_1x1"), (32, 3, "0b_3x3")]]
    b35.append([(32, 1, "0a_1x1"), (32, 3, "0b_3x3"), (32, 3, "0c_3x3")])
    b17 = [[(128, 1, "1x1")]]
    b17.append([(128, 1, "0a_1x1"), (128, (1, 7), "0b_1x7"), (128, (7, 1), "0c_7x1")])
    b8 = [[(192, 1, "1x1")]]
    b8.append([(192, 1, "0a_1x1"), (192, (1, 3), "0b_1x3"), (192, (3, 1), "0c_3x1")])

    image = layers.Input((160, 160, 3))
    x = conv(image, 32, 3, "Conv2d_1a_3x3", 2, "valid")
    x = conv(conv(x, 32, 3, "Conv2d_2a_3x3", 1, "valid"), 64, 3, "Conv2d_2b_3x3")
    x = conv(pool(x), 80, 1, "Conv2d_3b_1x1")
    x = conv(x, 192, 3, "Conv2d_4a_3x3", 1, "valid")
    x = conv(x, 256, 3, "Conv2d_4b_3x3", 2, "valid")
    for i in range(5):
        x = residual(x, f"Block35_{i + 1}", b35, 0.17)
    m = "Mixed_6a_Branch_"
    a = conv(x, 384, 3, m + "0_Conv2d_1a_3x3", 2, "valid")
    b = conv(conv(x, 192, 1, m + "1_Conv2d_0a_1x1"), 192, 3, m + "1_Conv2d_0b_3x3")
    b = conv(b, 256, 3, m + "1_Conv2d_1a_3x3", 2, "valid")
    x = layers.Concatenate()([a, b, pool(x)])
    for i in range(10):
        x = residual(x, f"Block17_{i + 1}", b17, 0.1)
    m = "Mixed_7a_Branch_"
    a = conv(conv(x, 256, 1, m + "0_Conv2d_0a_1x1"), 384, 3, m + "0_Conv2d_1a_3x3", 2, "valid")
    b = conv(conv(x, 256, 1, m + "1_Conv2d_0a_1x1"), 256, 3, m + "1_Conv2d_1a_3x3", 2, "valid")
    c = conv(conv(x, 256, 1, m + "2_Conv2d_0a_1x1"), 256, 3, m + "2_Conv2d_0b_3x3")
    c = conv(c, 256, 3, m + "2_Conv2d_1a_3x3", 2, "valid")
    x = layers.Concatenate()([a, b, c, pool(x)])
    for i in range(5):
        x = residual(x, f"Block8_{i + 1}", b8, 0.2)
    x = residual(x, "Block8_6", b8, 1.0, relu=False)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dense(128, use_bias=False, name="Bottleneck")(x)
    x = norm(x, "Bottleneck_BatchNorm")
    x = layers.Dense(128, activation="relu", name="dense_1")(x)
    x = norm(x, "classifier_1_BatchNorm")
    return keras.Model(image, layers.Dense(1, name="dense_2")(x))


def main() -> None:
    import h5py
    import numpy as np
    import tensorflow as tf

    model = build(tf.keras)
    with h5py.File(sys.argv[1]) as file:
        groups = file["model_weights"]
        for layer in model.layers:
            if not layer.weights:
                continue
            inside = layer.name in groups
            group = groups[layer.name if inside else "inception_resnet_v1"][layer.name]
            roles = [w.name.split("/")[-1] for w in layer.weights]
            layer.set_weights([np.asarray(group[role]) for role in roles])
    x = np.random.default_rng(5).standard_normal((4, 160, 160, 3)).astype(np.float32)
    years = [float(y) for y in model.predict(x, verbose=0)[:, 0]]
    out = {
        "what": "Keras predictions with the random demonstration weights (seed 0) on "
        "numpy.random.default_rng(5).standard_normal((4, 160, 160, 3)) as float32",
        "tensorflow": tf.__version__,
        "years": years,
    }
    (HERE / "keras_predictions.json").write_text(json.dumps(out, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
