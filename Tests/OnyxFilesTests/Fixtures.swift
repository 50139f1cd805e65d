// Files written by numpy 2.4, Pillow 13 and Python's zlib, and what those libraries read back. Base64.
import OnyxTensor
import Testing

struct NpyFixture: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let type: ElementType
  let shape: [Int]
  let file: String
  let elements: String

  init(_ label: String, _ type: ElementType, _ shape: [Int], _ file: String, elements: String) {
    testDescription = label
    self.type = type
    self.shape = shape
    self.file = file
    self.elements = elements
  }

  static let all = [
    NpyFixture(
      "float32", .float32, [2, 3],
      """
      k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI\
      CAgICAgICAgICAgICAgICAgICAgICAgICAgIAoZPaE6LfWYPsxbjL7U/WO/nMrovozcfb8=
      """,
      elements: "GT2hOi31mD7MW4y+1P1jv5zK6L6M3H2/"),
    NpyFixture(
      "float32 in Fortran order", .float32, [2, 3],
      """
      k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAoMiwgMyksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI\
      CAgICAgICAgICAgICAgICAgICAgICAgICAgIAojWXY9cdcevyyMqz+UzPo+fgL8vuW5tj4=
      """,
      elements: "I1l2PSyMqz9+Avy+cdcev5TM+j7lubY+"),
    NpyFixture(
      "int16 of rank 3 in Fortran order", .int16, [2, 3, 4],
      """
      k05VTVBZAQB2AHsnZGVzY3InOiAnPGkyJywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAoMiwgMywgNCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgI\
      CAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAwABAAQAAgAFAABAA0ABQARAAkAFQACAA4ABgASAAoAFgADAA8ABwATAAsAFwA=
      """,
      elements: "AAABAAIAAwAEAAUABgAHAAgACQAKAAsADAANAA4ADwAQABEAEgATABQAFQAWABcA"),
    NpyFixture(
      "big-endian int16", .int16, [3],
      """
      k05VTVBZAQB2AHsnZGVzY3InOiAnPmkyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDMsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI\
      CAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAf/+ASw=
      """,
      elements: "AQD+/ywB"),
    NpyFixture(
      "big-endian float64 in Fortran order", .float64, [2, 2],
      """
      k05VTVBZAQB2AHsnZGVzY3InOiAnPmY4JywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAoMiwgMiksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI\
      CAgICAgICAgICAgICAgICAgICAgICAgICAgIAo/uvxtn/p2yr+d9DCTUAiZv+3GZOu/1XE/5j/sfCAV6Q==
      """,
      elements: "ynb6n238uj9x1b/rZMbtv5kIUJMw9J2/6RUgfOw/5j8="),
    NpyFixture(
      "big-endian complex64", .complex64, [2],
      """
      k05VTVBZAQB2AHsnZGVzY3InOiAnPmM4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI\
      CAgICAgICAgICAgICAgICAgICAgICAgICAgIAo/gAAAQAAAAIAAAADAYAAA
      """,
      elements: "AACAPwAAAEAAAACAAABgwA=="),
    NpyFixture(
      "big-endian uint64", .uint64, [2],
      """
      k05VTVBZAQB2AHsnZGVzY3InOiAnPnU4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI\
      CAgICAgICAgICAgICAgICAgICAgICAgICAgIAr//////////wAAAAAAAAAB
      """,
      elements: "//////////8BAAAAAAAAAA=="),
    NpyFixture(
      "bool", .bool, [2, 1],
      """
      k05VTVBZAQB2AHsnZGVzY3InOiAnfGIxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDEpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI\
      CAgICAgICAgICAgICAgICAgICAgICAgICAgIAoBAA==
      """,
      elements: "AQA="),
    NpyFixture(
      "int8", .int8, [3],
      """
      k05VTVBZAQB2AHsnZGVzY3InOiAnfGkxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDMsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI\
      CAgICAgICAgICAgICAgICAgICAgICAgICAgIAqAfwE=
      """,
      elements: "gH8B"),
    NpyFixture(
      "int32", .int32, [3],
      """
      k05VTVBZAQB2AHsnZGVzY3InOiAnPGk0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDMsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI\
      CAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAACA////fwEAAAA=
      """,
      elements: "AAAAgP///38BAAAA"),
    NpyFixture(
      "int64", .int64, [3],
      """
      k05VTVBZAQB2AHsnZGVzY3InOiAnPGk4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDMsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI\
      CAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAAgP////////9/AQAAAAAAAAA=
      """,
      elements: "AAAAAAAAAID/////////fwEAAAAAAAAA"),
    NpyFixture(
      "uint8", .uint8, [3],
      """
      k05VTVBZAQB2AHsnZGVzY3InOiAnfHUxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDMsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI\
      CAgICAgICAgICAgICAgICAgICAgICAgICAgIAoA/wE=
      """,
      elements: "AP8B"),
    NpyFixture(
      "uint16", .uint16, [3],
      """
      k05VTVBZAQB2AHsnZGVzY3InOiAnPHUyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDMsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI\
      CAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAP//AQA=
      """,
      elements: "AAD//wEA"),
    NpyFixture(
      "uint32", .uint32, [3],
      """
      k05VTVBZAQB2AHsnZGVzY3InOiAnPHU0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDMsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI\
      CAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAA/////wEAAAA=
      """,
      elements: "AAAAAP////8BAAAA"),
    NpyFixture(
      "uint64", .uint64, [3],
      """
      k05VTVBZAQB2AHsnZGVzY3InOiAnPHU4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDMsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI\
      CAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAAAP//////////AQAAAAAAAAA=
      """,
      elements: "AAAAAAAAAAD//////////wEAAAAAAAAA"),
    NpyFixture(
      "float16", .float16, [4],
      """
      k05VTVBZAQB2AHsnZGVzY3InOiAnPGYyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDQsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI\
      CAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAPgD8AH4BAA==
      """,
      elements: "AD4A/AB+AQA="),
    NpyFixture(
      "float64", .float64, [2],
      """
      k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI\
      CAgICAgICAgICAgICAgICAgICAgICAgICAgIAoYLURU+yEJQAEAAAAAAAAA
      """,
      elements: "GC1EVPshCUABAAAAAAAAAA=="),
    NpyFixture(
      "complex128", .complex128, [1],
      """
      k05VTVBZAQB2AHsnZGVzY3InOiAnPGMxNicsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgxLCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI\
      CAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAADwP5x1AIg85Dd+
      """,
      elements: "AAAAAAAA8D+cdQCIPOQ3fg=="),
    NpyFixture(
      "a scalar", .float32, [],
      """
      k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI\
      CAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAACBA
      """,
      elements: "AAAgQA=="),
    NpyFixture(
      "no elements", .float32, [0, 3],
      """
      k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDAsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI\
      CAgICAgICAgICAgICAgICAgICAgICAgICAgIAo=
      """,
      elements: ""),
    NpyFixture(
      "version 2", .int32, [2],
      """
      k05VTVBZAgB0AAAAeydkZXNjcic6ICc8aTQnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMiwpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI\
      CAgICAgICAgICAgICAgICAgICAgICAgICAgIAoBAAAAAgAAAA==
      """,
      elements: "AQAAAAIAAAA="),
    NpyFixture(
      "version 3", .int32, [2],
      """
      k05VTVBZAwB0AAAAeydkZXNjcic6ICc8aTQnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMiwpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI\
      CAgICAgICAgICAgICAgICAgICAgICAgICAgIAoBAAAAAgAAAA==
      """,
      elements: "AQAAAAIAAAA="),
  ]
}

