"""Convolutions and pools, over one to three spatial axes."""

import numpy as np

from differential_cases.case import draws


class Window:
    """A window and an input that it fits into."""

    def __init__(self, d, dilated=True, least=1, most=3, transposed=False):
        self.rank = d.integer(least, most)
        self.kernel = [d.integer(1, 3) for _ in range(self.rank)]
        self.strides = [d.integer(1, 3) for _ in range(self.rank)]
        self.dilations = [d.pick((1, 1, 1, 2)) for _ in range(self.rank)] if dilated else [1] * self.rank
        self.auto = d.pick(("NOTSET", "NOTSET", "NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"))
        self.pads = [d.integer(0, self.kernel[place % self.rank] - 1) for place in range(2 * self.rank)]
        covers = [(size - 1) * step + 1 for size, step in zip(self.kernel, self.dilations)]
        self.spatial = [max(cover, d.integer(1, 8)) for cover in covers]
        self.square = not transposed and self.rank == 2 and d.chance(0.15)
        self.d = d

    def attributes(self, kernel=True, **more):
        """Its attributes, those at their defaults often left out."""
        given = {"kernel_shape": self.kernel} if kernel else {}
        if self.auto == "NOTSET":
            if any(self.pads):
                given["pads"] = self.pads
        else:
            given["auto_pad"] = self.auto
        for name, value in (("strides", self.strides), ("dilations", self.dilations)):
            if any(size != 1 for size in value) or self.d.chance(0.5):
                given[name] = value
        given.update(more)
        return {name: value for name, value in given.items() if name in self.d.schema.attributes}


@draws("Conv", "ConvInteger")
def conv(d):
    """Groups, depthwise ones among them; exact sums."""
    w = Window(d)
    group = d.pick((1, 1, 1, 2, 3, 5))
    per, out = (1, 1) if d.chance(0.3) else (d.integer(1, 4), d.integer(1, 4))
    shape = (d.extent(0.02), group * per, *w.spatial)
    weights = (group * out, per, *w.kernel)
    attributes = w.attributes(kernel=d.chance(0.6))
    if group > 1 or d.chance(0.4):
        attributes["group"] = group
    if d.op == "ConvInteger":
        zero = d.tensor(0, (), "positive") if d.chance(0.6) else None
        return d.case(
            [
                d.tensor(0, shape, "any"),
                d.tensor(1, weights, "any"),
                zero,
                d.tensor(1, (), "plain") if zero is not None and d.chance(0.5) else None,
            ],
            attributes,
        )
    inputs = [
        d.tensor(0, shape, "dyadic"),
        d.tensor(1, weights, "dyadic"),
        d.tensor(2, (group * out,), "dyadic") if d.chance(0.5) else None,
    ]
    return d.case(inputs, attributes, atol=1e-6, **({"constants": frozenset([1, 2])} if d.chance(0.5) else {}))


@draws("ConvTranspose")
def conv_transpose(d):
    """Output paddings and given output shapes."""
    w = Window(d, transposed=True)
    group, per, out = d.pick((1, 1, 2, 3)), d.integer(1, 3), d.integer(1, 3)
    w.pads = [d.integer(0, 1 if size > 1 else 0) for size in w.kernel * 2]
    attributes = w.attributes(kernel=d.chance(0.6))
    if group > 1:
        attributes["group"] = group
    extra = [d.integer(0, max(stride, step) - 1) for stride, step in zip(w.strides, w.dilations)]
    if d.chance(0.3):
        attributes["output_padding"] = extra
    if w.auto == "NOTSET" and d.chance(0.2):
        sizes = [
            (size - 1) * stride + (cover - 1) * step + 1 for size, stride, cover, step in zip(w.spatial, w.strides, w.kernel, w.dilations)
        ]
        attributes["output_shape"] = [max(1, size - d.integer(0, 1)) for size in sizes]
        attributes.pop("pads", None)
        attributes.pop("output_padding", None)
    shape = (d.extent(0.02), group * per, *w.spatial)
    inputs = [d.tensor(0, shape, "dyadic"), d.tensor(1, (group * per, out, *w.kernel), "dyadic")]
    if d.chance(0.5):
        inputs.append(d.tensor(2, (group * out,), "dyadic"))
    return d.case(inputs, attributes, atol=1e-6)


@draws("MaxPool", "AveragePool", "LpPool")
def pool(d):
    """Ceil mode, dilations and the index output, as the version has them."""
    w = Window(d, dilated="dilations" in d.schema.attributes)
    more = {}
    if "ceil_mode" in d.schema.attributes and d.chance(0.4):
        more["ceil_mode"] = 1
    if d.chance(0.5):
        more["count_include_pad"] = d.integer(0, 1)
    if d.op == "LpPool":
        more["p"] = d.pick((1, 2, 3)) if d.version > 1 else 2.0
    outputs = 1
    if d.op == "MaxPool" and d.version >= 8 and d.chance(0.4):
        outputs = 2
        if d.chance(0.4):
            more["storage_order"] = 1
    x = d.tensor(0, (d.extent(0.02), d.integer(1, 4), *w.spatial), "any" if d.op == "MaxPool" and outputs == 1 else "plain")
    return d.case([x], w.attributes(**more), outputs=outputs, atol=1e-6)


