"""Packages of PyPI that ship models and run them by onnxruntime: on Onyx they find the same.

They are installed into environments of their own, without dependencies that the models do not need; skipped where PyPI is out of reach.
"""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from conftest import ROOT

pytestmark = pytest.mark.packages
ENVIRONMENTS = ROOT / ".build-test" / "python-packages"


def python_of(name, packages):
    """The interpreter of an environment that sees this one's packages and has `packages` besides."""
    folder = ENVIRONMENTS / name
    marker = folder / "installed.txt"
    text = "\n".join(packages)
    if not marker.exists() or marker.read_text() != text:
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        for arguments in packages:
            command = [folder / "bin" / "pip", "install", "-q", "--disable-pip-version-check", "--no-input", *arguments.split()]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                reason = f"{arguments} cannot be installed: {done.stderr.strip().splitlines()[-1]}"
                if os.environ.get("CI") == "true":
                    pytest.fail(reason)
                pytest.skip(reason)
        marker.write_text(text)
    own = next((folder / "lib").glob("python*")) / "site-packages"
    (own / "shared.pth").write_text(next(path for path in sys.path if path.endswith("site-packages")))
    return folder / "bin" / "python"


def results(python, text):
    """What the code prints as JSON on onnxruntime, and on Onyx under its name."""
    outputs = []
    for start in ("", "import onyx; onyx.install_as_onnxruntime()\n"):
        done = subprocess.run([python, "-c", start + RUNTIME + textwrap.dedent(text)], capture_output=True, text=True, cwd=ROOT)
        assert done.returncode == 0, done.stderr[-3000:]
        outputs.append(json.loads(done.stdout.splitlines()[-1]))
        assert outputs[-1].pop("runtime") == ("onyx" if start else "onnxruntime")
    return outputs


RUNTIME = 'import sys, onnxruntime; runtime = "onyx" if getattr(onnxruntime, "_is_onyx", False) else "onnxruntime"\n'


def test_magika():
    python = python_of("magika", ["--no-deps magika==1.0.3", "click python-dotenv"])
    theirs, ours = results(
        python,
        """
        import json
        from pathlib import Path
        from magika import Magika
        found = {}
        tool = Magika()
        for path in ("README.md", "Package.swift", "tools/python/onyx_build.py", "models/digits/model.onnx", "docs/attention-dark.png",
                     "Sources/COnyx/include/onyx.h", "models/digits/held-out.npz", "tools/install"):
            result = tool.identify_path(Path(path))
            found[path] = [str(result.output.label), float(result.score)]
        print(json.dumps({"runtime": runtime, "found": found}))
    """,
    )
    assert {path: label for path, (label, _) in ours["found"].items()} == {path: label for path, (label, _) in theirs["found"].items()}
    for path, (_, score) in ours["found"].items():
        assert score == pytest.approx(theirs["found"][path][1], abs=1e-5)
    assert ours["found"]["README.md"][0] == "markdown" and ours["found"]["tools/python/onyx_build.py"][0] == "python"


def test_silero_vad():
    """The model alone: the package's wrapper needs PyTorch, and its numbers come from the same calls."""
    python = python_of("silero", ["--no-deps silero-vad==6.2.3"])
    theirs, ours = results(
        python,
        """
        import importlib.util, json
        from pathlib import Path
        import numpy as np
        folder = Path(importlib.util.find_spec("silero_vad").origin).parent / "data"
        options = onnxruntime.SessionOptions()
        options.inter_op_num_threads = 1
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(str(folder / "silero_vad.onnx"), providers=["CPUExecutionProvider"], sess_options=options)
        rng = np.random.default_rng(0)
        time = np.arange(16000 * 3) / 16000
        # A voice of sorts: pulses at 120 Hz through three resonances, which stop for a second.
        sound = sum(np.sin(2 * np.pi * 120 * n * time) / n for n in range(1, 30)) * (np.abs(time - 1.5) > 0.5)
        sound = (0.2 * sound * (1 + 0.5 * np.sin(2 * np.pi * 4 * time)) + 0.003 * rng.standard_normal(time.size)).astype(np.float32)
        state, context, shares = np.zeros((2, 1, 128), np.float32), np.zeros((1, 64), np.float32), []
        for start in range(0, sound.size - 511, 512):
            chunk = np.concatenate([context, sound[None, start:start + 512]], axis=1)
            output, state = session.run(None, {"input": chunk, "state": state, "sr": np.array(16000, dtype="int64")})
            context = chunk[..., -64:]
            shares.append(float(output[0, 0]))
        print(json.dumps({"runtime": runtime, "shares": shares}))
    """,
    )
    assert len(ours["shares"]) == 93 and ours["shares"] == pytest.approx(theirs["shares"], abs=1e-4)
    assert max(ours["shares"]) - min(ours["shares"]) > 0.01


