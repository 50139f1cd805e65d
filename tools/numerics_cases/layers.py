"""Attention and recurrent layers."""

import torch
import torch.nn.functional as F

from .line import FLOATS, Given, Line, inf, nan

ZEROS = [[[[0.0, 0.0], [0.0, 0.0]]]]
KEYS = [[[[1.0, 0.0], [0.0, 1.0]]]]
VALUES = [[[[1.0, 2.0], [3.0, 4.0]]]]


def dot(q, k, v, mask=None):
    """PyTorch's attention."""
    return F.scaled_dot_product_attention(q, k, v, attn_mask=mask)


def attention(queries, keys, values, *mask, **more):
    """One head of two queries and keys."""
    more.setdefault("torch", dot)
    return Line("Attention", [Given(queries), Given(keys), Given(values), *mask], **more)


ATTENTION = [
    attention(ZEROS, KEYS, VALUES, Given([[True, True], [False, False]], "bool"), note="a query that sees no key: zeros, not NaN"),
    attention(ZEROS, KEYS, VALUES, Given([[0.0, 0.0], [-inf, -inf]]), note="the same by a mask of −∞"),
    attention(ZEROS, KEYS, VALUES, Given([[0.0, -inf], [-inf, 0.0]])),
    attention([[[[nan, 0.0], [0.0, 0.0]]]], KEYS, VALUES, torch=None, by="reference", note="PyTorch has zeros"),
    attention(
        [[[[1.0, 0.0], [-1.0, 0.0]]]], [[[[inf, 0.0], [0.0, 1.0]]]], VALUES, note="a score of +∞ makes NaN, one of −∞ hides its key"
    ),
    attention(ZEROS, KEYS, [[[[nan, 2.0], [3.0, inf]]]], note="what is not finite reaches every query"),
    attention(
        ZEROS,
        KEYS,
        [[[[nan, 2.0], [3.0, inf]]]],
        Given([[0.0, -inf], [-inf, 0.0]]),
        note="a hidden value counts 0 times: NaN where it is not finite",
    ),
    attention(
        [[[[60000.0, 0.0]]]],
        [[[[60000.0, 0.0], [-60000.0, 0.0]]]],
        VALUES,
        types=("bfloat16", "float32", "float64"),
        note="the largest score is subtracted first",
    ),
    attention([[[[inf, 0.0], [nan, 0.0]]]], KEYS, VALUES, torch=None, by="reference", attributes={"softcap": 2.0}),
]


def recurrent(kind, order):
    """PyTorch's layer, whose gates stand in another order."""

    def run(x, w, r):
        module = kind(1, 1, bias=False).to(x.dtype)
        with torch.no_grad():
            module.weight_ih_l0.copy_(w[0][order])
            module.weight_hh_l0.copy_(r[0][order])
            y, last = module(x)
        return (y.unsqueeze(1), *(last if isinstance(last, tuple) else (last,)))

    return run


LAYERS = [
    ("RNN", 1, recurrent(torch.nn.RNN, [0]), 2),
    ("GRU", 3, recurrent(torch.nn.GRU, [1, 0, 2]), 2),
    ("LSTM", 4, recurrent(torch.nn.LSTM, [0, 2, 3, 1]), 3),
]
SATURATED = [[[10000.0]], [[-10000.0]]]
ENDLESS = [[[-inf]], [[-inf]]]
LATE = [[[0.0]], [[nan]], [[0.0]]]
BESIDE = [[[nan], [0.0]], [[0.0], [0.0]]]


def layers(x, exact=("RNN", "GRU", "LSTM"), **more):
    """One feature and one hidden unit, weights of one and no bias, of each kind; those that round in float32 alone."""
    return [
        Line(
            op,
            [Given(x), *[Given([[[1.0]] * gates])] * 2],
            types=FLOATS if op in exact else ("float32",),
            torch=run,
            attributes={"hidden_size": 1},
            outputs=outputs,
            **more,
        )
        for op, gates, run, outputs in LAYERS
    ]


def lengths(op, gates, outputs, last):
    """Sequences of one, no and two steps, whose states halve in each, or stay 0."""
    steps = [[[1.0], [nan], [2.0]], [[nan], [nan], [3.0]]]
    nothing = Given([[[0.0]] * gates])
    inputs = [Given(steps), nothing, nothing, None, Given([1, 0, 2], "int32"), Given([[[0.5], [0.25], [0.125]]])]
    note = "what is past a sequence is not read; one of no steps keeps its first state, ONNX Runtime: 0"
    return Line(op, inputs, attributes={"hidden_size": 1}, outputs=outputs, by="Onyx", expected=last, note=note)


RECURRENT = [
    *layers(SATURATED, ("RNN", "GRU"), note="gates saturate at their limits"),
    *layers(ENDLESS, note="also of infinities")[:2],
    *layers(LATE, note="NaN stays in the state"),
    *layers(BESIDE, note="of its own sequence"),
    lengths("GRU", 3, 2, [Given([[[[0.25], [0.0], [0.0625]]], [[[0.0], [0.0], [0.03125]]]]), Given([[[0.25], [0.25], [0.03125]]])]),
    lengths("RNN", 1, 2, [Given([[[[0.0], [0.0], [0.0]]], [[[0.0], [0.0], [0.0]]]]), Given([[[0.0], [0.25], [0.0]]])]),
]

SECTIONS = [
    (
        "Attention",
        "Scores are the scaled products plus the mask, and their softmax weighs the values. A query all of whose keys are hidden gives zeros.",
        ATTENTION,
    ),
    ("Recurrent layers", "", RECURRENT),
]
