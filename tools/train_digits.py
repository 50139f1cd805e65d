#!/usr/bin/env python3
"""Trains the digits network of models/digits on scikit-learn's handwritten digits, measures it, and exports it.

usage: train_digits.py [--output DIR] [--epochs N]

The network has a CBAM, an SE and an ECA block. It takes batch x 1 x 28 x 28 images with pixels in [0, 1] and normalises
them itself. A fifth of the digits never takes part in training; the accuracy written to report.json is measured on them.
"""
import argparse
import json
import shutil
import sys
from pathlib import Path

from export import environment

environment.ensure()

import numpy as np
import onnx
import onnxruntime
import torch
import torch.nn as nn
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from export import blocks, catalog, onnxfiles, torchmodels

SEED = 7
SIZE = 28
LEAST = 0.97
SAMPLES = 12
MEAN, DEVIATION = 0.309, 0.349  # of the training pixels


class Stage(nn.Module):
    """A residual block of two 3x3 convolutions with attention on its branch, before the shortcut is added."""

    def __init__(self, channels, out, stride, attention):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, out, 3, stride=stride, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(out)
        self.conv2 = nn.Conv2d(out, out, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(out)
        self.attention = attention
        self.shortcut = nn.Conv2d(channels, out, 1, stride=stride, bias=False)
        self.relu = nn.ReLU()

    def forward(self, x):
        branch = self.norm2(self.conv2(self.relu(self.norm1(self.conv1(x)))))
        return self.relu(self.attention(branch) + self.shortcut(x))


class DigitsNet(nn.Module):
    """Three residual stages with CBAM, SE and ECA attention, and a linear classifier on the pooled maps."""

    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.tensor(MEAN))
        self.register_buffer("deviation", torch.tensor(DEVIATION))
        cbam = blocks.CBAM(blocks.ChannelAttentionFC(16, 4), blocks.SpatialAttention(7))
        self.stage1 = Stage(1, 16, 1, cbam)
        self.stage2 = Stage(16, 32, 2, blocks.SEBlock(32, 4))
        self.stage3 = Stage(32, 48, 2, blocks.ECATranspose(48))
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Linear(48, 10)

    def forward(self, image):
        x = (image - self.mean) / self.deviation
        x = self.stage3(self.stage2(self.stage1(x)))
        return self.classifier(self.pool(x).flatten(1))


def enlarge(pixels):
    """8x8 digits of 0...16 as 28x28 bytes, smoothly enlarged."""
    pictures = [Image.fromarray((digit * 255 / 16).round().astype(np.uint8)) for digit in pixels]
    return np.stack([np.asarray(picture.resize((SIZE, SIZE), Image.Resampling.BICUBIC)) for picture in pictures])[:, None]


def as_input(images):
    """Bytes as the network takes them: float32 in [0, 1]."""
    return torch.from_numpy(images.astype(np.float32) / np.float32(255))


def jitter(batch, generator):
    """Turns, scales and shifts a batch slightly, each digit in its own way."""
    count = len(batch)
    turn = (torch.rand(count, generator=generator) - 0.5) * 0.4
    scale = 1 + (torch.rand(count, generator=generator) - 0.5) * 0.2
    cos, sin = torch.cos(turn) * scale, torch.sin(turn) * scale
    shift = (torch.rand((count, 2), generator=generator) - 0.5) * 0.3
    rows = torch.stack([cos, -sin, shift[:, 0], sin, cos, shift[:, 1]], 1).view(count, 2, 3)
    grid = nn.functional.affine_grid(rows, list(batch.shape), align_corners=False)
    return nn.functional.grid_sample(batch, grid, align_corners=False)


def train(images, labels, epochs):
    """The trained network in eval mode."""
    torch.manual_seed(SEED)
    generator = torch.Generator().manual_seed(SEED)
    model = DigitsNet().train()
    x, y = as_input(images), torch.from_numpy(labels)
    steps = epochs * -(-len(x) // 64)
    optimiser = torch.optim.AdamW(model.parameters(), weight_decay=5e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=5e-3, total_steps=steps)
    for epoch in range(epochs):
        total = 0.0
        for part in torch.randperm(len(x), generator=generator).split(64):
            loss = nn.functional.cross_entropy(model(jitter(x[part], generator)), y[part], label_smoothing=0.05)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.item() * len(part)
        print(f"epoch {epoch + 1}/{epochs}  loss {total / len(x):.4f}", flush=True)
    return model.eval()


def save_samples(folder, model, images, labels, indices):
    """Writes a dozen held-out digits that the network reads right as PNG, every class at least once.

    The index in a name is the digit's place in the data set.
    """
    right = torchmodels.reference(model, (as_input(images),))[0].argmax(1) == labels
    chosen = [int(np.flatnonzero(right & (labels == label))[0]) for label in range(10)]
    chosen += [int(place) for place in np.flatnonzero(right) if place not in chosen][: SAMPLES - len(chosen)]
    folder.mkdir()
    for place in chosen:
        Image.fromarray(images[place, 0]).save(folder / f"digit-{labels[place]}-{indices[place]}.png", optimize=True)


def save(model, folder, images, labels, indices):
    """Writes the model, its data sets, the labels, the samples and the held-out digits."""
    x = as_input(images)
    torchmodels.save_case(model, (x[:8],), folder, "dynamo", True, (x[8:9],), ("image",), output="logits")
    (folder / "labels.txt").write_text("".join(f"{label}\n" for label in range(10)))
    save_samples(folder / "samples", model, images, labels, indices)
    np.savez_compressed(folder / "held-out.npz", images=images, labels=labels.astype(np.int64))


def main():
    """Trains, measures on the held-out digits with PyTorch and with ONNX Runtime, and writes the folder."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--output", type=Path, default=environment.ROOT / "models" / "digits")
    options.add_argument("--epochs", type=int, default=30)
    args = options.parse_args()
    data = load_digits()
    images = enlarge(data.images)
    order = np.arange(len(images))
    fit, held = train_test_split(order, test_size=0.2, random_state=SEED, stratify=data.target)
    print(f"training pixels: mean {images[fit].mean() / 255:.3f}, deviation {images[fit].std() / 255:.3f}")
    model = train(images[fit], data.target[fit], args.epochs)
    correct = int((torchmodels.reference(model, (as_input(images[held]),))[0].argmax(1) == data.target[held]).sum())
    print(f"{correct} of {len(held)} held-out digits are right: {correct / len(held):.4f}")
    if correct / len(held) <= LEAST:
        sys.exit(f"error: the accuracy is not above {LEAST}; nothing was written")
    shutil.rmtree(args.output, ignore_errors=True)
    args.output.mkdir(parents=True)
    save(model, args.output, images[held], data.target[held], held)
    path = args.output / "model.onnx"
    runtime = onnxruntime.InferenceSession(str(path)).run(None, {"image": as_input(images[held]).numpy()})[0]
    print(f"relative error {onnxfiles.check_case(args.output):.1e}, ONNX Runtime {np.mean(runtime.argmax(1) == data.target[held]):.4f}")
    facts = dict(
        parameters=sum(p.numel() for p in model.parameters()), size=SIZE, seed=SEED, train=len(fit),
        held_out=len(held), correct=correct, accuracy=correct / len(held), opset=catalog.opset(onnx.load(path)))
    (args.output / "report.json").write_text(json.dumps(facts, indent=1) + "\n")
    if args.output == environment.ROOT / "models" / "digits":
        catalog.write(args.output.parent)


if __name__ == "__main__":
    main()
