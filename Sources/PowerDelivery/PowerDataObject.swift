public import Quantities

/// A power data object of a source, read by its type bits (USB-PD R3.2 §6.4.1.2).
public enum SourcePDO: Hashable, Sendable {
  case fixed(FixedSupplySourcePDO)
  case variable(VariableSupplySourcePDO)
  case battery(BatterySupplySourcePDO)
  case sprPPS(SPRPPSSourceAPDO)
  case sprAVS(SPRAVSSourceAPDO)
  case eprAVS(EPRAVSSourceAPDO)
  /// An augmented object whose kind is reserved.
  case reserved(UInt32)
  /// All zeros: an unused position in EPR capabilities (§6.5.15).
  case empty

  public init(rawValue: UInt32) {
    switch rawValue >> 28 {
    case 0b0000...0b0011:
      self = rawValue == 0 ? .empty : .fixed(FixedSupplySourcePDO(rawValue: rawValue))
    case 0b0100...0b0111: self = .battery(BatterySupplySourcePDO(rawValue: rawValue))
    case 0b1000...0b1011: self = .variable(VariableSupplySourcePDO(rawValue: rawValue))
    case 0b1100: self = .sprPPS(SPRPPSSourceAPDO(rawValue: rawValue))
    case 0b1101: self = .eprAVS(EPRAVSSourceAPDO(rawValue: rawValue))
    case 0b1110: self = .sprAVS(SPRAVSSourceAPDO(rawValue: rawValue))
    default: self = .reserved(rawValue)
    }
  }

  public var rawValue: UInt32 {
    switch self {
    case .fixed(let object): object.rawValue
    case .variable(let object): object.rawValue
    case .battery(let object): object.rawValue
    case .sprPPS(let object): object.rawValue
    case .sprAVS(let object): object.rawValue
    case .eprAVS(let object): object.rawValue
    case .reserved(let raw): raw
    case .empty: 0
    }
  }

  /// Reserved bits that are 1 and constant bits that differ.
  public var unexpectedBits: UInt32 {
    switch self {
    case .fixed(let object): object.unexpectedBits
    case .variable(let object): object.unexpectedBits
    case .battery(let object): object.unexpectedBits
    case .sprPPS(let object): object.unexpectedBits
    case .sprAVS(let object): object.unexpectedBits
    case .eprAVS(let object): object.unexpectedBits
    case .reserved, .empty: 0
    }
  }

  /// Lowest and highest voltage that the object offers; `nil` for an empty or reserved one.
  ///
  /// An SPR AVS object implies its range: from 9 V to 20 V, or to 15 V where it offers no current above (§6.4.1.2.4.2).
  public var voltages: ClosedVoltageRange? {
    switch self {
    case .fixed(let object): ClosedVoltageRange(object.voltage, object.voltage)
    case .variable(let object): ClosedVoltageRange(object.minimumVoltage, object.maximumVoltage)
    case .battery(let object): ClosedVoltageRange(object.minimumVoltage, object.maximumVoltage)
    case .sprPPS(let object): ClosedVoltageRange(object.minimumVoltage, object.maximumVoltage)
    case .eprAVS(let object): ClosedVoltageRange(object.minimumVoltage, object.maximumVoltage)
    case .sprAVS(let object):
      ClosedVoltageRange(
        Millivolts(9_000), object.maximumCurrent20V == .zero ? Millivolts(15_000) : Millivolts(20_000))
    case .reserved, .empty: nil
    }
  }

  /// A fixed voltage above this is an EPR object: the highest in SPR is 20 V, the lowest in EPR 28 V.
  static var highestSPRVoltage: Millivolts { Millivolts(21_000) }

  /// Whether the object belongs in positions 8 and up of EPR capabilities: EPR AVS, or a fixed voltage above 20 V.
  public var isEPR: Bool {
    switch self {
    case .eprAVS: true
    case .fixed(let object): object.voltage > SourcePDO.highestSPRVoltage
    default: false
    }
  }
}

/// A power data object of a sink (§6.4.1.3): what it can take, not what it asks for.
public enum SinkPDO: Hashable, Sendable {
  case fixed(FixedSupplySinkPDO)
  case variable(VariableSupplySinkPDO)
  case battery(BatterySupplySinkPDO)
  case sprPPS(SPRPPSSinkAPDO)
  case sprAVS(SPRAVSSinkAPDO)
  case eprAVS(EPRAVSSinkAPDO)
  /// An augmented object whose kind is reserved.
  case reserved(UInt32)
  /// All zeros: an unused position in EPR capabilities.
  case empty

  public init(rawValue: UInt32) {
    switch SourcePDO(rawValue: rawValue) {
    case .fixed: self = .fixed(FixedSupplySinkPDO(rawValue: rawValue))
    case .variable: self = .variable(VariableSupplySinkPDO(rawValue: rawValue))
    case .battery: self = .battery(BatterySupplySinkPDO(rawValue: rawValue))
    case .sprPPS: self = .sprPPS(SPRPPSSinkAPDO(rawValue: rawValue))
    case .sprAVS: self = .sprAVS(SPRAVSSinkAPDO(rawValue: rawValue))
    case .eprAVS: self = .eprAVS(EPRAVSSinkAPDO(rawValue: rawValue))
    case .reserved(let raw): self = .reserved(raw)
    case .empty: self = .empty
    }
  }

  public var rawValue: UInt32 {
    switch self {
    case .fixed(let object): object.rawValue
    case .variable(let object): object.rawValue
    case .battery(let object): object.rawValue
    case .sprPPS(let object): object.rawValue
    case .sprAVS(let object): object.rawValue
    case .eprAVS(let object): object.rawValue
    case .reserved(let raw): raw
    case .empty: 0
    }
  }

  /// Reserved bits that are 1 and constant bits that differ.
  public var unexpectedBits: UInt32 {
    switch self {
    case .fixed(let object): object.unexpectedBits
    case .variable(let object): object.unexpectedBits
    case .battery(let object): object.unexpectedBits
    case .sprPPS(let object): object.unexpectedBits
    case .sprAVS(let object): object.unexpectedBits
    case .eprAVS(let object): object.unexpectedBits
    case .reserved, .empty: 0
    }
  }
}

/// Two voltages, the lower first as far as the object keeps to the standard.
public struct ClosedVoltageRange: Hashable, Sendable {
  public var minimum: Millivolts
  public var maximum: Millivolts

  public init(_ minimum: Millivolts, _ maximum: Millivolts) {
    self.minimum = minimum
    self.maximum = maximum
  }

  public func contains(_ voltage: Millivolts) -> Bool { voltage >= minimum && voltage <= maximum }
}
