public import USBTransport

/// Which bridge is meant: a word of a command line.
///
/// `ft232h`, `ft2232h:b`, `ch347`, `i2c-tiny-usb`, `mcp2221a`, `/dev/i2c-1`; behind `=` stands a place or a serial number
/// where several are plugged in: `ft232h=1-2.4`, `ft2232h:b=FT6ABC`.
public struct BridgeSelection: Equatable, Sendable, CustomStringConvertible {
  public var kind: BridgeKind
  /// 0 for port A, 1 for B.
  public var portIndex = 0
  /// A place or a serial number; `nil` for the only one.
  public var unit: String?
  /// The node of a Linux I2C bus; empty for USB.
  public var path = ""
  /// Pins that are driven high as long as the bridge is at work (`FTDIBridge.Settings.enablePins`).
  public var enablePins: UInt8 = 0

  /// - Throws: `.unknownWord`, `.noSuchPort`.
  public init(_ word: String) throws(BridgeError) {
    if word.hasPrefix("/dev/") {
      kind = .linuxI2C
      path = word
      return
    }
    let halves = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let names = halves[0].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard let kind = BridgeKind.allCases.first(where: { $0.word == names[0].lowercased() }) else {
      throw BridgeError(.unknownWord(word))
    }
    self.kind = kind
    if names.count > 1 {
      let port = names[1].lowercased()
      guard kind.portCount > 1, let index = ["a", "b"].firstIndex(of: port) else {
        throw BridgeError(.noSuchPort(kind, String(names[1])))
      }
      portIndex = index
    }
    if halves.count > 1 {
      guard !halves[1].isEmpty else { throw BridgeError(.unknownWord(word)) }
      unit = String(halves[1])
    }
  }

  /// The words of all bridges behind USB.
  public static var words: [String] {
    BridgeKind.allCases.compactMap { kind in
      kind.word.map { $0 + (kind.portCount > 1 ? "[:b]" : "") }
    }
  }

  public var description: String {
    guard let word = kind.word else { return path }
    return word + (portIndex == 0 ? "" : ":b") + (unit.map { "=\($0)" } ?? "")
  }

  /// The bridges that are plugged in, each as the selection that names it by its place.
  public static func list(_ devices: [USBDeviceInfo]) -> [(selection: BridgeSelection, info: USBDeviceInfo)] {
    devices.compactMap { info in
      BridgeKind(info.identity).map { (BridgeSelection($0, unit: "\(info.place)"), info) }
    }
  }

  private init(_ kind: BridgeKind, unit: String) {
    self.kind = kind
    self.unit = unit
  }

  /// Which of the devices is meant.
  /// - Throws: `.notPlugged` with what is there instead, `.ambiguous` with the words that tell them apart.
  public func choose(from devices: [USBDeviceInfo]) throws(BridgeError) -> USBDeviceInfo {
    let found = devices.filter { info in
      kind.identities.contains(info.identity)
        && (unit.map { $0 == "\(info.place)" || $0 == info.serialNumber } ?? true)
    }
    guard let first = found.first else {
      let others = Self.list(devices).map { "\($0.selection)" }
      throw BridgeError(.notPlugged(kind, unit: unit, instead: others))
    }
    guard found.count == 1 else {
      throw BridgeError(.ambiguous(kind, found.map { pinned(to: $0).description }))
    }
    return first
  }

  /// The same bridge, and no other: by its serial number, or by its place where it has none. For finding it again.
  public func pinned(to info: USBDeviceInfo) -> BridgeSelection {
    var pinned = self
    pinned.unit = info.serialNumber ?? "\(info.place)"
    return pinned
  }

  /// Opens the bridge among what is plugged in now.
  /// - Parameter context: a port's thread takes one of its own; see `USBContext`.
  public func open(_ context: USBContext) throws(BridgeError) -> OpenBridge {
    guard kind != .linuxI2C else { return OpenBridge(try LinuxI2CBus(path: path), self) }
    let devices: [USBDeviceInfo]
    let device: USBDevice
    do throws(USBError) {
      devices = try context.devices()
    } catch {
      throw BridgeError(.usb(error))
    }
    let info = try choose(from: devices)
    do throws(USBError) {
      device = try context.open(info)
    } catch {
      throw BridgeError(.usb(error))
    }
    return try attach(device)
  }

  /// Makes the bridge of an open device.
  /// - Throws: `.usb` where the device is not what was selected, or its interface cannot be had.
  public func attach(_ device: USBDevice) throws(BridgeError) -> OpenBridge {
    let pinned = pinned(to: device.info)
    do throws(USBError) {
      switch kind {
      case .ft232h, .ft2232h, .ft4232h:
        var settings = FTDIBridge.Settings()
        settings.enablePins = enablePins
        return OpenBridge(try FTDIBridge(device, portIndex: portIndex, settings: settings), pinned)
      case .ch347, .ch341a: return OpenBridge(try WCHBridge(device), pinned)
      case .i2cTinyUSB: return OpenBridge(try I2CTinyUSBBridge(device), pinned)
      case .mcp2221a: return OpenBridge(try MCP2221ABridge(device), pinned)
      case .linuxI2C: throw device.failure(.notSupported, .open)
      }
    } catch {
      throw BridgeError(.usb(error))
    }
  }
}
