#!/usr/bin/env python3
"""Writes Sources/OnyxOperators/Text/Regex/ScalarClasses+Scripts.swift: the code points of each script of Unicode.

usage: tools/generate_scripts.py   (needs fonttools 4.55.8, which has Scripts.txt of Unicode 16)
"""
import pathlib
import textwrap

from fontTools.unicodedata import Scripts

TARGET = pathlib.Path(__file__).resolve().parent.parent / "Sources/OnyxOperators/Text/Regex/ScalarClasses+Scripts.swift"

scripts = {}
starts = [*Scripts.RANGES, 0x110000]
for first, following, code in zip(starts, starts[1:], Scripts.VALUES):
    if code != "Zzzz":
        scripts.setdefault(Scripts.NAMES[code], []).append((first, following - 1))
lines = []
for name, ranges in sorted(scripts.items()):
    texts = [f"{first:X}" if first == last else f"{first:X}-{last:X}" for first, last in ranges]
    lines += textwrap.wrap(f"{name} {' '.join(texts)};", 130, break_long_words=False, break_on_hyphens=False)
body = "\n".join("    " + line for line in lines)
TARGET.write_text(f'''// Written by tools/generate_scripts.py from data of Unicode, Inc. (https://www.unicode.org/license.txt).

extension ScalarClasses {{
  /// The code points of a script of Unicode 16 (Scripts.txt), by the name that RE2 takes; nil for another name.
  static func script(_ name: String) -> ScalarSet? {{ scripts[name].map {{ ScalarSet($0) }} }}

  private static let scripts: [String: [ClosedRange<UInt32>]] = {{
    var scripts: [String: [ClosedRange<UInt32>]] = [:]
    for line in table.utf8.split(separator: UInt8(ascii: ";")) {{
      let words = line.split {{ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\\n") }}
      guard let name = words.first.flatMap({{ String($0) }}) else {{ continue }}
      scripts[name] = words.dropFirst().compactMap {{ word in
        let ends = word.split(separator: UInt8(ascii: "-")).compactMap {{ String($0).flatMap {{ UInt32($0, radix: 16) }} }}
        guard let first = ends.first, let last = ends.last, first <= last else {{ return nil }}
        return first...last
      }}
    }}
    return scripts
  }}()

  /// Name and ranges of each script.
  private static let table = """
{body}
    """
}}
''', "utf-8")
