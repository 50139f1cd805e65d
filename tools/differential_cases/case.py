"""A drawn case: one node with its inputs, as a model and as the folder of a backend test."""

from dataclasses import dataclass, field

import numpy as np
import onnx
import onnx.shape_inference
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
    "Tile": 6,
    "Cast": 6,
    "Pad": 11,
    "Split": 2,
    "LSTM": 7,
    "GRU": 7,
    "RNN": 7,
    "Clip": 11,
    "Reshape": 5,
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


# The field of SequenceProto and OptionalProto, and its DataType, by the member of TypeProto.
FORMS = {"tensor_type": ("tensor", 1), "sequence_type": ("sequence", 3), "map_type": ("map", 4)}


def kind_of(value, dtype=None):
    """The type of a tensor, or of a list of tensors: `dtype` names the elements of an empty one."""
    if isinstance(value, list):
        return helper.make_sequence_type_proto(helper.make_tensor_type_proto(element(value[0].dtype if value else dtype), None))
    return helper.make_tensor_type_proto(element(np.asarray(value).dtype), None)


def message(value, kind, name=""):
    """The message of a value of a type: TensorProto, SequenceProto for a list, MapProto for a dictionary, OptionalProto."""
    form = kind.WhichOneof("value")
    if form == "tensor_type":
        value = np.asarray(value)
        return numpy_helper.from_array(value if value.flags.c_contiguous else value.copy(), name)
    if form == "map_type":
        texts = kind.map_type.key_type == TensorProto.STRING
        keys = {"string_keys": [key.encode() for key in value]} if texts else {"keys": list(value)}
        found = onnx.MapProto(name=name, key_type=kind.map_type.key_type, **keys)
        dtype = helper.tensor_dtype_to_np_dtype(kind.map_type.value_type.tensor_type.elem_type)
        found.values.elem_type = onnx.SequenceProto.TENSOR
        found.values.tensor_values.append(numpy_helper.from_array(np.array(list(value.values()), dtype)))
        return found
    inner = getattr(kind, form).elem_type
    field, number = FORMS[inner.WhichOneof("value")]
    if form == "sequence_type":
        found = onnx.SequenceProto(name=name, elem_type=number)
        getattr(found, f"{field}_values").extend(message(item, inner) for item in value)
        return found
    found = onnx.OptionalProto(name=name, elem_type=number)
    if value is not None:
        getattr(found, f"{field}_value").CopyFrom(message(value, inner))
    return found


@dataclass
class Case:
    """One node. Inputs are arrays, lists of arrays for sequences, dictionaries for maps, or None; those at `constants` are initializers.

    `kinds` are the types of inputs that a value does not tell, by place: an input that has one may be an optional without content.
    `outer` are inputs of the graph that bodies read; `before` are nodes that run before it and may make values for it.
    `promise` judges the outputs of an operator that draws random numbers, in place of the voices: it returns why they are wrong.
    `voice` names the only voice that can answer.
    """

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
    kinds: dict = field(default_factory=dict)
    outer: dict = field(default_factory=dict)
    before: list = field(default_factory=list)
    promise: object = None
    voice: str = ""
    model: object = None
    values: dict = field(default_factory=dict)
    output_types: list | None = None

    @property
    def elements(self):
        """The number of elements of all inputs: of two cases that show the same, the smaller is kept."""
        arrays = [item for value in self.inputs for item in (value if isinstance(value, list) else [value])]
        return sum(len(array) if isinstance(array, dict) else np.asarray(array).size for array in arrays if array is not None)

    @property
    def has_reference(self):
        """Whether the reference evaluator knows this version."""
        return self.schema.domain != "" or self.version >= REFERENCE_FROM.get(self.schema.name, 1)

    @property
    def version(self):
        """Since which opset the operator has been as it is here."""
        return self.schema.since_version

    def value_info(self, value, name, kind=None):
        """The declaration of an input; with symbolic sizes half of the dimensions are unknown."""
        if kind is not None or isinstance(value, list):
            return helper.make_value_info(name, kind or kind_of(value, self.types.get("sequence", np.dtype(np.float32))))
        shape = [f"{name}{axis}" if self.symbolic and axis % 2 == 0 else size for axis, size in enumerate(value.shape)]
        return helper.make_tensor_value_info(name, element(value.dtype), shape)

    def build(self):
        """Makes the model and the values of its inputs by name."""
        names, inputs, initializers = [], [], []
        for place, value in enumerate(self.inputs):
            if isinstance(value, str):  # the name of what a node before makes
                names.append(value)
                continue
            kind = self.kinds.get(place)
            names.append("" if value is None and kind is None else f"x{place}")
            if not names[-1]:
                continue
            if place in self.constants and kind is None and not isinstance(value, list):
                initializers.append(message(value, kind_of(value), names[-1]))
            else:
                inputs.append(self.value_info(value, names[-1], kind))
                self.values[names[-1]] = value
        while names and not names[-1]:
            names.pop()
        for name, value in self.outer.items():
            inputs.append(self.value_info(value, name))
            self.values[name] = value
        outputs = [f"y{place}" for place in range(self.outputs)]
        node = helper.make_node(self.schema.name, names, outputs, "node", domain=self.schema.domain)
        for key, value in self.attributes.items():
            node.attribute.append(helper.make_attribute(key, value, attr_type=self.schema.attributes[key].type.value))
        kinds = self.output_types or [self.declared(place) for place in range(self.outputs)]
        self.model = finished([*self.before, node], inputs, initializers, outputs, self.opset, self.schema.domain, kinds)
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
    for side, slots, found in (
        ("input", model.graph.input, [values[slot.name] for slot in model.graph.input]),
        ("output", model.graph.output, outputs),
    ):
        for place, (slot, value) in enumerate(zip(slots, found)):
            (data / f"{side}_{place}.pb").write_bytes(message(value, slot.type, slot.name).SerializeToString())
