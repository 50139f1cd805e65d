/// Tensors whose elements are computed in the wide type of their domain, a piece at a time.
extension Tensor {
  /// The most elements of a piece.
  package static let pieceLength = 512
  /// Pieces between two questions whether the work goes on.
  private static let piecesBetweenQuestions = 128

  /// A tensor of a floating type: `next` writes all places of each piece, in row-major order; each number is rounded once to nearest
  /// even. `saturates` says whether numbers past the range of an 8-bit float become its largest one rather than infinity or NaN.
  /// Throws what `next` throws, and `budgetExceeded`. Complexity: O(elements).
  package init(
    floating type: ElementType, shape: Shape, saturates: Bool = true, _ next: (_ piece: inout [Double]) throws(OnyxError) -> Void
  ) throws(OnyxError) {
    guard let element = type.floatingElement else { throw .bug("\(type) is no floating type.") }
    self = try Self.floats(element, shape, saturates, next)
  }

  /// A tensor of an integer or bool type: `next` writes all places of each piece, in row-major order; the low bits of each number are
  /// kept. Throws what `next` throws, and `budgetExceeded`. Complexity: O(elements).
  package init(
    integral type: ElementType, shape: Shape, _ next: (_ piece: inout [Int64]) throws(OnyxError) -> Void
  ) throws(OnyxError) {
    guard let element = type.integralElement else { throw .bug("\(type) is no integer type.") }
    self = try Self.integers(element, shape, next)
  }

  private static func floats<T: FloatingElement>(
    _ type: T.Type, _ shape: Shape, _ saturates: Bool, _ next: (inout [Double]) throws(OnyxError) -> Void
  ) throws(OnyxError) -> Tensor {
    try Tensor(shape: shape, of: type) { (elements) throws(OnyxError) in
      var piece = [Double](repeating: 0, count: min(pieceLength, shape.elementCount))
      var pace = WorkPace(every: piecesBetweenQuestions)
      for start in stride(from: 0, to: shape.elementCount, by: pieceLength) {
        try pace.check()
        piece.removeLast(max(0, piece.count - (shape.elementCount - start)))
        try next(&piece)
        T.write(piece, to: &elements, at: start, saturates: saturates)
      }
    }
  }

  private static func integers<T: IntegralElement>(
    _ type: T.Type, _ shape: Shape, _ next: (inout [Int64]) throws(OnyxError) -> Void
  ) throws(OnyxError) -> Tensor {
    try Tensor(shape: shape, of: type) { (elements) throws(OnyxError) in
      var piece = [Int64](repeating: 0, count: min(pieceLength, shape.elementCount))
      var pace = WorkPace(every: piecesBetweenQuestions)
      for start in stride(from: 0, to: shape.elementCount, by: pieceLength) {
        try pace.check()
        piece.removeLast(max(0, piece.count - (shape.elementCount - start)))
        try next(&piece)
        T.write(piece, to: &elements, at: start)
      }
    }
  }
}

// Functions of one element.
extension Tensor {
  /// A tensor of a floating type, by default of this one's, with a function of each number.
  package func mapFloats(as type: ElementType? = nil, _ function: (Double) -> Double) throws(OnyxError) -> Tensor {
    var reader = ElementReader(self)
    return try Tensor(floating: type ?? elementType, shape: shape) { (piece: inout [Double]) throws(OnyxError) in
      try reader.read(into: &piece)
      for index in piece.indices { piece[index] = function(piece[index]) }
    }
  }

  /// A tensor of an integer or bool type with a function of each number.
  package func mapFloats(toIntegers type: ElementType, _ function: (Double) -> Int64) throws(OnyxError) -> Tensor {
    var reader = ElementReader(self)
    var numbers: [Double] = []
    return try Tensor(integral: type, shape: shape) { (piece: inout [Int64]) throws(OnyxError) in
      numbers.fit(piece.count)
      try reader.read(into: &numbers)
      for index in piece.indices { piece[index] = function(numbers[index]) }
    }
  }

