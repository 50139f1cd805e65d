"""Normalizations and the layers around them."""

import numpy as np

from differential_cases.case import draws


def image(d, least=1, most=3, empty=0.02):
    """[N, C, ...] with one to three spatial axes."""
    return (d.extent(empty), d.integer(1, 6), *(d.integer(1, 6) for _ in range(d.integer(least, most))))


@draws("BatchNormalization")
def batch(d):
    """Inference, and training where the version has it as an attribute."""
    shape = image(d, 0) if d.version >= 9 else image(d)
    c = shape[1]
    inputs = [d.tensor(0, shape, "plain")]
    kinds = [d.input_type(place) for place in range(1, 5)]
    inputs += [d.tensor(kind, (c,), style) for kind, style in zip(kinds, ("plain", "plain", "plain", "positive"))]
    attributes = d.attributes(epsilon=d.pick((1e-5, 1e-3, 0.1)), momentum=0.8)
    outputs = 1
    if d.version >= 14 and d.chance(0.3) and np.prod(shape):
        attributes["training_mode"], outputs = 1, d.pick((1, 3))
    if d.version < 7:
        attributes["is_test"] = 1
        if d.version < 6:
            attributes["consumed_inputs"] = [0, 0, 0, 1, 1]
    return d.case(inputs, attributes, outputs=outputs, atol=1e-5)


@draws("InstanceNormalization")
def instance(d):
    """A scale and a bias for each channel."""
    shape = image(d)
    return d.case(
        [d.tensor(0, shape, "plain"), d.tensor(1, shape[1:2], "plain"), d.tensor(2, shape[1:2], "plain")],
        d.attributes(epsilon=d.pick((1e-5, 1e-3))),
        atol=1e-4,
    )


@draws("LayerNormalization", "RMSNormalization")
def layer(d):
    """Scales that broadcast to the normalized shape."""
    shape = d.shape(1, empty=0.02)
    axis = d.axis(len(shape))
    scale = shape[axis:] if axis < 0 else shape[axis:]
    if d.chance(0.15):
        scale = scale[1:] or (1,)
    inputs = [d.tensor(0, shape, "plain"), d.tensor(1, scale, "plain")]
    if d.op == "LayerNormalization" and d.chance(0.6):
        inputs.append(d.tensor(2, scale, "plain"))
    outputs = d.integer(1, 3) if d.op == "LayerNormalization" else 1
    return d.case(inputs, {"axis": axis, **d.attributes(epsilon=d.pick((1e-5, 1e-3)))}, outputs=outputs, atol=1e-4)


@draws("GroupNormalization")
def group(d):
    """Scales of groups before version 21, of channels from then on."""
    groups, per = d.integer(1, 3), d.integer(1, 3)
    shape = (d.extent(0.02), groups * per, *(d.integer(1, 5) for _ in range(d.integer(1, 2))))
    size = groups if d.version < 21 else groups * per
    return d.case(
        [d.tensor(0, shape, "plain"), d.tensor(1, (size,), "plain"), d.tensor(2, (size,), "plain")],
        {"num_groups": groups, **d.attributes(epsilon=1e-3)},
        atol=1e-4,
    )


@draws("MeanVarianceNormalization")
def mean_variance(d):
    """Over chosen axes."""
    shape = image(d, 2, 2, 0)
    axes = sorted(axis % 4 for axis in d.axes(4, 1, 0))
    return d.case([d.tensor(0, shape, "plain")], d.attributes(axes=axes), atol=1e-4)


@draws("LRN")
def lrn(d):
    """Odd and even sizes."""
    return d.case(
        [d.tensor(0, image(d), "plain")], {"size": d.pick((1, 3, 5, 2, 4)), **d.attributes(alpha=0.01, beta=0.6, bias=2.0)}, atol=1e-6
    )


@draws("NegativeLogLikelihoodLoss", "SoftmaxCrossEntropyLoss")
def loss(d):
    """Weights, an ignored index and each reduction."""
    n, c, rest = d.integer(1, 4), d.integer(1, 5), d.shape(0, 2, 0)
    x = d.tensor(0, (n, c, *rest), "plain")
    target = d.rng.integers(0, c, (n, *rest)).astype(d.input_type(1))
    inputs = [x, target, d.tensor(x.dtype, (c,), "positive") if d.chance(0.5) else None]
    attributes = {"reduction": d.pick(("none", "sum", "mean"))}
    if d.chance(0.4) and c > 1:
        attributes["ignore_index"] = d.pick((0, c - 1, -1))
    outputs = d.integer(1, 2) if d.op == "SoftmaxCrossEntropyLoss" else 1
    return d.case(inputs, attributes, outputs=outputs, atol=1e-5)
