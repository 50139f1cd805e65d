#!/usr/bin/env python3
"""Writes Sources/OnyxOperators/StandardOperators.swift: every operator of the installed onnx package with its versions.

usage: generate_standard.py [--check]     (needs onnx; --check fails when the file is not current)
"""
import collections
import os
import sys

import onnx

TARGET = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Sources", "OnyxOperators", "StandardOperators.swift")


def rows():
    """One Swift line per operator, sorted by domain and name; experimental and deprecated ones are left out."""
    versions = collections.defaultdict(set)
    deprecated = {}
    for schema in onnx.defs.get_all_schemas_with_history():
        versions[schema.domain, schema.name].add(schema.since_version)
        key = schema.domain, schema.name
        if schema.since_version >= max(versions[key]):
            deprecated[key] = schema.deprecated
    for (domain, name), found in sorted(versions.items()):
        if not deprecated[domain, name]:
            yield f'    .init("{name}", "{domain}", {sorted(found)}),'


def text():
    """The whole Swift file."""
    head = f"""import OnyxGraph

/// The operators that the ONNX standard defines, each with the operator set versions that introduced or changed it.
/// Written by tools/generate_standard.py from onnx {onnx.__version__}.
package struct StandardOperator: Sendable {{
  package let op: OperatorName
  package let versions: [Int]

  init(_ name: String, _ domain: String, _ versions: [Int]) {{
    op = OperatorName(name, domain: domain)
    self.versions = versions
  }}
}}

package enum StandardOperators {{
  /// The newest version of the default domain.
  package static let newestOpset = {onnx.defs.onnx_opset_version()}

  package static let all: [StandardOperator] = [
"""
    return head + "\n".join(rows()) + "\n  ]\n}\n"


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(open(TARGET).read() != text())
    open(TARGET, "w").write(text())
