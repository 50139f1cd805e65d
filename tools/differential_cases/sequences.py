"""Sequences and optionals."""

import numpy as np

from differential_cases.case import draws


def sequence(d, count, element=None):
    """Tensors of one type with shapes of their own."""
    kind = element or d.pick((np.dtype(np.float32), np.dtype(np.int64), np.dtype(np.float64), np.dtype(object)))
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
    import onnx.helper as helper

    return d.case([], d.attributes(dtype=helper.np_dtype_to_tensor_dtype(d.pick((np.dtype(np.float32), np.dtype(np.int64))))))


@draws("ConcatFromSequence")
def joined(d):
    """A new axis, or an old one."""
    kind, shape, fresh = d.pick((np.dtype(np.float32), np.dtype(np.int64))), list(d.shape(1, 3)), d.integer(0, 1)
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
