import Foundation
import LineCode
import Quantities

/// One line of a recording as a list of edges; `Fixtures/README.md` describes the format.
struct EdgeFixture {
  let name: String
  let rate: TickRate
  let samples: UInt64
  let pulses: [Ticks]

  /// The recordings: name, and the file and channel by which `packets.csv` calls them.
  static let all = [
    "epr_entry_refused_cut-0", "Bosch36V_ebike-SLS2_PD-sync-A1", "Bosch36V_ebike-xperia10iii_PD-sync-CC1",
    "Bosch_ebike-Sony_headset_WH-1000XM4-PD-sync-A0", "INIU-B63-SLS2_PD-sync-CC1",
    "PinePower-Fuji_Lifebook_PD-sync-A0", "PinePower-SLS2_PD-sync-CC1",
    "PinePower-xperia10iii_3_PD-sync-A0", "apple_power_brick-CC1", "hdmi_dongle-CC2",
    "thinkpad_yoga_370-anker_powerbank-both_orientations-CC1",
    "thinkpad_yoga_370-anker_powerbank-both_orientations-CC2", "thinkpad_yoga_370-aukey_45w-CC2",
    "zy12pds_sink_module-65w_noname_supply-CC1",
  ]

  enum Malformed: Error { case fixture(String) }

  static func resource(_ name: String) throws -> Data {
    guard let url = Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: nil) else {
      throw Malformed.fixture(name)
    }
    return try Data(contentsOf: url)
  }

  init(_ name: String) throws {
    self.name = name
    let bytes = [UInt8](try Self.resource(name + ".edges"))
    guard bytes.count >= 23, bytes.starts(with: Array("EDGE".utf8)), bytes[4] == 1 else {
      throw Malformed.fixture(name)
    }
    func little(_ range: Range<Int>) -> UInt64 { bytes[range].reversed().reduce(0) { $0 << 8 | UInt64($1) } }
    rate = TickRate(hertz: little(7..<11))
    samples = little(11..<19)
    var pulses: [Ticks] = []
    var value: UInt64 = 0
    var shift: UInt64 = 0
    for byte in bytes[23...] {
      value |= UInt64(byte & 127) << shift
      shift += 7
      guard byte < 128 else { continue }
      pulses.append(Ticks(value))
      value = 0
      shift = 0
    }
    guard pulses.count == Int(little(19..<23)) else { throw Malformed.fixture(name) }
    self.pulses = pulses
  }
}

extension EdgeFixture {
  /// The stretch without 20 µs of rest in which `event` lies, in microseconds.
  func activity(around event: LineEvent) -> (start: Double, end: Double) {
    let limit = rate.ticks(Nanoseconds(20_000))
    var time = Ticks.zero
    var start = Ticks.zero
    for pulse in pulses {
      if pulse > limit {
        if time >= event.end { break }
        start = time + pulse
      }
      time = time + pulse
    }
    func microseconds(_ ticks: Ticks) -> Double { Double(rate.nanoseconds(ticks).rawValue) / 1_000 }
    return (microseconds(start), microseconds(time))
  }
}

/// A row of `packets.csv`.
struct ExpectedPacket: Equatable, CustomStringConvertible {
  var start: Double
  var end: Double
  var kind: String
  var message: String
  var crc: String
  var isIntact: Bool
  var error: String

  var description: String { "\(start)–\(end) \(kind) \(message) \(crc) \(isIntact) \(error)" }

  static func of(_ fixture: String) throws -> [ExpectedPacket] {
    let text = String(decoding: try EdgeFixture.resource("packets.csv"), as: UTF8.self)
    return text.split(separator: "\n").dropFirst().compactMap { row in
      let field = row.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      let file = field[0].split(separator: "/")[1].dropLast(3)
      guard file + "-" + field[1] == fixture else { return nil }
      // Contact bounce while the cable is pulled out: neither preamble nor symbols stand there.
      if file.hasPrefix("thinkpad"), field[2] == "1988323.0" { return nil }
      return ExpectedPacket(
        start: Double(field[2]) ?? -1, end: Double(field[3]) ?? -1, kind: field[4], message: field[5],
        crc: field[6], isIntact: field[7] == "yes", error: field[8])
    }
  }
}

extension LineEvent {
  var kind: String {
    switch orderedSet {
    case .sop: "SOP"
    case .sopPrime: "SOP'"
    case .sopDoublePrime: "SOP''"
    case .sopPrimeDebug: "SOP'_DEBUG"
    case .sopDoublePrimeDebug: "SOP''_DEBUG"
    case .hardReset: "HARD_RESET"
    case .cableReset: "CABLE_RESET"
    case nil: "?"
    }
  }
}

/// Bytes of a span, for comparison.
func array(_ span: Span<UInt8>) -> [UInt8] { span.indices.map { span[$0] } }

func hex(_ span: Span<UInt8>) -> String { array(span).map { String(format: "%02x", $0) }.joined() }
