public import PowerDelivery

/// One message, explained, as a JSON object: the form of `ofc explain --json`.
public enum ExplainedMessage {
  public static func json(
    _ message: Message, _ decoded: Decoded<MessageBody>, data: DataBlock, hasCRC: Bool,
    explanation: Explanation
  ) -> String {
    var json = JSONText()
    json.object { json in
      json.field("type", "message" as StaticString)
      json.field("sop", message.orderedSet.label)
      json.field("from", message.senderName)
      json.field("id", message.header.messageID)
      json.field("name", MessageSummary.name(of: message))
      json.field("summary", MessageSummary.text(message, decoded.value, data: data))
      json.field("meaning", MessageSummary.meaning(of: message))
      json.field("bytes", hexadecimal([UInt8](copying: message.bytes)))
      json.field("validity", hasCRC ? "crc holds" as StaticString : "not checked")
      EntryJSON.write(decoded.diagnostics, &json)
      EntryJSON.write(explanation, &json)
    }
    return json.text
  }

  /// A single object or block.
  public static func json(_ explanation: Explanation) -> String {
    var json = JSONText()
    json.object { json in
      json.field("type", "object" as StaticString)
      EntryJSON.write(explanation, &json)
    }
    return json.text
  }
}

extension [UInt8] {
  init(copying span: Span<UInt8>) {
    self.init()
    reserveCapacity(span.count)
    for index in span.indices { append(span[index]) }
  }
}
