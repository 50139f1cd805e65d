"""What the ONNX reference evaluator and ONNX Runtime answer, in a process of their own that may hang or crash."""

import os
import pickle
import select
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper

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


def reference(model, values):
    """The outputs of the reference evaluator."""
    from onnx.reference import ReferenceEvaluator

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return ReferenceEvaluator(model).run(None, values)


def bridged(model, values):
    """The model with fed values of such types as initializers and its outputs of such types cast to float32."""
    from differential_cases.case import tensor_message

    copy = type(model)()
    copy.CopyFrom(model)
    kept = []
    for slot in model.graph.input:
        if slot.type.tensor_type.elem_type in BRIDGED:
            copy.graph.initializer.append(tensor_message(values[slot.name], slot.name))
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
    return [value.astype(back[place]) if place in back else value for place, value in enumerate(outputs)]


VOICES = {"reference": reference, "ort": onnx_runtime}


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
