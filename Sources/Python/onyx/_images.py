"""Inputs of image files."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypedDict, Unpack

import numpy as np

from . import _onyx
from ._errors import InvalidArgument
from ._types import onyx_name

if TYPE_CHECKING:
    from ._session import InferenceSession

__all__ = ["ImageOptions", "image", "images"]


class ImageOptions(TypedDict, total=False):
    """How image files become numbers. What is not said suits the input; what is said goes before what `preprocess` says."""

    preprocess: str | os.PathLike[str] | Mapping[str, Any]
    """ "imagenet", "imagenet-bicubic", "yolo", "clip" or "none"; a preprocessor_config.json, a config.json with timm's pretrained_cfg or
    the folder with one; or what such a file holds."""
    resize: int | Sequence[int]
    """The length of the shorter side, or (height, width)."""
    crop: int | Sequence[int]
    """The middle that is left: the side of a square, or (height, width)."""
    letterbox: bool
    """The whole image with gray around it, in the size of `resize` or of the input."""
    interpolation: Literal["nearest", "box", "bilinear", "bicubic", "lanczos"]
    """How pixels are weighed where the size changes; bilinear."""
    antialias: bool
    """Whether an image that gets smaller is averaged over all its pixels, as by Pillow; True."""
    scale: float
    """Factor of the pixels; 1/255, of integers 1."""
    mean: float | Sequence[float]
    """Subtracted after scaling: one number, or one for each channel; 0."""
    std: float | Sequence[float]
    """Divides what is left: one number, or one for each channel; 1."""
    layout: Literal["nchw", "nhwc"]
    """The order of axes; "nchw" where the input does not look like the other."""
    dtype: Any
    """The type of the numbers; that of the input, float32 without one."""


def images(
    paths: Iterable[str | os.PathLike[str]],
    session: InferenceSession | None = None,
    input_name: str | None = None,
    **options: Unpack[ImageOptions],
) -> np.ndarray:
    """Image files as one array [N,C,H,W], which `InferenceSession.run` takes: PNG, JPEG, BMP, PNM, and TIFF, WebP and JPEG 2000 where the
    package was built with their libraries. Images are turned as their EXIF data says.

    session: the session whose input the array is for, which says its size, type, channels and order of axes.
    input_name: the input; the first one.
    options: see `ImageOptions`. Sizes, crops and weights are torchvision's, and 8-bit results Pillow's.
    """
    files = [os.fsencode(path) for path in ([paths] if isinstance(paths, (str, os.PathLike)) else paths)]
    unknown = [name for name in options if name not in ImageOptions.__annotations__]
    if unknown:
        raise TypeError(f"Images have no option '{unknown[0]}'. There are: {', '.join(ImageOptions.__annotations__)}.")
    pairs = [("type" if name == "dtype" else name, _text(name, given)) for name, given in options.items() if given is not None]
    if session is None:
        if input_name is not None:
            raise InvalidArgument("An input was named, and no session was given.")
        return _onyx.images(files, pairs)
    names = [port[0] for port in session._input_ports]
    if input_name is not None and input_name not in names:
        raise InvalidArgument(f"Invalid input name: {input_name}. The inputs are {names}.")
    return session._images(0 if input_name is None else names.index(input_name), files, pairs)


def image(
    path: str | os.PathLike[str],
    session: InferenceSession | None = None,
    input_name: str | None = None,
    **options: Unpack[ImageOptions],
) -> np.ndarray:
    """One image file as an array [1,C,H,W]; as `images`."""
    return images([path], session, input_name, **options)


def _text(name: str, given: Any) -> str:
    """An option as the library takes it."""
    if name == "preprocess":
        return _configuration(given)
    if name == "dtype":
        return onyx_name(given)
    if isinstance(given, bool):
        return "true" if given else "false"
    if name in ("resize", "crop"):
        return given if isinstance(given, str) else "x".join(str(int(side)) for side in np.atleast_1d(given))
    if name in ("mean", "std"):
        return ",".join(repr(float(number)) for number in np.atleast_1d(given))
    return repr(float(given)) if name == "scale" else str(given)


def _configuration(given: Any) -> str:
    """The name of a preset, or the text of a configuration."""
    if isinstance(given, Mapping):
        return json.dumps(dict(given))
    path = os.fspath(given)
    if os.path.isdir(path):
        names = [os.path.join(path, name) for name in ("preprocessor_config.json", "config.json")]
        path = next((name for name in names if os.path.exists(name)), names[0])
    if isinstance(given, str) and not os.path.exists(path):
        return given
    with open(path, encoding="utf-8") as file:
        return file.read()
