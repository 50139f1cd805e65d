#!/usr/bin/env python3
"""Exports networks whose attention is worth a look, for the pictures of docs/ that tools/screenshots makes.

usage: export_views.py OUT_DIR [--only NAME,...]

Writes OUT_DIR/NAME.onnx for a vision transformer, a Swin transformer, a BERT, a U-Net with scSE and a YOLO neck with CBAM, photo-SIDE.png,
and for BERT ids.npy, mask.npy and tokens.txt. Weights are seeded and larger than those that training begins with: attention is then as
uneven as in trained networks, but it means nothing.
"""
import argparse
import copy
import os
from pathlib import Path

from export import environment

environment.ensure(
    "torch", "torchvision", "timm", "segmentation-models-pytorch", "ultralytics", "transformers", "onnx", "onnxscript", "numpy", "pillow",
    "scikit-learn", requirements=environment.ROOT / "tools" / "requirements-networks.txt")
os.environ.setdefault("YOLO_CONFIG_DIR", "/tmp")

import numpy as np
import torch
from PIL import Image
from sklearn.datasets import load_sample_image

from export import onnxfiles, torchmodels
from zoo import exports

TEXT = "[CLS] the bank by the river was steep and the bank in town was closed [SEP]".split()
SIDES = {"vit": 224, "swin": 224, "unet-scse": 256, "yolo-cbam": 320}


def photo(side):
    """The middle of scikit-learn's photograph of a flower (CC BY 2.0, vultilion on Flickr), as a picture of side × side pixels."""
    image = Image.fromarray(load_sample_image("flower.jpg"))
    edge = min(image.size)
    left, top = ((length - edge) // 2 for length in image.size)
    return image.crop((left, top, left + edge, top + edge)).resize((side, side), Image.Resampling.LANCZOS)


def pixels(side):
    """The photograph as onyx reads it."""
    return torch.from_numpy(np.ascontiguousarray(np.asarray(photo(side), np.float32).transpose(2, 0, 1)[None] / 255))


def enliven(module, name, gain=1.0):
    """Gives layers seeded weights that keep the size of what they read, those of queries and keys `gain` times as large."""
    generator = torch.Generator().manual_seed(onnxfiles.seed_of(name))
    with torch.no_grad():
        for path, layer in module.named_modules():
            if isinstance(layer, (torch.nn.Linear, torch.nn.Conv2d)):
                fans = layer.weight[0].numel()
                layer.weight.normal_(0, fans ** -0.5, generator=generator)
                last = path.rpartition(".")[2]
                if last in ("query", "key"):
                    layer.weight.mul_(gain)
                elif last == "qkv":
                    layer.weight[:2 * layer.weight.shape[0] // 3].mul_(gain)
    torchmodels.randomise_norms(module, generator)
    return module.eval()


def transformer(source):
    """A vision transformer of timm."""
    import timm
    import timm.layers

    timm.layers.set_fused_attn(False)
    return lambda name: enliven(timm.create_model(source, pretrained=False), name, 1.6)


def text(name):
    """A BERT of three layers, whose words have as many numbers as one of them has meanings."""
    from transformers import BertConfig, BertModel

    config = BertConfig(hidden_size=128, num_hidden_layers=3, num_attention_heads=4, intermediate_size=256, vocab_size=100)
    config._attn_implementation = "eager"
    module = exports.Picked(BertModel(config, add_pooling_layer=False), "last_hidden_state", ("input_ids", "attention_mask"))
    return enliven(module, name, 1.6)


def unet(name):
    """A U-Net of segmentation_models_pytorch."""
    import segmentation_models_pytorch

    module = segmentation_models_pytorch.Unet(encoder_name="resnet18", encoder_weights=None, decoder_attention_type="scse")
    return torchmodels.calibrate(enliven(module, name), [(torch.cat([pixels(256)] * 2),)])


def yolo(name):
    """A YOLOv8n with a CBAM behind each output of its neck."""
    from ultralytics import YOLO
    from ultralytics.nn.tasks import DetectionModel

    description = copy.deepcopy(YOLO("yolov8n.yaml").model.yaml)
    module = torchmodels.calibrate(
        enliven(DetectionModel(exports.with_cbam(description), verbose=False), name), [(torch.cat([pixels(320)] * 2),)])
    for part in module.modules():
        if hasattr(part, "export") and hasattr(part, "format"):
            part.export, part.format = True, "onnx"
    return module


NETWORKS = {
    "vit": transformer("vit_tiny_patch16_224"), "swin": transformer("swin_tiny_patch4_window7_224"), "bert": text, "unet-scse": unet,
    "yolo-cbam": yolo,
}


def main():
    """Writes all networks and what they read."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("out", type=Path)
    options.add_argument("--only", default=",".join(NETWORKS))
    args = options.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    words = sorted(set(TEXT))
    ids = np.array([[words.index(word) for word in TEXT]])
    np.save(args.out / "ids.npy", ids)
    np.save(args.out / "mask.npy", np.ones_like(ids))
    (args.out / "tokens.txt").write_text("\n".join(TEXT) + "\n")
    for side in set(SIDES.values()):
        photo(side).save(args.out / f"photo-{side}.png")
    for name in args.only.split(","):
        module = NETWORKS[name](name)
        inputs = (pixels(SIDES[name]),) if name in SIDES else (torch.from_numpy(ids), torch.ones(ids.shape, dtype=torch.int64))
        names = ("input_ids", "attention_mask")[:len(inputs)] if name == "bert" else ("picture",)
        torchmodels.export(module, inputs, args.out / f"{name}.onnx", "dynamo", False, names)
        print(args.out / f"{name}.onnx", flush=True)


if __name__ == "__main__":
    main()
