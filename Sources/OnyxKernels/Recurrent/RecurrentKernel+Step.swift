import CKernels
import OnyxThreads

// SAFETY: see `RecurrentKernel`.

extension RecurrentKernel {
  /// One step of a strand, on the threads of `pool` or on this one. A phase begins when the one before has left all units.
  func advance(_ strand: Strand, _ side: Side, _ step: Int, of chunk: Range<Int>, _ pool: ThreadPool?) {
    let blocks = geometry.blocks
    if let bytes = side.bytes { quantize(side, step, bytes) }
    for index in 0..<geometry.cell.phaseCount {
      let phase = geometry.cell.phase(index)
      if let pool {
        let grain = max(1, Self.serialStepWork / 4 / (phase.count * geometry.panelFloats * geometry.batch))
        pool.parallelFor(count: blocks, grain: grain, chunksPerThread: 2) { range in
          compute(phase, range, strand, side, step, of: chunk)
        }
      } else {
        compute(phase, 0..<blocks, strand, side, step, of: chunk)
      }
    }
  }

  /// Products and cells of some blocks of units. A single gate of a single sequence has its units one behind the other whatever the block.
  private func compute(_ phase: Range<Int>, _ blocks: Range<Int>, _ strand: Strand, _ side: Side, _ step: Int, of chunk: Range<Int>) {
    let span = phase.count == 1 && geometry.batch == 1 ? blocks.count : 1
    for block in stride(from: blocks.lowerBound, to: blocks.upperBound, by: span) {
      let units = block * geometry.panel..<min((block + span) * geometry.panel, geometry.hidden)
      let products = unsafe side.memory + scratch.recurrent + block * geometry.panel * geometry.cell.widestPhase * geometry.batch
      unsafe multiply(phase, units, strand, side, step, into: products)
      unsafe update(phase, units, strand, side, step, of: chunk, products)
    }
  }

  /// The hidden states before or after a step; the reset ones for the second phase of GRU.
  func hidden(_ side: Side, _ step: Int) -> UnsafeMutablePointer<Float> {
    unsafe side.memory + scratch.hidden + (step & 1) * geometry.batch * geometry.stateStride
  }

  private static let longestVectorBlock = 2048

  /// Hidden states · Rᵀ: for each sequence of the strand a row of the phase's gates, `panel` units each. Strands that are in different
  /// phases have places of their own.
  private func multiply(
    _ phase: Range<Int>, _ units: Range<Int>, _ strand: Strand, _ side: Side, _ step: Int, into products: UnsafeMutablePointer<Float>
  ) {
    if let bytes = side.bytes { return unsafe multiply(units, side, bytes, into: products) }
    let (g, first) = (geometry, strand.sequences.lowerBound)
    let row = phase.count * g.panel
    let states = unsafe (phase.lowerBound == 0 ? hidden(side, step) : side.memory + scratch.reset) + first * g.stateStride
    let out = unsafe products + first * g.cell.widestPhase * g.panel
    if step == 0 && startsAtZero {
      // The last gate of a block ends with its units, not with its panel.
      let count = (strand.sequences.count - 1) * row + (phase.count - 1) * g.panel + units.count
      return unsafe out.update(repeating: 0, count: count)
    }
    guard let panels = unsafe side.panels else {
      for sequence in 0..<strand.sequences.count {
        for gate in phase {
          unsafe functions.gemm.gemv_columns!(
            out + sequence * row + (gate - phase.lowerBound) * g.panel, states + sequence * g.stateStride,
            side.r! + (gate * g.hidden + units.lowerBound) * g.hidden, Int64(g.hidden), Int64(g.hidden), Int64(units.count))
        }
      }
      return
    }
    let start = unsafe panels + g.firstPanel(phase, block: units.lowerBound / g.panel) * g.panelFloats
    if phase.count == 1 || units.count == g.panel {
      let columns = phase.count == 1 ? units.count : row
      return unsafe multiply(states, strand.sequences.count, start, columns, into: out, stride: row)
    }
    for gate in 0..<phase.count {
      unsafe multiply(states, strand.sequences.count, start + gate * g.panelFloats, units.count, into: out + gate * g.panel, stride: row)
    }
  }

