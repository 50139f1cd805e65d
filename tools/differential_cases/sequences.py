"""Sequences and optionals."""

import numpy as np
from onnx import TensorProto, helper

from differential_cases.case import draws, element, kind_of, numpy_type

USUAL = tuple(map(np.dtype, (np.float32, np.int64, np.float64, object, np.int32, np.bool_, np.float16, np.uint8)))


def sequence(d, count, kind=None):
    """Tensors of one type with shapes of their own."""
    kind = kind or d.pick(USUAL)
    d.bound["sequence"] = kind
    return [d.tensor(kind, d.shape(0, 3), "plain") for _ in range(count)]


@draws("SequenceAt", "SequenceErase")
def pick(d):
    """Places from both ends."""
    items = sequence(d, d.integer(1, 4))
    where = np.array(d.integer(-len(items), len(items) - 1), d.pick((np.int32, np.int64)))
    return d.case([items, None if d.op == "SequenceErase" and d.chance(0.2) else where])


@draws("SequenceInsert")
def insert(d):
    """Places from both ends, one past the last among them."""
    items = sequence(d, d.integer(1, 3))
    item = d.tensor(d.bound["sequence"], d.shape(0, 2), "plain")
    where = None if d.chance(0.3) else np.array(d.integer(-len(items), len(items)), np.int64)
    return d.case([items, item, where])


@draws("SequenceLength")
def length(d):
    """One to four tensors."""
    return d.case([sequence(d, d.integer(1, 4))])


@draws("SequenceConstruct")
def construct(d):
    """One to three tensors of one type."""
    return d.case([d.tensor(0, d.shape(0, 2)) for _ in range(d.integer(1, 3))])


@draws("SequenceEmpty")
def empty(d):
    """Every type."""
    kind = d.pick(USUAL)
    case = d.case([], d.attributes(dtype=element(kind)))
    written = case.attributes.get("dtype", TensorProto.FLOAT)
    case.output_types = [helper.make_sequence_type_proto(helper.make_tensor_type_proto(written, None))]
    return case


@draws("ConcatFromSequence")
def joined(d):
    """A new axis, or an old one."""
    kind, shape, fresh = d.pick(USUAL), list(d.shape(1, 3)), d.integer(0, 1)
    d.bound["sequence"] = kind
    axis = d.axis(len(shape) + fresh)
    items = []
    for _ in range(d.integer(1, 3)):
        if not fresh:
            shape[axis] = d.extent()
        items.append(d.tensor(kind, tuple(shape), "plain"))
    return d.case([items], {"axis": axis, "new_axis": fresh})


@draws("SplitToSequence")
def split(d):
    """By one size, by sizes, or one by one."""
    shape = d.shape(1, 3, empty=0)
    axis = d.axis(len(shape))
    size = shape[axis]
    form = d.integer(0, 2)
    first = d.integer(0, size)
    by = (None, np.array(d.integer(1, size), np.int64), d.ints([first, size - first]))[form]
    return d.case([d.tensor(0, shape, "plain"), by], {"axis": axis, **({"keepdims": d.integer(0, 1)} if by is None else {})})


def content(d):
    """A tensor or a sequence, and its type."""
    allowed = [
        numpy_type(text) for text in next(one for one in d.schema.type_constraints if one.type_param_str in ("V", "O")).allowed_type_strs
    ]
    kind = d.pick(USUAL) if d.chance(0.6) or not any(allowed) else d.pick([one for one in allowed if one is not None])
    value = sequence(d, d.integer(0 if d.chance(0.2) else 1, 3), kind) if d.chance(0.4) else d.tensor(kind, d.shape(0, 3), "plain")
    return value, kind_of(value, kind)


@draws("Optional")
def optional(d):
    """Of a tensor, of a sequence, or of nothing."""
    value, kind = content(d)
    types = [helper.make_optional_type_proto(kind)]
    if d.chance(0.35):
        return d.case([], {"type": kind}, output_types=types)
    return d.case([value], kinds={0: kind}, output_types=types)


@draws("OptionalGetElement", "OptionalHasElement")
def asked(d):
    """An optional that is an input of the graph or that a node makes; from version 18 on also what is no optional, and no input."""
    value, kind = content(d)
    types = [kind if d.op == "OptionalGetElement" else helper.make_tensor_type_proto(TensorProto.BOOL, [])]
    form, has = d.integer(0, 2 if d.version < 18 else 4), d.op == "OptionalGetElement" or d.chance(0.6)
    if form < 2:
        return d.case([value if has else None], kinds={0: helper.make_optional_type_proto(kind)}, output_types=types)
    if form == 2:
        maker = helper.make_node("Optional", ["a"] if has else [], ["o"], **({} if has else {"type": kind}))
        if isinstance(value, list):
            d.bound["sequence"] = np.dtype(helper.tensor_dtype_to_np_dtype(kind.sequence_type.elem_type.tensor_type.elem_type))
        return d.case(["o"], before=[maker], outer={"a": value} if has else {}, output_types=types)
    if form == 3 and not has:
        return d.case([], output_types=types)
    return d.case([value], kinds={0: kind}, output_types=types)


@draws("SequenceMap")
def mapped(d):
    """Bodies of one or two inputs and outputs; the second input is a sequence or a tensor; one may be read from outside."""
    kind = np.dtype(np.float32)
    items = sequence(d, d.integer(1, 4), kind)
    d.bound["sequence"] = kind
    second = d.pick(("none", "sequence", "tensor"))
    names = ["x"] + (["z"] if second != "none" else [])
    more = {"none": [], "sequence": [[d.tensor(kind, item.shape, "plain") for item in items]], "tensor": [d.tensor(kind, (), "plain")]}[
        second
    ]
    outer = {"a": d.tensor(kind, (), "plain")} if d.chance(0.4) else {}
    nodes, outputs, types = [], [], []
    for place in range(d.integer(1, 2)):
        form, out = d.integer(0, 3), f"w{place}"
        if form == 0:
            nodes.append(helper.make_node("Shape", ["x"], [out]))
        elif form == 1:
            nodes += [helper.make_node("ReduceSum", ["x"], [f"{out}s"], keepdims=0), helper.make_node("Relu", [f"{out}s"], [out])]
        else:
            nodes.append(helper.make_node("Add" if form == 2 else "Mul", ["x", d.pick([*names, *outer])], [out]))
        outputs.append(helper.make_tensor_value_info(out, kind := TensorProto.INT64 if form == 0 else TensorProto.FLOAT, None))
        types.append(helper.make_sequence_type_proto(helper.make_tensor_type_proto(kind, None)))
    inputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names]
    body = helper.make_graph(nodes, "body", inputs, outputs)
    case = d.case([items, *more], {"body": body}, outputs=len(outputs), outer=outer, output_types=types, atol=1e-5)
    case.constants = frozenset([9])
    return case
