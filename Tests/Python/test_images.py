"""Image files as inputs, beside Pillow and, where it is installed, torchvision."""

import json
from pathlib import Path

import numpy as np
import onyx
import pytest
from conftest import model
from onnx import TensorProto, helper
from PIL import Image, ImageOps

MEAN, STD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    """A path of a picture of 300 × 200 pixels with edges, ramps and noise, and the picture."""
    rows, columns = np.mgrid[0:200, 0:300]
    ramps = np.stack([columns * 0.85, rows * 1.27, (rows + columns) % 256], -1)
    ramps[50:120, 80:200] = 255 - ramps[50:120, 80:200]
    noise = np.random.default_rng(0).integers(-20, 20, ramps.shape)
    image = Image.fromarray(np.clip(ramps + noise, 0, 255).astype(np.uint8))
    path = tmp_path_factory.mktemp("images") / "photo.png"
    image.save(path)
    return path, image


def planes(image):
    return np.asarray(image, np.uint8).transpose(2, 0, 1)[None]


def resized(image, size, method=Image.Resampling.BILINEAR):
    return planes(image.resize(size, method))


def test_pixels_as_they_are(photo):
    path, image = photo
    made = onyx.image(path)
    assert made.shape == (1, 3, 200, 300) and made.dtype == np.float32 and made.flags.writeable
    np.testing.assert_allclose(made, planes(image) / 255, rtol=1e-6)
    np.testing.assert_array_equal(onyx.image(str(path), dtype=np.uint8), planes(image))
    np.testing.assert_array_equal(onyx.image(path, dtype="uint8", layout="nhwc"), planes(image).transpose(0, 2, 3, 1))
    np.testing.assert_allclose(onyx.image(path, dtype=np.float16), planes(image) / 255, atol=5e-4)
    np.testing.assert_allclose(onyx.image(path, scale=1, mean=(1, 2, 3), std=2)[0, 2], (planes(image)[0, 2] - 3.0) / 2, rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("nearest", Image.Resampling.NEAREST),
        ("box", Image.Resampling.BOX),
        ("bilinear", Image.Resampling.BILINEAR),
        ("bicubic", Image.Resampling.BICUBIC),
        ("lanczos", Image.Resampling.LANCZOS),
    ],
)
def test_sizes_are_those_of_pillow(photo, name, method):
    path, image = photo
    np.testing.assert_array_equal(onyx.image(path, resize=(96, 64), interpolation=name, dtype=np.uint8), resized(image, (64, 96), method))
    # The shorter side, then the middle.
    whole = resized(image, (144, 96), method)
    np.testing.assert_array_equal(onyx.image(path, resize=96, interpolation=name, dtype=np.uint8), whole)
    np.testing.assert_array_equal(onyx.image(path, resize=96, crop=64, interpolation=name, dtype=np.uint8), whole[:, :, 16:80, 40:104])
    cropped = onyx.image(path, resize=96, crop=[80, 32], interpolation=name, dtype=np.uint8)
    np.testing.assert_array_equal(cropped, whole[:, :, 8:88, 56:88])


def test_a_letterbox_has_gray_around_the_whole(photo):
    path, image = photo
    made = onyx.image(path, letterbox=True, resize=(120, 120), dtype=np.uint8)
    np.testing.assert_array_equal(made[:, :, 20:100], resized(image, (120, 80)))
    assert (made[:, :, :20] == 114).all() and (made[:, :, 100:] == 114).all()


def test_presets(photo):
    path, image = photo
    short = resized(image, (384, 256)) / 255
    wanted = (short[:, :, 16:240, 80:304] - MEAN[:, None, None]) / STD[:, None, None]
    np.testing.assert_allclose(onyx.image(path, preprocess="imagenet"), wanted, atol=1e-5)
    assert onyx.image(path, preprocess="yolo").shape == (1, 3, 640, 640)
    # What is said goes before the preset.
    np.testing.assert_allclose(onyx.image(path, preprocess="imagenet", mean=0, std=1), short[:, :, 16:240, 80:304], atol=1e-6)


def test_presets_are_those_of_torchvision(photo):
    transforms = pytest.importorskip("torchvision.transforms")
    path, image = photo
    normalize = transforms.Normalize(MEAN.tolist(), STD.tolist())
    chain = transforms.Compose([transforms.Resize(256), transforms.CenterCrop(224), transforms.ToTensor(), normalize])
    np.testing.assert_allclose(onyx.image(path, preprocess="imagenet")[0], chain(image).numpy(), atol=1e-5)