struct StringFixture: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let shape: [Int]
  let file: String
  let strings: [String]

  init(_ label: String, _ shape: [Int], _ file: String, _ strings: [String]) {
    testDescription = label
    self.shape = shape
    self.file = file
    self.strings = strings
  }

  static let all = [
    StringFixture(
      "str", [2, 2],
      """
      k05VTVBZAQB2AHsnZGVzY3InOiAnPFU1JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDIpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI\
      CAgICAgICAgICAgICAgICAgICAgICAgICAgIAphAAAAAAAAAAAAAAAAAAAAAAAAAGgAAADpAAAAbAAAAGwAAABvAAAAAAAAAAAAAAAAAAAAAAAAAAAAAADlZQAALGcAAEL2AQ\
      AAAAAAAAAAAA==
      """,
      ["a", "héllo", "", "日本🙂"]),
    StringFixture(
      "big-endian str", [2],
      """
      k05VTVBZAQB2AHsnZGVzY3InOiAnPlUyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI\
      CAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAABhAAAAYgAAAGMAAAAA
      """,
      ["ab", "c"]),
    StringFixture(
      "bytes", [3],
      """
      k05VTVBZAQB2AHsnZGVzY3InOiAnfFMzJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDMsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI\
      CAgICAgICAgICAgICAgICAgICAgICAgICAgIAphAABuw6kAAAA=
      """,
      ["a", "né", ""]),
    StringFixture(
      "str with an inner zero", [2],
      """
      k05VTVBZAQB2AHsnZGVzY3InOiAnPFUzJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI\
      CAgICAgICAgICAgICAgICAgICAgICAgICAgIAphAAAAAAAAAGIAAABjAAAAAAAAAAAAAAA=
      """,
      ["a\0b", "c"]),
    StringFixture(
      "empty str", [2],
      """
      k05VTVBZAQB2AHsnZGVzY3InOiAnPFUxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI\
      CAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAAAA==
      """,
      ["", ""]),
    StringFixture(
      "str in Fortran order", [2, 2],
      """
      k05VTVBZAQB2AHsnZGVzY3InOiAnPFUxJywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAoMiwgMiksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI\
      CAgICAgICAgICAgICAgICAgICAgICAgICAgIAphAAAAYwAAAGIAAABkAAAA
      """,
      ["a", "b", "c", "d"]),
  ]
}