  /// Rows of states times panels. A layer of one sequence sums in four chains over blocks of 2048 terms, others in one chain over equal
  /// blocks of at most 512.
  private func multiply(
    _ states: UnsafePointer<Float>, _ rows: Int, _ panels: UnsafePointer<Float>, _ columns: Int, into out: UnsafeMutablePointer<Float>,
    stride row: Int
  ) {
    let k = geometry.hidden
    let count = (k + GemmProduct.longestBlock - 1) / GemmProduct.longestBlock
    let length = geometry.batch == 1 ? min(k, Self.longestVectorBlock) : ((k + count - 1) / count + 7) & ~7
    var epilogue = unsafe onyx_direct_epilogue(bias: nil, addend: nil, addend_row_stride: 0, alpha: 1, low: 0, high: 0, flags: 0)
    for start in Swift.stride(from: 0, to: k, by: length) {
      let terms = Int64(min(length, k - start))
      let panel = unsafe panels + start * geometry.panel
      if geometry.batch == 1 {
        unsafe functions.gemm.vector!(terms, states + start, panel, Int64(geometry.panelFloats), Int64(columns), out, &epilogue)
      } else {
        unsafe functions.gemm.direct!(
          terms, states + start, Int64(geometry.stateStride), Int64(rows), panel, Int64(geometry.panelFloats), Int64(columns), out,
          Int64(row),
          &epilogue)
      }
      unsafe epilogue.flags = UInt32(ONYX_GEMM_ACCUMULATE)
    }
  }

  /// The cells of some units. A sequence that has ended keeps its state, and Y is 0 there.
  private func update(
    _ phase: Range<Int>, _ units: Range<Int>, _ strand: Strand, _ side: Side, _ step: Int, of chunk: Range<Int>,
    _ products: UnsafePointer<Float>
  ) {
    let (g, first) = (geometry, units.lowerBound)
    let isGates = g.cell == .gru && phase.lowerBound == 0
    let sums = unsafe products + strand.sequences.lowerBound * g.cell.widestPhase * g.panel
    let rows = unsafe self.products(side, strand) + (step - chunk.lowerBound) * strand.sequences.count * g.width + first
    unsafe withUnsafePointer(to: forms[side.index]) { form in
      for (offset, sequence) in strand.sequences.enumerated() {
        let place = sequence * g.stateStride + first
        let before = unsafe hidden(side, step) + place
        let after = unsafe isGates ? side.memory + scratch.reset + place : hidden(side, step + 1) + place
        let (time, length) = time(step, sequence, side)
        let output = unsafe isGates ? nil : side.y.map { unsafe $0 + time * g.y.time + sequence * g.y.sequence + first }
        guard step < length else {
          unsafe after.update(from: before, count: units.count)
          unsafe output?.update(repeating: 0, count: units.count)
          continue
        }
        var cell = unsafe onyx_recurrent_step(
          count: Int64(units.count), input: rows + offset * g.width, input_stride: Int64(g.hidden),
          recurrent: sums + offset * phase.count * g.panel, recurrent_stride: Int64(g.panel),
          peepholes: side.peepholes.map { unsafe $0 + first }, peephole_stride: Int64(g.hidden),
          bias: side.hiddenBias.map { unsafe $0 + first },
          before: before, state: side.memory + scratch.state + place, after: after, output: output)
        switch g.cell {
        case .lstm: unsafe functions.cells.lstm!(&cell, form)
        case .gruLinear: unsafe functions.cells.gru_linear!(&cell, form)
        case .gru:
          if isGates {
            unsafe functions.cells.gru_gates!(&cell, form)
          } else {
            unsafe functions.cells.gru_state!(&cell, form)
          }
        case .rnn: unsafe functions.cells.rnn!(&cell, form)
        }
      }
    }
  }
}
