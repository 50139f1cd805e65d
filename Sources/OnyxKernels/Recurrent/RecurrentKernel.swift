import CKernels
import OnyxTensor
import OnyxThreads

/// A layer of LSTM, GRU or RNN: the products of the input for many steps at once, then the steps one after the other.
///
/// A strand is a direction, or some of its sequences. Strands are independent of each other and go to the threads when there are enough of
/// them; otherwise each step is split over the units, whose gates stay together. What an element is summed of, and in which order, depends
/// on the shapes alone.
///
/// SAFETY: inputs and outputs have the shapes of `geometry`; places in scratch memory come from `scratch`, where each direction has its own
/// part and each sequence its own rows.
struct RecurrentKernel: Sendable {
  let geometry: RecurrentGeometry
  let scratch: RecurrentScratch
  let matrices: RecurrentMatrices
  /// The functions of each direction.
  let forms: [onyx_recurrent_form]
  let isReverse: Bool
  /// Which outputs there are: Y and the last states.
  let outputs: [Bool]
  /// Whether the products of the first step are zeros: no first state is given, and the weights are finite.
  let startsAtZero: Bool
  let isa: ISA
  let functions: RecurrentFunctions

  /// The memory of one direction in a run.
  @safe struct Side {
    let index: Int
    let x: UnsafePointer<Float>
    let w, r, peepholes, hiddenBias: UnsafePointer<Float>?
    /// Panels of R; nil where it is read as it lies.
    let panels: UnsafePointer<Float>?
    /// Weights of bytes.
    let bytes: RecurrentBytes.Operand?
    let bias: UnsafePointer<Float>?
    let memory: UnsafeMutablePointer<Float>
    let y: UnsafeMutablePointer<Float>?
    let lengths: UnsafePointer<Int32>?
    /// How X becomes bytes, all of it alike, where the weights are bytes.
    let quantization: onyx_quantization
  }

  struct Strand {
    let side: Int
    let sequences: Range<Int>
  }

  /// Multiply-adds of a layer below which it stays on one thread, and of a step below which the step does.
  private static let serialWork = 1 << 17
  static let serialStepWork = 1 << 16
  /// Floats of R that several threads can keep in the second-level cache of each.
  private static let residentFloats = 1 << 17

  func run(_ call: borrowing KernelCall) throws(OnyxError) {
    let lengths: UnsafePointer<Int32>? = unsafe call.optionalInput(4)
    if let lengths = unsafe lengths {
      for sequence in 0..<geometry.batch {
        let length = unsafe Int(lengths[sequence])
        guard (0...geometry.steps).contains(length) else {
          throw .invalid("The sequence length \(length) is outside 0 … \(geometry.steps).")
        }
      }
    }
    let sides = (0..<geometry.directions).map { unsafe side(call, $0, lengths) }
    for side in sides { begin(call, side) }
    let pool = call.pool
    let strands = strands(threads: pool.threadCount)
    if strands.count > 1 {
      pool.parallelFor(count: strands.count, chunksPerThread: 1) { range in
        for index in range { take(strands[index], sides[strands[index].side], pool, splits: false) }
      }
    } else {
      for side in sides {
        take(Strand(side: side.index, sequences: 0..<geometry.batch), side, pool, splits: geometry.stepWork >= splitWork)
      }
    }
    for side in sides { finish(call, side) }
  }

  /// Bytes take a quarter of the time of floats.
  private var splitWork: Int {
    if case .bytes = matrices { return 4 * Self.serialStepWork }
    return Self.serialStepWork
  }

  /// Strands enough for every thread; none when a step is to be split instead.
  private func strands(threads: Int) -> [Strand] {
    let (g, perSide) = (geometry, (threads + geometry.directions - 1) / geometry.directions)
    guard threads > 1, g.steps * g.directions * (g.stepWork + g.batch * g.width * g.inputs) >= Self.serialWork else { return [] }
    if perSide > 1 {
      // One row of its own is summed in another order than several: two at least.
      guard case .packed = matrices, g.batch / perSide >= 2, g.width * g.hidden <= Self.residentFloats else { return [] }
    }
    return (0..<g.directions).flatMap { side in
      (0..<perSide).map { Strand(side: side, sequences: g.batch * $0 / perSide..<g.batch * ($0 + 1) / perSide) }
    }
  }

