"""Reductions, rankings and running sums: operators along an axis."""

import torch

from .line import Given, Line, inf, nan

ROWS = [[nan, 1.0, 2.0], [inf, -inf, 1.0], [-inf, -inf, -inf], [1.0, 2.0, 4.0]]
EMPTY: list = [[], []]
FIRST = Given([1], "int64")


def reduction(op, function, values=None, **more):
    return Line(
        op,
        [Given(ROWS if values is None else values), FIRST],
        torch=function,
        attributes={"keepdims": 0},
        **more,
    )


REDUCTIONS = [
    reduction("ReduceSum", lambda x, a: x.sum(1)),
    reduction(
        "ReduceMean",
        lambda x, a: x.mean(1),
        [[nan, 1.0, 2.0], [inf, -inf, 1.0], [1.0, 2.0, 6.0]],
    ),
    reduction("ReduceMax", lambda x, a: x.amax(1)),
    reduction("ReduceMin", lambda x, a: x.amin(1)),
    reduction(
        "ReduceProd",
        lambda x, a: x.prod(1),
        [[nan, 1.0, 0.0], [inf, 0.0, 1.0], [-inf, 2.0, 1.0]],
    ),
    reduction("ReduceL1", lambda x, a: x.abs().sum(1)),
    reduction(
        "ReduceL2",
        lambda x, a: torch.linalg.vector_norm(x, dim=1),
        [[nan, 1.0, 2.0], [inf, -inf, 1.0], [3.0, 4.0, 0.0]],
    ),
    reduction("ReduceSumSquare", lambda x, a: (x * x).sum(1)),
    reduction(
        "ReduceLogSum",
        lambda x, a: x.sum(1).log(),
        [[nan, 1.0], [0.0, 0.0], [-1.0, 0.5], [inf, 1.0], [0.5, 0.5]],
    ),
    reduction(
        "ReduceLogSumExp",
        lambda x, a: x.logsumexp(1),
        [[nan, 1.0], [-inf, -inf], [inf, 1.0], [inf, -inf], [-inf, 3.0]],
    ),
    reduction("ReduceSum", lambda x, a: x.sum(1), EMPTY, note="of nothing"),
    reduction("ReduceMean", lambda x, a: x.mean(1), EMPTY),
    reduction("ReduceProd", lambda x, a: x.prod(1), EMPTY),
    reduction(
        "ReduceMax",
        None,
        EMPTY,
        by="ONNX",
        expected=[Given([-inf, -inf])],
        note="PyTorch refuses",
    ),
    reduction(
        "ReduceMin",
        None,
        EMPTY,
        by="ONNX",
        expected=[Given([inf, inf])],
        note="PyTorch refuses",
    ),
    reduction("ReduceL1", lambda x, a: x.abs().sum(1), EMPTY),
    reduction("ReduceL2", lambda x, a: torch.linalg.vector_norm(x, dim=1), EMPTY),
    reduction("ReduceSumSquare", lambda x, a: (x * x).sum(1), EMPTY),
    reduction("ReduceLogSum", lambda x, a: x.sum(1).log(), EMPTY),
    reduction("ReduceLogSumExp", lambda x, a: x.logsumexp(1), EMPTY),
    reduction(
        "ReduceMax",
        lambda x, a: x.amax(1),
        [[1.0] * 70 + [nan] + [2.0] * 9],
        note="NaN anywhere",
    ),
    reduction("ReduceMin", lambda x, a: x.amin(1), [[1.0] * 70 + [nan] + [2.0] * 9]),
    reduction(
        "ReduceSum",
        None,
        [[2147483647, 1]],
        types=("int32",),
        by="reference",
        note="wraps",
    ),
    reduction("ReduceProd", None, [[65536, 65536]], types=("int32",), by="reference"),
]

