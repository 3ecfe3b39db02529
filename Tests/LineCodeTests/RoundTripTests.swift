import LineCode
import Quantities
import TestSupport
import Testing

/// What the encoder sends, the receiver reads.
@Suite struct RoundTripTests {
  /// How a transmission is disturbed; parts in hundredths of a unit interval.
  struct Line: Sendable, CustomTestStringConvertible {
    var name: String
    var jitter: Int64 = 0
    var skew: ClosedRange<Int64> = 0...0
    var hertz: [UInt64] = [2_400_000, 4_000_000, 5_000_000, 10_000_000, 24_000_000, 50_000_000]
    var gap: ClosedRange<UInt64> = 25...200
    var rates: ClosedRange<Int32> = 270_000...330_000
    var glitches = false
    var testDescription: String { name }
  }

  static let lines = [
    Line(name: "clean"),
    Line(name: "wide bit rates", rates: 220_000...400_000),
    Line(name: "pulses off by 0.15 UI", jitter: 7),
    Line(name: "edges off by 0.15 UI", jitter: 15, hertz: [10_000_000, 24_000_000, 50_000_000, 100_000_000]),
    Line(name: "skew", skew: -20...20),
    Line(name: "skew and jitter", jitter: 5, skew: -20...20, hertz: [4_000_000, 24_000_000, 50_000_000]),
    Line(name: "short gaps", gap: 12...20),
    Line(name: "glitches", hertz: [24_000_000, 50_000_000], glitches: true),
  ]

  @Test(arguments: lines) func readsWhatWasSent(_ line: Line) {
    var generator = SeededGenerator(seed: 1)
    var wrong: [String] = []
    for _ in 0..<40 {
      let hertz = line.hertz.randomElement(using: &generator) ?? 0
      let transmissions = (0..<5).map { _ in Transmission(on: line, hertz: hertz, using: &generator) }
      var pulses = transmissions.flatMap(\.pulses)
      if line.glitches { disturb(&pulses, width: hertz / 10_000_000, using: &generator) }
      let events = receive(pulses, rate: TickRate(hertz: hertz))
      if events.count != 5 { wrong.append("\(events.count) events at \(hertz)") }
      for (event, sent) in zip(events, transmissions) { wrong += sent.differences(event) }
    }
    #expect(wrong == [])
  }

  /// Splits one pulse in ten by a short pulse of the other level.
  private func disturb(_ pulses: inout [Ticks], width: UInt64, using generator: inout SeededGenerator) {
    var result: [Ticks] = []
    for pulse in pulses {
      guard pulse.rawValue > width * 12, Int.random(in: 0..<10, using: &generator) == 0 else {
        result.append(pulse)
        continue
      }
      let before = UInt64.random(in: (width * 3)...(pulse.rawValue - width * 4), using: &generator)
      result += [Ticks(before), Ticks(width), Ticks(pulse.rawValue - before - width)]
    }
    pulses = result
  }

  @Test(arguments: OrderedSet.allCases) func oneWrongSymbolIsAccepted(_ set: OrderedSet) {
    var wrong: [String] = []
    for index in 0..<4 {
      // 00000 is no symbol of any set, 11111 none at all.
      for symbol: UInt32 in [0, 31] {
        let mask = UInt32(31) << UInt32(5 * index)
        let symbols = SymbolQuadruple(rawValue: set.symbols.rawValue & ~mask | symbol << UInt32(5 * index))
        let event = transmit(set, [0x41, 0x02], symbols: symbols).first
        if event?.orderedSet != set || event?.wrongSymbols != 1 || event?.outcome != .intact
          || event?.symbols != symbols
        {
          wrong.append("\(index) \(symbol) \(String(describing: event?.orderedSet))")
        }
      }
    }
    #expect(wrong == [])
  }