  /// A tensor of an integer or bool type, by default of this one's, with a function of each integer.
  package func mapIntegers(as type: ElementType? = nil, _ function: (Int64) -> Int64) throws(OnyxError) -> Tensor {
    var reader = ElementReader(self)
    return try Tensor(integral: type ?? elementType, shape: shape) { (piece: inout [Int64]) throws(OnyxError) in
      try reader.read(into: &piece)
      for index in piece.indices { piece[index] = function(piece[index]) }
    }
  }

  /// A tensor of a floating type with a function of each integer.
  package func mapIntegers(toFloats type: ElementType, _ function: (Int64) -> Double) throws(OnyxError) -> Tensor {
    var reader = ElementReader(self)
    var numbers: [Int64] = []
    return try Tensor(floating: type, shape: shape) { (piece: inout [Double]) throws(OnyxError) in
      numbers.fit(piece.count)
      try reader.read(into: &numbers)
      for index in piece.indices { piece[index] = function(numbers[index]) }
    }
  }
}

// Functions of elements that broadcasting brings together: all operands must be broadcastable to the shape.
extension Tensor {
  /// A tensor of a floating type: `function` folds the numbers of one or more operands from the left, `finish` has the last word.
  package static func foldFloats(
    _ operands: [Tensor], in shape: Shape, as type: ElementType, _ function: (Double, Double) -> Double,
    finish: ((Double) -> Double)? = nil
  ) throws(OnyxError) -> Tensor {
    var readers = operands.map { ElementReader($0, in: shape) }
    var numbers: [Double] = []
    return try Tensor(floating: type, shape: shape) { (piece: inout [Double]) throws(OnyxError) in
      numbers.fit(piece.count)
      try readers[0].read(into: &piece)
      for operand in 1..<max(1, readers.count) {
        try readers[operand].read(into: &numbers)
        for index in piece.indices { piece[index] = function(piece[index], numbers[index]) }
      }
      if let finish { for index in piece.indices { piece[index] = finish(piece[index]) } }
    }
  }

  /// A tensor of an integer or bool type: `function` folds the integers of one or more operands from the left.
  package static func foldIntegers(
    _ operands: [Tensor], in shape: Shape, as type: ElementType, _ function: (Int64, Int64) -> Int64
  ) throws(OnyxError) -> Tensor {
    var readers = operands.map { ElementReader($0, in: shape) }
    var numbers: [Int64] = []
    return try Tensor(integral: type, shape: shape) { (piece: inout [Int64]) throws(OnyxError) in
      numbers.fit(piece.count)
      try readers[0].read(into: &piece)
      for operand in 1..<max(1, readers.count) {
        try readers[operand].read(into: &numbers)
        for index in piece.indices { piece[index] = function(piece[index], numbers[index]) }
      }
    }
  }

  /// A tensor of an integer or bool type with a function of the numbers of two operands.
  package static func combineFloats(
    _ a: Tensor, _ b: Tensor, in shape: Shape, toIntegers type: ElementType, _ function: (Double, Double) -> Int64
  ) throws(OnyxError) -> Tensor {
    var (left, right) = (ElementReader(a, in: shape), ElementReader(b, in: shape))
    var (x, y): ([Double], [Double]) = ([], [])
    return try Tensor(integral: type, shape: shape) { (piece: inout [Int64]) throws(OnyxError) in
      x.fit(piece.count)
      y.fit(piece.count)
      try left.read(into: &x)
      try right.read(into: &y)
      for index in piece.indices { piece[index] = function(x[index], y[index]) }
    }
  }
}

extension ElementType {
  /// Makes each value what an element of this floating type holds. Throws `bug` for other types.
  package func round(_ values: inout [Double]) throws(OnyxError) {
    guard let element = floatingElement else { throw .bug("\(self) is no floating type.") }
    element.round(&values)
  }
}

extension Array where Element: Numeric {
  /// Has `count` places from now on; what they hold is not said.
  package mutating func fit(_ count: Int) {
    if self.count != count { self = [Element](repeating: 0, count: count) }
  }
}
