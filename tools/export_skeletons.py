#!/usr/bin/env python3
"""Exports whole networks without their weights, for tests of what is found in them.

usage: export_skeletons.py [--attention] [--output DIR] [--only NAME,...]

Writes DIR/NAME-EXPORTER.onnx, by default below models/skeletons/. Nodes, names and shapes are those of the export; every
large weight is a sparse initializer without elements, which ONNX reads as zeros of its shape. blocks.json lists, by
network and kind, the modules that the network was built with.

With --attention the networks of export/attention_networks.py, by default below models/skeletons/attention/, with short names of
values; attention.json lists the exporters that can write each and, for each block of attention, what its module says of it.
"""
import argparse
import json
import tempfile
from pathlib import Path

from export import environment

environment.ensure("torch", "torchvision", "timm", "onnx", "onnxscript", "numpy")

import numpy as np
import onnx
import timm
import torch
import torchvision
from onnx import TensorProto, helper, numpy_helper

from export import attention_networks, catalog, torchmodels

KEPT = 16  # elements: scales, axes and shapes stay
LARGEST = 1024  # elements of integers and truths
MASK = 4096  # elements of masks that are added
METADATA = ("pkg.torch.onnx.class_hierarchy", "pkg.torch.onnx.name_scopes")
KINDS = {
    "SEModule": "SE", "SqueezeExcite": "SE", "EcaModule": "ECA", "CbamModule": "CBAM", "SelectiveKernel": "SK",
    "EffectiveSEModule": "ESE", "GlobalContext": "GC", "Attention": "self-attention", "NonLocalAttn": "non-local",
    "SqueezeExcitation": "SE", "LRASPPHead": "LR-ASPP", "GAUBlock": "GAU", "MFABBlock": "MFAB",
    "FPABlock": "FPA", "PABBlock": "PAB",
}
CBAM = {"block_args": {"attn_layer": "cbam"}}
TIMM = {
    "seresnet50": ("seresnet50", {}), "ecaresnet50d": ("ecaresnet50d", {}), "cbamresnet50": ("resnet50", CBAM),
    "mobilenetv3_large_100": ("mobilenetv3_large_100", {}), "efficientnet_b0": ("efficientnet_b0", {}),
    "skresnet18": ("skresnet18", {}), "ese_vovnet19b_dw": ("ese_vovnet19b_dw", {}), "ghostnet_100": ("ghostnet_100", {}),
    "gcresnet33ts": ("gcresnet33ts", {}), "vit_tiny_patch16_224": ("vit_tiny_patch16_224", {}),
    "resnet18": ("resnet18", {}), "resnet50": ("resnet50", {}), "vgg11": ("vgg11", {}), "mobilenetv2_100": ("mobilenetv2_100", {}),
    "densenet121": ("densenet121", {}), "regnetx_002": ("regnetx_002", {}), "convnext_atto": ("convnext_atto", {}),
    "inception_v3": ("inception_v3", {}),
}
TORCHVISION = {
    "squeezenet1_1": {}, "shufflenet_v2_x1_0": {}, "googlenet": {"aux_logits": False, "init_weights": False},
    "mnasnet0_5": {},
}
# Networks that label pixels.
SEGMENTATION = {"lraspp_mobilenet_v3_large": None, "pan_resnet18": "PAN", "manet_resnet18": "MAnet"}


class Labelled(torch.nn.Module):
    """The scores of a network of torchvision that labels pixels."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, x):
        return self.model(x)["out"]


def build(name):
    """A network in eval mode."""
    if name in TIMM:
        source, options = TIMM[name]
        return timm.create_model(source, pretrained=False, **options).eval()
    if SEGMENTATION.get(name):
        import segmentation_models_pytorch

        return getattr(segmentation_models_pytorch, SEGMENTATION[name])(name.partition("_")[2], encoder_weights=None).eval()
    if name in SEGMENTATION:
        return Labelled(getattr(torchvision.models.segmentation, name)(weights=None, weights_backbone=None)).eval()
    return getattr(torchvision.models, name)(weights=None, **TORCHVISION[name]).eval()


def blocks(model):
    """The names of the attention modules by kind."""
    found = {}
    for name, module in model.named_modules():
        kind = KINDS.get(type(module).__name__)
        if kind:
            found.setdefault(kind, []).append(name)
    return found


def hollow(tensor):
    """A sparse initializer of the same name, type and shape without elements."""
    empty = np.zeros(0, helper.tensor_dtype_to_np_dtype(tensor.data_type))
    indices = helper.make_tensor(f"{tensor.name}_indices", TensorProto.INT64, [0], [])
    return helper.make_sparse_tensor(numpy_helper.from_array(empty, tensor.name), indices, list(tensor.dims))


def is_large(tensor):
    """Whether a tensor's values are left out: weights, and tables of indices; not masks."""
    count = np.prod(tensor.dims)
    if tensor.data_type == TensorProto.FLOAT and KEPT < count <= MASK and numpy_helper.to_array(tensor).min() < -1e4:
        return False
    return count > (KEPT if tensor.data_type == TensorProto.FLOAT else LARGEST) and tensor.data_type != TensorProto.BOOL


