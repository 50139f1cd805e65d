"""The rows of the catalogue: what each one is, its shape in the source, and the shape we commit."""
from dataclasses import dataclass
from typing import Callable

import export.blocks as blocks


@dataclass(frozen=True)
class Row:
    """One attention system. `source` and `shape` hold one shape per input; the first axis is the batch."""

    id: str
    system: str
    build: Callable | None
    source: tuple
    shape: tuple
    external: tuple = ()  # the variants that keep their weights in model.onnx.data
    inputs: tuple = ("x",)


MAPS = ((8, 54, 32, 32),)
SMALL = ((2, 54, 8, 8),)
DEEP = ((2, 512, 26, 26),)
DEEP_SMALL = ((2, 512, 5, 5),)
WIDE = ((1, 16, 64, 64),)
WIDE_SMALL = ((1, 16, 16, 16),)


def cbam_fc():
    return blocks.CBAM(blocks.ChannelAttentionFC(54, 9), blocks.SpatialAttention(5))


def cbam_conv():
    return blocks.CBAM(blocks.ChannelAttentionConv(54), blocks.SpatialAttention(5))


def cbam_512():
    return blocks.CBAM(blocks.ChannelAttentionFC(512, 16), blocks.SpatialAttention(7, "mean-max"))


ROWS = (
    Row("se-avg", "SE, average pooling, r=9", lambda: blocks.SEBlock(54, 9, "avg"), MAPS, SMALL),
    Row("se-max", "SE, max pooling, r=9", lambda: blocks.SEBlock(54, 9, "max"), MAPS, SMALL),
    Row("se-512", "SE, r=16", lambda: blocks.SEBlock(512, 16), DEEP, DEEP_SMALL, ("dynamo-static",)),
    Row("se-expand", "SE with expand_as, r=16", lambda: blocks.SEExpand(64, 16), ((1, 64, 32, 32),), ((1, 64, 8, 8),)),
    Row("cse", "cSE: channel SE with biases, r=2", lambda: blocks.ChannelSE(16), WIDE, WIDE_SMALL),
    Row("sse", "sSE: spatial SE", lambda: blocks.SpatialSE(16), WIDE, WIDE_SMALL),
    Row("scse", "scSE: cSE + sSE", lambda: blocks.SCSE(16), WIDE, WIDE_SMALL),
    Row("eca-transpose", "ECA by transpose, k=3", lambda: blocks.ECATranspose(54), MAPS, SMALL),
    Row("eca-view", "ECA by view, k=5", lambda: blocks.ECAView(512), DEEP, DEEP_SMALL),
    Row("ca-fc", "CBAM channel attention, MLP, r=9", lambda: blocks.ChannelAttentionFC(54, 9), MAPS, SMALL),
    Row("ca-conv", "CBAM channel attention, Conv1d, k=3", lambda: blocks.ChannelAttentionConv(54), MAPS, SMALL),
    Row("sa-3", "CBAM spatial attention, k=3", lambda: blocks.SpatialAttention(3), MAPS, SMALL),
    Row("sa-5", "CBAM spatial attention, k=5", lambda: blocks.SpatialAttention(5), MAPS, SMALL),
    Row("sa-7", "CBAM spatial attention, k=7", lambda: blocks.SpatialAttention(7), MAPS, SMALL),
    Row("cbam-fc", "CBAM, MLP form, r=9, k=5", cbam_fc, MAPS, SMALL),
    Row("cbam-conv", "CBAM, Conv1d form, k=3 and 5", cbam_conv, MAPS, SMALL),
    Row("cbam-512", "CBAM, r=16, k=7, [mean, max]", cbam_512, DEEP, DEEP_SMALL, ("dynamo-dynamic",)),
    Row("gap-head", "GAP classification head, K=10", lambda: blocks.GAPHead(32), ((2, 32, 8, 8),), ((2, 32, 8, 8),)),
    Row("sk", "Selective kernel, kernels 1, 3, 5, 7", lambda: blocks.SelectiveKernel(64), ((2, 64, 14, 14),), ((2, 64, 7, 7),)),
    Row("self-attention", "Self-attention, d=64", lambda: blocks.SelfAttention(64), ((2, 17, 64),), ((2, 17, 64),)),
    Row("cross-attention", "Cross-attention, d=64", lambda: blocks.CrossAttention(64), ((2, 17, 64), (2, 11, 64)),
        ((2, 17, 64), (2, 11, 64)), (), ("x", "context")),
    Row("non-local", "Non-local block", lambda: blocks.NonLocal(32), ((2, 32, 12, 12),), ((2, 32, 12, 12),)),
)

KERAS_SYSTEM = "CBAM from Keras, channels-last, residual, ratio 0.5, k=3"
KERAS = Row("keras-cbam", KERAS_SYSTEM, None, ((2, 256, 256, 3),), ((2, 16, 16, 3),))
