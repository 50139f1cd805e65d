"""Writes README.md and manifest.json of the models folder from what is in it."""
import hashlib
import json
from collections import Counter

import onnx

from export import environment, rows

HEAD = """# Models

Made by `tools/export_models.py` and `tools/train_digits.py`; this page and `manifest.json` (SHA-256 of every file) are
written by them too. Each model lies in an ONNX backend test directory: `model.onnx` and `test_data_set_N/input_M.pb`,
`output_M.pb`; a model with a dynamic batch has a second data set with another batch size. `onyx test models` checks all.

The definitions are in `tools/export/blocks.py` and `tools/export/keras_row.py`: the channels, reduction ratios and
kernels of the source, on smaller maps to keep the folder small (`export_models.py --full-size --output DIR` makes the
source's shapes). Weights are seeded. Expected outputs are computed by the framework of the last column in float32, never by a
runtime; ONNX Runtime only confirms the exports. With the versions below every file comes out byte for byte the same, but
for Keras's (TensorFlow numbers shared layers differently each time) and the trained digits.

`gates.npz` beside a model, from `tools/export_gates.py`, holds the gates and maps inside PyTorch's module, or of Keras's layers, for
the inputs of `test_data_set_0`.
"""


def dims(value):
    """A value's shape as text, symbolic dimensions by name."""
    return "×".join(d.dim_param or str(d.dim_value) for d in value.type.tensor_type.shape.dim)


