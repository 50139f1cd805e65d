import OnyxThreads
import Testing

@Suite struct ShareCountersTests {
  /// Every index is taken once whoever begins where, and the first piece of a participant is from its own share.
  @Test(arguments: [1, 2, 3, 7]) func everyIndexIsTakenOnce(participants: Int) {
    let shares = ShareCounters(count: participants)
    defer { shares.deallocate() }
    for total in [0, 1, participants - 1, participants, 10, 97] {
      for chunk in [1, 4, 100] {
        shares.reset()
        var taken = [Int](repeating: 0, count: total)
        for participant in (0..<participants).reversed() {
          let own = shares.share(participant, of: total)
          if participant == participants - 1, !own.isEmpty {
            #expect(shares.take(1, from: participant, of: total) == own.lowerBound..<own.lowerBound + 1)
            taken[own.lowerBound] += 1
          }
          for offset in 0..<participants {
            while let range = shares.take(chunk, from: (participant + offset) % participants, of: total) {
              for index in range { taken[index] += 1 }
            }
          }
        }
        #expect(taken.allSatisfy { $0 == 1 })
      }
    }
  }
}