  @Test func twoWrongSymbolsAreNot() {
    var wrong: [String] = []
    for set in OrderedSet.allCases {
      for (first, second) in [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)] {
        let mask = UInt32(31) << UInt32(5 * first) | UInt32(31) << UInt32(5 * second)
        let symbols = SymbolQuadruple(rawValue: set.symbols.rawValue & ~mask)
        let events = transmit(set, [0x41, 0x02], symbols: symbols)
        let expected = LineEvent.Outcome.damaged(LineDamage(.unrecognisedOrderedSet, afterNibbles: 0))
        if events.map(\.outcome) != [expected] || events.first?.orderedSet != nil {
          wrong.append("\(set) \(first) \(second) \(events.map(\.outcome))")
        }
      }
    }
    #expect(wrong == [])
  }

  /// A K-code of one set in the place of another's: SOP with its last symbol Sync-3 is as near to SOP′ and
  /// SOP″.
  @Test func oneWrongSymbolThatFitsTwoSetsIsNotAccepted() {
    let symbols = SymbolQuadruple(rawValue: OrderedSet.sop.symbols.rawValue & 0x7FFF | 0b00110 << 15)
    #expect(transmit(.sop, [0x41, 0x02], symbols: symbols).map(\.orderedSet) == [nil])
  }
}

/// What a receiver makes of one transmission at 10 MHz.
func transmit(
  _ set: OrderedSet, _ message: [UInt8], crc: UInt32? = nil, symbols: SymbolQuadruple? = nil
) -> [LineEvent] {
  receive(encode(set, message, crc: crc, symbols: symbols), rate: TickRate(hertz: 10_000_000))
}

/// The pulses of one transmission at 10 MHz, after 100 µs of rest.
func encode(
  _ set: OrderedSet, _ message: [UInt8], crc: UInt32? = nil, symbols: SymbolQuadruple? = nil
) -> [Ticks] {
  guard let frame = LineFrame(set, message: message.span, crc: crc, symbols: symbols) else { return [] }
  var encoder = LineEncoder(frame, timing: LineTiming(rate: TickRate(hertz: 10_000_000)))
  var pulses = [Ticks(1_000)]
  while let pulse = encoder.nextPulse() { pulses.append(pulse.length) }
  return pulses
}

/// One random transmission and the rest before it.
struct Transmission {
  let set: OrderedSet
  let message: [UInt8]
  let bitRate: Int32
  var pulses: [Ticks] = []

  init(on line: RoundTripTests.Line, hertz: UInt64, using generator: inout SeededGenerator) {
    set = OrderedSet.allCases.randomElement(using: &generator) ?? .sop
    let count =
      Bool.random(using: &generator)
      ? Int.random(in: 2...30, using: &generator) : Int.random(in: 2...264, using: &generator)
    message = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
    bitRate = Int32.random(in: line.rates, using: &generator)
    let unit = 1_000_000_000 / Int64(bitRate)
    let timing = LineTiming(
      rate: TickRate(hertz: hertz), bitRate: BitsPerSecond(bitRate),
      skew: Nanoseconds(unit * Int64.random(in: line.skew, using: &generator) / 100),
      jitter: Nanoseconds(unit * line.jitter / 100), startsHigh: Bool.random(using: &generator))
    guard let frame = LineFrame(set, message: message.span) else { return }
    var encoder = LineEncoder(frame, timing: timing)
    let gap = UInt64.random(in: line.gap, using: &generator) * hertz / 1_000_000
    pulses = [Ticks(gap)]
    while let pulse = encoder.nextPulse(using: &generator) { pulses.append(pulse.length) }
  }

  func differences(_ event: LineEvent) -> [String] {
    let expected = set.startsPacket ? message : []
    guard event.orderedSet == set, event.outcome == .intact, array(event.bytes.message) == expected else {
      return ["\(set) of \(message.count) bytes at \(bitRate): \(event.kind) \(event.outcome)"]
    }
    guard abs(event.bitRate.rawValue - bitRate) <= bitRate / 100 else {
      return ["\(event.bitRate) \(bitRate)"]
    }
    return []
  }
}
