import Onyx
import Synchronization

/// What is counted of the runs of one model.
package final class ModelCounts: Sendable {
  private struct State {
    var runs = Histogram.seconds
    var waits = Histogram.seconds
    var rows = Histogram.rows
  }

  private let state = Mutex(State())

  /// A run that began then is over; so many rows were in it.
  package func ran(_ began: ContinuousClock.Instant, rows: Int) {
    let seconds = (ContinuousClock.now - began).seconds
    state.withLock { state in
      state.runs.observe(seconds)
      state.rows.observe(Double(rows))
    }
  }

  /// A request waited so long in the queue.
  package func waited(_ duration: Duration) { state.withLock { $0.waits.observe(duration.seconds) } }

  /// Seconds of runs, seconds in the queue, rows of runs.
  package var histograms: (runs: Histogram, waits: Histogram, rows: Histogram) {
    state.withLock { ($0.runs, $0.waits, $0.rows) }
  }
}

/// What is counted of requests and connections.
package final class Metrics: Sendable {
  /// What is told apart: names of models are only those that exist, so that callers cannot make up series.
  private struct Series: Hashable {
    let wire: String
    let model: String
    let outcome: String
  }

  private struct State {
    var requests: [Series: Int] = [:]
    var durations: [String: Histogram] = [:]
  }

  private let state = Mutex(State())
  /// Open connections by protocol.
  private let httpConnections = Atomic(0)
  private let grpcConnections = Atomic(0)
  /// Connections that were closed at once because there were too many.
  package let refusedConnections = Atomic(0)
  /// Bytes of requests that are being received or run.
  package let bodyBytes = Atomic(0)
  /// Requests that are being received, wait, run or are being answered.
  package let inFlight = Atomic(0)
  private let began = ProcessFacts.unixTime

  /// There are so many connections more.
  package func connected(_ isHTTP: Bool, _ change: Int) {
    if isHTTP { httpConnections.wrappingAdd(change, ordering: .relaxed) } else { grpcConnections.wrappingAdd(change, ordering: .relaxed) }
  }

  /// A request is answered. `model` is nil for one that reached no model.
  package func answered(_ wire: String, model: String?, outcome: String, after duration: Duration) {
    state.withLock { state in
      state.requests[Series(wire: wire, model: model ?? "", outcome: outcome), default: 0] += 1
      if let model { state.durations[model, default: .seconds].observe(duration.seconds) }
    }
  }

  /// All of it in Prometheus' text format, version 0.0.4.
  package func text(_ repository: Repository, isReady: Bool) -> String {
    var page = Page()
    page.gauge("onyx_ready", "Whether the server answers requests for all of its models.", isReady ? 1 : 0)
    page.header("onyx_info", "The version of Onyx.", "gauge")
    page.line("onyx_info{version=\"\(Session.version)\"} 1")
    let (requests, durations) = state.withLock { ($0.requests, $0.durations) }
    page.header("onyx_requests_total", "Answered requests by protocol, model and outcome.", "counter")
    for (series, count) in requests.sorted(by: { ($0.key.wire, $0.key.model, $0.key.outcome) < ($1.key.wire, $1.key.model, $1.key.outcome) }
    ) {
      page.line(
        "onyx_requests_total{protocol=\"\(series.wire)\",model=\"\(Self.label(series.model))\",outcome=\"\(series.outcome)\"} \(count)")
    }
    page.header("onyx_request_seconds", "From the first byte of a request to its answer.", "histogram")
    for (model, histogram) in durations.sorted(by: { $0.key < $1.key }) {
      page.text += histogram.text("onyx_request_seconds", labels: "model=\"\(Self.label(model))\",")
    }
    models(&page, repository)
    page.header("onyx_connections", "Open connections.", "gauge")
    page.line("onyx_connections{protocol=\"http\"} \(httpConnections.load(ordering: .relaxed))")
    page.line("onyx_connections{protocol=\"grpc\"} \(grpcConnections.load(ordering: .relaxed))")
    page.header("onyx_refused_connections_total", "Connections closed at once because there were too many.", "counter")
    page.line("onyx_refused_connections_total \(refusedConnections.load(ordering: .relaxed))")
    page.gauge("onyx_requests_in_flight", "Requests that are received, wait, run or are answered.", inFlight.load(ordering: .relaxed))
    page.gauge("onyx_request_bytes_in_flight", "Bytes of these requests.", bodyBytes.load(ordering: .relaxed))
    process(&page)
    return page.text
  }

  private func models(_ page: inout Page, _ repository: Repository) {
    let slots = repository.slots
    func labels(_ slot: Repository.Slot) -> String {
      "model=\"\(Self.label(slot.entry.name))\",version=\"\(Self.label(slot.entry.version))\","
    }
    page.header("onyx_model_ready", "Whether a version of a model is loaded.", "gauge")
    for slot in slots { page.line("onyx_model_ready{\(labels(slot).dropLast())} \(slot.served == nil ? 0 : 1)") }
    page.header("onyx_queue_length", "Requests that wait.", "gauge")
    for slot in slots {
      if let served = slot.served { page.line("onyx_queue_length{\(labels(slot).dropLast())} \(served.queueLength)") }
    }
    let counted = slots.compactMap { slot in slot.served.map { (labels(slot), $0.counts.histograms) } }
    page.header("onyx_run_seconds", "Runs of a model, of one request or of a batch.", "histogram")
    for (labels, histograms) in counted { page.text += histograms.runs.text("onyx_run_seconds", labels: labels) }
    page.header("onyx_queue_seconds", "How long answered requests had waited.", "histogram")
    for (labels, histograms) in counted { page.text += histograms.waits.text("onyx_queue_seconds", labels: labels) }
    page.header("onyx_batch_rows", "Rows of a run.", "histogram")
    for (labels, histograms) in counted { page.text += histograms.rows.text("onyx_batch_rows", labels: labels) }
  }

  private func process(_ page: inout Page) {
    page.header("process_start_time_seconds", "Seconds from 1970 to the start of the process.", "gauge")
    page.line("process_start_time_seconds \(began)")
    if let bytes = ProcessFacts.residentBytes { page.gauge("process_resident_memory_bytes", "Memory in use.", bytes) }
    if let count = ProcessFacts.openFiles { page.gauge("process_open_fds", "Open files and connections.", count) }
    page.header("process_cpu_seconds_total", "Time of processors, in user and system mode.", "counter")
    page.line("process_cpu_seconds_total \(ProcessFacts.processorSeconds)")
  }

  private static func label(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }

  /// The text as it grows.
  private struct Page {
    var text = ""

    mutating func line(_ line: String) { text += line + "\n" }

    mutating func header(_ name: String, _ help: String, _ type: String) { text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n" }

    mutating func gauge(_ name: String, _ help: String, _ value: Int) {
      header(name, help, "gauge")
      line("\(name) \(value)")
    }
  }
}