  private func side(_ call: borrowing KernelCall, _ index: Int, _ lengths: UnsafePointer<Int32>?) -> Side {
    let (g, memory) = unsafe (geometry, call.scratch.assumingMemoryBound(to: Float.self) + index * scratch.count)
    let w: UnsafePointer<Float>?
    let r: UnsafePointer<Float>?
    let panels: UnsafePointer<Float>?
    switch matrices {
    case .packed(_, let packed):
      unsafe (w, r, panels) = (nil, nil, UnsafePointer(packed[index].base))
    case .bytes: unsafe (w, r, panels) = (nil, nil, nil)
    case .given(let packsR):
      unsafe w = call.input(1) + index * g.width * g.inputs
      unsafe r = call.input(2) + index * g.width * g.hidden
      unsafe panels = packsR ? UnsafePointer(memory + scratch.panels) : nil
    }
    var quantization = onyx_quantization()
    var bytes: RecurrentBytes.Operand?
    if case .bytes(let weights) = matrices {
      bytes = weights[index].operand
      quantization = unsafe self.quantization(rows: 1, count: g.steps * g.batch * g.inputs) { _ in unsafe call.input(0) }
    }
    let biases: UnsafePointer<Float>? = unsafe call.optionalInput(3).map { unsafe $0 + index * 2 * g.width }
    let peepholes: UnsafePointer<Float>? = unsafe g.cell == .lstm ? call.optionalInput(7).map { unsafe $0 + index * 3 * g.hidden } : nil
    return unsafe Side(
      index: index, x: call.input(0), w: w, r: r, peepholes: peepholes,
      hiddenBias: g.cell == .gruLinear ? biases.map { unsafe $0 + g.width + 2 * g.hidden } : nil, panels: panels, bytes: bytes,
      bias: biases == nil ? nil : UnsafePointer(memory + scratch.bias), memory: memory,
      y: outputs[0] ? call.output(0) + index * g.y.side : nil, lengths: lengths, quantization: quantization)
  }

  /// Packs R if it must be, adds the biases that are added anyway, sets the first states.
  private func begin(_ call: borrowing KernelCall, _ side: Side) {
    let g = geometry
    if let r = unsafe side.r, unsafe side.panels != nil { unsafe g.packR(r, into: side.memory + scratch.panels, isa, call.pool) }
    if let biases: UnsafePointer<Float> = unsafe call.optionalInput(3) {
      let given = unsafe biases + side.index * 2 * g.width
      let sums = unsafe side.memory + scratch.bias
      let added = g.cell == .gruLinear ? 2 * g.hidden : g.width
      for unit in 0..<g.width { unsafe sums[unit] = unit < added ? given[unit] + given[g.width + unit] : given[unit] }
    }
    for (input, place) in [(5, scratch.hidden), (6, scratch.state)] where input == 5 || g.cell == .lstm {
      let first: UnsafePointer<Float>? = unsafe call.optionalInput(input).map { unsafe $0 + side.index * g.state.side }
      for sequence in 0..<g.batch {
        let target = unsafe side.memory + place + sequence * g.stateStride
        if let first = unsafe first {
          unsafe target.update(from: first + sequence * g.state.sequence, count: g.hidden)
        } else {
          unsafe target.update(repeating: 0, count: g.hidden)
        }
      }
    }
  }

  /// All steps of a strand.
  private func take(_ strand: Strand, _ side: Side, _ pool: ThreadPool, splits: Bool) {
    for start in stride(from: 0, to: geometry.steps, by: geometry.chunkSteps) {
      let chunk = start..<min(start + geometry.chunkSteps, geometry.steps)
      project(strand, side, chunk, pool)
      for step in chunk { advance(strand, side, step, of: chunk, splits ? pool : nil) }
    }
  }