/// Arrays that no tensor can hold, by kind.
let refusedArrays: [(kind: String, file: String)] = [
  (
    "objects",
    """
    k05VTVBZAQB2AHsnZGVzY3InOiAnfE8nICwgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICA\
    gICAgICAgICAgICAgICAgICAgICAgICAgIAoBAAAAAgAAAA==
    """
  ),
  (
    "bfloat16 as numpy writes it",
    """
    k05VTVBZAQB2AHsnZGVzY3InOiAnPFYyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICA\
    gICAgICAgICAgICAgICAgICAgICAgICAgIAoBAAIA
    """
  ),
  (
    "structured",
    """
    k05VTVBZAQB2AHsnZGVzY3InOiBbKCdhJywgJzxpNCcpLCAoJ2InLCAnPGY0JyldLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMiwpLCB9ICAgICAgICAgICA\
    gICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAAAAAAAAAAAAAA
    """
  ),
  (
    "datetime",
    """
    k05VTVBZAQB2AHsnZGVzY3InOiAnPE04W0RdJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDEsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICA\
    gICAgICAgICAgICAgICAgICAgICAgICAgIApWRwAAAAAAAA==
    """
  ),
  (
    "long double",
    """
    k05VTVBZAQB2AHsnZGVzY3InOiAnPGYxNicsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgxLCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICA\
    gICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAAgP8/dwMtfwAA
    """
  ),
]

