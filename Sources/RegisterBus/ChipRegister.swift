/// The value of a register of a chip; the type says which register.
public protocol ChipRegister: RawRepresentable, Sendable {
  /// Where the register is in the chip.
  static var address: UInt8 { get }
}

extension RegisterBatch {
  /// Writes a register of eight bits.
  public mutating func write<Value: ChipRegister>(_ value: Value, of chip: BusAddress)
  where Value.RawValue == UInt8 {
    write(value.rawValue, to: Value.address, of: chip)
  }

  /// Writes a register of sixteen bits in one transfer, its low byte first.
  public mutating func write<Value: ChipRegister>(_ value: Value, of chip: BusAddress)
  where Value.RawValue == UInt16 {
    startWrite(to: Value.address, of: chip)
    append(UInt8(truncatingIfNeeded: value.rawValue))
    append(UInt8(truncatingIfNeeded: value.rawValue &>> 8))
  }
}
