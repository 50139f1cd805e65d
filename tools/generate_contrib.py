#!/usr/bin/env python3
"""Writes Tests/ArchitectureTests/ContribSignatures.txt: the schemas that an installed onnxruntime gives for the operators of
com.microsoft that stand in the catalog, in the form of StandardSignatures.txt.

usage: tools/generate_contrib.py   (needs the Python packages onnx and onnxruntime)
"""
import pathlib
import re

import onnx
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as state

ROOT = pathlib.Path(__file__).resolve().parent.parent
TYPES = {"float": "float32", "double": "float64"}
KINDS = {"INT": "int", "INTS": "ints", "FLOAT": "float", "FLOATS": "floats", "STRING": "string", "STRINGS": "strings"}


def element(text):
    name = re.sub(r"tensor\((.*)\)", r"\1", text)
    return TYPES.get(name, name)


def parameter(p):
    return f"{p.name}:{element(p.typeStr)}" + ("?" if str(p.option).endswith("Optional") else "")


def attribute(name, a):
    kind = KINDS[str(a.type).rsplit(".", 1)[-1]]
    if a.required:
        return f"{name}:{kind}!"
    if not a._default_value:
        return f"{name}:{kind}"
    value = onnx.helper.get_attribute_value(onnx.AttributeProto.FromString(a._default_value))
    return f"{name}:{kind}={value.decode() if isinstance(value, bytes) else value}"


catalog = (ROOT / "Sources/OnyxOperators/Contrib").glob("*.swift")
names = {m for file in catalog for m in re.findall(r'"(\w+)", domain: "com.microsoft"', file.read_text())}
lines = [
    f"# Written by tools/generate_contrib.py from onnxruntime {onnxruntime.__version__}: the operators of com.microsoft in the catalog.",
    "# The columns are those of StandardSignatures.txt.",
]
for schema in sorted(state.get_all_operator_schema(), key=lambda s: s.name):
    if schema.domain != "com.microsoft" or schema.name not in names:
        continue
    variables = [f"{t.type_param_str}={','.join(sorted(map(element, t.allowed_type_strs)))}" for t in schema.type_constraints]
    attributes = [attribute(name, a) for name, a in sorted(schema.attributes.items())]
    columns = [
        f"com.microsoft.{schema.name}", str(schema.since_version), " ".join(map(parameter, schema.inputs)),
        " ".join(map(parameter, schema.outputs)), " ".join(variables), " ".join(attributes),
    ]
    lines.append("; ".join(columns).rstrip())
(ROOT / "Tests/ArchitectureTests/ContribSignatures.txt").write_text("\n".join(lines) + "\n")
