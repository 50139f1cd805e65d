#!/usr/bin/env python3
"""Writes what the installed onnx package says of every operator:

- Sources/OnyxOperators/StandardOperators.swift: the versions
- Tests/ArchitectureTests/StandardSignatures.txt: inputs, outputs, types and attributes of the newest version

usage: generate_standard.py [--check]     (needs onnx; --check fails when a file is not current)
"""
import collections
import os
import re
import sys

import numpy
import onnx

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
OPERATORS = os.path.join(ROOT, "Sources", "OnyxOperators", "StandardOperators.swift")
SIGNATURES = os.path.join(ROOT, "Tests", "ArchitectureTests", "StandardSignatures.txt")


# Deprecated operators that every converter still writes: here they stay what they were before.
ALIVE = {("ai.onnx.ml", "TreeEnsembleClassifier"), ("ai.onnx.ml", "TreeEnsembleRegressor")}


def rows():
    """One Swift line per operator, sorted by domain and name; experimental and deprecated ones are left out."""
    versions = collections.defaultdict(set)
    deprecated = {}
    until = {}
    for schema in onnx.defs.get_all_schemas_with_history():
        key = schema.domain, schema.name
        if schema.deprecated and key in ALIVE:
            until[key] = f", until: {schema.since_version}"
            continue
        versions[key].add(schema.since_version)
        if schema.since_version >= max(versions[key]):
            deprecated[key] = schema.deprecated
    for key, found in sorted(versions.items()):
        if not deprecated[key]:
            yield f'    .init("{key[1]}", "{key[0]}", {sorted(found)}{until.get(key, "")}),'


def newest_opsets():
    """One Swift line per domain."""
    newest = collections.defaultdict(int)
    for schema in onnx.defs.get_all_schemas_with_history():
        newest[schema.domain] = max(newest[schema.domain], schema.since_version)
    newest[""] = onnx.defs.onnx_opset_version()
    return "\n".join(f'    "{domain}": {version},' for domain, version in sorted(newest.items()))


def operators():
    """The whole Swift file."""
    head = f"""import OnyxGraph

/// The operators that the ONNX standard defines, each with the operator set versions that introduced or changed it.
/// Written by tools/generate_standard.py from onnx {onnx.__version__}.
package struct StandardOperator: Sendable {{
  package let op: OperatorName
  package let versions: [Int]
  /// The version that deprecates the operator; nil for one that no version does.
  package let deprecation: Int?

  init(_ name: String, _ domain: String, _ versions: [Int], until deprecation: Int? = nil) {{
    op = OperatorName(name, domain: domain)
    self.versions = versions
    self.deprecation = deprecation
  }}
}}

package enum StandardOperators {{
  /// The newest version of each domain.
  package static let newestOpsets: [String: Int] = [
{newest_opsets()}
  ]

  package static let all: [StandardOperator] = [
"""
    return head + "\n".join(rows()) + "\n  ]\n}\n"


def newest():
    """The newest schema of every operator that is not deprecated, by domain and name."""
    schemas = {(s.domain, s.name): s for s in onnx.defs.get_all_schemas()}
    for domain, name in ALIVE:
        schemas[domain, name] = onnx.defs.get_schema(name, schemas[domain, name].since_version - 1, domain)
    return [schema for _, schema in sorted(schemas.items()) if not schema.deprecated]


def type_name(text):
    """tensor(float) as Onyx writes it: float32; seq(tensor(float)): seq(float32); map(string, float): map(string,float32)."""
    text = re.sub(r"tensor\(([^()]*)\)", r"\1", text.replace(" ", ""))
    return re.sub(r"\bdouble\b", "float64", re.sub(r"\bfloat\b", "float32", text))


def parameters(formals):
    """name:type, with ? for optional and *N for variadic, at least N, with ~ where the types may differ."""
    marks = {"Single": lambda p: "", "Optional": lambda p: "?", "Variadic": lambda p: f"*{p.min_arity}" + ("" if p.is_homogeneous else "~")}
    return " ".join(f"{p.name}:{type_name(p.type_str)}{marks[p.option.name](p)}" for p in formals)


def default(attribute):
    """=VALUE, ! for a required attribute, nothing where absence has a meaning of its own."""
    if attribute.required:
        return "!"
    if not attribute.default_value.type:
        return ""
    value = onnx.helper.get_attribute_value(attribute.default_value)
    if isinstance(value, bytes):
        return "=" + value.decode()
    if isinstance(value, float):
        return "=" + str(numpy.float32(value))
    if isinstance(value, int):
        return f"={value}"
    return "=" + ",".join(str(v) for v in value)


def signatures():
    """The whole text file; a set of types that several operators use is named once."""
    sets = {}
    lines = []
    for schema in newest():
        types = []
        for constraint in sorted(schema.type_constraints, key=lambda c: c.type_param_str):
            allowed = ",".join(sorted(type_name(t) for t in constraint.allowed_type_strs))
            name = sets.setdefault(allowed, f"#{len(sets)}") if "," in allowed else allowed
            types.append(f"{constraint.type_param_str}={name}")
        attributes = [f"{a.name}:{a.type.name.lower()}{default(a)}" for _, a in sorted(schema.attributes.items())]
        name = f"{schema.domain}.{schema.name}" if schema.domain else schema.name
        fields = [name, str(schema.since_version), parameters(schema.inputs), parameters(schema.outputs)]
        lines.append("; ".join(fields + [" ".join(types), " ".join(attributes)]).rstrip())
    head = f"""# Written by tools/generate_standard.py from onnx {onnx.__version__}: the newest version of every operator.
# operator; version; inputs; outputs; type variables; attributes
# inputs and outputs name:type, ? optional, *N variadic with at least N, ~ of several types; attributes name:kind=default, ! required
"""
    return head + "".join(f"{name} {types}\n" for types, name in sets.items()) + "\n".join(lines) + "\n"


if __name__ == "__main__":
    for path, text in [(OPERATORS, operators()), (SIGNATURES, signatures())]:
        if "--check" not in sys.argv:
            open(path, "w").write(text)
        elif open(path).read() != text:
            sys.exit(f"{os.path.relpath(path, ROOT)} is not current")
