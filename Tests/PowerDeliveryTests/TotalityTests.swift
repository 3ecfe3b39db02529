import LineCode
import Testing
import TestSupport

@testable import PowerDelivery

/// Any bytes give a value or an error; nothing traps.
@Suite struct TotalityTests {
  /// A hundred thousand frames for each of ten seeds: all kinds of SOP, lengths 0 to 300, one context throughout.
  @Test(arguments: 0..<10) func randomFrames(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var context = ReadingContext()
    var diagnostics = Diagnostics()
    var bodies = 0
    var wire = [UInt8](repeating: 0, count: 300)
    for round in 0..<100_000 {
      let count = round % 3 == 0 ? Int.random(in: 0...300, using: &generator) : 2 + round % 29
      for index in stride(from: 0, to: count, by: 8) {
        var word = generator.next()
        for offset in index..<min(index + 8, count) {
          wire[offset] = UInt8(truncatingIfNeeded: word)
          word >>= 8
        }
      }
      // Every second frame announces what it holds, so that the bodies behind the header are reached.
      if round & 1 == 0, count >= 2 {
        let objects = min((count - 2) / 4, 7)
        wire[1] = wire[1] & 0x8F | UInt8(objects) << 4
      }
      let set = OrderedSet.allCases[round % 5]
      guard let view = try? MessageView(wireBytes: wire.span.extracting(first: count), orderedSet: set)
      else { continue }
      let body = context.read(view, &diagnostics)
      if case .vendorDefined(let body) = body {
        for index in 0..<7 where body.vendorObject(index) != nil { bodies += 1 }
      }
      if round % 1000 == 0 { context.reset() }
    }
    #expect(bodies > 1_000)
  }
}
