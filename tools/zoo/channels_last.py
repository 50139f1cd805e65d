"""Channels-last networks with seeded random weights, exported by Keras and by tf2onnx; the expected outputs are TensorFlow's.

usage: channels_last.py CACHE

It has a process and an environment of its own: TensorFlow and PyTorch each bring an LLVM, and the two do not load together.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from export import environment

NAMES = ("keras-mobilenetv3", "keras-densenet", "tf2onnx-efficientnetv2", "tf2onnx-unet")


def settle(model, name):
    """Seeded weights of the scale that keeps a network alive, and norms as in trained networks."""
    import numpy as np
    from export import onnxfiles

    rng, values = np.random.default_rng(onnxfiles.seed_of(name)), []
    for weight in model.weights:
        shape, path = tuple(weight.shape), weight.path
        if path.endswith("variance"):
            values.append(rng.uniform(0.5, 1.5, shape))
        elif len(shape) < 2:
            values.append(rng.normal(1 if path.endswith(("gamma", "scale")) else 0, 0.1, shape))
        else:
            values.append(rng.normal(0, np.sqrt(2 / max(1, np.prod(shape[:-1]) if "depthwise" not in path else np.prod(shape[:2]))), shape))
    model.set_weights([np.asarray(value, np.float32) for value in values])
    return model


def unet(tf, name):
    """A function as TensorFlow's users write it: strided and dilated convolutions, resizing, skips, a gate over channels."""
    import numpy as np
    from export import onnxfiles

    rng = np.random.default_rng(onnxfiles.seed_of(name))
    shapes = ((3, 3, 3, 16), (3, 3, 16, 32), (3, 3, 32, 32), (1, 1, 32, 32), (3, 3, 48, 16), (1, 1, 16, 4))
    arrays = [rng.normal(0, np.sqrt(2 / np.prod(shape[:-1])), shape).astype(np.float32) for shape in shapes]

    def network(x):
        kernels = [tf.constant(array) for array in arrays]
        one = tf.nn.relu(tf.nn.conv2d(x, kernels[0], 1, "SAME"))
        two = tf.nn.relu(tf.nn.conv2d(tf.nn.max_pool2d(one, 2, 2, "SAME"), kernels[1], 2, "SAME"))
        three = tf.nn.leaky_relu(tf.nn.conv2d(two, kernels[2], 1, "SAME", dilations=2))
        gate = tf.sigmoid(tf.nn.conv2d(tf.reduce_mean(three, [1, 2], keepdims=True), kernels[3], 1, "VALID"))
        wide = tf.image.resize(three * gate, tf.shape(one)[1:3], "bilinear")
        joined = tf.nn.relu(tf.nn.conv2d(tf.concat([wide, one], 3), kernels[4], 1, "SAME"))
        return tf.nn.softmax(tf.nn.conv2d(joined, kernels[5], 1, "SAME"))

    return network


def make(name, path):
    """Writes a model with its data set."""
    import keras
    import numpy as np
    import tensorflow as tf
    import tf2onnx
    from export import onnxfiles

    x = np.random.default_rng(onnxfiles.seed_of(f"{name}/x")).normal(size=(1, 128, 128, 3)).astype(np.float32)
    applications, options = keras.applications, {"weights": None, "input_shape": (128, 128, 3), "classes": 10}
    path.parent.mkdir(parents=True, exist_ok=True)
    signature = [tf.TensorSpec((None, 128, 128, 3), tf.float32, name="x")]
    if name.startswith("keras"):
        kind = applications.MobileNetV3Small if "mobilenet" in name else applications.DenseNet121
        model = settle(kind(**options), name)
        model.export(
            str(path), format="onnx", verbose=False, input_signature=[keras.InputSpec(shape=(None, 128, 128, 3), dtype="float32", name="x")]
        )
        answer = np.asarray(model(x))
    else:
        call = (
            unet(tf, name) if name.endswith("unet") else settle(applications.EfficientNetV2B0(include_preprocessing=False, **options), name)
        )
        function = tf.function(lambda x: tf.identity(call(x)), input_signature=signature)
        tf2onnx.convert.from_function(function, input_signature=signature, opset=17, output_path=str(path))
        answer = np.asarray(function(tf.constant(x)))
    graph = onnxfiles.onnx.load(path).graph
    onnxfiles.write_data_set(path.parent / "test_data_set_0", [graph.input[0].name], [x], [graph.output[0].name], [answer])


def networks(cache, wanted=()):
    """(name, path or why there is none) of the networks; makes what is missing in a process of its own."""
    import subprocess

    names = [name for name in NAMES if not wanted or any(word in name for word in wanted)]
    paths = {name: cache / "exports" / name / "model.onnx" for name in names}
    reasons = {}
    if missing := [name for name, path in paths.items() if not (path.parent / "test_data_set_0" / "output_0.pb").exists()]:
        surroundings = {key: value for key, value in os.environ.items() if key != environment.RESTARTED}
        done = subprocess.run([sys.executable, __file__, cache, *missing], capture_output=True, text=True, env=surroundings)
        reasons = dict(line.split("\t", 1) for line in done.stdout.splitlines() if "\t" in line)
        lines = done.stderr.strip().splitlines()
        reasons = {name: reasons.get(name, lines[-1] if lines else f"exit code {done.returncode}") for name in missing}
    for name, path in paths.items():
        yield name, path if (path.parent / "test_data_set_0" / "output_0.pb").exists() else reasons[name]


def main():
    """Makes the named models and prints those that cannot be made with the reason."""
    cache = Path(sys.argv[1]).resolve()
    environment.ensure("keras", "tensorflow-cpu", "tf2onnx", home=cache / "venv-tensorflow")
    os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="-1", KERAS_BACKEND="tensorflow", TF_ENABLE_ONEDNN_OPTS="0")
    for name in sys.argv[2:]:
        path = cache / "exports" / name / "model.onnx"
        try:
            make(name, path)
        except Exception as error:  # a converter that cannot is no fault of a runtime
            print(f"{name}\t{type(error).__name__}: {error}".splitlines()[0][:300], flush=True)


if __name__ == "__main__":
    main()
