#!/usr/bin/env python3
"""Writes what attention blocks compute inside: the gates and maps of the models in models/, from PyTorch's forward hooks and Keras's layers.

usage: export_gates.py [--models DIR]

Writes gates.npz into each row of attention/ and into digits/, for the inputs of test_data_set_0: `gate` and `map`, behind
the name of the block's module where there are several. The weights are those of the exports.
"""
import argparse
import subprocess
import sys
from pathlib import Path

from export import environment

environment.ensure()

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch.overrides import TorchFunctionMode

from export import catalog, onnxfiles, rows, torchmodels
from train_digits import DigitsNet


class Functions(TorchFunctionMode):
    """Keeps the results of softmax where a block calls it as a function, for which there is no module to hook."""

    def __init__(self, kept):
        super().__init__()
        self.kept = kept

    def __torch_function__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        if function is torch.softmax:
            self.kept.append(("", result))
        return result


def observe(module, inputs):
    """(module name, value) of every gate activation of a run, in its order."""
    kept = []
    for name, part in module.named_modules():
        if isinstance(part, (torch.nn.Sigmoid, torch.nn.Softmax)):
            part.register_forward_hook(lambda _, __, value, name=name: kept.append((name, value)))
    with torch.no_grad(), Functions(kept):
        module(*[value.clone() for value in inputs])
    return kept


def kind(value, is_query):
    """A map has a number for each place, or for each query and key; a gate one for each channel."""
    is_map = is_query or value.dim() == 4 and value.shape[1] == 1 and value.shape[2] > 1 and value.shape[3] > 1
    return "map" if is_map else "gate"


def save(path, named):
    """Writes an .npz file of float32 arrays."""
    np.savez_compressed(path, **{key: value.numpy() for key, value in named})


def row_gates(row, folder):
    """Writes the gates of one row for the inputs that its exports are tested with."""
    module = torchmodels.sharpen(row.build(), row.id)
    inputs = [torch.from_numpy(numpy_helper.to_array(t).copy()) for t in onnxfiles.read_tensors(
        folder / "dynamo-static" / "test_data_set_0", "input")]
    kept = observe(module, inputs)
    save(folder / "gates.npz", [(kind(value, "attention" in row.id or row.id == "non-local"), value) for _, value in kept])


def digits(folder):
    """The network of models/digits as its file has it: the normalisations are folded into the convolutions."""
    model = DigitsNet().eval()
    weights = {t.name: torch.from_numpy(numpy_helper.to_array(t).copy()) for t in onnx.load(folder / "model.onnx").graph.initializer}
    state = model.state_dict()
    for key in state:
        if key in weights:
            state[key] = weights[key]
        elif "norm" in key and key.endswith(".bias"):
            state[key] = weights[f"{key.replace('norm', 'conv').removesuffix('.bias')}.weight_bias"]
        elif "norm" in key and key.endswith(".weight"):
            state[key] = torch.full_like(state[key], (1 + 1e-5) ** 0.5)
    model.load_state_dict(state)
    return model


def digit_gates(folder):
    """Writes the gates of the digits network, and checks that the network is the exported one."""
    data = folder / "test_data_set_0"
    model = digits(folder)
    (image,) = [torch.from_numpy(numpy_helper.to_array(t).copy()) for t in onnxfiles.read_tensors(data, "input")]
    (expected,) = [numpy_helper.to_array(t) for t in onnxfiles.read_tensors(data, "output")]
    error = onnxfiles.relative_error(torchmodels.reference(model, (image,))[0], expected)
    if error > 1e-5:
        raise ValueError(f"the network differs from its export by {error:.1e}")
    named = []
    for name, value in observe(model, (image,)):
        block = ".".join(name.split(".")[:2])
        named.append((f"{block}.{kind(value, False)}", value))
    save(folder / "gates.npz", named)


def main():
    """Writes every gates.npz and the pages of models/."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--models", type=Path, default=environment.ROOT / "models")
    root = options.parse_args().models
    for row in rows.ROWS:
        if row.id != "gap-head":
            row_gates(row, root / "attention" / row.id)
    subprocess.run(
        [sys.executable, "-m", "export.keras_row", str((root / "attention" / rows.KERAS.id).resolve()), "gates"], cwd=Path(__file__).parent, check=True)
    digit_gates(root / "digits")
    catalog.write(root)


if __name__ == "__main__":
    main()
