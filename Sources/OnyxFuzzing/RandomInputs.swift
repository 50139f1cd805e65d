import Onyx
import OnyxTensor
import OnyxTestSupport

/// Small inputs for whatever a model asks for.
struct RandomInputs {
  private var generator: SeededGenerator
  /// What dimensions of any size are, by their names.
  private var sizes: [String: Int] = [:]

  /// No tensor gets more elements.
  static let largest = 1 << 14

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  /// nil for a model that asks for something too large, or that does not say what it wants.
  mutating func make(_ wanted: [TensorSpecification]) -> [String: Value]? {
    var result: [String: Value] = [:]
    for input in wanted {
      if input.isOptional, generator.next() % 2 == 0 { continue }
      guard let value = try? value(input.kind ?? .tensor(.float32), input.shape, depth: 3) else { return nil }
      result[input.name] = value
    }
    return result
  }

  private struct TooLarge: Error {}

  private mutating func value(_ kind: ValueKind, _ shape: [TensorSpecification.Extent]?, depth: Int) throws -> Value {
    guard depth > 0 else { throw TooLarge() }
    switch kind {
    case .tensor(let type): return .tensor(try tensor(type, shape))
    case .sequence(let element):
      let count = Int(generator.next() % 4)
      return .sequence(of: element, try (0..<count).map { _ in try value(element, nil, depth: depth - 1) })
    case .optional(let content):
      return .optional(of: content, generator.next() % 3 == 0 ? nil : try value(content, nil, depth: depth - 1))
    case .map(let key, let content):
      guard case .tensor(let type) = content else { throw TooLarge() }
      let count = Int(generator.next() % 4)
      let shape = try Shape([count])
      let keys =
        key == .string ? try Tensor((0..<count).map { "k\($0)" }, shape: shape) : try Tensor((0..<count).map { Int64($0) }, shape: shape)
      return .map(try MapValue(keys: keys, values: try Tensor.random(type, shape, seed: generator.next())))
    }
  }

  private mutating func tensor(_ type: ElementType, _ shape: [TensorSpecification.Extent]?) throws -> Tensor {
    var count = 1
    var extents: [Int] = []
    for extent in shape ?? (0..<generator.next() % 4).map({ .symbolic("any\($0)") }) {
      let size: Int
      switch extent {
      case .fixed(let fixed): size = fixed
      case .symbolic(let name):
        size = sizes[name] ?? Int(generator.next() % 12 == 0 ? 0 : 1 + generator.next() % 4)
        sizes[name] = size
      }
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard size >= 0, !overflow, product <= Self.largest else { throw TooLarge() }
      count = product
      extents.append(size)
    }
    let range: ClosedRange<Double> = type.isInteger ? 0...4 : generator.next() % 8 == 0 ? -1e30...1e30 : -2...2
    return try Tensor.random(type, try Shape(extents), in: range, seed: generator.next())
  }
}