RANKINGS = [
    Line(
        "ArgMax",
        [Given([[1.0, nan, nan, 3.0], [2.0, 5.0, 5.0, 1.0], [-inf, -inf, -inf, -inf]])],
        torch=lambda x: x.argmax(1),
        attributes={"axis": 1, "keepdims": 0},
        note="NaN is the largest; of equals the first",
    ),
    Line(
        "ArgMin",
        [Given([[1.0, nan, nan, 3.0], [2.0, 1.0, 1.0, 3.0], [inf, inf, inf, inf]])],
        torch=lambda x: x.argmin(1),
        attributes={"axis": 1, "keepdims": 0},
        note="NaN is the least",
    ),
    Line("ArgMax", [Given([[2.0, 5.0, 5.0, 1.0]])], attributes={"axis": 1, "keepdims": 0, "select_last_index": 1}, by="reference"),
    Line(
        "TopK",
        [Given([[1.0, nan, 3.0, -inf, inf]]), Given([3], "int64")],
        torch=lambda x, k: tuple(x.topk(3)),
        outputs=2,
        note="NaN is the largest",
    ),
    Line(
        "TopK",
        [Given([[1.0, nan, 3.0, -inf, inf]]), Given([4], "int64")],
        torch=lambda x, k: tuple(x.topk(4, largest=False)),
        outputs=2,
        attributes={"largest": 0},
    ),
    Line("TopK", [Given([[2.0, 2.0, 2.0, 1.0]]), Given([2], "int64")], outputs=2, by="reference", note="of equals the lower index"),
    Line("Hardmax", [Given([[1.0, 3.0, 3.0], [-inf, -inf, -inf]])], by="reference", attributes={"axis": 1}),
    Line("NonZero", [Given([nan, 0.0, -0.0, inf])], torch=lambda x: x.nonzero().T.contiguous()),
    Line("CumSum", [Given([[1.0, nan, 2.0], [inf, -inf, 1.0]]), Given(1, "int64")], torch=lambda x, a: x.cumsum(1)),
    Line("CumProd", [Given([[2.0, nan, 2.0], [inf, 0.0, 1.0]]), Given(1, "int64")], torch=lambda x, a: x.cumprod(1), by="PyTorch"),
    Line("CumSum", [Given([[2147483647, 1]]), Given(1, "int64")], types=("int32",), by="reference", note="wraps"),
]

SOFTMAX = [
    Line(
        "Softmax",
        [Given([[nan, 1.0], [-inf, -inf], [inf, 1.0], [-inf, 5.0]])],
        torch=lambda x: x.softmax(1),
        attributes={"axis": 1},
        note="all −∞, or +∞ among them: NaN",
    ),
    Line(
        "LogSoftmax",
        [Given([[nan, 1.0], [-inf, -inf], [inf, 1.0], [-inf, 5.0]])],
        torch=lambda x: x.log_softmax(1),
        attributes={"axis": 1},
    ),
    Line(
        "Softmax",
        [Given([[60000.0, 60000.0, -60000.0]])],
        torch=lambda x: x.softmax(1),
        attributes={"axis": 1},
        note="the largest is subtracted first",
    ),
    Line(
        "LpNormalization",
        [Given([[0.0, 0.0], [3.0, 4.0], [nan, 1.0]])],
        attributes={"axis": 1, "p": 1},
        expected=[Given([[0.0, 0.0], [3 / 7, 4 / 7], [nan, nan]])],
        by="ONNX",
        types=("float64",),
        note="a norm of 0 gives 0",
    ),
    Line(
        "LayerNormalization",
        [Given([[2.0, 2.0, 2.0, 2.0], [nan, 1.0, 1.0, 1.0]]), Given([1.0] * 4)],
        torch=lambda x, s: torch.nn.functional.layer_norm(x, [4], s),
        attributes={"axis": 1},
        note="no variance: epsilon keeps it finite",
    ),
    Line("BatchNormalization", [Given([[[1.0, 2.0]]]), Given([1.0]), Given([0.0]), Given([nan]), Given([1.0])], by="reference"),
]

SECTIONS = [
    (
        "Reductions",
        "NaN reaches every result over it, in any place and on any kernel row. Sums of integers wrap.",
        REDUCTIONS,
    ),
    (
        "Rankings and running sums",
        "NaN ranks above +∞, and of two equals the first counts.",
        RANKINGS,
    ),
    ("Softmax and normalization", "", SOFTMAX),
]