def test_rapidocr():
    python = python_of(
        "rapidocr", ["--no-deps rapidocr==3.10.0", "opencv-python-headless six shapely pyclipper pyyaml tqdm omegaconf requests colorlog"]
    )
    theirs, ours = results(
        python,
        """
        import json, logging
        import numpy as np
        from PIL import Image, ImageDraw, ImageFont
        from rapidocr import RapidOCR
        logging.disable(logging.CRITICAL)
        picture = Image.new("RGB", (640, 220), "white")
        pen = ImageDraw.Draw(picture)
        for row, text in enumerate(["Onyx reads this text", "and the number 20261130"]):
            pen.text((30, 30 + 90 * row), text, fill="black", font=ImageFont.load_default(44))
        result = RapidOCR()(np.asarray(picture)[..., ::-1].copy())
        print(json.dumps({"runtime": runtime, "texts": list(result.txts), "scores": [float(s) for s in result.scores],
                          "boxes": np.asarray(result.boxes).tolist()}))
    """,
    )
    assert ours["texts"] == theirs["texts"] and "20261130" in "".join(ours["texts"])
    assert ours["scores"] == pytest.approx(theirs["scores"], abs=1e-3)
    for mine, other in zip(ours["boxes"], theirs["boxes"], strict=True):
        assert sum(mine, []) == pytest.approx(sum(other, []), abs=1)


def test_nudenet():
    python = python_of("nudenet", ["--no-deps nudenet==3.4.2", "opencv-python-headless"])
    theirs, ours = results(
        python,
        """
        import json
        from pathlib import Path
        import numpy as np
        from nudenet import NudeDetector
        detector = NudeDetector()
        pictures = [np.random.default_rng(0).integers(0, 256, (240, 320, 3), dtype=np.uint8)]
        rows = [detector.detect(picture) for picture in pictures]
        # Nothing is to be seen; so the numbers behind the boxes are compared, too.
        session = detector.onnx_session
        feed = {session.get_inputs()[0].name: np.random.default_rng(1).random((1, 3, 320, 320), dtype=np.float32)}
        output = session.run(None, feed)[0]
        print(json.dumps({"runtime": runtime, "rows": rows, "shape": output.shape, "sample": output.reshape(-1)[::97].tolist()}))
    """,
    )
    assert ours["shape"] == theirs["shape"] and ours["rows"] == theirs["rows"]
    largest = max(map(abs, theirs["sample"]))
    assert ours["sample"] == pytest.approx(theirs["sample"], rel=1e-3, abs=1e-4 * largest)


def test_code_like_insightfaces():
    """A class around a session that is pickled by its path, with a model of the repository."""
    theirs, ours = results(
        Path(sys.executable),
        """
        import json, pickle
        import numpy as np
        import onnx

        class PickableInferenceSession(onnxruntime.InferenceSession):
            def __init__(self, model_path, **kwargs):
                super().__init__(model_path, **kwargs)
                self.model_path = model_path
            def __getstate__(self):
                return {"model_path": self.model_path}
            def __setstate__(self, values):
                self.__init__(values["model_path"])

        session = PickableInferenceSession("models/digits/model.onnx", providers=[("CPUExecutionProvider", {})])
        shape = session.get_inputs()[0].shape
        assert isinstance(shape[0], str) and tuple(shape[2:4][::-1]) == (28, 28)
        names = [output.name for output in session.get_outputs()]
        blob = np.full((1, 1, 28, 28), 0.25, np.float32)
        print(json.dumps({"runtime": runtime, "out": session.run(names, {session.get_inputs()[0].name: blob})[0].tolist()}))
    """,
    )
    assert ours["out"][0] == pytest.approx(theirs["out"][0], abs=1e-4)
