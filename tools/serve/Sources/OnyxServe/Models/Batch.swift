import Onyx

/// Runs jobs of one model and answers them: those whose inputs fit together as one batch, the others one by one.
package struct Batch {
  package let model: ServedModel

  /// A job with what it asks for.
  private struct Member {
    let job: Job
    let request: InferenceRequest
    /// Rows that it brings.
    let rows: Int
    let began = ContinuousClock.now
  }

  /// Answers all of `jobs`.
  package func run(_ jobs: [Job]) {
    var groups: [[Member]] = []
    var groupOf: [[String]: Int] = [:]
    for job in jobs {
      guard let member = member(job) else { continue }
      guard jobs.count > 1, member.rows > 0 else {
        groups.append([member])
        continue
      }
      let key = signature(member.request)
      if let index = groupOf[key], groups[index].reduce(0, { $0 + $1.rows }) + member.rows <= model.configuration.maxBatchSize {
        groups[index].append(member)
      } else {
        groupOf[key] = groups.count
        groups.append([member])
      }
    }
    for group in groups { run(group) }
  }

  /// nil for a job that is answered already: with what is wrong with it.
  private func member(_ job: Job) -> Member? {
    do throws(Failure) {
      if let failure = job.lapsed() { throw failure }
      let request = try job.codec.decode()
      if let failure = job.lapsed(timeout: request.timeout) { throw failure }
      try check(request)
      return Member(job: job, request: request, rows: rows(request))
    } catch {
      job.finish(.failure(error))
      return nil
    }
  }

  private func check(_ request: InferenceRequest) throws(Failure) {
    let known = model.session.outputs.map(\.name)
    for output in request.outputs ?? [] where !known.contains(output.name) {
      throw Failure(
        .badRequest, "The model '\(model.entry.name)' has no output '\(output.name)'; it has \(known.joined(separator: ", ")).")
    }
    if request.attention != .none, model.attention.isEmpty {
      throw Failure(.badRequest, "The model '\(model.entry.name)' has no attention blocks.")
    }
  }

  /// Rows that go into a batch; 0 for a request that is run alone.
  private func rows(_ request: InferenceRequest) -> Int {
    guard model.isBatchable, request.attention == .none, Set(request.inputs.keys) == Set(model.session.inputs.map(\.name)) else { return 0 }
    let rows = request.inputs.values.map { $0.shape.first ?? 0 }
    guard let first = rows.first, first > 0, first < model.configuration.maxBatchSize, rows.allSatisfy({ $0 == first }) else { return 0 }
    return first
  }

  /// What requests of one batch have in common: types and all extents but the first.
  private func signature(_ request: InferenceRequest) -> [String] {
    request.inputs.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.elementType)\($0.value.shape.dimensions.dropFirst())" }
  }

  private func run(_ members: [Member]) {
    let began = ContinuousClock.now
    guard members.count > 1 else { return runAlone(members[0], began) }
    do throws(OnyxError) {
      var inputs: [String: Tensor] = [:]
      for name in members[0].request.inputs.keys {
        var parts: [Tensor] = []
        for member in members { if let tensor = member.request.inputs[name] { parts.append(tensor) } }
        inputs[name] = try Tensor(joining: parts)
      }
      let limits = RunLimits(
        deadline: members.map(\.job.limits.deadline).contains(nil) ? nil : members.compactMap(\.job.limits.deadline).max())
      let outputs = try model.session.run(inputs, within: limits)
      let total = members.reduce(0) { $0 + $1.rows }
      // A model whose outputs do not follow its declared shapes is run one by one.
      guard model.session.outputs.allSatisfy({ outputs[$0.name]?.shape.first == total }) else { throw OnyxError(.usage, "") }
      model.counts.ran(began, rows: total)
      var row = 0
      for member in members {
        answer(member, outputs, rows: row..<row + member.rows, of: total, began)
        row += member.rows
      }
    } catch {
      // One of them may be to blame: each has its own answer.
      for member in members { runAlone(member, .now) }
    }
  }

  private func runAlone(_ member: Member, _ began: ContinuousClock.Instant) {
    let request = member.request
    var limits = member.job.limits
    if let timeout = request.timeout {
      let end = member.job.arrival + timeout
      // The job's own limits stay those that end it when its sender leaves.
      if limits.deadline.map({ end < $0 }) ?? true { limits = RunLimits(deadline: end) }
    }
    do throws(OnyxError) {
      let names = request.attention == .none ? [] : model.attention.names(request.attention)
      let outputs = try model.session.run(request.inputs, fetching: names, within: limits)
      model.counts.ran(began, rows: max(1, request.inputs.values.first?.shape.first ?? 1))
      answer(member, outputs, rows: nil, of: 0, began)
    } catch {
      member.job.finish(.failure(Failure(error, limits: limits)))
    }
  }

  private func answer(
    _ member: Member, _ outputs: [String: Tensor], rows: Range<Int>?, of total: Int, _ began: ContinuousClock.Instant
  ) {
    let request = member.request
    do throws(Failure) {
      let asked = request.outputs ?? model.session.outputs.map { .init(name: $0.name) }
      let attention = request.attention == .none ? [] : model.attention.names(request.attention)
      var results: [OutputRows] = []
      for output in asked + attention.map({ .init(name: $0) }) {
        guard let tensor = outputs[output.name] else {
          throw Failure(.internalError, "The run gave no '\(output.name)'.")
        }
        var shape = tensor.shape.dimensions
        var elements = 0..<tensor.elementCount
        if let rows {
          let width = tensor.elementCount / total
          shape[0] = rows.count
          elements = rows.lowerBound * width..<rows.upperBound * width
        }
        results.append(
          OutputRows(name: output.name, tensor: tensor, shape: shape, elements: elements, isBinary: output.isBinary ?? request.isBinary))
      }
      let result = InferenceResult(
        model: model.entry.name, version: model.entry.version, id: request.id, outputs: results,
        attention: request.attention == .none ? nil : try model.attention.document(request.attention))
      model.counts.waited(began - member.job.arrival)
      member.job.finish(.success(try member.job.codec.encode(result)))
    } catch {
      member.job.finish(.failure(error))
    }
  }
}
