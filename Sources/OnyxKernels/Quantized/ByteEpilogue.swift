import CKernels

/// What becomes of the sums of a product of bytes on their way to the output (see onyx_int8.h). Lists are empty or have one
/// entry for each row or column.
package struct ByteEpilogue: Sendable {
  package enum Kind: Sendable { case sums, bytes, floats }

  package var kind: Kind
  package var rowBias: [Int32] = []
  package var columnBias: [Int32] = []
  package var rowScale: [Float] = []
  package var columnScale: [Float] = []
  package var columnShift: [Float] = []
  package var divisor: Float = 1
  /// Of the output.
  package var zeroPoint: Int32 = 0
  package var isSigned = false

  package init(_ kind: Kind) { self.kind = kind }

  /// Bytes of one output element.
  var width: Int { kind == .bytes ? 1 : 4 }

  /// The C form from a row and a column on, lent to `body`.
  ///
  /// SAFETY: lists are empty or long enough for the rows and columns of the block, which the drivers cut from the same
  /// counts; `rowTerm` and `columnTerm` belong to the block.
  func withC(
    row: Int = 0, column: Int = 0, rowTerm: UnsafePointer<Int32>? = nil, columnTerm: UnsafePointer<Int32>? = nil,
    _ body: (UnsafePointer<onyx_int8_epilogue>) -> Void
  ) {
    let least: Float = Float((isSigned ? -128 : 0) - zeroPoint)
    unsafe rowBias.withUnsafeBufferPointer { rowBias in
      unsafe columnBias.withUnsafeBufferPointer { columnBias in
        unsafe rowScale.withUnsafeBufferPointer { rowScale in
          unsafe columnScale.withUnsafeBufferPointer { columnScale in
            unsafe columnShift.withUnsafeBufferPointer { columnShift in
              var epilogue = unsafe onyx_int8_epilogue(
                row_bias: rowBias.from(row), column_bias: columnBias.from(column), row_term: rowTerm, column_term: columnTerm,
                row_scale: rowScale.from(row), column_scale: columnScale.from(column), row_shift: nil,
                column_shift: columnShift.from(column),
                divisor: divisor, low: least, high: least + 255, zero_point: zeroPoint, kind: cKind)
              unsafe body(&epilogue)
            }
          }
        }
      }
    }
  }

  private var cKind: Int32 {
    switch kind {
    case .sums: Int32(ONYX_INT8_SUMS)
    case .bytes: Int32(ONYX_INT8_BYTES)
    case .floats: Int32(ONYX_INT8_FLOATS)
    }
  }
}

extension UnsafeBufferPointer {
  /// The address of an element; nil for an empty list.
  fileprivate func from(_ index: Int) -> UnsafePointer<Element>? {
    guard let baseAddress = baseAddress, !isEmpty else { return nil }
    return unsafe baseAddress + index
  }
}

extension ByteEpilogue {
  /// The number of a byte in memory; 0 for none.
  static func byte(_ pointer: UnsafePointer<UInt8>?, isSigned: Bool) -> Int32 {
    guard let byte = unsafe pointer?.pointee else { return 0 }
    return isSigned ? Int32(Int8(bitPattern: byte)) : Int32(byte)
  }
}
