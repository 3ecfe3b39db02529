public import Bridges
public import Quantities
public import RegisterBus

/// The chips of a port and how they are reached: `fusb302@ft232h`, `fusb302+tps55288@ft232h=1-2.4,int=ad4,enable=ad5`.
///
/// A port controller, behind `+` the power stage, behind `@` the bridge; each chip may give its I2C address behind `:`.
/// Without a stage, a TPS55288 is taken for a port that is a source. `int=ad4` says that the interrupt line of the
/// controller is wired to AD4 of an FTDI bridge, `enable=` that the enable input of the stage hangs on AD3, AD5 or AD6.
public struct HardwareSettings: Equatable, Sendable {
  public enum Controller: String, CaseIterable, Sendable {
    case fusb302, tcpci

    var address: BusAddress { BusAddress(rawValue: self == .fusb302 ? 0x22 : 0x50) }
  }

  public enum Stage: String, CaseIterable, Sendable {
    case tps55288

    var address: BusAddress { BusAddress(rawValue: 0x74) }

    /// The highest voltage that the converter can be told.
    public var highestVoltage: Millivolts { Millivolts(21_260) }
  }

  public var controller: Controller
  public var controllerAddress: BusAddress
  public var stage: Stage
  public var stageAddress: BusAddress
  /// The bridge, with its enable pins.
  public var bridge: BridgeSelection
  /// Whether the interrupt line is wired to AD4 of the bridge.
  public var hasInterruptLine: Bool

  /// Why a text does not say what the chips of a port are.
  public struct Mistake: Error, Equatable, Sendable, CustomStringConvertible {
    public var description: String
    public var hint: String
  }

  /// - Throws: `Mistake`.
  public init(_ text: String) throws(Mistake) {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let halves = parts[0].split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(
      String.init)
    guard halves.count == 2 else {
      throw Mistake(
        description: "`\(text)` does not say behind which bridge the chips are",
        hint: "write CONTROLLER@BRIDGE, as in fusb302@ft232h")
    }
    let chips = halves[0].split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false).map(
      String.init)
    (controller, controllerAddress) = try Self.chip(chips[0], "port controller") { $0.address }
    (stage, stageAddress) = try Self.chip(chips.count > 1 ? chips[1] : "tps55288", "power stage") {
      $0.address
    }
    do throws(BridgeError) {
      bridge = try BridgeSelection(halves[1])
    } catch {
      throw Mistake(description: "\(error)", hint: "as in fusb302@ft232h")
    }
    hasInterruptLine = false
    for part in parts.dropFirst() { try take(part) }
  }

  /// A controller and a TPS55288 at their usual addresses, without interrupt line and enable pin.
  public init(_ controller: Controller, behind bridge: BridgeSelection) {
    self.controller = controller
    controllerAddress = controller.address
    stage = .tps55288
    stageAddress = Stage.tps55288.address
    self.bridge = bridge
    hasInterruptLine = false
  }

  private static func chip<Chip: RawRepresentable & CaseIterable>(
    _ text: String, _ what: String, _ address: (Chip) -> BusAddress
  ) throws(Mistake) -> (Chip, BusAddress) where Chip.RawValue == String {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard let chip = Chip(rawValue: parts[0].lowercased()) else {
      throw Mistake(
        description: "`\(parts[0])` is no \(what) that ofc drives",
        hint: "it drives " + Chip.allCases.map(\.rawValue).joined(separator: ", "))
    }
    guard parts.count > 1 else { return (chip, address(chip)) }
    let digits = parts[1].lowercased().hasPrefix("0x") ? String(parts[1].dropFirst(2)) : parts[1]
    guard let number = UInt8(digits, radix: 16), (0x08...0x77).contains(number) else {
      throw Mistake(
        description: "`\(parts[1])` is no I2C address",
        hint: "give its seven bits as in \(chip.rawValue):0x22")
    }
    return (chip, BusAddress(rawValue: number))
  }

  private mutating func take(_ part: String) throws(Mistake) {
    switch part.lowercased() {
    case "int=ad4" where bridge.kind.hasPins: hasInterruptLine = true
    case "enable=ad3" where bridge.kind.hasPins: bridge.enablePins = 0x08
    case "enable=ad5" where bridge.kind.hasPins: bridge.enablePins = 0x20
    case "enable=ad6" where bridge.kind.hasPins: bridge.enablePins = 0x40
    default:
      throw Mistake(
        description: bridge.kind.hasPins
          ? "`\(part)` is not understood" : "`\(part)`: \(bridge.kind.rawValue) has no pins for that",
        hint: "`int=ad4`, `enable=ad3`, `enable=ad5` and `enable=ad6` name pins of an FTDI bridge")
    }
  }
}

extension HardwareSettings: CustomStringConvertible {
  /// The same in the form that is read.
  public var description: String {
    func hexadecimal(_ address: BusAddress) -> String { "0x" + String(address.rawValue, radix: 16) }
    var text = "\(controller.rawValue):\(hexadecimal(controllerAddress))"
    text += "+\(stage.rawValue):\(hexadecimal(stageAddress))@\(bridge)"
    if hasInterruptLine { text += ",int=ad4" }
    if let pin = [(UInt8(0x08), "ad3"), (0x20, "ad5"), (0x40, "ad6")].first(where: {
      $0.0 == bridge.enablePins
    }) {
      text += ",enable=\(pin.1)"
    }
    return text
  }
}
