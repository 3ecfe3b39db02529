public import Quantities

/// A TI TPS55288 as seen from its bus and from its output: registers, the ramp, and faults.
///
/// The output keeps its voltage as a capacitor does: while the chip is off, only its discharge and the load pull it
/// down.
public struct TPS55288Model: Sendable {
  /// The 7-bit address.
  public static var address: UInt8 { 0x74 }

  /// The capacitors at the output.
  public var capacitance = Microfarads(47)
  /// At the output, in µV.
  public private(set) var microvolts: Int64 = 0
  /// Whether somebody holds the output to ground, and whether something drives it above its target.
  public var isShorted = false
  public var overVoltage = Millivolts.zero
  /// The enable pin: low, the chip is without life and its registers are lost.
  public var isEnabledByPin = true {
    didSet { if !isEnabledByPin { loseSupply() } }
  }

  private var registers = TPS55288Model.defaults
  /// The reference that was latched by the write of its high byte.
  private var reference: Int64 = 0xD2
  private var status: UInt8 = 0
  /// Off after a short circuit until OE is switched anew.
  private var isTripped = false
  private var limited = Nanoseconds.zero

  private static var defaults: [UInt8] { [0xD2, 0x00, 0xE4, 0x01, 0x03, 0xE0, 0x20, 0x03] }

  public init() {}

  public var voltage: Millivolts { Millivolts(Int32(truncatingIfNeeded: microvolts / 1_000)) }
  /// Whether the output is switched on and not tripped.
  public var isOn: Bool { registers[0x06] & 0x80 != 0 && !isTripped }
  /// Whether OE is 1.
  public var isEnabled: Bool { registers[0x06] & 0x80 != 0 }
  /// Where the output goes while it is on, by the internal feedback.
  public var target: Millivolts {
    let step: Int64 = [5, 10, 15, 20][Int(registers[0x04] & 3)]
    return Millivolts(Int32(truncatingIfNeeded: step * (40 + reference)))
  }
  /// The limit of the current; `nil` where it is switched off.
  public var currentLimit: Milliamperes? {
    registers[0x02] & 0x80 != 0 ? Milliamperes(Int32(registers[0x02] & 0x7F) * 50) : nil
  }

  public mutating func write(_ bytes: [UInt8], to register: UInt8) {
    guard isEnabledByPin else { return }
    for (offset, byte) in bytes.enumerated() {
      let address = Int(register) + offset
      guard address < 0x07 else { continue }
      if address == 0x06, byte & 0x80 == 0 { isTripped = false }
      registers[address] = byte
      if address == 0x01 { reference = Int64(registers[0x00]) | Int64(byte & 0x03) << 8 }
    }
  }

  public mutating func read(_ count: Int, from register: UInt8) -> [UInt8] {
    (0..<count).map { offset in
      let address = Int(register) + offset
      guard address == 0x07 else { return address < 0x07 ? registers[address] : 0 }
      defer { status = 0 }
      return status | 0x03
    }
  }

  /// Its supply breaks in: the output is off and the registers are as after power-up.
  public mutating func loseSupply() {
    registers = TPS55288Model.defaults
    reference = 0xD2
    status = 0
    isTripped = false
  }

  /// Whether the output will not move by itself.
  public var isSettled: Bool {
    isOn && !isShorted
      ? microvolts == Int64(target.rawValue) * 1_000 && overVoltage == .zero
      : microvolts == Int64(overVoltage.rawValue) * 1_000
  }

  /// Lets the output move for `span` under a load.
  public mutating func advance(by span: Nanoseconds, load: Milliamperes) {
    let microseconds = max(0, span.rawValue / 1_000)
    if isShorted {
      microvolts = 0
      if isOn {
        if registers[0x05] & 0x80 != 0 { status |= 0x80 }
        isTripped = true
      }
      return
    }
    if isOn { regulate(microseconds, load) } else { fall(microseconds, load) }
    guard overVoltage > .zero else { return }
    // Driven from outside; the way down to a lower target is no fault.
    microvolts = max(microvolts, Int64(overVoltage.rawValue) * 1_000)
    if isOn, registers[0x05] & 0x20 != 0, overVoltage > target { status |= 0x20 }
  }

  private mutating func regulate(_ microseconds: Int64, _ load: Milliamperes) {
    let slew: Int64 = [1_250, 2_500, 5_000, 10_000][Int(registers[0x03] & 3)]
    var goal = Int64(target.rawValue) * 1_000
    if let currentLimit, load > currentLimit {
      // The output gives way until the load does.
      goal = goal * Int64(currentLimit.rawValue) / max(1, Int64(load.rawValue))
      limited = limited + Nanoseconds(Microseconds(microseconds))
      let delay: Int64 = [128, 3_072, 6_144, 12_288][Int(registers[0x03] >> 4 & 3)]
      if limited >= Nanoseconds(Microseconds(delay)), registers[0x05] & 0x40 != 0 { status |= 0x40 }
    } else {
      limited = .zero
    }
    let way = slew * microseconds
    microvolts = microvolts < goal ? min(goal, microvolts + way) : max(goal, microvolts - way)
  }

  private mutating func fall(_ microseconds: Int64, _ load: Milliamperes) {
    var current = Int64(load.rawValue) + 1
    if registers[0x06] & 0x10 != 0 { current += 100 }
    // mA · µs / µF is mV.
    microvolts = max(0, microvolts - current * microseconds * 1_000 / max(1, Int64(capacitance.rawValue)))
  }
}
