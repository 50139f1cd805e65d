import OnyxOperators
import OnyxTensor
import OnyxThreads

/// An element type of features.
protocol FeatureElement: BitwiseCopyable, Sendable {
  var double: Double { get }
  /// An integer in whose order and equality the elements are, NaN the largest.
  var order: Int64 { get }
  init(flag: Bool)
}

extension Float: FeatureElement {
  var double: Double { Double(self) }
  var order: Int64 { Double(self).key }
  init(flag: Bool) { self = flag ? 1 : 0 }
}

extension Double: FeatureElement {
  var double: Double { self }
  var order: Int64 { key }
  init(flag: Bool) { self = flag ? 1 : 0 }
}

extension Int16: FeatureElement {
  var double: Double { Double(self) }
  var order: Int64 { Int64(self) }
  init(flag: Bool) { self = flag ? 1 : 0 }
}

extension Int32: FeatureElement {
  var double: Double { Double(self) }
  var order: Int64 { Int64(self) }
  init(flag: Bool) { self = flag ? 1 : 0 }
}

extension Int64: FeatureElement {
  var double: Double { Double(self) }
  var order: Int64 { self }
  init(flag: Bool) { self = flag ? 1 : 0 }
}

/// What an operator of ai.onnx.ml does with features of any type.
protocol FeatureKernel: Sendable {
  func run<T: FeatureElement>(_ call: borrowing KernelCall, _ type: T.Type) throws(OnyxError)
}

/// 1 where an element is above a threshold.
///
/// SAFETY: here and below, counts are those of the query; see `KernelCall`.
struct BinarizerKernel: FeatureKernel {
  let threshold: Double
  let count: Int

  func run<T: FeatureElement>(_ call: borrowing KernelCall, _ type: T.Type) {
    let (x, y) = unsafe (call.input(0, as: T.self), call.output(0, as: T.self))
    call.pool.parallelFor(count: count, grain: 32768) { range in
      for index in range { unsafe y[index] = T(flag: x[index].double > threshold) }
    }
  }
}

/// (x − offset) · scale, one of each for every feature.
struct ScalerKernel: FeatureKernel {
  let offset: [Double]
  let scale: [Double]
  let rows: Int

  func run<T: FeatureElement>(_ call: borrowing KernelCall, _ type: T.Type) {
    let (x, y) = unsafe (call.input(0, as: T.self), call.output(0, as: Float.self))
    let width = scale.count
    call.pool.parallelFor(count: rows, grain: max(1, 32768 / width)) { range in
      unsafe offset.withUnsafeBufferPointer { offset in
        unsafe scale.withUnsafeBufferPointer { scale in
          for row in range {
            let (from, to) = unsafe (x + row * width, y + row * width)
            for feature in 0..<width { unsafe to[feature] = Float((from[feature].double - offset[feature]) * scale[feature]) }
          }
        }
      }
    }
  }
}

/// New values for one old value. The values are of the type of the elements.
struct ImputerKernel<Element: FeatureElement>: Sendable {
  let old: Element
  let new: [Element]
  let count: Int

  func run(_ call: borrowing KernelCall) {
    let (x, y) = unsafe (call.input(0, as: Element.self), call.output(0, as: Element.self))
    let width = new.count
    let order = old.order
    call.pool.parallelFor(count: (count + width - 1) / width, grain: max(1, 32768 / width)) { range in
      unsafe new.withUnsafeBufferPointer { new in
        for row in range {
          let start = row * width
          for feature in 0..<min(width, count - start) {
            let value = unsafe x[start + feature]
            unsafe y[start + feature] = value.order == order ? new[feature] : value
          }
        }
      }
    }
  }
}

/// Rows divided by their norms.
struct NormalizerKernel: FeatureKernel {
  let norm: Normalizer.Norm
  let rows: Int
  let width: Int

  func run<T: FeatureElement>(_ call: borrowing KernelCall, _ type: T.Type) {
    let (x, y) = unsafe (call.input(0, as: T.self), call.output(0, as: Float.self))
    call.pool.parallelFor(count: rows, grain: max(1, 16384 / width)) { range in
      for row in range {
        let (from, to) = unsafe (x + row * width, y + row * width)
        let divisor = unsafe length(from)
        for feature in 0..<width {
          let value = unsafe from[feature].double
          unsafe to[feature] = Float(divisor == 0 ? value : value / divisor)
        }
      }
    }
  }

  private func length<T: FeatureElement>(_ x: UnsafePointer<T>) -> Double {
    switch norm {
    case .max:
      var largest = unsafe x[0].double
      for feature in 1..<width where unsafe largest < x[feature].double { largest = unsafe x[feature].double }
      return largest
    case .l1:
      var sum = 0.0
      for feature in 0..<width { sum += unsafe abs(x[feature].double) }
      return sum
    case .l2:
      var sum = 0.0
      for feature in 0..<width {
        let value = unsafe x[feature].double
        sum += value * value
      }
      return sum.squareRoot()
    }
  }
}

/// Columns of a matrix.
struct ExtractorKernel<Word: BitwiseCopyable>: Sendable {
  let rows: Int
  let width: Int
  let count: Int

  func run(_ call: borrowing KernelCall) throws(OnyxError) {
    let chosen = unsafe call.input(1, as: Int64.self)
    for index in 0..<count where unsafe chosen[index] < 0 || chosen[index] >= width {
      throw .invalid("The index \(unsafe chosen[index]) is outside the \(width) features.")
    }
    let (x, y) = unsafe (call.input(0, as: Word.self), call.output(0, as: Word.self))
    let count = count
    call.pool.parallelFor(count: rows, grain: max(1, 16384 / max(count, 1))) { range in
      for row in range {
        for index in 0..<count { unsafe y[row * count + index] = x[row * width + Int(chosen[index])] }
      }
    }
  }
}