@draws("GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool")
def global_pool(d):
    """Zero to three spatial axes."""
    shape = (d.extent(0.02), d.integer(1, 5), *(d.integer(1, 5) for _ in range(d.integer(1, 3))))
    return d.case([d.tensor(0, shape, "plain")], d.attributes(p=d.pick((1, 2, 3)) if d.version > 1 else 2.0), atol=1e-6)


@draws("MaxUnpool")
def unpool(d):
    """Indices of different places, with an output shape or without."""
    channels, batch = d.integer(1, 2), d.integer(1, 2)
    size, kernel = [d.integer(1, 3) for _ in range(2)], [d.integer(1, 3) for _ in range(2)]
    strides = kernel
    whole = [(one - 1) * stride + cover for one, stride, cover in zip(size, strides, kernel)]
    shape = (batch, channels, *size)
    x = d.tensor(0, shape, "plain")
    where = d.rng.permutation(batch * channels * whole[0] * whole[1])[: x.size].reshape(shape).astype(np.int64)
    inputs = [x, where]
    if d.chance(0.3):
        inputs.append(d.ints((batch, channels, *whole)))
    return d.case(inputs, {"kernel_shape": kernel, "strides": strides})


@draws("Col2Im")
def col2im(d):
    """Overlaps are summed."""
    w = Window(d, most=2)
    image = [max(size, 4) for size in w.spatial]
    count = 1
    for size, low, high, cover, step, stride in zip(image, w.pads, w.pads[w.rank :], w.kernel, w.dilations, w.strides):
        count *= (size + low + high - (cover - 1) * step - 1) // stride + 1
    x = d.tensor(0, (d.integer(1, 2), d.integer(1, 2) * int(np.prod(w.kernel)), count), "dyadic")
    return d.case([x, d.ints(image), d.ints(w.kernel)], {"pads": w.pads, "strides": w.strides, "dilations": w.dilations}, atol=1e-6)


@draws("DeformConv")
def deform(d):
    """Small offsets, masks, groups of channels and of offsets."""
    group, offsets = d.pick((1, 2)), d.pick((1, 2))
    channels, kernel = group * offsets * d.integer(1, 2), [d.integer(1, 3), d.integer(1, 3)]
    strides, pads, dilations = [d.integer(1, 2), d.integer(1, 2)], [d.integer(0, 1) for _ in range(4)], [d.integer(1, 2), d.integer(1, 2)]
    size = [d.integer(5, 7), d.integer(5, 7)]
    out = [(size[axis] + pads[axis] + pads[axis + 2] - (kernel[axis] - 1) * dilations[axis] - 1) // strides[axis] + 1 for axis in range(2)]
    batch, area = d.integer(1, 2), kernel[0] * kernel[1]
    x = d.tensor(0, (batch, channels, *size), "plain")
    inputs = [
        x,
        d.tensor(1, (group * d.integer(1, 2), channels // group, *kernel), "plain"),
        d.tensor(2, (batch, offsets * area * 2, *out), "plain"),
    ]
    inputs.append(d.tensor(x.dtype, inputs[1].shape[:1], "plain") if d.chance(0.5) else None)
    inputs.append(d.tensor(x.dtype, (batch, offsets * area, *out), "fraction") if d.chance(0.5) else None)
    return d.case(
        inputs,
        {"strides": strides, "pads": pads, "dilations": dilations, "group": group, "offset_group": offsets, "kernel_shape": kernel},
        atol=1e-4,
    )


@draws("CausalConvWithState")
def causal(d):
    """Depthwise along time, with a state and without."""
    batch, channels, length, kernel = d.integer(1, 2), d.integer(1, 4), d.integer(1, 6), d.integer(1, 4)
    inputs = [
        d.tensor(0, (batch, channels, length), "dyadic"),
        d.tensor(1, (channels, 1, kernel), "dyadic"),
        d.tensor(2, (channels,), "dyadic") if d.chance(0.5) else None,
        d.tensor(3, (batch, channels, kernel - 1), "dyadic") if d.chance(0.5) else None,
    ]
    return d.case(inputs, d.attributes(activation=d.pick(("none", "silu", "swish"))), outputs=d.integer(1, 2), atol=1e-5)


@draws("RoiAlign", "MaxRoiPool")
def regions(d):
    """Regions inside and partly outside the picture."""
    batch, size = d.integer(1, 2), [d.integer(4, 8), d.integer(4, 8)]
    count = d.integer(0 if d.op == "RoiAlign" else 1, 3)
    corner = d.rng.integers(0, 3, (count, 2)) + (0.0 if d.op == "MaxRoiPool" else 0.25)
    boxes = np.concatenate([corner, corner + d.rng.integers(1, 5, (count, 2))], 1)
    x = d.tensor(0, (batch, d.integer(1, 3), *size), "plain")
    where = d.rng.integers(0, batch, count)
    scale = d.pick((1.0, 0.5))
    if d.op == "MaxRoiPool":
        return d.case(
            [x, np.concatenate([where[:, None], boxes], 1).astype(x.dtype)],
            {"pooled_shape": [d.integer(1, 3), d.integer(1, 3)], "spatial_scale": scale},
        )
    attributes = {
        "output_height": d.integer(1, 3),
        "output_width": d.integer(1, 3),
        "sampling_ratio": d.integer(0, 2),
        "spatial_scale": scale,
        **d.attributes(mode=d.pick(("avg", "max")), coordinate_transformation_mode=d.pick(("half_pixel", "output_half_pixel"))),
    }
    return d.case([x, boxes.astype(x.dtype), where.astype(np.int64)], attributes, atol=1e-5)
