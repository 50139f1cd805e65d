"""Operators that move elements and do not change them."""

import numpy as np

from differential_cases.case import draws


@draws("Transpose")
def transpose(d):
    """Any order of the axes."""
    shape = d.shape()
    return d.case([d.tensor(0, shape)], d.attributes(perm=[int(axis) for axis in d.rng.permutation(len(shape))]) if shape else {})


@draws("Reshape")
def reshape(d):
    """A new shape with the same elements; one size −1, some 0 for what stays."""
    shape = list(d.shape(1))
    x = d.tensor(0, shape)
    target = list(d.pick((shape, [int(np.prod(shape))], [1, *shape], [*shape[:-2], int(np.prod(shape[-2:]))], shape[::-1])))
    keep_zero = d.version >= 14 and 0 in shape and d.chance(0.6)
    if not keep_zero:
        target = [
            0 if place < len(shape) and shape[place] == size and (size == 0 or d.chance(0.25)) else size
            for place, size in enumerate(target)
        ]
        if any(size == 0 and (place >= len(shape) or shape[place]) and np.prod(shape) == 0 for place, size in enumerate(target)):
            target = list(shape)
    if target and 0 not in shape and d.chance(0.4):
        target[d.integer(0, len(target) - 1)] = -1
    attributes = {"allowzero": 1} if keep_zero else {}
    if d.version < 5:
        return d.case([x], {"shape": target})
    return d.case([x, d.ints(target)], attributes)


@draws("Flatten")
def flatten(d):
    """At any axis, one past the last among them."""
    shape = d.shape(1)
    return d.case([d.tensor(0, shape)], d.attributes(axis=d.integer(-len(shape) if d.version >= 11 else 0, len(shape))))


@draws("Squeeze")
def squeeze(d):
    """The named ones, or all."""
    shape = [1 if d.chance(0.5) else size for size in d.shape(1)]
    ones = [axis for axis, size in enumerate(shape) if size == 1]
    axes = [axis - len(shape) if d.version >= 11 and d.chance(0.4) else axis for axis in ones if d.chance(0.6)]
    return with_axes(d, d.tensor(0, shape), axes if axes and d.chance(0.8) else None)


@draws("Unsqueeze")
def unsqueeze(d):
    """Axes of the result, in any order."""
    x = d.tensor(0, d.shape(0, 3))
    count = d.integer(1, 2)
    rank = x.ndim + count
    axes = [int(axis) - (rank if d.version >= 11 and d.chance(0.4) else 0) for axis in d.rng.permutation(rank)[:count]]
    return with_axes(d, x, axes if d.version >= 13 else sorted(axes))


def with_axes(d, x, axes):
    """Axes as the attribute or the input of the version."""
    if "axes" in d.schema.attributes:
        return d.case([x], {} if axes is None else {"axes": axes})
    return d.case([x] if axes is None else [x, d.ints(axes)])


@draws("Concat")
def concat(d):
    """One to four inputs that differ along the axis only."""
    shape = list(d.shape(1))
    axis = d.axis(len(shape), 0.4 if d.version >= 11 else 0)
    parts = []
    for _ in range(d.integer(1, 4)):
        shape[axis] = d.extent(0.1)
        parts.append(d.tensor(0, tuple(shape)))
    return d.case(parts, {"axis": axis})


@draws("Split")
def split(d):
    """By sizes, or into equal parts and a smaller last one."""
    shape = list(d.shape(1, empty=0.02))
    axis = d.axis(len(shape), 0.4 if d.version >= 11 else 0)
    sizes = [d.extent(0.08) for _ in range(d.integer(1, 4))]
    if d.chance(0.4):
        sizes = [sizes[0]] * len(sizes)
    shape[axis] = sum(sizes)
    x, attributes = d.tensor(0, tuple(shape)), {"axis": axis}
    equal = len(set(sizes)) == 1
    if d.version < 13:
        return d.case([x], {**attributes, **({} if equal and d.chance(0.5) else {"split": sizes})}, outputs=len(sizes))
    if equal and d.chance(0.6):
        return d.case([x], {**attributes, **({"num_outputs": len(sizes)} if d.version >= 18 else {})}, outputs=len(sizes))
    if d.version >= 18 and d.chance(0.2) and shape[axis] >= 3:
        parts = d.integer(2, 3)
        return d.case([x], {**attributes, "num_outputs": parts}, outputs=parts) if shape[axis] > parts else None
    return d.case([x, d.ints(sizes)], attributes, outputs=len(sizes))


