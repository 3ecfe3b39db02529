import RegisterBus

/// An i2c-tiny-usb: a bus behind control transfers.
public struct I2CTinyUSBModel: USBDeviceModel {
  /// What firmwares do differently.
  public enum Firmware: CaseIterable, Sendable {
    /// AVR: data end early where the address was not acknowledged.
    case avr
    /// RP2040 with the hardware's I2C: transfers succeed, only the status tells.
    case pico
    /// RP2040 and RP2350 by software: a stall.
    case picoBitBanged
  }

  public let descriptors: USBModelDescriptors
  public let firmware: Firmware
  public var chip: any I2CDeviceModel
  private var status: UInt8 = 0

  public init(_ chip: any I2CDeviceModel, firmware: Firmware) {
    self.chip = chip
    self.firmware = firmware
    descriptors = USBModelDescriptors(
      vendor: 0x1C40, product: 0x0534, codes: [0xFF, 0, 0], strings: ["OpenFastCharge", "i2c-tiny-usb"],
      isHighSpeed: false, interfaces: [.init(0, codes: [0xFF, 0, 0], endpoints: [])])
  }

  private var capacity: Int {
    switch firmware {
    case .avr: .max
    case .pico: 1024
    case .picoBitBanged: 64
    }
  }

  public mutating func control(_ setUp: USBModelSetUp, _ data: [UInt8]) -> USBModelAnswer {
    switch (setUp.requestType, setUp.request) {
    case (0xC1, 0): return .done([UInt8(truncatingIfNeeded: setUp.value), UInt8(setUp.value >> 8)])
    case (0xC1, 1): return .done([1, 0, 0, 0])
    case (0x41, 2): return .done([])
    case (0xC1, 3): return .done([status])
    case (0xC1, 4...7), (0x41, 4...7): return transfer(setUp, data)
    default: return .stall
    }
  }

  private mutating func transfer(_ setUp: USBModelSetUp, _ data: [UInt8]) -> USBModelAnswer {
    let isRead = setUp.value & 1 == 1
    guard Int(setUp.length) <= capacity, isRead == (setUp.requestType == 0xC1) else { return .stall }
    var answer: [UInt8] = []
    if setUp.request & 1 != 0 {
      let address = BusAddress(rawValue: UInt8(truncatingIfNeeded: setUp.index))
      status = chip.start(address, isRead: isRead) ? 1 : 2
    }
    if status == 1 {
      if isRead { answer = (0..<Int(setUp.length)).map { _ in chip.read() } }
      for byte in data where !chip.write(byte) { break }
    }
    if setUp.request & 2 != 0 || status == 2 { chip.stop() }
    guard status == 2 else { return .done(answer) }
    switch firmware {
    case .avr: return .done([])
    case .pico: return .done([UInt8](repeating: 0, count: isRead ? Int(setUp.length) : 0))
    case .picoBitBanged: return .stall
    }
  }

  public mutating func receive(_ bytes: [UInt8], at endpoint: UInt8) -> USBModelAnswer { .stall }

  public mutating func send(from endpoint: UInt8, capacity: Int) -> USBModelAnswer { .stall }
}
