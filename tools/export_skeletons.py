#!/usr/bin/env python3
"""Exports whole networks without their weights, for tests of what is found in them.

usage: export_skeletons.py [--output DIR] [--only NAME,...]

Writes DIR/NAME-EXPORTER.onnx, by default below models/skeletons/. Nodes, names and shapes are those of the export; every
large weight is a sparse initializer without elements, which ONNX reads as zeros of its shape. blocks.json lists, by
network and kind, the modules that the network was built with.
"""
import argparse
import json
import sys
import tempfile
from pathlib import Path

from export import environment

environment.ensure()

import numpy as np
import onnx
import timm
import torch
import torchvision
from onnx import TensorProto, helper, numpy_helper

from export import catalog, torchmodels

KEPT = 16  # elements: scales, axes and shapes stay
METADATA = ("pkg.torch.onnx.class_hierarchy", "pkg.torch.onnx.name_scopes")
KINDS = {
    "SEModule": "SE", "SqueezeExcite": "SE", "EcaModule": "ECA", "CbamModule": "CBAM", "SelectiveKernel": "SK",
    "EffectiveSEModule": "ESE", "GlobalContext": "GC", "Attention": "self-attention", "NonLocalAttn": "non-local",
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


def build(name):
    """A network in eval mode."""
    if name in TIMM:
        source, options = TIMM[name]
        return timm.create_model(source, pretrained=False, **options).eval()
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


def strip(path, target, metadata):
    """Writes the model at `path` without large weights, and without metadata but these."""
    model = onnx.load(path)
    graph = model.graph
    large = [t for t in graph.initializer if t.data_type == TensorProto.FLOAT and np.prod(t.dims) > KEPT]
    small = [t for t in graph.initializer if not any(t is other for other in large)]
    graph.sparse_initializer.extend(hollow(tensor) for tensor in large)
    graph.ClearField("initializer")
    graph.initializer.extend(small)
    graph.ClearField("value_info")
    model.ClearField("metadata_props")
    for node in graph.node:
        kept = [prop for prop in node.metadata_props if prop.key in metadata]
        node.ClearField("metadata_props")
        node.metadata_props.extend(kept)
        for attribute in node.attribute:
            if attribute.HasField("t") and np.prod(attribute.t.dims) > 1024:
                sys.exit(f"error: {target.name}: the constant of {node.name} is large")
    target.write_bytes(model.SerializeToString(deterministic=True))


def main():
    """Exports every network with both exporters and writes blocks.json."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--output", type=Path, default=environment.ROOT / "models" / "skeletons")
    options.add_argument("--only", default="")
    args = options.parse_args()
    args.output.mkdir(parents=True, exist_ok=True)
    table = args.output / "blocks.json"
    found = json.loads(table.read_text()) if table.exists() else {}
    names = [name for name in args.only.split(",") if name] or [*TIMM, *TORCHVISION]
    for name in names:
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