@draws("Slice")
def slice_(d):
    """Starts and ends outside the range and negative ones, steps of both signs."""
    shape = d.shape(1)
    axes = d.axes(len(shape), 1, 0.4 if d.version >= 10 else 0)
    wide = [d.pick((size, 9)) + 2 for size in (shape[axis] for axis in axes)]
    starts = [d.integer(-size, size) if not d.chance(0.1) else d.pick((-(2**31), 2**31 - 1)) for size in wide]
    ends = [d.integer(-size, size) if not d.chance(0.2) else d.pick((-(2**31) + 1, 2**31 - 1)) for size in wide]
    x = d.tensor(0, shape)
    if d.version < 10:
        return d.case(
            [x],
            {"starts": starts, "ends": ends, **d.attributes(axes=axes)}
            if axes == sorted(axes)
            else {"starts": starts, "ends": ends, "axes": axes},
        )
    kind = d.type("Tind")
    steps = [d.pick((1, 1, 2, 3, -1, -2)) for _ in axes]
    inputs = [x, d.ints(starts, kind), d.ints(ends, kind), d.ints(axes, kind)]
    if sorted(axes) == list(range(len(axes))) == axes and d.chance(0.4):
        inputs[3] = None
    return d.case(inputs + ([d.ints(steps, kind)] if d.chance(0.8) else []))


