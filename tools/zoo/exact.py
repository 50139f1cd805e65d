"""What a model answers in float64: it tells which of two runtimes is nearer to the truth where they differ."""

import numpy as np
import onnx
from onnx import AttributeProto, TensorProto, numpy_helper
from onnx.reference import ReferenceEvaluator
from onnx.reference.op_run import OpRun

# Attributes that name an element type.
TYPES = ("to", "dtype", "output_datatype")


class STFT(OpRun):
    """The evaluator's own takes no signals of rank 2."""

    op_domain = ""

    def _run(self, x, step, window=None, length=None, onesided=1):
        x = x[..., 0] if x.ndim == 3 else x
        size, step = int(length) if length is not None else len(window), int(step)
        frames = np.stack([x[:, start : start + size] for start in range(0, x.shape[-1] - size + 1, step)], 1)
        frames = frames if window is None else frames * np.pad(window, (0, size - len(window)))
        found = np.fft.rfft(frames) if onesided else np.fft.fft(frames)
        return (np.stack([found.real, found.imag], -1),)


def widened_tensor(tensor):
    """Makes a float32 tensor one of float64."""
    if tensor.data_type == TensorProto.FLOAT:
        tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float64), tensor.name))


def widened_nodes(nodes):
    """Makes all that nodes say of float32 say float64."""
    for attribute in (attribute for node in nodes for attribute in node.attribute):
        if attribute.type == AttributeProto.TENSOR:
            widened_tensor(attribute.t)
        elif attribute.type == AttributeProto.GRAPH:
            widened_graph(attribute.g)
        elif attribute.name in TYPES and attribute.i == TensorProto.FLOAT:
            attribute.i = TensorProto.DOUBLE
        elif attribute.name in ("value_float", "value_floats"):
            value = np.array(attribute.f if attribute.name == "value_float" else list(attribute.floats), np.float64)
            attribute.Clear()
            attribute.name, attribute.type = "value", AttributeProto.TENSOR
            attribute.t.CopyFrom(numpy_helper.from_array(value))


def widened_graph(graph):
    """Makes a graph one of float64."""
    for tensor in graph.initializer:
        widened_tensor(tensor)
    for slot in (*graph.input, *graph.output, *graph.value_info):
        if slot.type.tensor_type.elem_type == TensorProto.FLOAT:
            slot.type.tensor_type.elem_type = TensorProto.DOUBLE
    widened_nodes(graph.node)


def outputs(path, feeds):
    """The outputs in float64."""
    model = onnx.load(path)
    widened_graph(model.graph)
    for function in model.functions:
        widened_nodes(function.node)
    wide = {name: value.astype(np.float64) if value.dtype == np.float32 else value for name, value in feeds.items()}
    with np.errstate(all="ignore"):
        return ReferenceEvaluator(model, new_ops=[STFT]).run(None, wide)
