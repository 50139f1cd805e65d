/// The extents of a tensor, outermost first. No extent is negative and the element count fits an `Int`.
public struct Shape: Sendable, Hashable {
  /// The extents, outermost first.
  public let dimensions: [Int]
  /// The product of the dimensions; 1 for a scalar.
  public let elementCount: Int

  /// Throws `invalidModel` when a dimension is negative or the element count overflows.
  public init(_ dimensions: [Int]) throws(OnyxError) {
    // Zeros are left out of the product, so that strides of an empty shape cannot overflow either.
    var product = 1
    for dimension in dimensions where dimension != 0 {
      guard dimension > 0 else { throw .invalid("The shape \(dimensions) has a negative dimension.") }
      let (next, overflow) = product.multipliedReportingOverflow(by: dimension)
      guard !overflow else { throw .invalid("The shape \(dimensions) has more elements than fit in memory.") }
      product = next
    }
    self.dimensions = dimensions
    self.elementCount = dimensions.contains(0) ? 0 : product
  }

  /// The shape of rank 0, which has one element.
  public static let scalar = Shape(unchecked: [], count: 1)

  private init(unchecked dimensions: [Int], count: Int) {
    self.dimensions = dimensions
    self.elementCount = count
  }

  /// The number of axes.
  public var rank: Int { dimensions.count }

  /// Row-major strides, in elements.
  package var strides: [Int] {
    var strides = [Int](repeating: 1, count: rank)
    for axis in stride(from: rank - 2, through: 0, by: -1) { strides[axis] = strides[axis + 1] &* dimensions[axis + 1] }
    return strides
  }
}

extension Shape: RandomAccessCollection {
  /// The first axis.
  public var startIndex: Int { 0 }
  /// One past the last axis.
  public var endIndex: Int { dimensions.count }
  /// The extent of an axis in 0 ..< rank; any other axis is a programming error, as with `Array`.
  public subscript(axis: Int) -> Int { dimensions[axis] }
}

extension Shape: ExpressibleByArrayLiteral {
  /// For shapes written in source code; use `Shape(_:)` for extents that are computed: a negative or overflowing literal is a
  /// programming error.
  public init(arrayLiteral elements: Int...) {
    do { try self.init(elements) } catch { preconditionFailure(error.reason) }
  }
}

extension Shape: CustomStringConvertible {
  /// "[1,8,4]".
  public var description: String { "[" + dimensions.map(String.init).joined(separator: ",") + "]" }
}

extension Shape {
  /// The axis counted from the front; `axis` may be negative, counted from the end.
  package static func normalize(axis: Int, rank: Int) throws(OnyxError) -> Int {
    guard axis >= -rank && axis < rank else {
      throw .invalid("Axis \(axis) is outside the rank \(rank) of the tensor.", remedy: "Valid axes are \(-rank) … \(rank - 1).")
    }
    return axis < 0 ? axis + rank : axis
  }

  /// Multidirectional broadcasting (ONNX "Broadcasting in ONNX").
  package static func broadcast(_ shapes: [Shape]) throws(OnyxError) -> Shape {
    let rank = shapes.map(\.rank).max() ?? 0
    var result = [Int](repeating: 1, count: rank)
    for shape in shapes {
      for (axis, dimension) in zip((rank - shape.rank)..., shape.dimensions) where dimension != 1 {
        guard result[axis] == 1 || result[axis] == dimension else {
          throw .invalid("The shapes \(shapes.map(\.description).joined(separator: " and ")) cannot be broadcast together.")
        }
        result[axis] = dimension
      }
    }
    return try Shape(result)
  }
}
