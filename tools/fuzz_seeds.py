#!/usr/bin/env python3
"""Writes Tests/OnyxFuzzingTests/seeds.npz: small files of every format that the fuzzer changes, by Pillow and NumPy.

usage: tools/fuzz_seeds.py
"""
import io
import json
import os

from export import environment

environment.ensure("numpy", "pillow")

import numpy
from PIL import Image

random = numpy.random.default_rng(1)
files = {}


def picture(mode, width=7, height=5):
    channels = {"L": 1, "RGB": 3, "RGBA": 4, "LA": 2, "CMYK": 4, "I;16": 1}.get(mode, 1)
    if mode == "I;16":
        return Image.fromarray(random.integers(0, 65536, (height, width)).astype(numpy.uint16))
    if mode in ("1", "P"):
        return Image.fromarray(random.integers(0, 256, (height, width), numpy.uint8)).convert(mode)
    shape = (height, width) if channels == 1 else (height, width, channels)
    return Image.fromarray(random.integers(0, 256, shape, numpy.uint8), mode)


def save(ending, form, mode, **options):
    stream = io.BytesIO()
    picture(mode).save(stream, form, **options)
    files[f"{len(files)}.{ending}"] = stream.getvalue()


exif = Image.Exif()
exif[0x0112] = 6
for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"):
    save("png", "PNG", mode)
save("png", "PNG", "RGB", exif=exif)
for mode in ("L", "RGB", "CMYK"):
    save("jpg", "JPEG", mode, quality=80)
save("jpg", "JPEG", "RGB", progressive=True, exif=exif, subsampling=2)
save("jpg", "JPEG", "RGB", restart_marker_blocks=1, subsampling=0)
for mode in ("1", "L", "P", "RGB"):
    save("bmp", "BMP", mode)
for mode in ("1", "L", "RGB", "I;16"):
    save("pnm", "PPM", mode)
files[f"{len(files)}.pnm"] = b"P3\n# text\n2 2\n255\n" + b" ".join(b"%d" % value for value in range(12)) + b"\n"
files[f"{len(files)}.pnm"] = b"P1 3 2\n1 0 1\n0 1 0\n"
for mode in ("1", "L", "P", "RGB", "RGBA", "CMYK", "I;16"):
    save("tiff", "TIFF", mode)
for compression in ("tiff_lzw", "tiff_deflate", "packbits", "jpeg"):
    save("tiff", "TIFF", "RGB", compression=compression)
save("tiff", "TIFF", "1", compression="group4")
save("tiff", "TIFF", "RGB", big_tiff=True)
for mode in ("RGB", "RGBA"):
    save("webp", "WEBP", mode, lossless=True)
    save("webp", "WEBP", mode, quality=50, exif=exif)
for mode in ("L", "RGB", "RGBA"):
    save("jp2", "JPEG2000", mode)
save("jp2", "JPEG2000", "RGB", no_jp2=True, irreversible=True)
save("jp2", "JPEG2000", "RGB", tile_size=(4, 4), quality_layers=[20, 10], num_resolutions=2)

for text in (
    [[1, 2], [3, 4]], {"x": [1.5, -2e3], "y": [True, False]}, [{"name": "x", "type": "float32", "shape": [2], "data": [1, 2]}],
    {"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 2], "data": [1, 2]}]}, [["a", "é\n"], ["", "\U0001f600"]],
    {"name": "c", "type": "complex64", "shape": [1], "data": [[1, 2]]}, [],
):
    files[f"{len(files)}.json"] = json.dumps(text).encode()
for recipe in (
    {"do_resize": True, "size": {"shortest_edge": 256}, "resample": 3, "do_center_crop": True, "crop_size": {"height": 224, "width": 224},
     "do_rescale": True, "rescale_factor": 0.00392156862745098, "do_normalize": True, "image_mean": [0.485, 0.456, 0.406],
     "image_std": [0.229, 0.224, 0.225]},
    {"size": 224, "image_mean": [0.5], "image_std": [0.5]},
    {"pretrained_cfg": {"input_size": [3, 224, 224], "crop_pct": 0.9, "interpolation": "bicubic", "mean": [0.5] * 3, "std": [0.5] * 3}},
):
    files[f"{len(files)}.recipe"] = json.dumps(recipe).encode()
for array in (
    numpy.arange(6, dtype=">i2").reshape(2, 3), numpy.asfortranarray(numpy.ones((3, 4), numpy.float64)), numpy.array(["ab", "cdé"]),
    numpy.array([b"ab", b"c"]), numpy.float32(3), numpy.zeros((0, 2), numpy.complex64), numpy.array([True, False]),
):
    stream = io.BytesIO()
    numpy.save(stream, array)
    files[f"{len(files)}.npy"] = stream.getvalue()
stream = io.BytesIO()
numpy.savez_compressed(stream, a=numpy.arange(3), b=numpy.eye(2))
files[f"{len(files)}.npz"] = stream.getvalue()

path = os.path.join(os.path.dirname(__file__), "..", "Tests", "OnyxFuzzingTests", "seeds.npz")
numpy.savez_compressed(path, **{name: numpy.frombuffer(content, numpy.uint8) for name, content in files.items()})
print(f"{len(files)} files, {os.path.getsize(path)} bytes")
