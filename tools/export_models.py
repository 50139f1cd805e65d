#!/usr/bin/env python3
"""Exports every attention system of the catalogue as ONNX backend test directories, from both PyTorch exporters.

usage: export_models.py [--output DIR] [--only ID,...] [--full-size]

Runs under the versions of requirements-export.txt, in a `.venv` that it makes when needed. Without --output it writes
models/ of this repository, with its README.md and manifest.json. --full-size takes the shapes of the source.
"""
import argparse
import shutil
import subprocess
import sys
from pathlib import Path

from export import environment

environment.ensure()

import onnx

from export import catalog, onnxfiles, rows, torchmodels

LIMIT = 1e-5
OPSETS = {"torchscript": (9, 11, 13, 15), "dynamo": (18, 21, 23)}
OPSET_ROWS = ("se-avg", "cbam-fc")


def parts(row, full_size):
    """The module, its inputs, and inputs of another batch size."""
    shapes = row.source if full_size else row.shape
    module = torchmodels.sharpen(row.build(), row.id)
    other = 3 if shapes[0][0] == 1 else 1
    return module, torchmodels.random_inputs(row.id, shapes), torchmodels.random_inputs(row.id, shapes, other)


def export_row(row, folder, full_size):
    """Writes the four variants of a row and yields their directories."""
    module, inputs, other = parts(row, full_size)
    for variant in torchmodels.VARIANTS:
        exporter, batch = variant.split("-")
        torchmodels.save_case(
            module, inputs, folder / variant, exporter, batch == "dynamic", other, row.inputs, external=variant in row.external)
        yield folder / variant


def export_keras(folder, full_size):
    """Writes the Keras row from a process of its own and returns its directories."""
    command = [sys.executable, "-m", "export.keras_row", str(folder.resolve()), "source" if full_size else "small"]
    done = subprocess.run(command, cwd=environment.ROOT / "tools", capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"error: the Keras export failed\n{done.stderr}")
    return sorted(folder.iterdir())


def export_opsets(row, folder):
    """Writes a row with a dynamic batch at other operator set versions and yields the directories."""
    module, inputs, other = parts(row, False)
    for exporter, versions in OPSETS.items():
        for version in versions:
            target = folder / f"{exporter}-opset{version}"
            torchmodels.save_case(module, inputs, target, exporter, True, other, row.inputs, opset=version)
            found = catalog.opset(onnx.load(target / "model.onnx"))
            if found != version:
                raise ValueError(f"{target}: the exporter wrote opset {found}")
            yield target


def directories(root, only, full_size):
    """Exports what was asked for and yields each directory written."""
    jobs = []
    for row in rows.ROWS:
        jobs.append((root / "attention" / row.id, row.id, lambda folder, row=row: export_row(row, folder, full_size)))
    jobs.append((root / "attention" / rows.KERAS.id, rows.KERAS.id, lambda folder: export_keras(folder, full_size)))
    if not full_size:
        chosen = [row for row in rows.ROWS if row.id in OPSET_ROWS]
        jobs += [(root / "opsets" / row.id, "opsets", lambda folder, row=row: export_opsets(row, folder)) for row in chosen]
    unknown = set(only) - {name for _, name, _ in jobs}
    if unknown:
        sys.exit(f"error: no such row: {', '.join(sorted(unknown))}")
    for folder, name, export in jobs:
        if not only or name in only:
            shutil.rmtree(folder, ignore_errors=True)
            yield from export(folder)


def main():
    """Exports, checks each export against its expected outputs, and writes the pages of models/."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--output", type=Path)
    options.add_argument("--only", default="", help="row ids, or opsets")
    options.add_argument("--full-size", action="store_true")
    args = options.parse_args()
    if args.full_size and not args.output:
        options.error("--full-size needs --output: models/ keeps the small shapes")
    root = args.output or environment.ROOT / "models"
    errors = {}
    for folder in directories(root, [name for name in args.only.split(",") if name], args.full_size):
        errors[folder] = onnxfiles.check_case(folder)
        print(f"{folder.relative_to(root)}  relative error {errors[folder]:.1e}", flush=True)
    worst = max(errors, key=errors.get)
    print(f"{len(errors)} models, largest relative error {errors[worst]:.1e} ({worst.relative_to(root)})")
    if not args.output:
        print(f"models/: {catalog.write(root) / 1e6:.1f} MB")
    if errors[worst] > LIMIT:
        sys.exit(f"error: {worst.relative_to(root)} differs from its reference by more than {LIMIT}")


if __name__ == "__main__":
    main()
