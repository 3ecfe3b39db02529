public import Quantities
public import USBTransport

/// The kinds of bridge that the project drives.
public enum BridgeKind: String, CaseIterable, Sendable {
  case ft232h = "FT232H"
  case ft2232h = "FT2232H"
  case ft4232h = "FT4232H"
  case ch347 = "CH347"
  case ch341a = "CH341A"
  case i2cTinyUSB = "i2c-tiny-usb"
  case mcp2221a = "MCP2221A"
  /// A bus that the Linux kernel drives, at `/dev/i2c-N`.
  case linuxI2C = "Linux I2C bus"

  /// The kind of bridge that a USB device is; `nil` where it is none.
  public init?(_ identity: USBIdentity) {
    guard let kind = Self.allCases.first(where: { $0.identities.contains(identity) }) else { return nil }
    self = kind
  }

  /// Vendor and product; none for what is not a USB device of ours.
  public var identities: [USBIdentity] {
    switch self {
    case .ft232h: [USBIdentity(vendor: 0x0403, product: 0x6014)]
    case .ft2232h: [USBIdentity(vendor: 0x0403, product: 0x6010)]
    case .ft4232h:
      [USBIdentity(vendor: 0x0403, product: 0x6011), USBIdentity(vendor: 0x0403, product: 0x6048)]
    case .ch347, .ch341a: WCHModel.allCases.first { $0.kind == self }?.identities ?? []
    case .i2cTinyUSB: I2CTinyUSBBridge.identities
    case .mcp2221a: [MCP2221ABridge.identity]
    case .linuxI2C: []
    }
  }

  /// What the kind is called on a command line; `nil` for `/dev/i2c-N`, which is a path.
  public var word: String? {
    switch self {
    case .linuxI2C: nil
    default: rawValue.lowercased()
    }
  }

  /// How many ports with I2C it has, named a, b on a command line.
  public var portCount: Int { self == .ft2232h || self == .ft4232h ? 2 : 1 }

  /// Whether it has pins for an interrupt line and an enable input that ofc serves.
  public var hasPins: Bool { self == .ft232h || self == .ft2232h || self == .ft4232h }

  public var traits: BridgeTraits {
    switch self {
    case .ft232h:
      BridgeTraits(
        self, .perProgram(bytes: 1000), read: Microseconds(400)...Microseconds(1000),
        "a batch goes over USB in one round trip")
    case .ft2232h, .ft4232h:
      BridgeTraits(
        self, .perProgram(bytes: 1000), read: Microseconds(400)...Microseconds(1000),
        "a batch goes over USB in one round trip; SDA is not truly open drain")
    case .ch347:
      BridgeTraits(
        self, .perProgram(bytes: 510), read: Microseconds(400)...Microseconds(1000),
        "a batch goes over USB in one round trip")
    case .ch341a:
      BridgeTraits(
        self, .perOperation(write: 1, read: 2), read: Microseconds(2000)...Microseconds(4000),
        "two round trips at full speed a register, which leaves half of the time to answer a Request")
    case .i2cTinyUSB:
      BridgeTraits(
        self, .perOperation(write: 2, read: 3), read: Microseconds(1000)...Microseconds(3000),
        "two or three control transfers a register; a received message is there after 3 to 6 ms")
    case .mcp2221a:
      BridgeTraits(
        self, .perOperation(write: 2, read: 3), read: Microseconds(12_000)...Microseconds(12_000),
        isFit: false,
        "a register access takes 12 ms (84 a second, measured), so that a received message is answered after the"
          + " SenderResponseTimer of the partner has expired; it serves power stages and configuration")
    case .linuxI2C:
      BridgeTraits(
        self, .none, read: Microseconds(100)...Microseconds(500),
        "a register costs one system call; where the kernel's bus itself is behind USB, its times are those of"
          + " that bridge")
    }
  }
}

/// What a bridge can do, for whoever chooses one.
public struct BridgeTraits: Equatable, Sendable {
  /// How often a batch goes there and back over USB.
  public enum RoundTrips: Equatable, Sendable {
    /// Once, as long as what it compiles to, there and back, keeps to about this many bytes.
    case perProgram(bytes: Int)
    /// So often for each operation, at the least.
    case perOperation(write: Int, read: Int)
    /// Never.
    case none
  }

  public var kind: BridgeKind
  public var roundTrips: RoundTrips
  /// How long reading one register takes.
  public var readTime: ClosedRange<Microseconds>
  /// Whether a port controller behind it meets the timers of USB-PD. Power stages and configuration always do.
  public var isFitForPortController: Bool
  /// Why it is fit, or is not.
  public var reason: String

  init(
    _ kind: BridgeKind, _ roundTrips: RoundTrips, read: ClosedRange<Microseconds>, isFit: Bool = true,
    _ reason: String
  ) {
    self.kind = kind
    self.roundTrips = roundTrips
    readTime = read
    isFitForPortController = isFit
    self.reason = reason
  }

  public var name: String { kind.rawValue }
}
