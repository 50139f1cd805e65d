"""If, Loop and Scan around bodies that read values from outside."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from differential_cases.case import draws, element

FLOAT, INT64, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL
CHANGES = ("Relu", "Neg", "Abs", "Identity", "Tanh")


def info(name, kind=FLOAT):
    """A value of any shape."""
    return helper.make_tensor_value_info(name, kind, None)


def scalar(name, value, kind=FLOAT):
    """A node that makes a number."""
    return helper.make_node("Constant", [], [name], value=helper.make_tensor(name, kind, [], [value]))


def condition(d):
    """A condition without dimensions or with one."""
    return np.array([d.chance(0.5)] if d.chance(0.2) else d.chance(0.5))


def formula(d, prefix, sources, result):
    """One to four nodes that make `result` of values of one shape."""
    nodes, known = [], list(sources)
    for place in range(count := d.integer(1, 4)):
        name = result if place == count - 1 else f"{prefix}{place}"
        if d.chance(0.5):
            nodes.append(helper.make_node(d.pick(CHANGES), [d.pick(known)], [name]))
        else:
            nodes.append(helper.make_node(d.pick(("Add", "Sub", "Mul", "Max")), [d.pick(known), d.pick(known)], [name]))
        known.append(name)
    return nodes


@draws("If")
def branch(d):
    """Branches that read values from outside, or make constants of different sizes or types; one inside the other now and then."""
    outer = {"a": d.tensor(np.dtype(np.float32), shape := d.shape(0, 3), "dyadic"), "b": d.tensor(np.dtype(np.float32), shape, "dyadic")}
    count, form = d.integer(1, 2), d.integer(0, 3)
    kind = np.dtype(np.float32) if form else d.type("V")
    element_type = element(kind)

    def body(name, depth=0):
        nodes, outputs = [], []
        for place in range(count):
            out = f"{name}{place}"
            if form == 0:
                data = d.tensor(kind, d.shape(0, 2), "plain")
                nodes.append(helper.make_node("Constant", [], [out], value=numpy_helper.from_array(data)))
            elif form == 1 and depth == 0 and d.chance(0.5):
                inner = {key: body(f"{out}{key[0]}", 1) for key in ("then_branch", "else_branch")}
                more = [f"{out}spare"] if count == 2 else []
                nodes += [helper.make_node("ReduceSum", ["a"], [f"{out}s"], keepdims=0), scalar(f"{out}z", 0.0)]
                nodes += [
                    helper.make_node("Less", [f"{out}s", f"{out}z"], [f"{out}c"]),
                    helper.make_node("If", [f"{out}c"], [out, *more], **inner),
                ]
            else:
                nodes += formula(d, f"{out}n", ("a", "b"), out)
            outputs.append(info(out, element_type))
        return helper.make_graph(nodes, name, [], outputs)

    graphs = {"then_branch": body("t"), "else_branch": body("e")}
    d.bound["V"] = kind
    types = [helper.make_tensor_type_proto(element_type, None)] * count
    case = d.case([condition(d)], graphs, outputs=count, outer=outer if form else {}, output_types=types)
    case.constants = frozenset([0]) if d.chance(0.3) else frozenset([9])
    return case


@draws("Loop")
def loop(d):
    """Sums with scanned outputs that stop by count or by their value, growing states, sequences, and a branch or a loop inside."""
    form = d.integer(0, 3 if d.version >= 13 else 2)
    trips, outer = d.integer(0, 5), {"a": d.tensor(np.dtype(np.float32), (), "positive")}
    count = np.array([trips] if d.chance(0.15) else trips, np.int64) if d.chance(0.8) else None
    go = np.array(d.chance(0.9)) if count is not None and d.chance(0.6) else np.array(True)
    first = d.tensor(np.dtype(np.float32), (d.integer(1, 3),), "positive")
    head = [helper.make_tensor_value_info("i", INT64, []), helper.make_tensor_value_info("keep", BOOL, [])]
    nodes = [scalar("limit", float(d.integer(1, 40)))]
    types = [helper.make_tensor_type_proto(FLOAT, None)] * 2
    state, shown = info("state"), info("scanned")
    if form == 0:  # a state that doubles, a scanned copy
        nodes += [helper.make_node("Add", ["state", "state"], ["next"]), helper.make_node("Mul", ["next", "a"], ["scanned"])]
    elif form == 1:  # a state that grows
        nodes += [helper.make_node("Constant", [], ["one"], value=helper.make_tensor("one", FLOAT, [1], [2.0]))]
        nodes += [helper.make_node("Concat", ["state", "one"], ["next"], axis=0), helper.make_node("Shape", ["next"], ["scanned"])]
        shown, types = info("scanned", INT64), [types[0], helper.make_tensor_type_proto(INT64, None)]
    elif form == 2:  # by the parity of the step, one branch or the other
        branches = {
            key: helper.make_graph([helper.make_node(op, ["state", "a"], [out])], key, [], [info(out)])
            for key, op, out in (("then_branch", "Add", "p"), ("else_branch", "Mul", "q"))
        }
        nodes += [scalar("two", 2, INT64), scalar("zero", 0, INT64), helper.make_node("Div", ["i", "two"], ["half"])]
        nodes += [helper.make_node("Mul", ["half", "two"], ["even"]), helper.make_node("Equal", ["even", "i"], ["is_even"])]
        nodes += [helper.make_node("If", ["is_even"], ["next"], **branches), helper.make_node("Identity", ["next"], ["scanned"])]
    else:  # a sequence that gets longer
        nodes += [helper.make_node("Cast", ["i"], ["step"], to=FLOAT), helper.make_node("Mul", ["step", "a"], ["item"])]
        nodes += [helper.make_node("SequenceInsert", ["state", "item"], ["next"]), helper.make_node("Identity", ["item"], ["scanned"])]
        sequence = helper.make_sequence_type_proto(helper.make_tensor_type_proto(FLOAT, None))
        state, types = helper.make_value_info("state", sequence), [sequence, types[0]]
        first = [d.tensor(np.dtype(np.float32), (), "plain")]
    total = ["scanned"] if form in (2, 3) or d.chance(0.5) and form == 0 else None
    if total and count is not None or count is None:
        source = {1: "next"}.get(form, "scanned")
        nodes += [helper.make_node("ReduceSum", [source], ["total"], keepdims=0), helper.make_node("Less", ["total", "limit"], ["go"])]
        if count is None:  # what does not grow past the limit ends by the step
            nodes += [scalar("most", d.integer(0, 6), INT64), helper.make_node("Less", ["i", "most"], ["early"])]
            nodes[-3].output[0] = "small"
            nodes += [helper.make_node("And", ["small", "early"], ["go"])]
    else:
        nodes += [helper.make_node("Identity", ["keep"], ["go"])]
    next_state = helper.make_value_info("next", state.type)
    body = helper.make_graph(nodes, "body", [*head, state], [info("go", BOOL), next_state, shown])
    case = d.case([count, go, first], {"body": body}, outputs=2, outer=outer if form != 1 else {}, output_types=types)
    case.constants = frozenset([0]) if d.chance(0.3) and count is not None else frozenset([9])
    return case


@draws("Scan")
def scan(d):
    """Sums over one or two inputs, in both directions, along any axis; version 8 has batches with lengths of their own."""
    states, inputs, outputs = d.integer(1, 2), d.integer(1, 2), d.integer(0, 2)
    steps, shape = d.integer(1, 4), (d.integer(1, 4), *((d.integer(1, 3),) if d.chance(0.3) else ()))
    names = [f"s{place}" for place in range(states)] + [f"x{place}" for place in range(inputs)]
    nodes, outer = [], {"a": d.tensor(np.dtype(np.float32), shape, "dyadic")} if d.chance(0.5) else {}
    made = [f"{'t' if place < states else 'y'}{place}" for place in range(states + outputs)]
    for place, name in enumerate(made):
        nodes += formula(d, f"{name}n", [*names, *outer], name)
    inner = names[:states], names[states:]
    body = helper.make_graph(nodes, "body", [info(name) for name in sum(inner, [])], [info(name) for name in made])
    first = [d.tensor(np.dtype(np.float32), shape, "dyadic") for _ in range(states)]
    kinds = [helper.make_tensor_type_proto(FLOAT, None)] * (states + outputs)
    if d.version < 9:
        batch = d.integer(1, 3)
        first = [np.stack([value + k for k in range(batch)]).astype(np.float32) for value in first]
        items = [d.tensor(np.dtype(np.float32), (batch, steps, *shape), "dyadic") for _ in range(inputs)]
        lengths = d.rng.integers(1, steps + 1, batch) if d.chance(0.5) else None
        attributes = {"body": body, "num_scan_inputs": inputs, **d.attributes(directions=[d.integer(0, 1) for _ in range(inputs)])}
        return d.case([lengths, *first, *items], attributes, outputs=states + outputs, outer=outer, output_types=kinds, atol=1e-5)
    rank = len(shape) + 1
    axes = [d.integer(0, rank - 1) for _ in range(inputs)]
    items = [np.moveaxis(d.tensor(np.dtype(np.float32), (steps, *shape), "dyadic"), 0, axis).copy() for axis in axes]
    written = d.attributes(
        scan_input_axes=[axis - rank if d.version >= 11 and d.chance(0.3) else axis for axis in axes],
        scan_input_directions=[d.integer(0, 1) for _ in range(inputs)],
        scan_output_axes=[d.integer(0, rank - 1) - (rank if d.version >= 11 and d.chance(0.3) else 0) for _ in range(outputs)],
        scan_output_directions=[d.integer(0, 1) for _ in range(outputs)],
    )
    if any(axes):
        written["scan_input_axes"] = axes
    attributes = {"body": body, "num_scan_inputs": inputs, **{name: value for name, value in written.items() if value}}
    return d.case([*first, *items], attributes, outputs=states + outputs, outer=outer, output_types=kinds, atol=1e-5)