@pytest.mark.parametrize("form", ["dict", "file", "folder"])
def test_configurations(photo, form, tmp_path):
    path, image = photo
    facts = {"do_resize": True, "size": {"height": 64, "width": 48}, "image_mean": [0.5] * 3, "image_std": [0.25] * 3, "resample": 2}
    given = facts
    if form != "dict":
        (tmp_path / "preprocessor_config.json").write_text(json.dumps(facts))
        given = tmp_path if form == "folder" else tmp_path / "preprocessor_config.json"
    made = onyx.image(path, preprocess=given)
    np.testing.assert_allclose(made, (resized(image, (48, 64)) / 255 - 0.5) / 0.25, atol=1e-5)


def test_an_input_says_what_it_takes(photo, digits, models):
    path, image = photo
    session = onyx.InferenceSession(digits)
    samples = sorted((models / "digits" / "samples").glob("*.png"))
    batch = onyx.images(samples, session)
    assert batch.shape == (len(samples), 1, 28, 28) and batch.dtype == np.float32
    np.testing.assert_allclose(batch[:, 0], [np.asarray(Image.open(file).convert("L")) / 255 for file in samples], atol=1e-6)
    labels = session.run(None, {"image": onyx.images(samples, session, "image")})[0].argmax(1)
    assert labels.tolist() == [int(file.stem.split("-")[1]) for file in samples]

    inputs = [("a", TensorProto.FLOAT, [1]), ("x", TensorProto.UINT8, [1, 40, 30, 3])]
    made = model([helper.make_node("Identity", ["x"], ["y"])], inputs, [("y", TensorProto.UINT8, [1, 40, 30, 3])])
    fitted = onyx.image(path, onyx.InferenceSession(made), "x")
    # What covers 30 × 40, and its middle.
    np.testing.assert_array_equal(fitted, resized(image, (60, 40))[:, :, :, 15:45].transpose(0, 2, 3, 1))


def test_exif_turns(photo, tmp_path):
    image = photo[1]
    exif = Image.Exif()
    exif[0x0112] = 6
    image.save(tmp_path / "turned.jpg", quality=95, exif=exif)
    wanted = planes(ImageOps.exif_transpose(Image.open(tmp_path / "turned.jpg")))
    made = onyx.image(tmp_path / "turned.jpg", dtype=np.uint8)
    assert made.shape == (1, 3, 300, 200) and np.abs(made.astype(int) - wanted).max() <= 1


def test_mistakes(photo, digits, tmp_path):
    path = photo[0]
    session = onyx.InferenceSession(digits)
    for error, call in [
        (onyx.NoSuchFile, lambda: onyx.image(tmp_path / "none.png")),
        (onyx.InvalidArgument, lambda: onyx.images([])),
        (onyx.InvalidArgument, lambda: onyx.image(path, preprocess="imagnet")),
        (onyx.InvalidArgument, lambda: onyx.image(path, resize="large")),
        (onyx.InvalidArgument, lambda: onyx.image(path, crop=0)),
        (onyx.InvalidArgument, lambda: onyx.image(path, letterbox=True)),
        (onyx.InvalidArgument, lambda: onyx.image(path, letterbox=True, resize=20, crop=10)),
        (onyx.InvalidArgument, lambda: onyx.image(path, interpolation="cubic")),
        (onyx.InvalidArgument, lambda: onyx.image(path, mean=(1, 2))),
        (onyx.InvalidArgument, lambda: onyx.image(path, std=0)),
        (onyx.InvalidArgument, lambda: onyx.image(path, dtype="datetime64[s]")),
        (onyx.InvalidArgument, lambda: onyx.image(path, session, "logits")),
        (onyx.InvalidArgument, lambda: onyx.image(path, None, "image")),
        (onyx.InvalidArgument, lambda: onyx.images([path, Path(digits).parent / "samples" / "digit-8-773.png"])),
        (onyx.InvalidGraph, lambda: onyx.image(path, preprocess={})),
        (TypeError, lambda: onyx.image(path, size=2)),
    ]:
        with pytest.raises(error):
            call()
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(onyx.OnyxError, match="text.png"):
        onyx.image(tmp_path / "text.png")
    session.close()
    with pytest.raises(ValueError, match="closed"):
        onyx.image(path, session)
