"""The Keras row: channels-last CBAM with a residual, exported by Keras itself.

usage: python -m export.keras_row FOLDER source|small     writes the models
       python -m export.keras_row FOLDER gates            writes what the block computes inside, for the small models

It has a process of its own: TensorFlow and PyTorch each bring an LLVM, and the two do not load together.
"""
import os
import sys
from pathlib import Path

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="-1", KERAS_BACKEND="tensorflow", TF_ENABLE_ONEDNN_OPTS="0")

import keras
import numpy as np
from keras import layers, ops

from export import onnxfiles, rows

ID = rows.KERAS.id
RATIO = 0.5


def network(shape):
    """The block as a functional model; both Dense layers are shared and have biases and ReLU."""
    channels = shape[-1]
    x = keras.Input(shape[1:], name="x")
    hidden = layers.Dense(int(channels * RATIO), activation="relu")
    widen = layers.Dense(channels, activation="relu")
    top = widen(hidden(layers.Reshape((1, 1, channels))(layers.GlobalMaxPooling2D()(x))))
    mean = widen(hidden(layers.Reshape((1, 1, channels))(layers.GlobalAveragePooling2D()(x))))
    gate = layers.Activation("sigmoid")(layers.Add()([top, mean]))
    y = layers.Multiply()([x, gate])
    top_map = layers.Lambda(lambda t: ops.max(t, axis=3, keepdims=True))(y)
    mean_map = layers.Lambda(lambda t: ops.mean(t, axis=3, keepdims=True))(y)
    maps = layers.Concatenate(axis=3)([top_map, mean_map])
    place = layers.Conv2D(1, 3, padding="same", use_bias=False, activation="sigmoid")(maps)
    return keras.Model(x, layers.Add()([layers.Multiply()([y, place]), x]))


def set_weights(model):
    """Seeded weights; positive biases keep the ReLUs of this tiny block open."""
    rng = np.random.default_rng(onnxfiles.seed_of(ID))
    values = []
    for weight in model.weights:
        low, high = (0.1, 0.6) if len(weight.shape) == 1 else (-0.7, 0.9)
        values.append(rng.uniform(low, high, weight.shape).astype(np.float32))
    model.set_weights(values)


def inputs(shape, batch):
    """Seeded input whose channel means differ."""
    rng = np.random.default_rng(onnxfiles.seed_of(f"{ID}/{batch}"))
    means = rng.standard_normal((batch, 1, 1, shape[-1]))
    return (rng.standard_normal((batch, *shape[1:])) + means).astype(np.float32)


def save(folder, shape):
    """Writes keras-static and keras-dynamic test directories; the expected outputs are Keras's own."""
    model = network(shape)
    set_weights(model)
    model(inputs(shape, shape[0]))
    for variant, batch in (("keras-static", shape[0]), ("keras-dynamic", None)):
        path = folder / variant / "model.onnx"
        path.parent.mkdir(parents=True, exist_ok=True)
        signature = [keras.InputSpec(shape=(batch, *shape[1:]), dtype="float32", name="x")]
        model.export(str(path), format="onnx", verbose=False, input_signature=signature)
        onnxfiles.forget_machine(path)
        output = onnxfiles.onnx.load(path).graph.output[0].name
        for index, size in enumerate([shape[0]] if batch else [shape[0], 1]):
            x = inputs(shape, size)
            onnxfiles.write_data_set(path.parent / f"test_data_set_{index}", ["x"], [x], [output], [np.asarray(model(x))])


def save_gates(folder, shape):
    """Writes gates.npz: the gate and the map of Keras's own layers for the inputs of test_data_set_0, channels first as gates of the other rows are."""
    model = network(shape)
    set_weights(model)
    (gate,) = [layer for layer in model.layers if isinstance(layer, layers.Activation)]
    (place,) = [layer for layer in model.layers if isinstance(layer, layers.Conv2D)]
    inner = keras.Model(model.input, [gate.output, place.output])
    values = [np.moveaxis(np.asarray(value), -1, 1) for value in inner(inputs(shape, shape[0]))]
    np.savez_compressed(folder / "gates.npz", gate=values[0], map=values[1])


if __name__ == "__main__":
    if sys.argv[2] == "gates":
        save_gates(Path(sys.argv[1]), rows.KERAS.shape[0])
    else:
        save(Path(sys.argv[1]), (rows.KERAS.source if sys.argv[2] == "source" else rows.KERAS.shape)[0])