  /// The time of a step of a sequence, and its length.
  func time(_ step: Int, _ sequence: Int, _ side: Side) -> (time: Int, length: Int) {
    let length = unsafe side.lengths.map { unsafe Int($0[sequence]) } ?? geometry.steps
    let isReversed = isReverse || side.index == 1
    return (isReversed && step < length ? length - 1 - step : step, length)
  }

  /// X·Wᵀ and the biases of a chunk: a row for each step and sequence.
  private func project(_ strand: Strand, _ side: Side, _ chunk: Range<Int>, _ pool: ThreadPool) {
    let (g, count) = (geometry, strand.sequences.count)
    let (m, target) = unsafe (chunk.count * count, products(side, strand))
    if case .bytes(let weights) = matrices {
      let copy = unsafe UnsafeMutableRawPointer(side.memory + scratch.rows).assumingMemoryBound(to: UInt8.self)
      var q = side.quantization
      unsafe stage(strand, side, chunk, zero: UInt8(truncatingIfNeeded: q.zero_point), into: copy) { target, row in
        unsafe functions.quantize.quantize!(target, row, Int64(g.inputs), &q)
      }
      return unsafe project(copy, m, q, side, weights[side.index], into: target, pool)
    }
    var rows = unsafe side.x + chunk.lowerBound * g.x.time
    let isForward = unsafe !isReverse && side.index == 0 && side.lengths == nil
    if !isForward || count != g.batch || count > 1 && g.x.sequence != g.inputs {
      let copy = unsafe side.memory + scratch.rows + g.chunkSteps * strand.sequences.lowerBound * g.inputs
      unsafe stage(strand, side, chunk, zero: 0, into: copy) { target, row in unsafe target.update(from: row, count: g.inputs) }
      unsafe rows = UnsafePointer(copy)
    }
    if case .packed(let w, _) = matrices {
      let product = LinearProduct(m: m, n: g.width, k: g.inputs, rowStride: g.inputs, isa: isa)
      unsafe product.run(.init(x: rows, bias: side.bias, y: target), .packed(w[side.index]), pool: pool)
    } else if let w = unsafe side.w {
      unsafe Gemm.multiply(
        m: m, n: g.width, k: g.inputs, .matrix(Matrix(rows, rowStride: g.inputs)), .matrix(Matrix(w, rowStride: g.inputs).transposed),
        into: target, rowStride: g.width, epilogue: .init(columnBias: side.bias), isa: isa, pool: pool)
    }
  }

  /// Rows of X in the order of the steps; those of sequences that have ended hold `zero`.
  private func stage<Element>(
    _ strand: Strand, _ side: Side, _ chunk: Range<Int>, zero: Element, into copy: UnsafeMutablePointer<Element>,
    _ write: (UnsafeMutablePointer<Element>, UnsafePointer<Float>) -> Void
  ) {
    let (g, count) = (geometry, strand.sequences.count)
    for step in chunk {
      for (offset, sequence) in strand.sequences.enumerated() {
        let target = unsafe copy + ((step - chunk.lowerBound) * count + offset) * g.inputs
        let (time, length) = time(step, sequence, side)
        if step < length {
          unsafe write(target, side.x + time * g.x.time + sequence * g.x.sequence)
        } else {
          unsafe target.update(repeating: zero, count: g.inputs)
        }
      }
    }
  }

  func products(_ side: Side, _ strand: Strand) -> UnsafeMutablePointer<Float> {
    unsafe side.memory + scratch.products + geometry.chunkSteps * strand.sequences.lowerBound * geometry.width
  }

  /// Hands out the last states.
  private func finish(_ call: borrowing KernelCall, _ side: Side) {
    let g = geometry
    let last = scratch.hidden + (g.steps & 1) * g.batch * g.stateStride
    for (output, place) in [(1, last), (2, scratch.state)] where outputs.indices.contains(output) && outputs[output] {
      for sequence in 0..<g.batch {
        let target: UnsafeMutablePointer<Float> = unsafe call.output(output) + side.index * g.state.side + sequence * g.state.sequence
        unsafe target.update(from: side.memory + place + sequence * g.stateStride, count: g.hidden)
      }
    }
  }
}
