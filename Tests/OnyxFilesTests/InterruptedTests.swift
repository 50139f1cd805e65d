import Foundation
import OnyxFiles
import OnyxTestSupport
import Synchronization
import Testing

/// A signal that the program handles interrupts a read or a write, which goes on.
@Suite("Signals while files are read and written", .serialized)
struct InterruptedTests {
  private final class Outcome: Sendable {
    let thread = Mutex<UInt>(0)
    let bytes = Mutex<[UInt8]?>(nil)
    let isOver = DispatchSemaphore(value: 0)
  }

  /// What `body` returns, on a thread that gets a signal every half millisecond until `meanwhile` is over.
  private static func interrupting(
    _ body: @escaping @Sendable () throws -> [UInt8]?, meanwhile: () -> Void
  ) -> [UInt8]? {
    // Without SA_RESTART.
    var action = sigaction()
    action.__sigaction_handler = .init(sa_handler: { _ in })
    unsafe sigaction(SIGUSR2, &action, nil)
    let outcome = Outcome()
    Thread.detachNewThread {
      outcome.thread.withLock { $0 = UInt(pthread_self()) }
      let bytes = try? body()
      outcome.bytes.withLock { $0 = bytes }
      outcome.isOver.signal()
    }
    while outcome.thread.withLock({ $0 }) == 0 { usleep(100) }
    for _ in 0..<40 {
      pthread_kill(pthread_t(outcome.thread.withLock { $0 }), SIGUSR2)
      usleep(500)
    }
    meanwhile()
    outcome.isOver.wait()
    return outcome.bytes.withLock { $0 }
  }

  private static func pipes() -> (reading: Int32, writing: Int32) {
    var ends: [Int32] = [0, 0]
    let made = unsafe pipe(&ends)
    #expect(made == 0)
    return (ends[0], ends[1])
  }

  #if os(Linux)
    @Test func aReadGoesOn() throws {
      let (reading, writing) = Self.pipes()
      let sent = [UInt8]("bytes".utf8)
      let body: @Sendable () throws -> [UInt8]? = { try FileBytes.read("/dev/fd/\(reading)") }
      let got = Self.interrupting(body) {
        _ = unsafe write(writing, sent, sent.count)
        close(writing)
      }
      #expect(got == sent)
      close(reading)
    }

    @Test func aWriteGoesOn() throws {
      let (reading, writing) = Self.pipes()
      // More than a pipe holds: the rest waits for a reader.
      let sent = (0..<500_000).map { UInt8(truncatingIfNeeded: $0 % 251) }
      var received: [UInt8] = []
      let body: @Sendable () throws -> [UInt8]? = {
        try FileBytes.write(sent, to: "/dev/fd/\(writing)")
        return sent
      }
      let got = Self.interrupting(body) {
        var room = [UInt8](repeating: 0, count: 65_536)
        while received.count < sent.count {
          let count = unsafe read(reading, &room, room.count)
          if count <= 0 { break }
          received += room[..<count]
        }
      }
      #expect(got == sent && received == sent)
      close(reading)
      close(writing)
    }
  #endif
}
