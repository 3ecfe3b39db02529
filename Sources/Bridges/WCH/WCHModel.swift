public import USBTransport

/// WCH's chips whose I2C speaks in streams that begin with AA.
public enum WCHModel: String, CaseIterable, Sendable {
  /// CH347T in its modes 1 and 3, CH347F, CH339W, CH346C: high speed, an answer for every written byte.
  case ch347 = "CH347"
  /// CH341A, CH341B: full speed, packets of 32 bytes.
  case ch341a = "CH341A"

  public init?(_ identity: USBIdentity) {
    guard let model = Self.allCases.first(where: { $0.identities.contains(identity) }) else { return nil }
    self = model
  }

  public var identities: [USBIdentity] {
    let products: [UInt16] =
      switch self {
      case .ch347: [0x55DB, Self.ch347Mode3.product, 0x55DE, 0x55E7, 0x55EB]
      case .ch341a: [0x5512]
      }
    return products.map { USBIdentity(vendor: 0x1A86, product: $0) }
  }

  /// A CH347T with UART, JTAG and I2C, whose SCL must be set high before its first use.
  static let ch347Mode3 = USBIdentity(vendor: 0x1A86, product: 0x55DD)

  var kind: BridgeKind { self == .ch347 ? .ch347 : .ch341a }

  /// The most bytes of one transfer, there and back.
  var capacity: Int { self == .ch347 ? 510 : 32 }

  /// The most bytes that one command reads.
  var longestRead: Int { self == .ch347 ? 0x3F : 0x1F }

  /// Whether a byte of an answer is an acknowledgement.
  func isAcknowledged(_ byte: UInt8) -> Bool { self == .ch347 ? byte == 1 : byte & 0x80 == 0 }
}

/// The clock of the I2C bus behind a WCH chip.
public enum WCHSpeed: UInt8, CaseIterable, Sendable {
  case slow20kHz, standard100kHz, fast400kHz, fast750kHz
}
