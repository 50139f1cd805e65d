#!/usr/bin/env python3
"""Exports whole timm networks with seeded random weights as ONNX backend test directories.

usage: export_networks.py OUT_DIR [--networks NAME,...] [--exporters torchscript,dynamo] [--weights inline,external]
                          [--batches static,dynamic] [--size N]

Writes OUT_DIR/NAME/EXPORTER-BATCH[-external]/model.onnx with test_data_set_N from PyTorch. The statistics of the
normalisation layers are set from seeded data, so that activations keep a sane size through the whole network.
"""
import argparse
import sys
from pathlib import Path

from export import environment

environment.ensure()

import timm
import torch

from export import onnxfiles, torchmodels

CBAM = {"block_args": {"attn_layer": "cbam"}}
NETWORKS = {
    "seresnet18": ("seresnet18", {}),
    "seresnet50": ("seresnet50", {}),
    "ecaresnet50d": ("ecaresnet50d", {}),
    "cbamresnet18": ("resnet18", CBAM),
    "cbamresnet50": ("resnet50", CBAM),
    "resnet18": ("resnet18", {}),
    "resnet50": ("resnet50", {}),
    "seresnext50_32x4d": ("seresnext50_32x4d", {}),
    "skresnet18": ("skresnet18", {}),
    "mobilenetv3_large_100": ("mobilenetv3_large_100", {}),
    "efficientnet_b0": ("efficientnet_b0", {}),
    "ghostnet_100": ("ghostnet_100", {}),
    "ese_vovnet19b_dw": ("ese_vovnet19b_dw", {}),
    "vit_small_patch16_224": ("vit_small_patch16_224", {}),
    "convnext_tiny": ("convnext_tiny", {}),
}
DEFAULT = "seresnet50,ecaresnet50d,cbamresnet18,cbamresnet50,mobilenetv3_large_100,efficientnet_b0,resnet50"


def images(name, batch, size):
    """Seeded smooth images of about unit variance, as normalised photographs are."""
    generator = torch.Generator().manual_seed(onnxfiles.seed_of(f"{name}/{batch}/{size}"))
    coarse = torch.randn((batch, 3, 14, 14), generator=generator)
    smooth = torch.nn.functional.interpolate(coarse, size=(size, size), mode="bicubic")
    return smooth + 0.3 * torch.randn((batch, 3, size, size), generator=generator)


def widen_head(model, inputs):
    """Scales the classifier so that the logits have about unit spread."""
    head = model.get_classifier()
    with torch.no_grad():
        spread = model(inputs).std(dim=1).mean().clamp(min=1e-6)
        head.weight.div_(spread)


def build(name, size):
    """A seeded network in eval mode with outputs of order one."""
    source, options = NETWORKS[name]
    torch.manual_seed(onnxfiles.seed_of(name))
    model = timm.create_model(source, pretrained=False, **options)
    torchmodels.randomise_norms(model, torch.Generator().manual_seed(onnxfiles.seed_of(f"{name}/norms")))
    torchmodels.calibrate(model, [(images(f"{name}/calibration/{index}", 8, size),) for index in range(2)])
    widen_head(model, images(f"{name}/head", 4, size))
    return model


def arguments():
    """The command line."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("out", type=Path)
    options.add_argument("--networks", default=DEFAULT, help=f"of {', '.join(NETWORKS)}")
    options.add_argument("--exporters", default="torchscript,dynamo")
    options.add_argument("--weights", default="inline,external")
    options.add_argument("--batches", default="dynamic")
    options.add_argument("--size", type=int, default=224)
    args = options.parse_args()
    args.networks = args.networks.split(",")
    unknown = [name for name in args.networks if name not in NETWORKS]
    if unknown:
        options.error(f"unknown networks: {', '.join(unknown)}")
    return args


def main():
    """Exports every chosen network in every chosen form and prints the error of ONNX Runtime against PyTorch."""
    args = arguments()
    worst = 0.0
    for name in args.networks:
        model = build(name, args.size)
        first, second = images(name, 1, args.size), images(name, 2, args.size)
        for exporter in args.exporters.split(","):
            for batch in args.batches.split(","):
                for weights in args.weights.split(","):
                    suffix = "-external" if weights == "external" else ""
                    folder = args.out / name / f"{exporter}-{batch}{suffix}"
                    torchmodels.save_case(
                        model, (first,), folder, exporter, batch == "dynamic", (second,), external=bool(suffix))
                    error = onnxfiles.check_case(folder)
                    worst = max(worst, error)
                    print(f"{folder}  relative error {error:.1e}", flush=True)
    if worst > 1e-4:
        sys.exit(f"error: an export differs from PyTorch by {worst:.1e}")


if __name__ == "__main__":
    main()
