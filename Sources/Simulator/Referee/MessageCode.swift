import PowerDelivery

/// The class and type of a message as one number, for tables.
struct MessageCode: Equatable, Sendable {
  var rawValue: UInt8

  init(_ type: ControlMessageType) { rawValue = type.rawValue & 31 }
  init(_ type: DataMessageType) { rawValue = 32 | type.rawValue & 31 }
  init(_ type: ExtendedMessageType) { rawValue = 64 | type.rawValue & 31 }

  @inline(__always) init(_ header: MessageHeader) {
    let type = header.messageType & 31
    rawValue = header.extended ? 64 | type : header.numberOfDataObjects == 0 ? type : 32 | type
  }

  static var accept: MessageCode { MessageCode(ControlMessageType.accept) }
  static var reject: MessageCode { MessageCode(ControlMessageType.reject) }
  static var wait: MessageCode { MessageCode(ControlMessageType.wait) }
  static var psRDY: MessageCode { MessageCode(ControlMessageType.psRDY) }
  static var softReset: MessageCode { MessageCode(ControlMessageType.softReset) }
  static var notSupported: MessageCode { MessageCode(ControlMessageType.notSupported) }
  static var getSourceCap: MessageCode { MessageCode(ControlMessageType.getSourceCap) }
  static var drSwap: MessageCode { MessageCode(ControlMessageType.drSwap) }
  static var prSwap: MessageCode { MessageCode(ControlMessageType.prSwap) }
  static var vconnSwap: MessageCode { MessageCode(ControlMessageType.vconnSwap) }
  static var gotoMin: MessageCode { MessageCode(ControlMessageType.gotoMin) }
  static var sourceCapabilities: MessageCode { MessageCode(DataMessageType.sourceCapabilities) }
  static var request: MessageCode { MessageCode(DataMessageType.request) }
  static var eprRequest: MessageCode { MessageCode(DataMessageType.eprRequest) }
  static var eprMode: MessageCode { MessageCode(DataMessageType.eprMode) }
  static var vendorDefined: MessageCode { MessageCode(DataMessageType.vendorDefined) }
  static var eprSourceCapabilities: MessageCode { MessageCode(ExtendedMessageType.eprSourceCapabilities) }
  static var extendedControl: MessageCode { MessageCode(ExtendedMessageType.extendedControl) }
}

/// A set of message codes: 32 bits for each class.
struct KindSet: Equatable, Sendable {
  var control: UInt32 = 0
  var data: UInt32 = 0
  var extended: UInt32 = 0

  static let none = KindSet()

  static func of(_ types: ControlMessageType...) -> KindSet {
    KindSet(control: types.reduce(0) { $0 | 1 << UInt32($1.rawValue) })
  }
  static func of(_ types: DataMessageType...) -> KindSet {
    KindSet(data: types.reduce(0) { $0 | 1 << UInt32($1.rawValue) })
  }
  static func of(_ types: ExtendedMessageType...) -> KindSet {
    KindSet(extended: types.reduce(0) { $0 | 1 << UInt32($1.rawValue) })
  }

  static func | (left: KindSet, right: KindSet) -> KindSet {
    KindSet(
      control: left.control | right.control, data: left.data | right.data,
      extended: left.extended | right.extended)
  }

  @inline(__always) func contains(_ code: MessageCode) -> Bool {
    let bit = UInt32(1) &<< UInt32(code.rawValue & 31)
    return (code.rawValue < 32 ? control : code.rawValue < 64 ? data : extended) & bit != 0
  }
}
