"""Writes ONNX backend test directories and checks them."""
import zlib
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper

onnxruntime.set_default_logger_severity(3)


def seed_of(name):
    """A seed that depends only on the name."""
    return zlib.crc32(name.encode())


def forget_machine(path):
    """Removes what differs by machine: stack traces and documentation strings with file names, the producer's build tag."""
    model = onnx.load(path, load_external_data=False)
    model.producer_version = model.producer_version.split("+")[0]

    def clean(graph):
        for item in [graph, *graph.node, *graph.input, *graph.output, *graph.value_info, *graph.initializer]:
            item.ClearField("doc_string")
            props = [prop for prop in item.metadata_props if "stack_trace" not in prop.key]
            item.ClearField("metadata_props")
            item.metadata_props.extend(props)
        for node in graph.node:
            for attribute in node.attribute:
                if attribute.HasField("g"):
                    clean(attribute.g)

    clean(model.graph)
    path.write_bytes(model.SerializeToString(deterministic=True))


def write_data_set(folder, names, inputs, output_names, outputs):
    """Writes input_N.pb and output_N.pb of one data set."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind, keys, values in (("input", names, inputs), ("output", output_names, outputs)):
        for index, (key, value) in enumerate(zip(keys, values, strict=True)):
            tensor = numpy_helper.from_array(np.ascontiguousarray(value), key)
            (folder / f"{kind}_{index}.pb").write_bytes(tensor.SerializeToString(deterministic=True))


def relative_error(got, want):
    """The largest difference as a share of the largest expected magnitude."""
    got, want = np.asarray(got, np.float64), np.asarray(want, np.float64)
    return float(np.abs(got - want).max() / max(np.abs(want).max(), 1e-30))


def read_tensors(folder, kind):
    """The tensors `kind`_0.pb, `kind`_1.pb, … of a data set."""
    files = sorted(folder.glob(f"{kind}_*.pb"), key=lambda file: int(file.stem.split("_")[1]))
    return [onnx.load_tensor(file) for file in files]


def check_case(folder):
    """Runs the ONNX checker and ONNX Runtime over a test directory; returns the largest relative error."""
    path = Path(folder) / "model.onnx"
    onnx.checker.check_model(str(path), full_check=True)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    worst = 0.0
    for data in sorted(path.parent.glob("test_data_set_*")):
        inputs = zip(session.get_inputs(), read_tensors(data, "input"), strict=True)
        got = session.run(None, {slot.name: numpy_helper.to_array(tensor) for slot, tensor in inputs})
        for value, want in zip(got, read_tensors(data, "output"), strict=True):
            want = numpy_helper.to_array(want)
            if value.shape != want.shape:
                raise ValueError(f"{folder}: output is {value.shape}, expected {want.shape}")
            worst = max(worst, relative_error(value, want))
    return worst
