#!/usr/bin/env python3
"""Compares onnx.proto with the schema of the installed onnx package (1.23.2): names, numbers, labels, types and packing.

Text counts as bytes and members of a oneof as optional, as onnx.proto says. Exits 1 when anything differs.
"""
import pathlib
import re
import sys

from onnx import onnx_ml_pb2

SCALARS = {1: "double", 2: "float", 3: "int64", 4: "uint64", 5: "int32", 9: "bytes", 12: "bytes"}


def ours() -> dict:
    text = re.sub(r"//.*", "", pathlib.Path(__file__).with_name("onnx.proto").read_text())
    messages, path = {}, []
    for start, name, close, label, kind, field, number, packed in re.findall(
        r"(?:\b(message|enum) (\w+) \{)|(\})|(?:(optional|repeated) ([\w.]+) (\w+) = (\d+)( \[packed = true\])?;)", text
    ):
        if start:
            path.append(name)
            if start == "message":
                messages[".".join(path)] = {}
        elif close:
            path.pop()
        else:
            messages[".".join(path)][int(number)] = (field, label, kind.split(".")[-1], bool(packed))
    return messages


def standard() -> dict:
    messages = {}

    def add(message, prefix=""):
        name = prefix + message.name
        messages[name] = {
            f.number: (
                f.name, "repeated" if f.is_repeated else "optional",
                (f.message_type or f.enum_type).name if f.message_type or f.enum_type else SCALARS[f.type], bool(f.is_packed))
            for f in message.fields
        }
        for nested in message.nested_types:
            add(nested, name + ".")

    for message in onnx_ml_pb2.DESCRIPTOR.message_types_by_name.values():
        add(message)
    return messages


mine, theirs = ours(), standard()
different = [name for name in sorted(mine.keys() | theirs.keys()) if mine.get(name) != theirs.get(name)]
for name in different:
    print(f"{name}:\n  onnx.proto {mine.get(name)}\n  standard   {theirs.get(name)}")
print(f"{len(theirs)} messages, {len(different)} differ")
sys.exit(1 if different else 0)