def constant(node):
    """The large tensor of a node Constant, named as its output; None for any other node."""
    if node.op_type != "Constant" or not node.attribute[0].HasField("t") or np.prod(node.attribute[0].t.dims) <= LARGEST:
        return None
    tensor = TensorProto()
    tensor.CopyFrom(node.attribute[0].t)
    tensor.name = node.output[0]
    return tensor


def strip(path, target, metadata):
    """Writes the model at `path` without large weights, and without metadata but these."""
    model = onnx.load(path)
    graph = model.graph
    tensors = [*graph.initializer, *filter(None, map(constant, graph.node))]
    nodes = [node for node in graph.node if constant(node) is None]
    large = [tensor for tensor in tensors if is_large(tensor)]
    small = [tensor for tensor in tensors if not is_large(tensor)]
    graph.sparse_initializer.extend(hollow(tensor) for tensor in large)
    graph.ClearField("initializer")
    graph.initializer.extend(small)
    graph.ClearField("node")
    graph.node.extend(nodes)
    graph.ClearField("value_info")
    model.ClearField("metadata_props")
    for node in graph.node:
        kept = [prop for prop in node.metadata_props if prop.key in metadata]
        node.ClearField("metadata_props")
        node.metadata_props.extend(kept)
    target.write_bytes(model.SerializeToString(deterministic=True))


def shorten(path):
    """Gives values short names and drops names of nodes where the metadata says more."""
    model = onnx.load(path)
    graph = model.graph
    kept = {value.name for value in [*graph.input, *graph.output]} | {""}
    names = {}

    def short(name):
        if name in kept:
            return name
        return names.setdefault(name, f"v{len(names)}")

    for tensor in graph.initializer:
        tensor.name = short(tensor.name)
    for tensor in graph.sparse_initializer:
        tensor.values.name = short(tensor.values.name)
        tensor.indices.name = ""
    for node in graph.node:
        for index, name in enumerate(node.input):
            node.input[index] = short(name)
        for index, name in enumerate(node.output):
            node.output[index] = short(name)
        if node.metadata_props:
            node.name = ""
    path.write_bytes(model.SerializeToString(deterministic=True))


def attention(output, names):
    """Exports the networks of attention_networks with each exporter that can, and writes attention.json."""
    table = output / "attention.json"
    found = json.loads(table.read_text()) if table.exists() else {}
    for name in names or attention_networks.NETWORKS:
        exporters = []
        for exporter in ("torchscript", "dynamo"):
            target = output / f"{name}-{exporter}.onnx"
            model, inputs = attention_networks.NETWORKS[name]()
            labels = ["x"] if len(inputs) == 1 else [f"x{index}" for index in range(len(inputs))]
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "model.onnx"
                try:
                    torchmodels.export(model, inputs, path, exporter, False, labels)
                except Exception as error:  # an exporter may lack an operator of the network
                    print(f"{target.name}: {type(error).__name__}", flush=True)
                    continue
                strip(path, target, METADATA[1:])
                shorten(target)
            exporters.append(exporter)
            print(f"{target.name}  {target.stat().st_size / 1024:.0f} KB", flush=True)
        blocks = attention_networks.expected(attention_networks.NETWORKS[name]()[0], name)
        found[name] = {"exporters": exporters, "blocks": blocks}
        table.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")


def main():
    """Exports every network with both exporters and writes blocks.json."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--output", type=Path, default=environment.ROOT / "models" / "skeletons")
    options.add_argument("--only", default="")
    options.add_argument("--attention", action="store_true")
    args = options.parse_args()
    if args.attention:
        folder = environment.ROOT / "models" / "skeletons"
        args.output = folder / "attention" if args.output == folder else args.output
    args.output.mkdir(parents=True, exist_ok=True)
    table = args.output / "blocks.json"
    found = json.loads(table.read_text()) if table.exists() else {}
    names = [name for name in args.only.split(",") if name]
    if args.attention:
        attention(args.output, names)
        return
    for name in names or [*TIMM, *TORCHVISION, *SEGMENTATION]:
        model = build(name)
        found[name] = blocks(model)
        side = 299 if name == "inception_v3" else 224
        for exporter in ("torchscript", "dynamo"):
            target = args.output / f"{name}-{exporter}.onnx"
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "model.onnx"
                torchmodels.export(model, (torch.zeros(1, 3, side, side),), path, exporter, False)
                strip(path, target, METADATA if found[name] else ())
            print(f"{target.name}  {target.stat().st_size / 1024:.0f} KB  { {k: len(v) for k, v in found[name].items()} }", flush=True)
    table.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")
    if args.output == environment.ROOT / "models" / "skeletons":
        catalog.write(args.output.parent)


if __name__ == "__main__":
    main()
