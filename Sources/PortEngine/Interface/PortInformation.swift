public import PowerDelivery

/// What a port answers when it is asked about itself. What is `nil` is answered with Not_Supported.
public struct PortInformation: Equatable, Sendable {
  /// The ID Header, Cert Stat, Product and product type objects of Discover Identity, 3 to 6 words; empty: NAK.
  public var identity: VendorWords
  /// SVIDs with the modes of each (one mode word each, in the order of the SVIDs); empty: NAK.
  public var svids: InlineArray<4, UInt16>
  public var svidCount: Int
  public var modes: InlineArray<4, UInt32>

  /// Source_Capabilities_Extended and Sink_Capabilities_Extended.
  public var sourceCapabilitiesExtended: DataBytes?
  public var sinkCapabilitiesExtended: DataBytes?
  /// Status; the event flags of the last Alert are filled in by the engine.
  public var status: StatusBlock?
  /// Manufacturer_Info of the port (target 0).
  public var manufacturerInfo: DataBytes?
  public var countryCodes: DataBytes?
  /// Country_Info, given for any code.
  public var countryInfo: DataBytes?
  public var batteryCapabilities: DataBytes?
  public var batteryStatus: UInt32?
  /// Source_Info: port type and the power that the port is made for (0: `SourcePolicy.pdp`); what it can give now is
  /// filled in by the engine.
  public var sourceInfo: UInt32?
  /// Revision as a word.
  public var revision: UInt32?

  public init() {
    identity = VendorWords()
    svids = InlineArray(repeating: 0)
    svidCount = 0
    modes = InlineArray(repeating: 0)
    // Revision 3.2, version 1.1 (§6.4.12).
    revision = 0x3211_0000
  }

  public static func == (left: Self, right: Self) -> Bool {
    for index in 0..<4 {
      if left.svids[index] != right.svids[index] || left.modes[index] != right.modes[index] { return false }
    }
    return left.identity == right.identity && left.svidCount == right.svidCount
      && left.sourceCapabilitiesExtended == right.sourceCapabilitiesExtended
      && left.sinkCapabilitiesExtended == right.sinkCapabilitiesExtended && left.status == right.status
      && left.manufacturerInfo == right.manufacturerInfo && left.countryCodes == right.countryCodes
      && left.countryInfo == right.countryInfo && left.batteryCapabilities == right.batteryCapabilities
      && left.batteryStatus == right.batteryStatus && left.sourceInfo == right.sourceInfo
      && left.revision == right.revision
  }
}

/// Up to six words behind a VDM header.
public struct VendorWords: Equatable, Sendable {
  public private(set) var count: Int
  private var words: InlineArray<6, UInt32>

  public init() {
    count = 0
    words = InlineArray(repeating: 0)
  }

  /// Appends a word; ignored when there are six.
  public mutating func append(_ word: UInt32) {
    guard count < 6 else { return }
    words[count] = word
    count &+= 1
  }

  /// Word `index`; 0 where there is none.
  public subscript(index: Int) -> UInt32 { index >= 0 && index < count ? words[index] : 0 }

  public static func == (left: Self, right: Self) -> Bool {
    guard left.count == right.count else { return false }
    for index in 0..<left.count where left.words[index] != right.words[index] { return false }
    return true
  }
}

/// Up to 26 bytes: an extended message of one chunk.
public struct DataBytes: Equatable, Sendable {
  public static var capacity: Int { 26 }
  public private(set) var count: Int
  private var bytes: InlineArray<26, UInt8>

  public init() {
    count = 0
    bytes = InlineArray(repeating: 0)
  }

  /// Appends a byte; ignored when there are 26.
  public mutating func append(_ byte: UInt8) {
    guard count < DataBytes.capacity else { return }
    bytes[count] = byte
    count &+= 1
  }

  /// Byte `index`; 0 where there is none.
  public subscript(index: Int) -> UInt8 { index >= 0 && index < count ? bytes[index] : 0 }

  public static func == (left: Self, right: Self) -> Bool {
    guard left.count == right.count else { return false }
    for index in 0..<left.count where left.bytes[index] != right.bytes[index] { return false }
    return true
  }
}