def size_of(folder):
    """The bytes of all files below a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def opset(model):
    """The version of the default operator set."""
    return next(entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx"))


def variants(names):
    """The variants below a folder as text, the usual four in short."""
    usual = {f"{exporter}-{batch}" for exporter in ("torchscript", "dynamo") for batch in ("static", "dynamic")}
    if set(names) == usual:
        return "{torchscript,dynamo}-{static,dynamic}"
    return ", ".join(sorted(names, key=lambda name: (name.split("-")[0] == "dynamo", len(name), name)))


def line(folder, system, source):
    """One table line for all variants below a folder."""
    models = {path.parent.name: onnx.load(path, load_external_data=False) for path in sorted(folder.glob("*/model.onnx"))}
    versions = ", ".join(str(v) for v in sorted({opset(model) for model in models.values()}))
    shapes = {", ".join(dims(value) for value in model.graph.input) for model in models.values()}
    fixed = [shape for shape in sorted(shapes) if shape[0].isdigit()] or sorted(shapes)
    size = f"{size_of(folder) / 1024:.0f} KB"
    return f"| {folder.name} | {system} | {variants(models)} | {versions} | {fixed[0]} | {source} | {size} |"


def histogram(paths):
    """Operator counts of some models, most frequent first."""
    counts = Counter()
    for path in paths:
        counts.update(node.op_type for node in onnx.load(path, load_external_data=False).graph.node)
    return ", ".join(f"{op} {count}" for op, count in counts.most_common())


def digits(folder):
    """The section on the digits network, from the report its training wrote."""
    report = folder / "report.json"
    if not report.exists():
        return []
    facts = json.loads(report.read_text())
    size = facts["size"]
    return [
        "", "## digits", "",
        f"A residual CNN with a CBAM, an SE and an ECA block, {facts['parameters']} parameters, trained by `tools/train_digits.py` on "
        f"scikit-learn's `load_digits` (8×8 pixels, enlarged to {size}×{size}).",
        f"Split seed {facts['seed']}: {facts['train']} digits to train, {facts['held_out']} held out. "
        f"**Accuracy on the held-out digits: {facts['accuracy'] * 100:.2f} %** ({facts['correct']} of {facts['held_out']}), "
        "measured with PyTorch at the end of training.", "",
        f"- `model.onnx`: opset {facts['opset']}, dynamic batch. Input `image` is float32 batch×1×{size}×{size} with "
        "pixels in [0, 1]: the bytes of a PNG divided by 255. The normalisation is in the graph. Output `logits` is batch×10.",
        "- `labels.txt`: one label a line. `samples/digit-LABEL-INDEX.png`: held-out digits that it reads right, 8 bit grayscale.",
        f"- `held-out.npz`: all {facts['held_out']} held-out digits: `images` uint8 N×1×{size}×{size}, `labels` int64 N; "
        "`test_data_set_0` and `test_data_set_1` hold PyTorch's outputs for 8 of them and for 1.",
    ]


def skeletons(folder):
    """The section on networks without weights, from the table that their export wrote."""
    table = folder / "blocks.json"
    if not table.exists():
        return []
    found = json.loads(table.read_text())
    lines = [
        "", "## skeletons", "",
        "Whole networks of timm, torchvision and segmentation_models_pytorch by `tools/export_skeletons.py`, with both exporters: nodes, names and shapes without "
        "weights (large ones are sparse initializers without elements, zeros to ONNX). `blocks.json` lists the modules they were built with.", "",
        "| network | blocks |", "|---|---|"]
    for name in sorted(found):
        lines.append(f"| {name} | {', '.join(f'{len(places)} {kind}' for kind, places in sorted(found[name].items())) or 'none'} |")
    return lines


def blocks_of(networks):
    """The table of networks by name, with their exporters and blocks."""
    lines = ["| network | exporters | blocks |", "|---|---|---|"]
    for name, network in sorted(networks.items()):
        counts = Counter(block["kind"] for block in network["blocks"])
        found = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items())) or "none"
        lines.append(f"| {name} | {', '.join(network['exporters'])} | {found} |")
    return lines


def attention(folder):
    """The section on networks with attention of queries over keys."""
    table = folder / "attention.json"
    if not table.exists():
        return []
    return [
        "", "### attention", "",
        "Small or shallow transformers and networks like them by `tools/export_skeletons.py --attention`, in the same form, with short names "
        "of values. `attention.json` says of each which exporters can write it and what its modules say of every block: kind, heads, mask "
        "and bias.", "", *blocks_of(json.loads(table.read_text()))]


def kinds(folder):
    """The section on small networks with each kind of attention."""
    table = folder / "kinds.json"
    if not table.exists():
        return []
    return [
        "", "## kinds", "",
        "Small networks with seeded weights by `tools/export_kinds.py`, for each kind of attention whose values no other model here has: "
        "`NAME-EXPORTER.onnx`, and in `NAME.npz` the input `x` with the gates and maps inside of PyTorch's modules, by the module. `kinds.json` "
        "says which exporters can write each and which modules its blocks are.", "", *blocks_of(json.loads(table.read_text()))]


def write_readme(root):
    """Writes README.md."""
    table = ["", "| id | system | variants | opset | input | expected output | size |", "|---|---|---|---|---|---|---|"]
    lines = [*HEAD.splitlines(), "", "## attention", *table]
    for row in rows.ROWS:
        lines.append(line(root / "attention" / row.id, row.system, "PyTorch"))
    lines.append(line(root / "attention" / rows.KERAS.id, rows.KERAS.system, "Keras"))
    external = sorted(path.relative_to(root).parent for path in root.rglob("model.onnx.data"))
    places = ", ".join(f"`{path}`" for path in external)
    lines += ["", f"Weights in `model.onnx.data`: {places}. All others hold their weights."]
    lines += ["", "`self-attention`, `cross-attention` and `non-local` are the three forms of the source's row `self-attention`."]
    lines += ["", "## opsets", "", "The same block at other operator set versions.", *table]
    for folder in sorted((root / "opsets").iterdir()):
        lines.append(line(folder, next(row.system for row in rows.ROWS if row.id == folder.name), "PyTorch"))
    lines += digits(root / "digits")
    lines += skeletons(root / "skeletons") + attention(root / "skeletons" / "attention")
    lines += kinds(root / "kinds")
    lines += ["", "## operators", ""]
    for kind in ("torchscript", "dynamo", "keras"):
        lines.append(f"- {kind}: {histogram(root.glob(f'attention/*/{kind}-*/model.onnx'))}")
    pins = ", ".join(f"{name} {version}" for name, version in environment.pins().items())
    lines += ["", "## versions", "", f"{pins}; Python 3.11."]
    (root / "README.md").write_text("\n".join(lines) + "\n")


def write_manifest(root):
    """Writes manifest.json: the SHA-256 of every model, tensor and image."""
    files = [path for path in sorted(root.rglob("*")) if path.is_file() and path.name not in ("README.md", "manifest.json")]
    sums = {path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    (root / "manifest.json").write_text(json.dumps(sums, indent=1) + "\n")


def write(root):
    """Writes both pages, and returns the size of the folder in bytes."""
    write_readme(root)
    write_manifest(root)
    return size_of(root)
