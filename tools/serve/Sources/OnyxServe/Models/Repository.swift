import Logging
import NIOCore
import NIOPosix
import Onyx
import Synchronization

/// The models that are served, by name and version, and what became of those that are not.
///
/// Requests take the model that stands here when they come; one that is replaced or unloaded answers what it has in its queue.
package final class Repository: Sendable {
  /// One version of one model.
  package struct Slot: Sendable {
    /// Its files as they were last looked at.
    package var entry: ModelFolder.Entry
    /// What answers requests; nil when nothing does.
    package var served: ServedModel?
    /// Why it could not be loaded or reloaded.
    package var failure: String?
    /// Whether somebody unloaded it: a new look at the folder leaves it alone.
    package var isUnloaded = false
  }

  private struct State {
    var slots: [String: [String: Slot]] = [:]
    /// Whether the first look at the folder is over.
    var isComplete = false
    /// Models that were replaced or unloaded and still have jobs.
    var leaving: [ServedModel] = []
  }

  package let folder: ModelFolder
  private let limits: ServedModel.Limits
  private let memoryLimit: Int?
  private let workers: NIOThreadPool
  private let loops: any EventLoopGroup
  private let log: Logger
  private let state = Mutex(State())
  /// One load at a time: loads take memory and all cores.
  private let loading = NIOThreadPool(numberOfThreads: 1)

  package init(
    _ folder: ModelFolder, limits: ServedModel.Limits, memoryLimit: Int?, workers: NIOThreadPool, loops: any EventLoopGroup, log: Logger
  ) {
    self.folder = folder
    self.limits = limits
    self.memoryLimit = memoryLimit
    self.workers = workers
    self.loops = loops
    self.log = log
    loading.start()
  }

  /// Whether the first look at the folder is over and nothing that is there failed to load.
  package var isReady: Bool {
    state.withLock { state in
      state.isComplete && state.slots.values.allSatisfy { $0.values.allSatisfy { $0.served != nil || $0.isUnloaded } }
    }
  }

  /// All versions of all models, sorted.
  package var slots: [Slot] {
    state.withLock { state in
      state.slots.sorted { $0.key < $1.key }.flatMap { $0.value.values.sorted { Self.number($0) < Self.number($1) } }
    }
  }

  private static func number(_ slot: Slot) -> Int { Int(slot.entry.version) ?? 0 }

  /// The versions of a model that answer requests. Throws `notFound` for a model that is not there.
  package func versions(of name: String) throws(Failure) -> [String] {
    guard let versions = state.withLock({ $0.slots[name] }) else { throw Self.missing(name) }
    return versions.values.filter { $0.served != nil }.sorted { Self.number($0) < Self.number($1) }.map(\.entry.version)
  }

  /// The model that answers; without a version that of the highest number.
  /// Throws `notFound`, and `unavailable` for a model that is there and could not be loaded.
  package func model(_ name: String, version: String? = nil) throws(Failure) -> ServedModel {
    guard let versions = state.withLock({ $0.slots[name] }) else { throw Self.missing(name) }
    if let version {
      guard let slot = versions[version] else {
        throw Failure(
          .notFound, "The model '\(name)' has no version '\(version)'; it has \(versions.keys.sorted().joined(separator: ", ")).")
      }
      guard let served = slot.served else { throw Self.unavailable(slot) }
      return served
    }
    let best = versions.values.filter { $0.served != nil }.max { Self.number($0) < Self.number($1) }
    guard let served = best?.served else {
      guard let any = versions.values.first else { throw Self.missing(name) }
      throw Self.unavailable(any)
    }
    return served
  }

  private static func missing(_ name: String) -> Failure {
    Failure(.notFound, "There is no model '\(name)'; POST /v2/repository/index lists those that there are.")
  }

  private static func unavailable(_ slot: Slot) -> Failure {
    Failure(.unavailable, "The model '\(slot.entry.name)' is not loaded: \(slot.failure ?? "it was unloaded").")
  }

  /// Looks at the folder: loads what is new or changed, unloads what is gone. Blocks until it is done; one look at a time.
  package func refresh() {
    let found: [ModelFolder.Entry]
    do throws(Failure) { found = try folder.entries() } catch {
      log.error("The folder of models cannot be read", metadata: ["reason": "\(error.message)"])
      return
    }
    let known = Set(found.map { [$0.name, $0.version] })
    for slot in slots where !known.contains([slot.entry.name, slot.entry.version]) {
      replace(slot.entry, nil)
      state.withLock { state in
        state.slots[slot.entry.name]?[slot.entry.version] = nil
        if state.slots[slot.entry.name]?.isEmpty == true { state.slots[slot.entry.name] = nil }
      }
      log.notice("Unloaded, its files are gone", metadata: ["model": "\(slot.entry.name)", "version": "\(slot.entry.version)"])
    }
    for entry in found {
      let slot = state.withLock { $0.slots[entry.name]?[entry.version] }
      if let slot, slot.isUnloaded || slot.entry.stamp == entry.stamp { continue }
      load(entry)
    }
    state.withLock { state in
      state.isComplete = true
      state.leaving.removeAll(where: \.isIdle)
    }
  }

  /// Loads a model and puts it in the place of the one that stands there. When it fails, that one stays.
  private func load(_ entry: ModelFolder.Entry) {
    let began = ContinuousClock.now
    let place: Logger.Metadata = ["model": "\(entry.name)", "version": "\(entry.version)", "path": "\(entry.path)"]
    do throws(Failure) {
      try admit(entry)
      let served = try ServedModel(entry, limits: limits, workers: workers, loop: loops.next())
      replace(entry, served)
      log.notice("Loaded", metadata: place.merging(["seconds": "\(ContinuousClock.now - began)"]) { $1 })
    } catch {
      state.withLock { state in
        state.slots[entry.name, default: [:]][entry.version, default: Slot(entry: entry)].failure = error.message
        state.slots[entry.name]?[entry.version]?.entry = entry
        state.slots[entry.name]?[entry.version]?.isUnloaded = false
      }
      log.error("Not loaded", metadata: place.merging(["reason": "\(error.message)"]) { $1 })
    }
  }

  /// Weights take at most what the files take and are packed beside them.
  private func admit(_ entry: ModelFolder.Entry) throws(Failure) {
    guard let memoryLimit, let resident = ProcessFacts.residentBytes else { return }
    let (needed, overflow) = entry.byteCount.multipliedReportingOverflow(by: 2)
    guard !overflow, needed <= memoryLimit - resident else {
      throw Failure(
        .unavailable,
        "its files have \(entry.byteCount) bytes, of which twice as many may be needed, and \(max(0, memoryLimit - resident)) of the "
          + "memory limit of \(memoryLimit) are left; raise --memory or unload models")
    }
  }

  private func replace(_ entry: ModelFolder.Entry, _ served: ServedModel?, isUnloaded: Bool = false) {
    state.withLock { state in
      var slot = state.slots[entry.name]?[entry.version] ?? Slot(entry: entry)
      if let old = slot.served { state.leaving.append(old) }
      slot.entry = entry
      slot.served = served
      slot.failure = nil
      slot.isUnloaded = isUnloaded
      state.slots[entry.name, default: [:]][entry.version] = slot
    }
  }

  /// Looks at the folder on the loading thread; the future ends when that is done.
  package func refresh(on loop: any EventLoop) -> EventLoopFuture<Void> {
    loading.runIfActive(eventLoop: loop) { self.refresh() }
  }

  /// Loads a model's versions again, or for the first time, on the loading thread. Fails with `notFound` and with why it cannot be loaded.
  package func load(_ name: String, on loop: any EventLoop) -> EventLoopFuture<Void> {
    loading.runIfActive(eventLoop: loop) {
      let entries = try self.folder.entries().filter { $0.name == name }
      guard !entries.isEmpty else { throw Failure(.notFound, "The folder has no model '\(name)'.") }
      for entry in entries { self.load(entry) }
      let failures = self.state.withLock { $0.slots[name]?.values.compactMap(\.failure) ?? [] }
      if let failure = failures.first { throw Failure(.badRequest, failure) }
    }
  }

  /// Takes a model out; what it has in its queue it answers. Fails with `notFound`.
  package func unload(_ name: String, on loop: any EventLoop) -> EventLoopFuture<Void> {
    loading.runIfActive(eventLoop: loop) {
      guard let versions = self.state.withLock({ $0.slots[name] }) else { throw Self.missing(name) }
      for slot in versions.values {
        self.replace(slot.entry, nil, isUnloaded: true)
      }
      self.log.notice("Unloaded", metadata: ["model": "\(name)"])
    }
  }

  /// Whether no model has a job left.
  package var isIdle: Bool {
    state.withLock { state in
      state.leaving.allSatisfy(\.isIdle) && state.slots.values.allSatisfy { $0.values.allSatisfy { $0.served?.isIdle ?? true } }
    }
  }

  /// Ends the thread that loads.
  package func stop() { loading.shutdownGracefully { _ in } }
}
