import Dispatch
import Foundation
import Synchronization

/// What ThreadSanitizer must report, and what it must be silent about, so that its silence over the tests means something:
/// `tools/test --sanitize thread` runs each case as a program of its own before the tests.
enum Control: String, CaseIterable {
  case lock, unique, dropped, queue, group, resumed, tasks, once, acquired
  case unlocked, halfLocked, keptBuffer, lateWrite, beforeJoin, relaxed

  /// Whether the case has a race.
  var isRace: Bool {
    switch self {
    case .lock, .unique, .dropped, .queue, .group, .resumed, .tasks, .once, .acquired: false
    case .unlocked, .halfLocked, .keptBuffer, .lateWrite, .beforeJoin, .relaxed: true
    }
  }
}

/// Memory that nothing protects.
final class Plain: @unchecked Sendable {
  var number = 0
  var list = Array(0..<50)
  var text: String? = "a text that does not fit into a string's own sixteen bytes"

  init() {}
  deinit { number = -1 }
}

final class Locked<Value>: Sendable {
  let value: Mutex<Value>
  init(_ value: sending Value) { self.value = Mutex(value) }
}

final class Flag: Sendable { let isUp = Atomic<Bool>(false) }

/// Where threads wait for each other without any order between what they do before and after.
///
/// A race is reported only where nothing orders the two accesses by chance: what a thread did before it ended or dropped an object is
/// before what another does that was started, or found itself the only holder, afterwards.
final class Meeting: Sendable {
  private let arrived = Atomic<Int>(0)

  func wait(for count: Int) {
    arrived.add(1, ordering: .relaxed)
    while arrived.load(ordering: .relaxed) < count { letOthersGoOn() }
  }
}

final class Lazy: Sendable {
  static let shared = Lazy()
  let list: [Int]
  init() {
    letOthersGoOn()
    list = Array(0..<50)
  }
}

/// Calls `body` on as many threads at once, and returns when all are done.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
  let done = DispatchSemaphore(value: 0)
  let start = Meeting()
  for number in 0..<count {
    Thread.detachNewThread {
      start.wait(for: count)
      body(number)
      done.signal()
    }
  }
  for _ in 0..<count { done.wait() }
}

/// Long enough for other threads to go on.
func letOthersGoOn() { Thread.sleep(forTimeInterval: 0.001) }

// ---- Without a race ----

/// A lock that threads wait for.
func lock() {
  let list = Locked<[Int]>([])
  onThreads(4) { number in
    for _ in 0..<20000 { list.value.withLock { $0 = $0.count > 100 ? [] : $0 + [number] } }
  }
}

/// An array that is written in place by the thread that finds itself the only one to hold it, after others read it.
func unique() {
  for _ in 0..<200 {
    let list = Locked(Array(0..<100))
    onThreads(4) { number in
      list.value.withLock { $0[number] += 1 }
      let copy = list.value.withLock { $0 }
      precondition(copy.reduce(0, +) >= 4950)
    }
  }
}

/// An object that is freed by the thread that drops it last.
func dropped() {
  for _ in 0..<200 {
    let objects: [Locked<Plain?>]
    do {
      let object = Plain()
      objects = (0..<4).map { _ in Locked(object) }
    }
    onThreads(4) { number in
      let object = objects[number].value.withLock { slot in
        defer { slot = nil }
        return slot
      }
      precondition(object.map { $0.list.count + ($0.text ?? "").count > 50 } ?? false)
    }
  }
}

/// Work on a queue, and what was written before and after it.
func queue() {
  let plain = Plain()
  let done = DispatchSemaphore(value: 0)
  for _ in 0..<200 {
    plain.number += 1
    DispatchQueue.global().async {
      plain.number += 1
      done.signal()
    }
    done.wait()
  }
  precondition(plain.number == 400)
}

func group() {
  let plain = Plain()
  for _ in 0..<200 {
    let group = DispatchGroup()
    plain.number += 1
    DispatchQueue.global().async(group: group) { plain.number += 1 }
    group.wait()
  }
}

/// A continuation that is resumed before the task waits for it, or afterwards.
func resumed() async {
  let plain = Plain()
  for round in 0..<500 {
    let number = await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        plain.number += 1
        continuation.resume(returning: plain.number)
      }
      if round % 2 == 0 { letOthersGoOn() }
    }
    plain.number = number + 1
  }
}

func tasks() async {
  let plain = Plain()
  for _ in 0..<200 {
    plain.number += 1
    await Task.detached {
      plain.number += 1
      await Task.yield()
      plain.number += 1
    }.value
    await withTaskGroup { group in group.addTask { plain.number += 1 } }
  }
}

func once() { onThreads(4) { _ in precondition(Lazy.shared.list.count == 50) } }

func published(_ load: @escaping @Sendable (Flag) -> Bool, _ store: @escaping @Sendable (Flag) -> Void) {
  let plain = Plain()
  let flag = Flag()
  onThreads(2) { number in
    if number == 0 {
      plain.number = 7
      store(flag)
    } else {
      while !load(flag) { letOthersGoOn() }
      precondition(plain.number == 7)
    }
  }
}

// ---- With a race ----

func unlocked() {
  let plain = Plain()
  onThreads(2) { _ in plain.number += 1 }
}

/// One thread takes the lock, the other does not.
func halfLocked() {
  let plain = Plain()
  let lock = Locked(0)
  onThreads(2) { number in
    if number == 0 { lock.value.withLock { _ in plain.number += 1 } } else { plain.number += 1 }
  }
}

/// The elements of an array, written through a pointer by one thread while another reads them under a reference of its own.
func keptBuffer() {
  let plain = Plain()
  onThreads(2) { number in
    if number == 0 {
      plain.list.withUnsafeBufferPointer { UnsafeMutablePointer(mutating: $0.baseAddress!)[3] = 1 }
    } else {
      precondition(plain.list[3] >= 0)
    }
  }
}

/// What is written after the continuation was resumed.
func lateWrite() async {
  let plain = Plain()
  let meeting = Meeting()
  await withCheckedContinuation { continuation in
    DispatchQueue.global().async {
      continuation.resume()
      meeting.wait(for: 2)
      plain.number += 1
    }
  }
  meeting.wait(for: 2)
  plain.number += 1
}

/// A task and what started it, which does not wait for it.
func beforeJoin() async {
  let plain = Plain()
  let meeting = Meeting()
  let task = Task.detached {
    meeting.wait(for: 2)
    plain.number += 1
  }
  meeting.wait(for: 2)
  plain.number += 1
  await task.value
}

@main struct Main {
  static func main() async {
    guard CommandLine.arguments.count == 2, let control = Control(rawValue: CommandLine.arguments[1]) else {
      for control in Control.allCases { print(control.isRace ? "reported" : "silent", control.rawValue) }
      return
    }
    switch control {
    case .lock: lock()
    case .unique: unique()
    case .dropped: dropped()
    case .queue: queue()
    case .group: group()
    case .resumed: await resumed()
    case .tasks: await tasks()
    case .once: once()
    case .acquired: published({ $0.isUp.load(ordering: .acquiring) }, { $0.isUp.store(true, ordering: .releasing) })
    case .unlocked: unlocked()
    case .halfLocked: halfLocked()
    case .keptBuffer: keptBuffer()
    case .lateWrite: await lateWrite()
    case .beforeJoin: await beforeJoin()
    case .relaxed: published({ $0.isUp.load(ordering: .relaxed) }, { $0.isUp.store(true, ordering: .relaxed) })
    }
  }
}
