import LineCode
import PowerDelivery
import Quantities

/// Entries of a conversation as JSON, one object a line. The keys are documented in `spec/json-lines.md`.
public enum EntryJSON {
  /// - Parameter explains: whether every field of the message is listed with bits, value, unit and meaning.
  public static func text(_ entry: ConversationEntry, explains: Bool = false) -> String {
    var json = JSONText()
    json.object { json in
      json.field("type", type(entry.record))
      json.field("number", entry.number)
      json.field("time_ns", entry.record.time.rawValue)
      json.field("end_ns", entry.record.end?.rawValue)
      json.field("since_previous_ns", entry.sincePrevious?.rawValue)
      if !entry.record.line.isEmpty { json.field("line", entry.record.line) }
      switch entry.record.content {
      case .packet(let packet): write(packet, entry.reading, explains, &json)
      case .reset(let set): json.field("reset", set.label)
      case .event(let event):
        json.field("event", event.kind.rawValue)
        if !event.text.isEmpty { json.field("text", event.text) }
      case .measurement(let measurement):
        json.field("vbus_mv", measurement.vbus?.rawValue)
        json.field("current_ma", measurement.current?.rawValue)
        json.field("cc1_mv", measurement.cc1?.rawValue)
        json.field("cc2_mv", measurement.cc2?.rawValue)
        json.field("d_plus_mv", measurement.dPlus?.rawValue)
        json.field("d_minus_mv", measurement.dMinus?.rawValue)
        json.field("temperature_mc", measurement.temperature?.rawValue)
      }
    }
    return json.text
  }

  private static func type(_ record: TraceRecord) -> StaticString {
    switch record.content {
    case .packet(let packet):
      packet.isSound ? "message" : "damaged"
    case .reset: "reset"
    case .event: "event"
    case .measurement: "measurement"
    }
  }

  private static func write(
    _ packet: TracePacket, _ reading: ConversationEntry.Reading?, _ explains: Bool, _ json: inout JSONText
  ) {
    json.field("sop", packet.orderedSet?.label)
    if let reading { writeHead(reading, &json) }
    json.field("bytes", hexadecimal(packet.bytes))
    json.field("crc", packet.crc.map { hexadecimal($0, digits: 8) })
    switch packet.validity {
    case .crcHolds: json.field("validity", "crc holds" as StaticString)
    case .notChecked: json.field("validity", "not checked" as StaticString)
    case .crcWrong: json.field("validity", "crc wrong" as StaticString)
    case .damaged(let reason):
      json.field("validity", "damaged" as StaticString)
      json.field("reason", reason)
    }
    json.field("bit_rate", packet.bitRate?.rawValue)
    guard let reading else { return }
    switch reading.goodCRC {
    case .received(let delay):
      json.field("good_crc", true)
      json.field("good_crc_delay_ns", delay?.rawValue)
    case .missing: json.field("good_crc", false)
    case .notApplicable: break
    }
    if reading.isRetry { json.field("retry", true) }
    write(reading.diagnostics, &json)
    if explains {
      write(Explanation(reading.message, reading.body, data: reading.data), &json)
    }
  }

  private static func writeHead(_ reading: ConversationEntry.Reading, _ json: inout JSONText) {
    let message = reading.message
    json.field("from", message.senderName)
    json.field("id", message.header.messageID)
    json.field("revision", message.header.specificationRevision.name.map { "\($0)" })
    json.field("name", MessageSummary.name(of: message))
    json.field("summary", MessageSummary.text(message, reading.body, data: reading.data))
  }

  static func write(_ diagnostics: Diagnostics, _ json: inout JSONText) {
    guard !diagnostics.isEmpty else { return }
    json.array("diagnostics") { json in
      for index in 0..<diagnostics.count {
        guard let diagnostic = diagnostics[index] else { continue }
        json.object { json in
          json.field("code", diagnostic.code.identifier)
          json.field("severity", "\(diagnostic.code.severity)")
          json.field("message", diagnostic.code.message)
          json.field("rule", diagnostic.code.clause)
          if diagnostic.bitCount > 0 {
            json.field("first_bit", diagnostic.firstBit)
            json.field("bit_count", diagnostic.bitCount)
            json.field("value", diagnostic.value)
          }
        }
      }
    }
  }

  static func write(_ explanation: Explanation, _ json: inout JSONText) {
    var value = TextBuffer(capacity: 64)
    json.array("fields") { json in
      for node in explanation.nodes {
        json.object { json in
          let layout = node.layout.description
          json.field("structure", layout.name)
          if node.number > 0 { json.field("object", node.number) }
          json.field("first_bit", node.firstBit)
          json.field("bit_count", node.bitCount)
          json.field("raw", node.raw)
          guard let index = node.field else {
            json.field("title", layout.title)
            json.field("meaning", layout.meaning)
            return
          }
          let field = layout.fields[index]
          json.field("field", field.identifier)
          json.field("label", field.label)
          if let number = explanation.number(node) {
            json.field("value", number.value)
            if let unit = number.unit { json.field("unit", unit.symbol) }
          }
          value.removeAll()
          explanation.appendValue(node, to: &value)
          json.field("text", value.bytes)
          json.field("meaning", field.meaning)
        }
      }
    }
  }
}

extension Message {
  /// `source`, `sink`, `port` or `cable`.
  var senderName: StaticString {
    switch sender {
    case .source: "source"
    case .sink: "sink"
    case .port: "port"
    case .cablePlug: "cable"
    }
  }
}
