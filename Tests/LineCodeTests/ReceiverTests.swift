import Foundation
import LineCode
import Quantities
import TestSupport
import Testing

/// Transmissions that are cut, damaged or no transmissions at all.
@Suite struct ReceiverTests {
  static let message: [UInt8] = [0x82, 0x10, 0x2C, 0xB1, 0x04, 0x13]
  let whole = encode(.sop, ReceiverTests.message)

  @Test func startAndEndAreTheEdgesOfTheFirstAndLastBit() {
    let event = transmit(.sop, Self.message).first
    #expect(event?.start == Ticks(1_000))
    // 64 + 20 + 10 × 10 + 5 bits of 33⅓ ticks.
    #expect(event?.end == Ticks(1_000 + 6_300))
    #expect(event?.receivedCRC == 0x4CF0_8389)
    #expect(abs((event?.bitRate.rawValue ?? 0) - 300_000) < 100)
  }

  @Test func aPacketIsReportedWithItsLastEdge() {
    var receiver = BMCReceiver(rate: TickRate(hertz: 10_000_000))
    var places: [Int] = []
    for (index, pulse) in whole.enumerated() where receiver.edge(after: pulse) != nil { places.append(index) }
    #expect(places.count == 1)
    // The pulse that may bring the line low afterwards is the only one behind it.
    #expect(places.allSatisfy { $0 >= whole.count - 2 })
  }

  @Test func theLastEdgeMayBeMissing() {
    let event = receive(
      Array(encode(.sop, Self.message).prefix { _ in true }.dropLast(lastPulses)), rate: rate
    ).first
    #expect(event?.outcome == .intact)
    #expect(abs(Int(event?.end.rawValue ?? 0) - 7_300) <= 10)
  }

  /// Each beginning of a packet gives its whole bytes, and not one more.
  @Test func aCutPacketKeepsItsBytes() {
    var wrong: [String] = []
    for kept in 140..<(whole.count - lastPulses - 1) {
      let pulses = Array(whole.prefix(kept))
      guard let event = receive(pulses, rate: rate).first, case .damaged(let damage) = event.outcome else {
        wrong.append("\(kept)")
        continue
      }
      let nibbles = (Int(pulses.map(\.rawValue).reduce(0, +)) - 1_000 + 4) * 3 / 100 - 84
      let bytes = array(event.bytes.span)
      let sent = Self.message + [0x89, 0x83, 0xF0, 0x4C]
      if damage.reason != .wentIdle || damage.afterNibbles != max(nibbles / 5, 0)
        || bytes != Array(sent.prefix(damage.afterNibbles / 2))
        || event.end != Ticks(pulses.map(\.rawValue).reduce(0, +))
      {
        wrong.append("\(kept) \(damage) \(nibbles) \(bytes)")
      }
    }
    #expect(wrong == [])
  }

  /// A recording that starts inside the preamble: as little as 20 of its 96 pulses are enough.
  @Test func mostOfThePreambleMayBeMissing() {
    let outcomes = (1...76).map { lost in
      receive(Array(whole.dropFirst(lost)), rate: rate).map(\.outcome)
    }
    #expect(outcomes.allSatisfy { $0 == [.intact] })
  }

  @Test func theFirstPulseMayHaveAnyLength() {
    for length: UInt64 in [4, 8, 12, 24, 40, 60, 80] {
      var pulses = whole
      pulses[1] = Ticks(length)
      let event = receive(pulses, rate: rate).first
      #expect(event?.outcome == .intact)
      #expect(event?.start == Ticks(1_000))
    }
  }

  @Test func aWrongCRCIsReportedWithBothValues() {
    let event = transmit(.sopPrime, Self.message, crc: 0x1234_5678).first
    #expect(event?.outcome == .wrongCRC)
    #expect(event?.receivedCRC == 0x1234_5678)
    #expect(event?.computedCRC == 0x4CF0_8389)
    #expect(event.map { array($0.bytes.span) } == Self.message + [0x78, 0x56, 0x34, 0x12])
  }

  @Test func aPacketWithoutAHeaderIsTooShort() {
    #expect(transmit(.sop, [0x41]).map(\.outcome) == [.damaged(LineDamage(.tooShort, afterNibbles: 10))])
  }

