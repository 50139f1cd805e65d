"""What the ONNX reference evaluator and ONNX Runtime answer, in a process of their own that may hang or crash."""

import os
import pickle
import select
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from differential_cases import numeric

# Types that ONNX Runtime's Python interface neither takes nor gives; they go through a Cast, which is exact.
BRIDGED = {
    TensorProto.BFLOAT16,
    TensorProto.FLOAT8E4M3FN,
    TensorProto.FLOAT8E4M3FNUZ,
    TensorProto.FLOAT8E5M2,
    TensorProto.FLOAT8E5M2FNUZ,
    TensorProto.INT4,
    TensorProto.UINT4,
    TensorProto.FLOAT4E2M1,
    TensorProto.INT2,
    TensorProto.UINT2,
    TensorProto.FLOAT8E8M0,
}
CONVERTED_TO = 13
# Of these the converter changes the meaning.
BROADCAST = ("Add", "Sub", "Mul", "Div", "Pow", "And", "Or", "Xor", "Equal", "Greater", "Less")
RESTATED = {*BROADCAST, "Tile", "Pad", "Cast", "Split", "LSTM", "GRU", "RNN"}
NOT_CONVERTED = {"Hardmax", "Resize", "Upsample"}


def reference(model, values):
    """The outputs of the reference evaluator."""
    from onnx.reference import ReferenceEvaluator

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        outputs = ReferenceEvaluator(model).run(None, values)
    # It says an optional with content as a list of one.
    optional = [
        slot.type.WhichOneof("value") == "optional_type" and not model.graph.node[-1].op_type.startswith("If")
        for slot in model.graph.output
    ]
    return [value[0] if made and isinstance(value, list) else value for made, value in zip(optional, outputs)]


def restated(model, values):
    """The model of an operator that ONNX's converter does not know or changes, as one of version 13, and its values."""
    copy = type(model)()
    copy.CopyFrom(model)
    copy.opset_import[0].version = 13
    node = copy.graph.node[0]
    written = {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}
    kept, constants, values = dict(written), {}, dict(values)
    if node.op_type in BROADCAST:  # `axis` says where the second input begins in the first
        known = {**{tensor.name: numpy_helper.to_array(tensor) for tensor in copy.graph.initializer}, **values}
        one, two = (known[name] for name in node.input)
        axis, kept = written.get("axis", one.ndim - two.ndim), {}
        constants[node.input[1]] = two.reshape(*two.shape, *[1] * (one.ndim - axis - two.ndim))
    elif node.op_type == "Tile":
        known = {**{tensor.name: numpy_helper.to_array(tensor) for tensor in copy.graph.initializer}, **values}
        x, count, axis = (known[name] for name in node.input)
        count, axis = int(count.ravel()[0]), int(axis.ravel()[0])
        constants["repeats"] = np.array([count if place == axis else 1 for place in range(x.ndim)])
        del node.input[1:]
        node.input.append("repeats")
    elif node.op_type == "Pad":
        constants["pads"], value = np.array(kept.pop("paddings")), kept.pop("value", 0.0)
        constants["value"] = np.array(value, helper.tensor_dtype_to_np_dtype(copy.graph.input[0].type.tensor_type.elem_type))
        node.input.extend(["pads", "value"])
    elif node.op_type == "Split":
        sizes = kept.pop("split", None)
        if sizes:
            constants["sizes"] = np.array(sizes)
        del node.input[1:]
        node.input.extend(constants)
    elif node.op_type == "Cast":
        kept["to"] = TensorProto.DataType.Value(written["to"].decode())
    else:  # LSTM, GRU and RNN
        kept.pop("output_sequence", None)
    del node.attribute[:]
    node.attribute.extend(helper.make_attribute(name, value) for name, value in kept.items())
    for name, value in constants.items():
        values.pop(name, None)
        for field in (copy.graph.input, copy.graph.initializer):
            for place in [place for place, slot in enumerate(field) if slot.name == name][::-1]:
                del field[place]
        copy.graph.initializer.append(numpy_helper.from_array(value, name))
    return copy, {slot.name: values[slot.name] for slot in copy.graph.input}


