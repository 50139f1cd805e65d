#!/usr/bin/env python3
"""Writes the ONNX project's own backend test cases as directories for `onyx test OUT`.

usage: export_cases.py --copy OUT [--ops NAME,...] [--list]

The single-operator cases are built by the installed onnx package, whose expected outputs come from NumPy; with them go the
small PyTorch and graph cases that the package carries. --ops keeps the cases all of whose operators, except Constant, are
named. The directories are OUT/KIND/test_NAME, and OUT/cases.json gives each one's operators. All cases take a tolerance of
1e-3 relative and 1e-7 absolute. --list prints the operators with the number of their cases.
"""
import argparse
import json
import shutil
import sys
import warnings
from collections import Counter
from pathlib import Path

from export import environment

environment.ensure("numpy", "onnx", "pillow")

import numpy as np
import onnx
import onnx.backend.test
from onnx import numpy_helper
from onnx.backend.test.case import node as node_cases

SHIPPED = ("pytorch-converted", "pytorch-operator", "simple")


def operators(graph):
    """The operators of a graph and of the graphs inside it; one of another domain is written DOMAIN:NAME."""
    for node in graph.node:
        yield f"{node.domain}:{node.op_type}" if node.domain not in ("", "ai.onnx") else node.op_type
        for attribute in node.attribute:
            for inner in [attribute.g, *attribute.graphs]:
                yield from operators(inner)


def used(model):
    """The sorted operators of a model and of its functions, without Constant."""
    names = set(operators(model.graph))
    for function in model.functions:
        names |= set(operators(function))
        names.discard(f"{function.domain}:{function.name}")
    return sorted(names - {"Constant"})


def encoded(value, slot):
    """A test value as the bytes of the protobuf message that its declared type asks for."""
    if hasattr(value, "SerializeToString"):
        return value.SerializeToString(deterministic=True)
    kind = slot.type.WhichOneof("value")
    encode = {
        "map_type": numpy_helper.from_dict,
        "sequence_type": numpy_helper.from_list,
        "optional_type": numpy_helper.from_optional,
        "tensor_type": lambda array, name: numpy_helper.from_array(np.asarray(array), name),
    }[kind]
    return encode(value, slot.name).SerializeToString(deterministic=True)


def write_case(case, folder):
    """Writes one case of the onnx package as a test directory."""
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(case.model.SerializeToString(deterministic=True))
    for index, (inputs, outputs) in enumerate(case.data_sets):
        target = folder / f"test_data_set_{index}"
        target.mkdir()
        for kind, values, slots in (("input", inputs, case.model.graph.input), ("output", outputs, case.model.graph.output)):
            for place, (value, slot) in enumerate(zip(values, slots)):
                (target / f"{kind}_{place}.pb").write_bytes(encoded(value, slot))


def node_sources():
    """The single-operator cases as (directory, operators, function that writes it to a folder)."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for case in node_cases.collect_testcases():
            yield f"{case.kind}/{case.name}", used(case.model), lambda folder, case=case: write_case(case, folder)


def shipped_sources():
    """The cases that the onnx package carries as files, in the same form."""
    data = Path(onnx.backend.test.__file__).parent / "data"
    for path in sorted(data.glob("*/*/model.onnx")):
        kind, name = path.parts[-3:-1]
        if kind in SHIPPED:
            yield f"{kind}/{name}", used(onnx.load(path)), lambda folder, path=path: shutil.copytree(path.parent, folder)


def chosen(ops):
    """The cases whose operators are all wanted; without a list, all cases."""
    for source in [*node_sources(), *shipped_sources()]:
        if not ops or set(source[1]) <= ops:
            yield source


def main():
    """Writes or lists the chosen cases."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--copy", type=Path, metavar="OUT")
    options.add_argument("--ops", default="", help="operators, separated by commas, or @FILE with one a line")
    options.add_argument("--list", action="store_true")
    args = options.parse_args()
    if not args.copy and not args.list:
        options.error("say --copy OUT or --list")
    text = Path(args.ops[1:]).read_text() if args.ops.startswith("@") else args.ops
    ops = set(text.replace(",", " ").split())
    cases = list(chosen(ops))
    counts = Counter(name for case in cases for name in case[1])
    if args.list:
        print("\n".join(f"{name} {count}" for name, count in sorted(counts.items())))
    if absent := ops - set(counts):
        print(f"no case for: {', '.join(sorted(absent))}", file=sys.stderr)
    if args.copy:
        index = {}
        for name, names, write in cases:
            shutil.rmtree(args.copy / name, ignore_errors=True)
            (args.copy / name).parent.mkdir(parents=True, exist_ok=True)
            write(args.copy / name)
            index[name] = names
        (args.copy / "cases.json").write_text(json.dumps(index, indent=1) + "\n")
        print(f"{len(cases)} cases in {args.copy}")


if __name__ == "__main__":
    main()
