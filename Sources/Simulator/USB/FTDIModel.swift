/// An FT232H or FT2232H (its port A) with an I2C bus.
public struct FTDIDeviceModel: USBDeviceModel {
  public let descriptors: USBModelDescriptors
  public var engine: MPSSEModel
  /// Packets without data in front of the next answer: the latency timer was faster than the engine.
  public var emptyPackets = 0
  /// The engine does not hear: another mode was set.
  public private(set) var isMPSSE = false
  public private(set) var latency: UInt16 = 0

  public init(_ bus: I2CBusModel, isFT2232H: Bool = false) {
    engine = MPSSEModel(bus)
    let codes: [UInt8] = [0xFF, 0xFF, 0xFF]
    let portA = USBModelDescriptors.Interface(
      0, codes: codes, endpoints: [.init(0x81, packetSize: 512), .init(0x02, packetSize: 512)])
    let portB = USBModelDescriptors.Interface(
      1, codes: codes, endpoints: [.init(0x83, packetSize: 512), .init(0x04, packetSize: 512)])
    descriptors = USBModelDescriptors(
      vendor: 0x0403, product: isFT2232H ? 0x6010 : 0x6014,
      strings: ["FTDI", isFT2232H ? "Dual RS232-HS" : "Single RS232-HS"], isHighSpeed: true,
      interfaces: isFT2232H ? [portA, portB] : [portA])
  }

  public mutating func control(_ setUp: USBModelSetUp, _ data: [UInt8]) -> USBModelAnswer {
    guard setUp.index == 1 else { return .stall }
    switch (setUp.requestType, setUp.request) {
    case (0x40, 0x00): engine.purge()
    case (0x40, 0x09): latency = setUp.value
    case (0x40, 0x0B):
      isMPSSE = setUp.value >> 8 == 2
      engine.bus.chip.setEnable(false)
    case (0x40, 0x06), (0x40, 0x07): break
    default: return .stall
    }
    return .done([])
  }

  public mutating func receive(_ bytes: [UInt8], at endpoint: UInt8) -> USBModelAnswer {
    guard endpoint == 0x02 else { return .stall }
    if isMPSSE { engine.take(bytes) }
    return .done([])
  }

  public mutating func send(from endpoint: UInt8, capacity: Int) -> USBModelAnswer {
    let status: [UInt8] = [0x32, 0x60]
    guard endpoint == 0x81 else { return .notYet }
    if emptyPackets > 0 {
      emptyPackets -= 1
      return .done(status)
    }
    // An answer to an unknown command is not waited for with a command of its own.
    let isError = engine.answers.starts(with: [0xFA])
    guard !engine.answers.isEmpty, engine.isFlushed || isError else { return .notYet }
    var packets: [UInt8] = []
    while !engine.answers.isEmpty, packets.count + 2 < capacity {
      let piece = engine.answers.prefix(min(510, capacity - packets.count - 2))
      packets += status + piece
      engine.answers.removeFirst(piece.count)
    }
    engine.isFlushed = !engine.answers.isEmpty
    return .done(packets)
  }
}
