import OnyxGraph
import OnyxTensor
import Testing

struct DimensionTests {
  private let n: Dimension = "n"
  private let m: Dimension = "m"

  @Test func algebra() throws {
    #expect(try (n + 1) * (n - 1) == n * n - 1)
    #expect(try n + m == m + n)
    #expect(try n * m == m * n)
    #expect(try (n - n).known == 0)
    #expect(try (n + m) * (n + m) == n * n + 2 * n * m + m * m)
    #expect(Dimension(0) == 0 && Dimension(7).known == 7 && n.known == nil)
    #expect(try (n * m + 3).symbols == ["n", "m"])
    #expect(try (n * 0).symbols == [])
  }

  /// What a rule or another graph names is never what a model names so.
  @Test func symbolsOfOneNameDiffer() throws {
    let (derived, outer) = (Dimension(derived: "n"), Dimension(Dimension.Symbol("n").seenFromBody))
    #expect(derived != n && outer != n && outer != Dimension(symbol: "outer(n)"))
    #expect("\(derived) \(outer)" == "n outer(n)")
    #expect(try (n + derived + outer).substituting(["n": 3, "outer(n)": 4]) == derived + outer + 3)
    #expect(Dimension.Symbol("n").seenFromBody.seenFromOutside == "n" && Dimension.Symbol("n").seenFromOutside == nil)
  }

  /// An expression over a symbol is another one than over a symbol that is named like it.
  @Test func expressionsOfOneTextDiffer() throws {
    let (half, named) = (try n.dividedDown(by: 2), Dimension(symbol: "floor(n/2)"))
    #expect(try "\(half.dividedDown(by: 3))" == "\(named.dividedDown(by: 3))")
    #expect(try half.dividedDown(by: 3) != named.dividedDown(by: 3))
    #expect(try (n + m).dividedUp(by: 2) != Dimension(symbol: "(n+m)").dividedUp(by: 2))
    let outer = Dimension(Dimension.Symbol("n").seenFromBody)
    #expect(try outer.dividedDown(by: 2) != Dimension(symbol: "outer(n)").dividedDown(by: 2))
    #expect(try half.dividedDown(by: 3) == n.dividedDown(by: 2).dividedDown(by: 3))
    #expect(try half * half.dividedDown(by: 3) == half.dividedDown(by: 3) * half)
  }

  /// A short model can name an expression after itself again and again.
  @Test func longExpressionsHaveShortNames() throws {
    var (a, b) = (n, n)
    for _ in 0..<40 { (a, b) = (try (a * a + 1).dividedDown(by: 3), try (b * b + 1).dividedDown(by: 3)) }
    #expect(a == b && "\(a)".count < 200)
    #expect(try a != (a + 1).dividedDown(by: 2))
    var power = n
    #expect(throws: OnyxError.self) { for _ in 0..<40 { power = try power * power } }
    var sum = n
    #expect(throws: OnyxError.self) { for index in 0..<40 { sum = try sum * (Dimension(symbol: "s\(index)") + 1) } }
  }

  @Test func text() throws {
    #expect("\(Dimension(0))" == "0")
    #expect("\(Dimension(-3))" == "-3")
    #expect("\(try 2 * n + 1)" == "2*n+1")
    #expect("\(try n * n - m - 4)" == "n*n-m-4")
    #expect("\(try 0 - n)" == "-n")
    #expect("\(Dimension(.min))" == "-9223372036854775808")
  }

  /// Python's // and -(-a // b).
  @Test(arguments: [
    (7, 2, 3, 4), (-7, 2, -4, -3), (7, -2, -4, -3), (-7, -2, 3, 4), (6, 3, 2, 2), (0, 5, 0, 0), (1, 3, 0, 1), (-1, 3, -1, 0),
    (.min, 2, .min / 2, .min / 2),
  ])
  func division(_ a: Int, _ b: Int, _ down: Int, _ up: Int) throws {
    #expect(try Dimension(a).dividedDown(by: Dimension(b)) == Dimension(down))
    #expect(try Dimension(a).dividedUp(by: Dimension(b)) == Dimension(up))
  }

  @Test func symbolicDivision() throws {
    #expect(try (2 * n * m + 4 * n).dividedDown(by: 2 * n) == m + 2)
    #expect(try (n + m).dividedUp(by: n + m) == 1)
    #expect(try (n + 1).dividedExactly(by: 2) == nil)
    #expect(try "\((n + 1).dividedDown(by: 2))" == "floor((n+1)/2)")
    #expect(try "\((3 * n).dividedUp(by: m))" == "ceil(3*n/m)")
    // Equal expressions stay equal, up and down differ.
    #expect(try (n + 1).dividedDown(by: 2) == (1 + n).dividedDown(by: 2))
    #expect(try (n + 1).dividedDown(by: 2) != (n + 1).dividedUp(by: 2))
    #expect(try Dimension(0).dividedDown(by: n) == 0)
  }

  @Test func substitution() throws {
    let value = try n * n + 2 * m - 1
    #expect(try value.substituting(["n": 3, "m": 5]).known == 18)
    #expect(try value.substituting(["n": 0]) == 2 * m - 1)
    #expect(try value.substituting(["other": 1]) == value)
    #expect(try value.substituting(["n": -1, "m": 0]).known == 0)
  }

  @Test func whatOverflowsThrows() {
    let largest = Dimension(.max)
    #expect(throws: OnyxError.self) { try largest + 1 }
    #expect(throws: OnyxError.self) { try Dimension(.min) - 1 }
    #expect(throws: OnyxError.self) { try 0 - Dimension(.min) }
    #expect(throws: OnyxError.self) { try largest * 2 }
    #expect(throws: OnyxError.self) { try largest * n * 2 * n }
    #expect(throws: OnyxError.self) { try (largest * n).substituting(["n": 2]) }
    #expect(throws: OnyxError.self) { try Dimension(.min).dividedDown(by: -1) }
    #expect(throws: OnyxError.self) { try Dimension(.min).dividedUp(by: -1) }
    for divide in [Dimension.dividedDown, Dimension.dividedUp] {
      #expect(throws: OnyxError.self) { try divide(n)(0) }
      #expect(throws: OnyxError.self) { try divide(5)(0) }
    }
  }
}

struct ValueTypeTests {
  @Test func text() {
    #expect("\(ValueType.tensor(.float32, shape: ["batch", 3]))" == "float32[batch,3]")
    #expect("\(ValueType.tensor(.int64, shape: nil))" == "int64[?]")
    #expect("\(ValueType.sequence(.tensor(.bool, shape: [])))" == "seq(bool[])")
    #expect("\(ValueType.optional(.map(key: .string, value: .tensor(.float16, shape: [1]))))" == "optional(map(string,float16[1]))")
    #expect("\(ValueType.sparseTensor(.float32, shape: [2]))" == "sparse(float32[2])")
  }

  @Test func knownShapes() {
    #expect(ValueType.tensor(.float32, shape: [2, 3]).knownShape == [2, 3])
    #expect(ValueType.tensor(.float32, shape: ["n", 3]).knownShape == nil)
    #expect(ValueType.tensor(.float32, shape: nil).knownShape == nil)
    #expect(ValueType.tensor(.float32, shape: [-1]).knownShape == nil)
    #expect(ValueType.tensor(.float32, shape: [Dimension(.max), Dimension(.max)]).knownShape == nil)
    #expect(ValueType.sequence(.tensor(.float32, shape: [1])).shape == nil)
    #expect(ValueType.tensor(.int8, [4, 1]).shape == [4, 1])
  }
}