  /// Three right symbols of four make a reset signal, but only if nothing follows: its driver's last two edges do
  /// not count.
  @Test(arguments: [OrderedSet.hardReset, .cableReset], [0, 1, 2, 3, 8])
  func aDoubtfulResetIsOneIfNothingFollows(_ set: OrderedSet, edges: Int) {
    let symbols = SymbolQuadruple(rawValue: set.symbols.rawValue & ~0x3E0)
    let pulses = encode(set, [], symbols: symbols)
    // Without the pulse that may bring the line low: the set's last bit is a 1, two pulses.
    let exact = pulses.prefix(encode(set, []).count)
    let rest = (0..<edges).map { Ticks($0 % 3 == 0 ? 33 : 17) }
    let events = receive(exact + rest + [Ticks(1_000)], rate: rate)
    let driven = exact.count - lastEdge(of: exact)
    #expect(events.count == 1)
    #expect((events.first?.orderedSet == set) == (edges + driven <= 2), "\(driven)")
  }

  /// How many of the pulses lie within the 84 bits of a reset signal.
  private func lastEdge(of pulses: ArraySlice<Ticks>) -> Int {
    var time: UInt64 = 0
    var count = 0
    for pulse in pulses {
      time += pulse.rawValue
      if time <= 1_000 + 84 * 100 / 3 + 2 { count += 1 }
    }
    return count
  }

  @Test func theLongestMessageFits() {
    let message = [UInt8](repeating: 0x5A, count: LineFrame.longestMessage)
    #expect(transmit(.sop, message).map(\.outcome) == [.intact])
    #expect(LineFrame(.sop, message: (message + [0]).span) == nil)
  }

  @Test func aMissingEdgeLosesThePhase() {
    var pulses = whole
    let joined = pulses[160] + pulses[161]
    pulses.replaceSubrange(160...161, with: [joined])
    let reason = receive(pulses, rate: rate).first.flatMap(damage)?.reason
    #expect(reason == .phaseLost || reason.map { "\($0)".hasPrefix("invalidSymbol") } == true)
  }

  @Test func aPreambleRightBehindADamagedPacketIsFound() {
    let second = encode(.sop, [0x41, 0x02]).dropFirst()
    let events = receive(whole.prefix(170) + [Ticks(50)] + second, rate: rate)
    #expect(events.count == 2)
    #expect(events.last?.outcome == .intact)
    #expect(events.first.flatMap(damage) != nil)
  }

  @Test func stillReportsACutPacket() {
    var receiver = BMCReceiver(rate: rate)
    for pulse in whole.prefix(170) { #expect(receiver.edge(after: pulse) == nil) }
    #expect(receiver.still(for: Ticks(40)) == nil)
    #expect(receiver.still(for: Ticks(200)).flatMap(damage)?.reason == .wentIdle)
    #expect(receiver.still(for: Ticks(200)) == nil)
  }

  @Test(arguments: [0, 1, 1_000, 2_400_000, 100_000_000, 10_000_000_000, .max] as [UInt64])
  func nothingTraps(_ hertz: UInt64) {
    var generator = SeededGenerator(seed: hertz)
    var receiver = BMCReceiver(rate: TickRate(hertz: hertz))
    var events = 0
    let unit = max(hertz / 300_000, 1)
    for index in 0..<200_000 {
      let pulse: UInt64 =
        switch index % 7 {
        case 0: UInt64.random(in: 0...UInt64(UInt32.max), using: &generator) >> UInt64(index % 33)
        case 1: index % 1_000 == 1 ? .max : 0
        default: UInt64.random(in: 0...(unit * 3 / 2), using: &generator)
        }
      if let event = receiver.edge(after: Ticks(pulse)) { events += event.bytes.count + 1 }
      if index % 5 == 0, receiver.still(for: Ticks(pulse)) != nil { events += 1 }
    }
    // Preambles in good order, then anything.
    for index in 0..<200_000 {
      let inPreamble = index % 300 < 100 + Int(generator.next() % 60)
      let nominal = inPreamble ? (index % 3 == 0 ? unit : unit / 2) : generator.next() % (unit * 2)
      if let event = receiver.edge(after: Ticks(nominal)) { events += event.bytes.count + 1 }
    }
    #expect(events >= 0)
  }

  private let rate = TickRate(hertz: 10_000_000)
  /// The pulses from the last bit on: it is one pulse, and another one may bring the line low.
  private var lastPulses: Int { whole.count % 2 == 0 ? 1 : 2 }
}
