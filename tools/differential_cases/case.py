"""A drawn case: one node with its inputs, as a model and as the folder of a backend test."""

from dataclasses import dataclass, field

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

GENERATORS = {}
# The reference evaluator has one form of these operators, which is not that of versions before the one named.
REFERENCE_FROM = {
    "Softmax": 13,
    "LogSoftmax": 13,
    "Hardmax": 13,
    "Add": 7,
    "Sub": 7,
    "Mul": 7,
    "Div": 7,
    "Pow": 7,
    "And": 7,
    "Or": 7,
    "Xor": 7,
    "Equal": 7,
    "Greater": 7,
    "Less": 7,
    "PRelu": 7,
    "Gemm": 7,
    "Upsample": 7,
    "Dropout": 7,
    "Resize": 11,
    "TopK": 10,
    "BatchNormalization": 7,
    "GroupNormalization": 21,
    "Sum": 8,
    "Mean": 8,
    "Max": 8,
    "Min": 8,
}


def draws(*names):
    """Registers a function as what draws cases of the named operators."""

    def register(function):
        GENERATORS.update(dict.fromkeys(names, function))
        return function

    return register


def numpy_type(text):
    """The NumPy type of `tensor(float)`; None for what is no tensor."""
    if not text.startswith("tensor("):
        return None
    return np.dtype(helper.tensor_dtype_to_np_dtype(TensorProto.DataType.Value(text[len("tensor(") : -1].upper())))


def element(dtype):
    """ONNX's number of a NumPy type."""
    return TensorProto.STRING if dtype.kind in "OSU" else helper.np_dtype_to_tensor_dtype(dtype)


def tensor_message(value, name):
    """The message of an input or output: a tensor, a sequence for a list, an optional for a tuple of one or none."""
    if isinstance(value, list):
        return numpy_helper.from_list([np.asarray(item) for item in value], name)
    if isinstance(value, dict):
        return numpy_helper.from_dict(value, name)
    value = np.asarray(value)
    return numpy_helper.from_array(value if value.flags.c_contiguous else value.copy(), name)


@dataclass
class Case:
    """One node. Inputs are arrays, lists of arrays for sequences, or None; those at `constants` are initializers."""

    schema: object
    opset: int
    inputs: list
    attributes: dict
    types: dict
    outputs: int = 1
    constants: frozenset = frozenset()
    symbolic: bool = False
    rtol: float = 1e-3
    atol: float = 1e-7
    random: bool = False
    model: object = None
    values: dict = field(default_factory=dict)
    output_types: list | None = None

    @property
    def elements(self):
        """The number of elements of all inputs: of two cases that show the same, the smaller is kept."""
        arrays = [item for value in self.inputs for item in (value if isinstance(value, list) else [value]) if item is not None]
        return sum(np.asarray(array).size for array in arrays)

    @property
    def has_reference(self):
        """Whether the reference evaluator knows this version."""
        return self.schema.domain != "" or self.version >= REFERENCE_FROM.get(self.schema.name, 1)

    @property
    def version(self):
        """Since which opset the operator has been as it is here."""
        return self.schema.since_version

    def value_info(self, value, name):
        """The declaration of an input; with symbolic sizes half of the dimensions are unknown."""
        if isinstance(value, list):
            kind = value[0].dtype if value else self.types.get("sequence", np.dtype(np.float32))
            return helper.make_tensor_sequence_value_info(name, element(kind), None)
        shape = [f"{name}{axis}" if self.symbolic and axis % 2 == 0 else size for axis, size in enumerate(value.shape)]
        return helper.make_tensor_value_info(name, element(value.dtype), shape)

    def build(self):
        """Makes the model and the values of its inputs by name."""
        names, inputs, initializers = [], [], []
        for place, value in enumerate(self.inputs):
            names.append("" if value is None else f"x{place}")
            if value is None:
                continue
            if place in self.constants and not isinstance(value, list):
                initializers.append(tensor_message(value, names[-1]))
            else:
                inputs.append(self.value_info(value, names[-1]))
                self.values[names[-1]] = value
        while names and not names[-1]:
            names.pop()
        outputs = [f"y{place}" for place in range(self.outputs)]
        node = helper.make_node(self.schema.name, names, outputs, "node", domain=self.schema.domain, **self.attributes)
        kinds = self.output_types or [self.declared(place) for place in range(self.outputs)]
        self.model = finished([node], inputs, initializers, outputs, self.opset, self.schema.domain, kinds)
        return self

    def declared(self, place):
        """The type of an output by the schema, where shape inference tells nothing."""
        name = self.schema.outputs[min(place, len(self.schema.outputs) - 1)].type_str
        kind = self.types.get(name) or (numpy_type(name) if name.startswith("tensor(") else None)
        return helper.make_tensor_type_proto(element(kind), None) if kind is not None else None


def finished(nodes, inputs, initializers, outputs, opset, domain="", output_types=None):
    """A model whose outputs have the types that shape inference gives them."""
    graph = helper.make_graph(nodes, "g", inputs, [helper.make_empty_tensor_value_info(name) for name in outputs], initializers)
    opsets = [helper.make_opsetid(domain, opset)]
    if domain:
        opsets.append(helper.make_opsetid("", 22))
    model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
    inferred = onnx.shape_inference.infer_shapes(model)
    for place, output in enumerate(model.graph.output):
        kind = inferred.graph.output[place].type
        if not kind.WhichOneof("value") and output_types and output_types[place]:
            kind = output_types[place]
        if not kind.WhichOneof("value"):
            raise ValueError(f"no type is known for output {place}")
        output.type.CopyFrom(kind)
        if kind.HasField("tensor_type"):
            output.type.tensor_type.ClearField("shape")
    return model


def write(folder, model, values, outputs):
    """Writes a backend test folder with these input and output values."""
    data = folder / "test_data_set_0"
    data.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    for place, slot in enumerate(model.graph.input):
        (data / f"input_{place}.pb").write_bytes(tensor_message(values[slot.name], slot.name).SerializeToString())
    for place, (slot, value) in enumerate(zip(model.graph.output, outputs)):
        (data / f"output_{place}.pb").write_bytes(tensor_message(value, slot.name).SerializeToString())