/// x = 0 1 2 (int32), y = [[1.5]] (float32), from numpy.savez.
let storedArchive =
  """
  UEsDBC0AAAAAAAAAIQAC7L2p//////////8FABQAeC5ucHkBABAAjAAAAAAAAACMAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJzxpNCcsICdmb3J0cmFuX29yZGVyJzogRmFsc\
  2UsICdzaGFwZSc6ICgzLCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAAAAAAEAAAACAAAAUEsDBC0AAAAAAA\
  AAIQD5PGwT//////////8FABQAeS5ucHkBABAAhAAAAAAAAACEAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJzxmNCcsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc\
  6ICgxLCAxKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAADAP1BLAQItAy0AAAAAAAAAIQAC7L2pjAAAAIwAAAAF\
  AAAAAAAAAAAAAACAAQAAAAB4Lm5weVBLAQItAy0AAAAAAAAAIQD5PGwThAAAAIQAAAAFAAAAAAAAAAAAAACAAcMAAAB5Lm5weVBLBQYAAAAAAgACAGYAAAB+AQAAAAA=
  """

/// x = 0 … 99 (int32), s = ["q"], from numpy.savez_compressed.
let deflatedArchive =
  """
  UEsDBC0AAAAIAAAAIQAb7Z9i//////////8FABQAeC5ucHkBABAAEAIAAAAAAADtAAAAAAAAAJ3K1zKcAQAF4N0gSkj0Tn71Vxar95KoKXo2rLYWa2LGYHaNG+MpvLDPK+TMfBfnz\
  HndSmzuJKORp8hzeJXJXWbDmSCcuxkLY0F4fZ99zKbvUvfZq8z7vpa+zWXsuX/ph4zeMxyPx3pjwUvw3ymJSJQP5JFPAR8ppIhi3o+fKKWMz3yhnAoqqaKaGmqpo54GGmmimRZa+U\
  pAG+100EkX3YT00Esf/cQYYJAh4gwzwihjjDPBJFNMM8Msc8yzwCJLfOM7y6ywyhrrbPCDn/ziN5tssc0Ou+yxzx8S/OWAQ5IcccwJp5yR4pw0F1zyBlBLAwQtAAAACAAAACEAtfM\
  xZv//////////BQAUAHMubnB5AQAQAIQAAAAAAAAASAAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuE2qorqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RqGOpo6CrUK\
  FACuQgYGBgBQSwECLQMtAAAACAAAACEAG+2fYu0AAAAQAgAABQAAAAAAAAAAAAAAgAEAAAAAeC5ucHlQSwECLQMtAAAACAAAACEAtfMxZkgAAACEAAAABQAAAAAAAAAAAAAAgAEkA\
  QAAcy5ucHlQSwUGAAAAAAIAAgBmAAAAowEAAAAA
  """

/// z = 7 8 (int32), every size and offset in ZIP64 fields, a comment of 3 bytes at the end.
let zip64Archive =
  """
  UEsDBC0AAAAAAAAAIQDoEHiE//////////8FABQAei5ucHkBABAAiAAAAAAAAACIAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJzxpNCcsICdmb3J0cmFuX29yZGVyJzogRmFsc\
  2UsICdzaGFwZSc6ICgyLCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKBwAAAAgAAABQSwECLQAtAAAAAAAAAC\
  EA6BB4hP//////////BQAcAAAAAAAAAAAAAAD/////ei5ucHkBABgAiAAAAAAAAACIAAAAAAAAAAAAAAAAAAAAUEsGBiwAAAAAAAAALQAtAAAAAAAAAAAAAQAAAAAAAAABAAAAAAA\
  AAE8AAAAAAAAAvwAAAAAAAABQSwYHAAAAAA4BAAAAAAAAAQAAAFBLBQYAAAAA////////////////AwBoZXk=
  """

struct ImageFixture: CustomTestStringConvertible, Sendable {
  let testDescription: String
  let width: Int
  let height: Int
  let channels: Int
  let sampleBits: Int
  let file: String
  let pixels: String

  init(_ label: String, _ width: Int, _ height: Int, _ channels: Int, _ sampleBits: Int, _ file: String, pixels: String) {
    testDescription = label
    self.width = width
    self.height = height
    self.channels = channels
    self.sampleBits = sampleBits
    self.file = file
    self.pixels = pixels
  }

