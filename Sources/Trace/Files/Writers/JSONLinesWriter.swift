import Quantities

/// Writes one JSON object a line:
///
///     {"time_ns":1250,"end_ns":500000,"line":"CC1","kind":"packet","sop":"SOP","bytes":"4100","crc":"0xa8bb6cbb",…}
///
/// Every record survives; `spec/trace-format.md` lists the fields.
public struct JSONLinesWriter: TraceWriter {
  private let file: OutputFile

  /// - Parameter path: the file to create; `-` is the standard output.
  /// - Throws: `TraceWriteError`.
  public init(path: String) throws { file = try OutputFile(path: path) }

  public mutating func write(_ record: TraceRecord) throws {
    try file.write(Self.line(record).utf8)
    try file.write(CollectionOfOne(UInt8(ascii: "\n")))
  }

  public mutating func finish() throws { try file.finish() }

  /// The object of a record, without a line end.
  public static func line(_ record: TraceRecord) -> String {
    var object = JSONObjectText()
    object.add("time_ns", record.time.rawValue)
    object.add("end_ns", record.end?.rawValue)
    if !record.line.isEmpty { object.add("line", record.line) }
    switch record.content {
    case .packet(let packet): add(packet, to: &object)
    case .reset(let set):
      object.add("kind", "reset")
      object.add("sop", OrderedSetName.text(set))
    case .event(let event):
      object.add("kind", "event")
      object.add("event", event.kind.rawValue)
      if !event.text.isEmpty { object.add("text", event.text) }
    case .measurement(let measurement):
      object.add("kind", "measurement")
      object.add("vbus_mv", measurement.vbus?.rawValue)
      object.add("current_ma", measurement.current?.rawValue)
      object.add("cc1_mv", measurement.cc1?.rawValue)
      object.add("cc2_mv", measurement.cc2?.rawValue)
      object.add("d_plus_mv", measurement.dPlus?.rawValue)
      object.add("d_minus_mv", measurement.dMinus?.rawValue)
      object.add("temperature_mc", measurement.temperature?.rawValue)
    }
    return object.text
  }

  private static func add(_ packet: TracePacket, to object: inout JSONObjectText) {
    object.add("kind", "packet")
    if let set = packet.orderedSet { object.add("sop", OrderedSetName.text(set)) }
    object.add("bytes", HexText.text(packet.bytes))
    if let crc = packet.crc { object.add("crc", ValidityName.text(crc: crc)) }
    object.add("validity", ValidityName.text(packet.validity))
    if case .damaged(let reason) = packet.validity { object.add("reason", reason) }
    object.add("bit_rate", packet.bitRate?.rawValue)
  }
}

/// An object that is written field by field in the order in which they are added.
struct JSONObjectText {
  private var fields = ""

  var text: String { "{\(fields)}" }

  /// Adds a number; nothing where it is `nil`.
  mutating func add(_ name: String, _ value: (some BinaryInteger)?) {
    guard let value else { return }
    begin(name)
    fields += String(value)
  }

  mutating func add(_ name: String, _ value: String) {
    begin(name)
    fields += "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": fields += "\\\""
      case "\\": fields += "\\\\"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        fields += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: fields.unicodeScalars.append(scalar)
      }
    }
    fields += "\""
  }

  private mutating func begin(_ name: String) {
    fields += "\(fields.isEmpty ? "" : ",")\"\(name)\":"
  }
}