def converted(model, values):
    """The outputs of the reference evaluator, which has one form of each operator, after an old one has been made today's."""
    from onnx import version_converter

    name = model.graph.node[0].op_type
    if name in RESTATED:
        return reference(*restated(model, values))
    if name in NOT_CONVERTED:
        raise ValueError(f"{name} has no converter that keeps its meaning")
    return reference(version_converter.convert_version(model, CONVERTED_TO), values)


def bridged(model, values):
    """The model with fed values of such types as initializers and its outputs of such types cast to float32."""
    from differential_cases.case import message

    copy = type(model)()
    copy.CopyFrom(model)
    kept = []
    for slot in model.graph.input:
        if slot.type.tensor_type.elem_type in BRIDGED:
            copy.graph.initializer.append(message(values[slot.name], slot.type, slot.name))
        else:
            kept.append(slot)
    del copy.graph.input[:]
    copy.graph.input.extend(kept)
    back = {}
    for place, slot in enumerate(copy.graph.output):
        kind = slot.type.tensor_type.elem_type
        if kind in BRIDGED:
            back[place] = helper.tensor_dtype_to_np_dtype(kind)
            copy.graph.node.append(helper.make_node("Cast", [slot.name], [f"{slot.name}_wide"], to=TensorProto.FLOAT))
            slot.name = f"{slot.name}_wide"
            slot.type.tensor_type.elem_type = TensorProto.FLOAT
    return copy, {slot.name: values[slot.name] for slot in kept}, back


def onnx_runtime(model, values):
    """The outputs of ONNX Runtime without its rewrites of the graph."""
    import onnxruntime

    onnxruntime.set_default_logger_severity(4)
    model, values, back = bridged(model, values)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads, options.log_severity_level = 1, 4
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    outputs = session.run(None, values)
    if model.graph.node[-1].op_type == "ZipMap":  # ONNX Runtime sorts the keys of a map; Onyx leaves them in the order of the labels
        attribute = next(one for one in model.graph.node[-1].attribute if one.name.startswith("classlabels"))
        labels = [label.decode() for label in attribute.strings] or list(attribute.ints)
        outputs[0] = [{label: row[label] for label in labels} for row in outputs[0]]
    return [value.astype(back[place]) if place in back else value for place, value in enumerate(outputs)]


VOICES = {"reference": reference, "converted": converted, "ort": onnx_runtime, "differences": numeric.differences}


def serve():
    """Answers (voice, model, values) on stdin with (True, outputs) or (False, reason) on stdout, until stdin ends."""
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)  # what a voice prints must not mix with the answers
    os.dup2(quiet, 2)
    import onnx

    while True:
        try:
            voice, text, values = pickle.load(requests)
        except EOFError:
            return
        try:
            answer = True, VOICES[voice](onnx.load_from_string(text), values)
        except BaseException as error:  # whatever a voice throws is its answer
            answer = False, f"{type(error).__name__}: {error}"[:300]
        pickle.dump(answer, answers)
        answers.flush()


class Voices:
    """The process that asks them; it is started again after a crash or when an answer takes too long."""

    def __init__(self, seconds=20):
        self.seconds, self.process = seconds, None

    def start(self):
        """Starts the process."""
        command = [sys.executable, "-m", "differential_cases.voices"]
        environment = {**os.environ, "ALLOW_RELEASED_ONNX_OPSETS_ONLY": "0"}
        folder = Path(__file__).resolve().parents[1]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder, env=environment)

    def stop(self):
        """Ends the process."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def ask(self, voice, model, values):
        """The outputs, or None and the reason."""
        if not self.process:
            self.start()
        try:
            pickle.dump((voice, model.SerializeToString(), values), self.process.stdin)
            self.process.stdin.flush()
            if select.select([self.process.stdout], [], [], self.seconds)[0]:
                good, answer = pickle.load(self.process.stdout)
                return (answer, None) if good else (None, answer)
            reason = f"no answer within {self.seconds} s"
        except (EOFError, BrokenPipeError):
            reason = "the process crashed"
        self.stop()
        return None, reason


if __name__ == "__main__":
    serve()
