"""The wheel that tools/build_wheel wrote, which tools/check_python was given."""

import io
import os
import zipfile
from pathlib import Path

import numpy as np
import onyx
import pytest
from conftest import model
from onnx import TensorProto, helper
from PIL import Image

WHEEL = os.environ.get("ONYX_WHEEL", "")
LIMIT = 8_000_000

# What Pillow calls a format, and what Onyx does.
FORMATS = {"WEBP": "WebP", "TIFF": "TIFF", "JPEG2000": "JPEG 2000", "PNG": "PNG", "JPEG": "JPEG", "BMP": "BMP", "PPM": "PNM"}
OF_THE_SYSTEM = {"WEBP", "TIFF", "JPEG2000"}


@pytest.mark.skipif(not WHEEL, reason="tools/check_python was given no wheel")
def test_the_wheel_is_small_and_whole():
    path = Path(WHEEL)
    assert path.stat().st_size <= LIMIT
    assert "-cp311-abi3-manylinux_" in path.name or "-macosx_" in path.name
    names = zipfile.ZipFile(path).namelist()
    assert not [name for name in names if ".libs/" in name or "/.dylibs/" in name]
    assert {"onyx/__init__.py", "onyx/py.typed", "onyx/_onyx.pyi", "onyx/capi/__init__.py"} <= set(names)
    assert Path(onyx.__file__).parent.name == "onyx" and "site-packages" in onyx.__file__


@pytest.mark.parametrize("name", FORMATS)
def test_formats_are_read_or_refused_by_name(name, tmp_path):
    """A wheel lacks three libraries of the system; what it lacks it says, in files and in ImageDecoder."""
    pixels = np.random.default_rng(0).integers(0, 255, (24, 32, 3), dtype=np.uint8)
    options = {"lossless": True} if name == "WEBP" else {}
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, name, **options)
    path = tmp_path / f"photo.{name.lower()}"
    path.write_bytes(content.getvalue())
    wanted = np.asarray(Image.open(path).convert("RGB"))
    decoder = onyx.InferenceSession(
        model(
            [helper.make_node("ImageDecoder", ["x"], ["y"], pixel_format="RGB")],
            [("x", TensorProto.UINT8, ["n"])],
            [("y", TensorProto.UINT8, ["h", "w", 3])],
        )
    )
    feed = {"x": np.frombuffer(content.getvalue(), np.uint8)}
    if WHEEL and name in OF_THE_SYSTEM:
        with pytest.raises(onyx.OnyxError, match=f"this build of Onyx reads no {FORMATS[name]} pictures"):
            onyx.image(path)
        # What the standard asks for where an image cannot be decoded.
        assert decoder.run(None, feed)[0].size == 0
    else:
        np.testing.assert_allclose(onyx.image(path, layout="nhwc", scale=1)[0], wanted, atol=1)
        np.testing.assert_allclose(decoder.run(None, feed)[0].astype(int), wanted, atol=1)