  static let png = [
    ImageFixture(
      "gray", 5, 4, 1, 8,
      "iVBORw0KGgoAAAANSUhEUgAAAAUAAAAECAAAAABjWKqcAAAAIUlEQVR4nGPM3uEhfoxB+ua/ZF6Gw+esn7xmYn/5JfEEAHyZC1Yheb9ZAAAAAElFTkSuQmCC",
      pixels: "ayNrgkgb2f5jDcPOO+TryrcvRbM="),
    ImageFixture(
      "gray with alpha", 5, 4, 2, 8,
      """
      iVBORw0KGgoAAAANSUhEUgAAAAUAAAAECAQAAADsOj3LAAAANUlEQVR4nGNUep5/8b2ZZMGy9QwGtfq7vjBkWonPY+RlKryUvp1JjkWSsUt9skyX67rbOg8BfGEQpCqx0RUAA\
      AAASUVORK5CYII=
      """,
      pixels: "IueRuIDumV4/DTB9L7r0AGk6F54NAn7U5YvnqevCiicdQ6eIVWOBRA=="),
    ImageFixture(
      "RGB", 5, 4, 3, 8,
      """
      iVBORw0KGgoAAAANSUhEUgAAAAUAAAAECAIAAADJUWIXAAAAS0lEQVR4nAFAAL//AVIjR01LMq7pijHV+mu1XQB3iXgeNyGlV9jlpwMpbcsAgds/Zc+cG9xdHY/IPwsLALTbc\
      b5XIgmFHT0k9MDPg2+pG6nFefUjAAAAAElFTkSuQmCC
      """,
      pixels: "UiNHn255TVcDfiz96eFad4l4HjchpVfY5acDKW3Lgds/Zc+cG9xdHY/IPwsLtNtxvlciCYUdPST0wM+D"),
    ImageFixture(
      "RGBA", 5, 4, 4, 8,
      """
      iVBORw0KGgoAAAANSUhEUgAAAAUAAAAECAYAAABGM/VAAAAAX0lEQVR4nAFUAKv/Af5DY/gxBPZ/Wg6dV00s1Ryb+APoAcj4FKFseuvPmsSeE7cPjcFu0wk7AAjNHmFPI10/g\
      7xF/unuBAOnm+EYAFREQTF8kxH4XgQpsZ9+wOFW9lozZEsmPFU2fmAAAAAASUVORK5CYII=
      """,
      pixels: "/kNj+C9HWXeJVfbO1oHL6nF5ztLI+BShNHL/cM42nYOFRSpE8xgzfwjNHmFPI10/g7xF/unuBAOnm+EYVERBMXyTEfheBCmxn37A4Vb2WjM="),
    ImageFixture(
      "16-bit gray", 5, 4, 1, 16,
      """
      iVBORw0KGgoAAAANSUhEUgAAAAUAAAAEEAAAAAAzyHbfAAAAN0lEQVR4nAEsANP/AGbr9wNysuFd5h8BL6x33Nz5FQVZDQSn/gJWyDMzKZHcAs0aJpactv4uPM7HzBQp47XyK\
      wAAAABJRU5ErkJggg==
      """,
      pixels: "62YD97JyXeEf5qwviKaBgoaXk/Cq1t7YEW46tRaBxKN0/scKaLPkvQ=="),
    ImageFixture(
      "1-bit gray", 5, 4, 1, 8,
      "iVBORw0KGgoAAAANSUhEUgAAAAUAAAAEAQAAAABuSMjtAAAAEElEQVR4nGOQYPjAdIPBAQAIMAIjziuEbgAAAABJRU5ErkJggg==",
      pixels: "AAAA////////AP//AAD/AP8AAAA="),
    ImageFixture(
      "palette", 5, 4, 3, 8,
      """
      iVBORw0KGgoAAAANSUhEUgAAAAUAAAAEBAMAAAC0HehzAAAAGFBMVEW42mNA1n2pilETinOQV1QkUnZaJr0/CwsrOG8RAAAAGElEQVR4nGMoKWNgVLf+x8goFMvAYsYAAB0JA\
      vf3lqZDAAAAAElFTkSuQmCC
      """,
      pixels: "PwsLkFdUPwsLWia9uNpjqYpRPwsLWia9qYpRWia9uNpjQNZ9QNZ9E4pzPwsLuNpjkFdUE4pzWia9uNpj"),
    ImageFixture(
      "palette with a transparent color", 5, 4, 4, 8,
      """
      iVBORw0KGgoAAAANSUhEUgAAAAUAAAAEBAMAAAC0HehzAAAAGFBMVEW42mNA1n2pilETinOQV1QkUnZaJr0/CwsrOG8RAAAAA3RSTlP//wDXyg1BAAAAGElEQVR4nGMoKWNgV\
      Lf+x8goFMvAYsYAAB0JAvf3lqZDAAAAAElFTkSuQmCC
      """,
      pixels: "PwsL/5BXVP8/Cwv/Wia9/7jaY/+pilEAPwsL/1omvf+pilEAWia9/7jaY/9A1n3/QNZ9/xOKc/8/Cwv/uNpj/5BXVP8TinP/Wia9/7jaY/8="),
    ImageFixture(
      "interlaced RGB", 5, 4, 3, 8,
      """
      iVBORw0KGgoAAAANSUhEUgAAAAUAAAAECAIAAAG+VlKBAAAAT0lEQVR4nAFEALv/AFIjRwDp4VoATVcDAIHbPxvcXT8LCwCfbnl+LP0AZc+cHY/IAHeJeB43IaVX2OWnAylty\
      wC023G+VyIJhR09JPTAz4NYvBs4XhR8xQAAAABJRU5ErkJggg==
      """,
      pixels: "UiNHn255TVcDfiz96eFad4l4HjchpVfY5acDKW3Lgds/Zc+cG9xdHY/IPwsLtNtxvlciCYUdPST0wM+D"),
    ImageFixture(
      "16-bit RGB", 3, 2, 3, 16,
      """
      iVBORw0KGgoAAAANSUhEUgAAAAMAAAACEAIAAABChi0OAAAAL0lEQVR4nGPIik5c37Hpwu/z69KWJyUmKpfJMUz2sVj1q59rb0rWJqHpnLpyBU0AXgcQwBOv+GEAAAAASUVOR\
      K5CYII=
      """,
      pixels: "W2qvYbKI+9Cuz6dmYWIjYR52TJOqOI/6vQpqZBKyCZceLYJw"),
  ]

