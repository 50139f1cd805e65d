import OnyxFiles
import OnyxInsight
import OnyxKernels
import OnyxRuntime
import OnyxTensor
import OnyxThreads

extension Profile {
  /// The recorded runs in the Trace Event Format that Chrome's about:tracing and Perfetto read: one track with a slice for
  /// each run and in it one for each step, one for each thread with the parts of steps that it worked at, and a counter of the
  /// bytes that activations need.
  package func trace() throws(OnyxError) -> String {
    var events = [
      TraceEvent(name: "process_name", phase: "M", arguments: ["name": .text("onyx \(model)")]),
      TraceEvent(name: "thread_name", phase: "M", arguments: ["name": .text("\(Quantity.count(threads, "thread")), \(isa)")]),
    ]
    guard let origin = recording.runs.first?.first else { throw .bug("There is no run to trace.") }
    events += threadEvents(from: origin)
    for (index, run) in recording.runs.enumerated() {
      let instants = run.map { ($0 - origin).milliseconds * 1e3 }
      events.append(
        TraceEvent(
          name: "run \(index + 1)", phase: "X", category: "run", start: instants[0], duration: instants[instants.count - 1] - instants[0]))
      for (position, step) in steps.enumerated() {
        let (start, end) = (instants[position + 1], instants[position + 2])
        events.append(event(step, start, end))
        events.append(TraceEvent(name: "activations", phase: "C", start: start, arguments: ["bytes": .number(Double(step.liveBytes ?? 0))]))
      }
      events.append(TraceEvent(name: "activations", phase: "C", start: instants[instants.count - 1], arguments: ["bytes": .number(0)]))
    }
    return try JSONText.encode(Trace(traceEvents: events, displayTimeUnit: "ms"), isIndented: false)
  }

  /// The tracks of the threads, numbered from 2 on in the order in which they first worked.
  private func threadEvents(from origin: Moment) -> [TraceEvent] {
    var tracks: [Int: Int] = [:]
    var events: [TraceEvent] = []
    // Step ends of all runs, to name each slice by the step that it was a part of.
    let ends = recording.ends
    var position = 0
    for slice in activity.sorted(by: { $0.start < $1.start }) {
      let track = tracks[slice.thread] ?? tracks.count + 2
      if tracks.updateValue(track, forKey: slice.thread) == nil {
        events.append(TraceEvent(name: "thread_name", phase: "M", thread: track, arguments: ["name": .text("thread \(track - 1)")]))
      }
      while position < ends.count, ends[position].instant < slice.start { position += 1 }
      let step = position < ends.count ? steps[ends[position].step] : nil
      let start = (slice.start - origin).milliseconds * 1e3
      events.append(
        TraceEvent(
          name: step.map { $0.name.isEmpty ? $0.op : $0.name } ?? "", phase: "X", category: "thread", start: start,
          duration: (slice.end - slice.start).milliseconds * 1e3, thread: track))
    }
    return events
  }

  private func event(_ step: Step, _ start: Double, _ end: Double) -> TraceEvent {
    var arguments: [String: TraceEvent.Argument] = ["kernel": .text(step.kernel), "operator": .text(step.op)]
    if let module = step.module { arguments["module"] = .text(module) }
    if let block = step.block { arguments["block"] = .text(block) }
    if let type = step.type, let shape = step.shape { arguments["output"] = .text("\(type)\(shape)") }
    let milliseconds = (end - start) / 1e3
    if let rate = step.cost.work.gigaflops(milliseconds: milliseconds) { arguments["GFLOP/s"] = .number(rate) }
    if let rate = step.cost.work.gigabytes(milliseconds: milliseconds) { arguments["GB/s"] = .number(rate) }
    return TraceEvent(
      name: step.name.isEmpty ? step.op : step.name, phase: "X", category: step.op, start: start, duration: end - start,
      arguments: arguments)
  }
}

private struct Trace: Encodable {
  let traceEvents: [TraceEvent]
  let displayTimeUnit: String
}

/// One event; times in microseconds.
private struct TraceEvent: Encodable {
  enum Argument: Encodable {
    case text(String)
    case number(Double)

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .text(let text): try container.encode(text)
      case .number(let number): try container.encode(number)
      }
    }
  }

  let name: String
  let phase: String
  var category: String?
  var start = 0.0
  var duration: Double?
  var process = 1
  var thread = 1
  var arguments: [String: Argument]?

  enum CodingKeys: String, CodingKey {
    case name
    case phase = "ph"
    case category = "cat"
    case start = "ts"
    case duration = "dur"
    case process = "pid"
    case thread = "tid"
    case arguments = "args"
  }
}
