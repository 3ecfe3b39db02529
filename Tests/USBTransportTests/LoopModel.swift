import Simulator

/// A device that sends back what it gets: bulk OUT 0x02 to bulk IN 0x81, and what a test says to interrupt IN 0x83.
struct LoopModel: USBDeviceModel {
  var descriptors = USBModelDescriptors(
    vendor: 0x1209, product: 0x0001, codes: [0xEF, 2, 1], strings: ["Maker", "Loop Device", "42"],
    isHighSpeed: false,
    interfaces: [
      .init(0, codes: [3, 0, 0], endpoints: [.init(0x83, type: 3, packetSize: 16, interval: 1)]),
      .init(
        1, codes: [0xFF, 0, 0], endpoints: [.init(0x02, packetSize: 64), .init(0x81, packetSize: 64)]),
    ])
  var packets: [[UInt8]] = []
  var reports: [[UInt8]] = []
  /// IN 0x81 is halted when the packets have been sent.
  var haltsBehind = false
  var isHalted = false
  var lastValue: UInt16 = 0

  mutating func control(_ setUp: USBModelSetUp, _ data: [UInt8]) -> USBModelAnswer {
    switch setUp.request {
    case 1:
      lastValue = setUp.value
      return .done(data)
    case 2: return .done([UInt8(truncatingIfNeeded: lastValue), UInt8(lastValue >> 8)])
    default: return .stall
    }
  }

  mutating func receive(_ bytes: [UInt8], at endpoint: UInt8) -> USBModelAnswer {
    packets.append(bytes)
    return .done([])
  }

  mutating func send(from endpoint: UInt8, capacity: Int) -> USBModelAnswer {
    if endpoint == 0x83 { return reports.isEmpty ? .notYet : .done(reports.removeFirst()) }
    if isHalted { return .stall }
    if packets.isEmpty {
      isHalted = haltsBehind
      return isHalted ? .stall : .notYet
    }
    return .done(packets.removeFirst())
  }

  mutating func clearHalt(_ endpoint: UInt8) {
    isHalted = false
    haltsBehind = false
  }
}
