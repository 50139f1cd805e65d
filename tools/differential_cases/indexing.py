"""Gathers, scatters, one-hot."""

import numpy as np

from differential_cases.case import draws


def indices(d, size, shape, negative=True):
    """Indices into an axis, negative ones among them."""
    return d.rng.integers(-size if negative else 0, size, shape)


@draws("Gather")
def gather(d):
    """Indices of any rank."""
    shape = d.shape(1, empty=0)
    axis = d.axis(len(shape), 0.4 if d.version >= 11 else 0)
    where = np.asarray(indices(d, shape[axis], d.shape(0, 2), d.version >= 11)).astype(d.type("Tind"))
    return d.case([d.tensor(0, shape), where], d.attributes(axis=axis) if axis == 0 else {"axis": axis})


@draws("GatherElements")
def gather_elements(d):
    """Indices may be shorter than the data along other axes."""
    shape = d.shape(1, empty=0)
    axis = d.axis(len(shape))
    extents = [d.integer(1, size) if d.chance(0.4) else size for size in shape]
    extents[axis] = d.extent(0.05)
    return d.case([d.tensor(0, shape), indices(d, shape[axis], extents).astype(d.type("Tind"))], {"axis": axis})


@draws("GatherND")
def gather_nd(d):
    """With batch dimensions."""
    shape = d.shape(1, empty=0)
    batch = d.integer(0, len(shape) - 1) if d.version >= 12 and d.chance(0.4) else 0
    length = d.integer(1, len(shape) - batch)
    outer = (*shape[:batch], *d.shape(0 if batch else 1, 2, empty=0))
    columns = [indices(d, shape[batch + place], outer, d.version >= 11) for place in range(length)]
    return d.case([d.tensor(0, shape), np.stack(columns, -1).astype(np.int64)], {"batch_dims": batch} if batch else {})


def reductions(d):
    """The reductions of a scatter, as the version has them."""
    if d.version >= 18:
        return d.pick((None, "none", "add", "mul", "max", "min"))
    return d.pick((None, "none", "add", "mul")) if d.version >= 16 else None


@draws("ScatterElements", "Scatter")
def scatter_elements(d):
    """Without a reduction no place is written twice."""
    shape = d.shape(1, empty=0)
    axis = d.axis(len(shape), 0.4 if d.version >= 11 else 0)
    reduction = reductions(d)
    extents = [d.integer(1, size) for size in shape]
    if reduction in (None, "none"):
        order = np.argsort(d.rng.random((*extents[: axis % len(shape)], *extents[axis % len(shape) + 1 :], shape[axis])), -1)[
            ..., : extents[axis]
        ]
        where = np.moveaxis(order, -1, axis)
    else:
        where = indices(d, shape[axis], extents)
    if d.version >= 11:
        where = np.where(d.rng.random(where.shape) < 0.3, where - shape[axis] * (where >= 0), where)
    x = d.tensor(0, shape, "plain" if reduction else "any")
    if reduction and x.dtype.kind in "bO":
        return None
    kind = d.type("Tind")
    return d.case(
        [x, where.astype(kind), d.tensor(x.dtype, where.shape, "plain")],
        {"axis": axis, **({"reduction": reduction} if reduction else {})},
        atol=1e-6,
    )


@draws("ScatterND")
def scatter_nd(d):
    """Without a reduction no place is written twice."""
    shape = d.shape(1, empty=0)
    length, reduction = d.integer(1, len(shape)), reductions(d)
    places = int(np.prod(shape[:length]))
    count = d.integer(1, min(places, 5))
    flat = d.rng.permutation(places)[:count] if reduction in (None, "none") else d.rng.integers(0, places, count)
    where = np.stack(np.unravel_index(flat, shape[:length]), -1).astype(np.int64)
    where = np.where(d.rng.random(where.shape) < 0.2, where - np.array(shape[:length]), where)
    x = d.tensor(0, shape, "plain" if reduction else "any")
    if reduction and x.dtype.kind in "bO":
        return None
    return d.case(
        [x, where, d.tensor(x.dtype, (count, *shape[length:]), "plain")], {"reduction": reduction} if reduction else {}, atol=1e-6
    )


@draws("OneHot")
def one_hot(d):
    """Indices outside the depth are off everywhere."""
    depth = d.integer(1, 6)
    where = d.shape(0, 2)
    first, second = d.type("T1"), d.type("T2")
    values = d.rng.integers(-depth if first.kind != "u" else 0, depth + 1, where)
    return d.case(
        [np.asarray(values).astype(first), np.array(depth if d.chance(0.6) else [depth]).astype(second), d.tensor(2, (2,), "plain")],
        d.attributes(axis=d.axis(len(where) + 1)),
    )


@draws("TensorScatter")
def tensor_scatter(d):
    """A cache that grows, or goes around."""
    batch, heads, most, width = d.integer(1, 3), d.integer(1, 2), d.integer(3, 7), d.integer(1, 3)
    length = d.integer(1, 3)
    flat = d.chance(0.3)
    past, update = ((batch, most, width), (batch, length, width)) if flat else ((batch, heads, most, width), (batch, heads, length, width))
    mode = d.pick(("linear", "circular"))
    starts = [d.integer(0, most - length if mode == "linear" else most - 1) for _ in range(batch)]
    return d.case(
        [d.tensor(0, past), d.tensor(1, update), d.ints(starts) if d.chance(0.8) else None], {"mode": mode, **d.attributes(axis=-2)}
    )


@draws("NonMaxSuppression")
def suppression(d):
    """Boxes by corners or by centers; scores without ties."""
    batch, classes, boxes = d.integer(1, 2), d.integer(1, 3), d.integer(1, 8)
    corner = d.rng.uniform(0, 4, (batch, boxes, 2))
    extent = d.rng.uniform(0.5, 3, (batch, boxes, 2))
    center = d.integer(0, 1)
    values = np.concatenate([corner, extent if center else corner + extent], -1).astype(np.float32)
    if not center and d.chance(0.3):
        values = values[..., [2, 3, 0, 1]]
    scores = (d.rng.permutation(batch * classes * boxes).reshape(batch, classes, boxes) / (batch * classes * boxes)).astype(np.float32)
    inputs = [
        values,
        scores,
        d.ints([d.integer(0, 5)]),
        np.array([d.pick((0.1, 0.3, 0.5, 0.9))], np.float32),
        np.array([d.pick((0.05, 0.2, 0.5))], np.float32) if d.chance(0.6) else None,
    ]
    return d.case(inputs, d.attributes(center_point_box=center) if not center else {"center_point_box": 1})