  static let jpeg = [
    ImageFixture(
      "gray", 12, 8, 1, 8,
      """
      /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGBYUGBIUFRT/wAALCAAIAAwBA\
      REA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGR\
      olJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uH\
      i4+Tl5ufo6erx8vP09fb3+Pn6/9oACAEBAAA/APOPhb+yT/qf9C9P4a+ovD37JP8AxK4v9C/8dr//2Q==
      """,
      pixels:
        "AAkSGiUtNj9IUFtiEx0mLjhASVNcZG91KDI7Q01VXmhxeYSLO0VOVmBocXuEjJeeUFlianV9ho+YoKuyY211foiQmaOrtL7FeIKLk52lrrjAydPai5WeprC4wcvU3Ofu"),
    ImageFixture(
      "RGB 4:4:4", 12, 8, 3, 8,
      """
      /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGBYUGBIUFRT/2wBDAQMEBAUEB\
      QkFBQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBT/wAARCAAIAAwDAREAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAA\
      ECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFV\
      WV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEA\
      AwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpK\
      jU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6O\
      nq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwDiPh/8Sf8AV/vfTvX6LxTn/wAWpyUfCT/p3+B79o3xKxYR/vf1r+Xcwz//AGiWp7UPCTT+H+B//9k=
      """,
      pixels:
        """
        AIz9CZX2EZ/rGqbhJLHcLbnSNMLEPszASNW1UN6sWemhYe+bF3bsH3/lKInaL5HQO5vLQqTBS6yzU7evX7+kZ8idcNOQd9qKKmPXMWzQOXfEQn66Toi2VZGtXZqfZqSZcay\
        QeLaHg8B7icZ2O1HBQ1u9TGOvU2ylX3agZn6Wb4iMd5GEg5p9i6NzlK5nm7RgVDmuXEOoY0yabVWReV+OgGiCh3B2kXtwnIJnooxdrZZStJ1NZieZbjCTdzqHfkN9ik13kV\
        Vuml1iomhcrXBTtnlKv4Q+xYs3dxWEfx59iChykS9omzpjpEJZq0tMtVVHwF09x2c10nEq2HgijgBzlghunxJhphpXsiRSuyxIwjU9ykA21Ugt3lEk51wZ7mMS
        """
    ),
    ImageFixture(
      "RGB 4:2:0", 12, 8, 3, 8,
      """
      /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGBYUGBIUFRT/2wBDAQMEBAUEB\
      QkFBQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBT/wAARCAAIAAwDASIAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAA\
      ECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFV\
      WV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEA\
      AwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpK\
      jU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6O\
      nq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwDiPh/8Sf8AV/vfTvXv2jfErFhH+9/WiivmfEPOMZ9a+LqfqWE8NuG7fwPy/wAj/9k=
      """,
      pixels:
        """
        DofvFZDuH5nmJaLcMa3TOLXJQb2/TMa3VM+wXdmnZ+KfbOmdFnnhHYHhJYrYLJPON5/GQKa8SK6zUrirXMGjZMqabtSSdNqQLWPPNGvPPHTHQ329Tom1V5GpXpmhaaKZc6u\
        Qe7SHhL9/i8R9QU+6SVm7UGGzV2mpYnWga3yWc4aNfY6Ehpl9j6BzmKpsn7BpUTylWUWmYE2caVeTc2OKfGqAg3J4jnxwloVnn41bqZdVsJ5UZiiTbTGRdDuKe0R+h053jl\
        dsl15koWhdqnFTs3tKvoREw4tAexOCghyAiSZ5kS5unDlnpEJbrUlTtlRLwFxCyGY5028x2HYvgQV1iA11kRdsmB9ioytZqzNPsztFvkU9xk420Fcs2WEl4Gci
        """
    ),
    ImageFixture(
      "progressive", 12, 8, 3, 8,
      """
      /9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAUDBAQEAwUEBAQFBQUGBwwIBwcHBw8LCwkMEQ8SEhEPERETFhwXExQaFRERGCEYGh0dHx8fExciJCIeJBweHx7/2wBDAQUFBQcGB\
      w4ICA4eFBEUHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh7/wgARCAAIAAwDASIAAhEBAxEB/8QAFgABAQEAAAAAAAAAAAAAAAAAAA\
      UG/8QAFQEBAQAAAAAAAAAAAAAAAAAABAX/2gAMAwEAAhADEAAAAZ2mB2P/xAAXEAEAAwAAAAAAAAAAAAAAAAAEAAMi/9oACAEBAAEFAiplac//xAAYEQACAwAAAAAAAAAAAAA\
      AAAAAAwQFUv/aAAgBAwEBPwFdFDyf/8QAGREAAQUAAAAAAAAAAAAAAAAAAAMEBRIx/9oACAECAQE/AZt0pfT/xAAVEAEBAAAAAAAAAAAAAAAAAAAAMf/aAAgBAQAGPwKq/8QA\
      FhABAQEAAAAAAAAAAAAAAAAAACEx/9oACAEBAAE/IciE/9oADAMBAAIAAwAAABCP/8QAFxEAAwEAAAAAAAAAAAAAAAAAABHB8P/aAAgBAwEBPxBXYf/EABURAQEAAAAAAAAAA\
      AAAAAAAAACB/9oACAECAQE/EKZ//8QAFhABAQEAAAAAAAAAAAAAAAAAAOHx/9oACAEBAAE/ENpcP//Z
      """,
      pixels:
        """
        Dob2FI7zH5jrJ6HgL6rUObPLRL3ITcS+V864XtesaeGjbuifFXbnG37kJYrcLZPRNpvHP6W+Sa64UrWwXb+oZcicbtKUc9mPKmLTMWrROXbHQ3+9TIezVJCqX5mlZ6Kecau\
        TebSIgr6AiMR6P0++RVe7UGK0WGypYXSea32VdIaQfY6Ihph+j6B0mKtrnbJnUjulWEOiY06bbFeQdGCFfmh9h3J3kXtwmINmooxbqpZRsp1OZyiTbS+QeDuIgEV9iU1xk1\
        VqnF9kpWdcrXBTtnhHv4M9xok5ehSCghyAjCd3lDBsnThgpUJXsEtTulNMwVxAymM21G4s2XUpgAZ1hg5ykRhomSFeoSpSqjNJtjxHv0Q9xkw0zlUo2V8e32cb
        """
    ),
    ImageFixture(
      "CMYK", 12, 8, 3, 8,
      """
      /9j/7gAOQWRvYmUAZAAAAAAA/9sAQwACAQEBAQECAQEBAgICAgIEAwICAgIFBAQDBAYFBgYGBQYGBgcJCAYHCQcGBggLCAkKCgoKCgYICwwLCgwJCgoK/8AAFAgACAAMBEMRA\
      E0RAFkRAEsRAP/EAB8AAAEFAQEBAQEBAAAAAAAAAAABAgMEBQYHCAkKC//EALUQAAIBAwMCBAMFBQQEAAABfQECAwAEEQUSITFBBhNRYQcicRQygZGhCCNCscEVUtHwJDNico\
      IJChYXGBkaJSYnKCkqNDU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6g4SFhoeIiYqSk5SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrCw8TFxsfIycrS09T\
      V1tfY2drh4uPk5ebn6Onq8fLz9PX29/j5+v/aAA4EQwBNAFkASwAAPwDxX9lv/gkl/wAe3/FM+n/LGvFf2W/+Ctv/AB7f8VN6f8tq9m/ak/4K2/8AHz/xU3r/AMtq/fyvvP4e\
      /wDBJL/il4P+KZ/8g+wr7z+Hv/BW3/il4P8Aipv/ACN7Cvgz4hf8Fbf+Kon/AOKm/wDI3uaK/9k=
      """,
      pixels:
        """
        AIz/CZX2Ep7tG6fkJLDbLbnSNsLJP8vASNS3Ut6tWeWmY++cFHjrHIHjJovZL5PQOJzHQKW/Sq+1U7esW8CkZcqabdGSd9yIKGTXMWzOO3bEQ3+8TIizVZCqX5qgZ6OYcKu\
        PerWFgr19jMdzO1HERFm7TmOxVmypX3WgaH2XcoeNepCFg5h8jaJylapqn7RgUTuuWUSmY06cbFaTdV+KfWiCh3J4kHpvmINnoo1dqpVVtJ9LZCibbDGTdjuJf0OAiEx3kF\
        Vvml9lo2dcq3BUtXpKvYJCx4w4eBSHgRx+iyZ0ky9snDhjpUBar0pQt1NIwFs/ymU10W0u3HcjjABzlQlqnhJhpxtYsCRPuS1GwjY9yz801Egr3lIh5Vka72MQ
        """
    ),
  ]
}

/// 100000 x 100000 pixels by its header, 100 bytes of them.
let hugePNG = "iVBORw0KGgoAAAANSUhEUgABhqAAAYagCAIAAAAnMJyfAAAADElEQVR4nGNgoD0AAABkAAGGZDw1AAAAAElFTkSuQmCC"
