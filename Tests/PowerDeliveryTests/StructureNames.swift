import PowerDelivery

// Which typed views the reader chose, by their Swift names, as the vectors name them.

/// The name of what an enumeration case holds; `nil` for a case that holds nothing.
private func payloadName(_ value: some Any) -> String? {
  Mirror(reflecting: value).children.first.map { String(describing: type(of: $0.value)) }
}

extension MessageBody {
  /// The structures of the body in the order of its objects; a data block is one structure.
  var structureNames: [String?] {
    switch self {
    case .control, .chunk, .chunkRequest, .reserved, .unreadable: []
    case .sourceCapabilities(let objects), .eprSourceCapabilities(let objects):
      (0..<objects.count).map { objects.source(at: $0 + 1).flatMap { payloadName($0) } }
    case .sinkCapabilities(let objects), .eprSinkCapabilities(let objects):
      (0..<objects.count).map { objects.sink(at: $0 + 1).flatMap { payloadName($0) } }
    case .request(let body), .eprRequest(let body):
      [payloadName(body.request)] + (body.copy.map { [payloadName($0)] } ?? [])
    case .vendorDefined(let body):
      [payloadName(body.header)]
        + (0..<body.objectCount).map { body.vendorObject($0).flatMap { payloadName($0) } }
    default: [payloadName(self)]
    }
  }

  var isPartOfMessage: Bool {
    switch self {
    case .chunk, .chunkRequest: true
    default: false
    }
  }
}

extension MessageKind {
  /// The kind with that name, of any class; `nil` where there is none.
  init?(name: String) {
    let all = (0..<32 as Range<UInt8>).flatMap { code in
      [
        MessageKind.control(ControlMessageType(rawValue: code)),
        .data(DataMessageType(rawValue: code)), .extended(ExtendedMessageType(rawValue: code)),
      ]
    }
    guard let kind = all.first(where: { $0.name.map { "\($0)" } == name }) else { return nil }
    self = kind
  }
}
