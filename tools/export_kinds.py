#!/usr/bin/env python3
"""Exports small networks with each kind of attention, with what PyTorch's modules compute inside.

usage: export_kinds.py [--output DIR] [--only NAME,...]

Writes, by default below models/kinds/, NAME-EXPORTER.onnx for each exporter that can write the network, NAME.npz with the input `x` and
the gates and maps of each block by its module, vit-depth.npz with what follows from the maps of vit, and kinds.json with the exporters of each network and the blocks that its modules are.
The networks are those of export/kind_networks.py; their weights are seeded.
"""
import argparse
import json
import tempfile
from pathlib import Path

from export import environment

environment.ensure("torch", "torchvision", "timm", "onnx", "onnxscript", "numpy")

import numpy as np
import onnx
import torch

from export import catalog, kind_networks, torchmodels


def save(path, target):
    """Writes the model at `path` with the names of modules and without other metadata."""
    model = onnx.load(path)
    model.ClearField("metadata_props")
    model.graph.ClearField("metadata_props")
    model.graph.ClearField("value_info")
    for value in [*model.graph.input, *model.graph.output]:
        value.ClearField("metadata_props")
    for node in model.graph.node:
        kept = [prop for prop in node.metadata_props if prop.key == "pkg.torch.onnx.name_scopes"]
        node.ClearField("metadata_props")
        node.metadata_props.extend(kept)
        node.ClearField("doc_string")
    target.write_bytes(model.SerializeToString(deterministic=True))


def main():
    """Writes every network and the page of models/."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--output", type=Path, default=environment.ROOT / "models" / "kinds")
    options.add_argument("--only", default="")
    args = options.parse_args()
    args.output.mkdir(parents=True, exist_ok=True)
    table = args.output / "kinds.json"
    found = json.loads(table.read_text()) if table.exists() else {}
    for name in [name for name in args.only.split(",") if name] or kind_networks.NETWORKS:
        network = torchmodels.sharpen(kind_networks.NETWORKS[name](), name)
        side = kind_networks.side(name)
        (x,) = torchmodels.random_inputs(name, [(2, 3, side, side)])
        blocks = kind_networks.expected(network)
        exporters = []
        for exporter in ("torchscript", "dynamo"):
            target = args.output / f"{name}-{exporter}.onnx"
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "model.onnx"
                try:
                    torchmodels.export(network, (x,), path, exporter, False)
                except Exception as error:  # an exporter may lack an operator of the network
                    print(f"{target.name}: {type(error).__name__} {str(error)[:200]}", flush=True)
                    continue
                save(path, target)
            exporters.append(exporter)
        kept = kind_networks.observe(network, x)
        np.savez_compressed(args.output / f"{name}.npz", x=x.numpy(), **{key: value.numpy() for key, value in kept.items()})
        if name == "vit":
            values = kind_networks.depth([kept[key] for key in sorted(kept)], 4)
            np.savez_compressed(args.output / "vit-depth.npz", **{key: value.numpy() for key, value in values.items()})
        found[name] = {"exporters": exporters, "blocks": blocks}
        print(f"{name}  {exporters}  {[block['kind'] for block in blocks]}  {sorted(kept)}", flush=True)
        table.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")
    if args.output == environment.ROOT / "models" / "kinds":
        catalog.write(args.output.parent)


if __name__ == "__main__":
    main()