@draws("Pad")
def pad(d):
    """Every mode; negative pads crop; pads on chosen axes from version 18 on."""
    shape = d.shape(1, empty=0.02)
    modes = ["constant", "reflect", "edge"] + (["wrap"] if d.version >= 19 else [])
    mode = d.pick(modes)
    x = d.tensor(0, shape)
    axes = d.axes(len(shape), 1) if d.version >= 18 and d.chance(0.5) else list(range(len(shape)))

    def amount(size):
        if mode == "constant":
            return d.integer(-size // 3 if d.chance(0.2) else 0, 3)
        return d.integer(0, max(0, size - 1) if mode == "reflect" else (3 if size else 0) if mode == "edge" else size)

    pads = [amount(shape[axis]) for axis in axes] + [amount(shape[axis]) for axis in axes]
    if d.version < 11:
        name = "paddings" if d.version == 1 else "pads"
        return d.case([x], {name: pads, **d.attributes(mode=mode, value=1.5)})
    value = d.tensor(x.dtype, (), "plain") if mode == "constant" and d.chance(0.7) else None
    inputs = [x, d.ints(pads), value]
    if d.version >= 18 and axes != list(range(len(shape))):
        inputs.append(d.ints(axes, d.type("Tind")))
    attributes = {"mode": mode} if mode != "constant" or d.chance(0.5) else {}
    return d.case(inputs, attributes)


@draws("CenterCropPad")
def center(d):
    """Crops some axes and pads others."""
    shape = d.shape(1, empty=0)
    axes = d.axes(len(shape), 1)
    sizes = d.ints([d.integer(1, 8) for _ in axes], d.type("Tind"))
    if axes == list(range(len(shape))) and d.chance(0.5):
        return d.case([d.tensor(0, shape), sizes])
    return d.case([d.tensor(0, shape), sizes], {"axes": axes})


@draws("Expand")
def expand(d):
    """To a shape that broadcasts with that of the input, both ways."""
    one, two = d.broadcast(2)
    return d.case([d.tensor(0, one), d.ints(two)])


@draws("Tile")
def tile(d):
    """Repeats, 0 among them."""
    shape = d.shape(1, 3)
    if d.version < 6:
        return d.case([d.tensor(0, shape), d.tensor(1, (), "positive"), np.array(d.axis(len(shape), 0)).astype(d.input_type(0))])
    return d.case([d.tensor(0, shape), d.ints([d.pick((0, 1, 1, 2, 3)) for _ in shape])])


@draws("DepthToSpace", "SpaceToDepth")
def blocks(d):
    """Block sizes 1 to 3, both modes."""
    block = d.integer(1, 3)
    n, c, h, w = d.extent(), d.integer(1, 3), d.integer(1, 3), d.integer(1, 3)
    shape = (n, c * block * block, h, w) if d.op == "DepthToSpace" else (n, c, h * block, w * block)
    return d.case([d.tensor(0, shape)], {"blocksize": block, **d.attributes(mode=d.pick(("DCR", "CRD")))})


@draws("Shape")
def shape_of(d):
    """With a start and an end from version 15 on."""
    shape = d.shape()
    return d.case([d.tensor(0, shape)], d.attributes(start=d.integer(-5, 5), end=d.integer(-5, 5)))


@draws("ReverseSequence")
def reverse(d):
    """Both layouts."""
    shape = d.shape(2, empty=0)
    time = d.integer(0, 1)
    lengths = d.ints([d.integer(1 if d.version < 28 else 0, shape[time]) for _ in range(shape[1 - time])])
    return d.case([d.tensor(0, shape), lengths], {"time_axis": time, "batch_axis": 1 - time})


@draws("Trilu")
def trilu(d):
    """Diagonals inside and outside."""
    shape = d.shape(2)
    return d.case(
        [d.tensor(0, shape), d.scalar(d.integer(-6, 6)).reshape(()) if d.chance(0.7) else None], d.attributes(upper=d.integer(0, 1))
    )


@draws("Compress")
def compress(d):
    """Conditions shorter than the axis."""
    shape = d.shape(1)
    axis = d.axis(len(shape), 0.4 if d.version >= 11 else 0)
    flat = d.chance(0.3)
    size = int(np.prod(shape)) if flat else shape[axis]
    length = size if d.chance(0.6) else d.integer(0, size)
    return d.case([d.tensor(0, shape), d.tensor(1, (length,))], {} if flat else {"axis": axis})


@draws("EyeLike")
def eye(d):
    """Diagonals, and a type of its own."""
    import onnx.helper as helper

    target = d.type("T2", lambda kind: kind.name not in ("bfloat16",))
    return d.case([d.tensor(0, (d.extent(), d.extent()))], d.attributes(k=d.integer(-4, 4), dtype=helper.np_dtype_to_tensor_dtype(target)))


@draws("ConstantOfShape")
def constant_of_shape(d):
    """A value of any type."""
    from onnx import numpy_helper

    value = d.tensor(d.type("T2"), (1,), "plain")
    return d.case([d.ints(d.shape())], {} if d.chance(0.2) else {"value": numpy_helper.from_array(value)}, constants=frozenset([9]))


@draws("Range")
def range_(d):
    """Both directions, empty ones too."""
    kind = d.type("T")
    start, stop, step = d.integer(-9, 9), d.integer(-9, 9), d.pick((1, 2, 3, -1, -2))
    if kind.kind == "f" and d.chance(0.5):
        start, step = start + 0.25, step * 0.5
    if kind.kind == "u":
        start, stop, step = abs(start), abs(stop), abs(step)
    return d.case([np.array(value, kind) for value in (start, stop, step)], atol=1e-5)


@draws("Constant")
def constant(d):
    """Every form of its value that the version has."""
    from onnx import numpy_helper

    kind = d.type("T")
    forms = {
        "value": numpy_helper.from_array(d.tensor(kind, d.shape())),
        "value_float": 1.5,
        "value_int": -7,
        "value_floats": [1.0, -2.5],
        "value_ints": [3, 4, 5],
        "value_string": "añ",
        "value_strings": ["", "b"],
    }
    name = d.pick([name for name in forms if name in d.schema.attributes])
    return d.case([], {name: forms[name]})
