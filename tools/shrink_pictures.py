#!/usr/bin/env python3
"""Rewrites PNG files with a palette of 256 colours, for pictures of pages in docs/.

usage: shrink_pictures.py FILE...
"""
import sys

from export import environment

environment.ensure("pillow")

from PIL import Image

for path in sys.argv[1:]:
    with Image.open(path) as image:
        small = image.convert("RGB").quantize(256, method=Image.Quantize.MAXCOVERAGE, kmeans=3, dither=Image.Dither.FLOYDSTEINBERG)
    small.save(path, optimize=True)
