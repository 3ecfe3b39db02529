import Instruments
import LineCode
import Quantities

/// The record of the JSON lines, field by field; a field that does not apply is left out.
struct RecordFields: Decodable {
  var time_ns: Int64
  var end_ns: Int64?
  var line: String?
  var kind: String
  var sop: String?
  var bytes: String?
  var crc: String?
  var validity: String?
  var reason: String?
  var bit_rate: Int32?
  var event: String?
  var text: String?
  var vbus_mv: Int32?
  var current_ma: Int32?
  var cc1_mv: Int32?
  var cc2_mv: Int32?
  var d_plus_mv: Int32?
  var d_minus_mv: Int32?
  var temperature_mc: Int32?

  /// The record; `nil` where the fields contradict each other.
  var record: TraceRecord? {
    guard let content else { return nil }
    return TraceRecord(
      time: Nanoseconds(time_ns), end: end_ns.map { Nanoseconds($0) }, line: line ?? "", content: content)
  }

  private var content: TraceRecord.Content? {
    switch kind {
    case "packet": packet.map { .packet($0) }
    case "reset": sop.flatMap { OrderedSetName.orderedSet($0) }.map { .reset($0) }
    case "event":
      event.flatMap { TraceEvent.Kind(rawValue: $0) }.map { .event(TraceEvent($0, text: text ?? "")) }
    case "measurement":
      .measurement(
        TraceMeasurement(
          vbus: vbus_mv.map { Millivolts($0) }, current: current_ma.map { Milliamperes($0) },
          cc1: cc1_mv.map { Millivolts($0) }, cc2: cc2_mv.map { Millivolts($0) },
          dPlus: d_plus_mv.map { Millivolts($0) }, dMinus: d_minus_mv.map { Millivolts($0) },
          temperature: temperature_mc.map { MillidegreesCelsius($0) }))
    default: nil
    }
  }

  private var packet: TracePacket? {
    guard let bytes = HexText.bytes(bytes ?? "") else { return nil }
    let set = sop.map { OrderedSetName.orderedSet($0) }
    if let set, set == nil { return nil }
    var value: UInt32?
    if let crc {
      guard crc.hasPrefix("0x"), let number = UInt32(crc.dropFirst(2), radix: 16) else { return nil }
      value = number
    }
    guard let validity = ValidityName.validity(validity ?? "not_checked", reason: reason ?? "") else {
      return nil
    }
    return TracePacket(
      orderedSet: set ?? nil, bytes: bytes, crc: value, validity: validity,
      bitRate: bit_rate.map { BitsPerSecond($0) })
  }
}

/// The names of validities in text formats.
enum ValidityName {
  static func text(_ validity: TracePacket.Validity) -> String {
    switch validity {
    case .crcHolds: "crc_holds"
    case .notChecked: "not_checked"
    case .crcWrong: "crc_wrong"
    case .damaged: "damaged"
    }
  }

  static func validity(_ text: String, reason: String) -> TracePacket.Validity? {
    let all: [TracePacket.Validity] = [.crcHolds, .notChecked, .crcWrong, .damaged(reason: reason)]
    return all.first { Self.text($0) == text }
  }

  /// A CRC as a value: `0x` and eight digits.
  static func text(crc: UInt32) -> String {
    let digits = String(crc, radix: 16)
    return "0x" + String(repeating: "0", count: 8 - digits.count) + digits
  }
}
