import OnyxGraph
import OnyxTensor
import OnyxTestSupport

/// Floats in `range`, integers in −3 … 3.
func randomTensor(_ type: ElementType, _ shape: Shape, _ range: ClosedRange<Double>, _ generator: inout SeededGenerator) throws -> Tensor {
  if type.isFloating {
    let values = (0..<shape.elementCount).map { _ in Double.random(in: range, using: &generator) }
    return try Tensor(floating: values, as: type, shape: shape)
  }
  let values = (0..<shape.elementCount).map { _ in Int64.random(in: type == .bool ? 0...1 : -3...3, using: &generator) }
  return try Tensor(integral: values, as: type, shape: shape)
}

/// A float32 tensor of seeded random numbers.
func random(_ shape: Shape, seed: UInt64 = 1, _ range: ClosedRange<Double> = -2...2) throws -> Tensor {
  var generator = SeededGenerator(seed: seed)
  return try randomTensor(.float32, shape, range, &generator)
}

func floats(_ values: [Double], _ shape: Shape? = nil) throws -> Tensor {
  try Tensor(floating: values, as: .float32, shape: try shape ?? Shape([values.count]))
}
