import LineCode
import Quantities
import TestSupport
import Testing

/// Samples to packets: units of every size, chunks of every size, several lines at once.
@Suite struct ScannerTests {
  static let rate = TickRate(hertz: 4_000_000)

  /// Four transmissions on each of `lines`, one line after another, with noise on all other bits.
  static func recording(unitSize: Int, lines: [Int], noise: Bool) -> (bytes: [UInt8], sent: [(Int, [UInt8])])
  {
    var generator = SeededGenerator(seed: UInt64(unitSize))
    var units: [UInt64] = []
    var levels: UInt64 = 0
    var sent: [(Int, [UInt8])] = []
    for round in 0..<(4 * lines.count) {
      let line = lines[round % lines.count]
      let message = (0..<Int.random(in: 2...30, using: &generator)).map {
        UInt8(truncatingIfNeeded: $0 * 37 + round)
      }
      guard let frame = LineFrame(.sop, message: message.span) else { continue }
      sent.append((line, message))
      var encoder = LineEncoder(frame, timing: LineTiming(rate: rate))
      units += [UInt64](repeating: levels, count: 137 + round)
      while let pulse = encoder.nextPulse() {
        levels = pulse.isHigh ? levels | 1 << UInt64(line) : levels & ~(1 << UInt64(line))
        units += [UInt64](repeating: levels, count: Int(pulse.length.rawValue))
      }
      levels ^= 1 << UInt64(line)
    }
    units += [UInt64](repeating: levels, count: 300)
    let watched = lines.reduce(0) { $0 | 1 << UInt64($1) } as UInt64
    var bytes: [UInt8] = []
    for unit in units {
      let value = noise ? unit & watched | generator.next() & ~watched : unit
      for index in 0..<unitSize { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * index))) }
    }
    return (bytes, sent)
  }

  @Test(arguments: 1...8) func everyUnitAndChunkSize(_ unitSize: Int) throws {
    let lines = [0, 3, unitSize * 8 - 1].sorted()
    for noise in [false, true] {
      let recording = Self.recording(unitSize: unitSize, lines: lines, noise: noise)
      for chunk in [7, 4_099, recording.bytes.count] {
        let set = LineSet(lines.map { LineSet(line: $0) })
        var scanner = try #require(SampleScanner(rate: Self.rate, unitSize: unitSize, lines: set))
        var found: [(Int, [UInt8])] = []
        var index = 0
        while index < recording.bytes.count {
          let end = min(index + chunk, recording.bytes.count)
          scanner.scan(recording.bytes.span.extracting(index..<end)) { line, event in
            found.append((line, event.outcome == .intact ? array(event.bytes.message) : []))
          }
          index = end
        }
        scanner.finish { line, _ in found.append((line, [])) }
        #expect(found.elementsEqual(recording.sent, by: ==))
        #expect(scanner.time.rawValue == UInt64(recording.bytes.count / unitSize))
      }
    }
  }

  /// The scanner and a receiver fed with the edges agree to the tick.
  @Test func timesAreSamples() throws {
    let recording = Self.recording(unitSize: 1, lines: [2], noise: false)
    var pulses: [Ticks] = []
    var last = 0
    for index in 1..<recording.bytes.count where recording.bytes[index] != recording.bytes[index - 1] {
      pulses.append(Ticks(UInt64(index - last)))
      last = index
    }
    var scanner = try #require(SampleScanner(rate: Self.rate, unitSize: 1, lines: LineSet(line: 2)))
    var found: [[Ticks]] = []
    scanner.scan(recording.bytes.span) { _, event in found.append([event.start, event.end]) }
    #expect(found == receive(pulses, rate: Self.rate).map { [$0.start, $0.end] })
  }

  @Test func whatCannotBeWatchedIsRefused() {
    #expect(SampleScanner(rate: Self.rate, unitSize: 0, lines: LineSet(line: 0)) == nil)
    #expect(SampleScanner(rate: Self.rate, unitSize: 9, lines: LineSet(line: 0)) == nil)
    #expect(SampleScanner(rate: Self.rate, unitSize: 1, lines: LineSet(line: 8)) == nil)
    #expect(SampleScanner(rate: Self.rate, unitSize: 1, lines: []) == nil)
    #expect(SampleScanner(rate: Self.rate, unitSize: 4, lines: LineSet(rawValue: 0x1FFFF)) == nil)
  }

  @Test(arguments: 1...8) func nothingTraps(_ unitSize: Int) throws {
    var generator = SeededGenerator(seed: UInt64(unitSize))
    let bytes = (0..<300_000).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    let mask: UInt64 = unitSize == 1 ? 0xFF : 0x5555
    var scanner = try #require(
      SampleScanner(rate: Self.rate, unitSize: unitSize, lines: LineSet(rawValue: mask)))
    var bytesRead = 0
    scanner.scan(bytes.span) { _, event in bytesRead += event.bytes.count }
    scanner.finish { _, event in bytesRead += event.bytes.count }
    #expect(scanner.time.rawValue == UInt64(bytes.count / unitSize))
  }

  @Test func writtenSamplesAreRead() throws {
    let writer = try #require(SampleWriter(unitSize: 2, line: 9))
    var pulses = encode(.sop, [0x41, 0x02])[...]
    var isHigh = false
    var pending = Ticks.zero
    var scanner = try #require(
      SampleScanner(rate: TickRate(hertz: 10_000_000), unitSize: 2, lines: LineSet(line: 9)))
    var found: [[UInt8]] = []
    while pending > .zero || !pulses.isEmpty {
      let chunk = [UInt8](capacity: 101) { output in
        while output.freeCapacity >= 2 {
          if pending == .zero {
            guard let next = pulses.popFirst() else { return }
            pending = next
            isHigh.toggle()
          }
          pending = writer.append(isHigh, for: pending, to: &output)
        }
      }
      scanner.scan(chunk.span) { _, event in found.append(array(event.bytes.message)) }
    }
    scanner.finish { _, event in found.append(array(event.bytes.message)) }
    #expect(found == [[0x41, 0x02]])
  }

  @Test func ticksToNanoseconds() {
    #expect(TickRate(hertz: 2_400_000).nanoseconds(Ticks(1)) == Nanoseconds(417))
    #expect(
      TickRate(hertz: 2_400_000).nanoseconds(Ticks(2_400_000 * 86_400)) == Nanoseconds(86_400_000_000_000))
    #expect(TickRate(hertz: 0).nanoseconds(Ticks(.max)) == Nanoseconds(.max))
    #expect(TickRate(hertz: .max).nanoseconds(Ticks(.max)) == Nanoseconds(1_000_000_000))
    #expect(TickRate(hertz: 25_000_000).ticks(Nanoseconds(20_000)) == Ticks(500))
    #expect(TickRate(hertz: .max).ticks(Nanoseconds(.max)) == Ticks(.max))
  }
}
