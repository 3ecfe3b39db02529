import Simulator

/// A device with HID and two serial ports, the second of which echoes; numbered so that nothing is where one would guess.
struct ClassModel: USBDeviceModel {
  let descriptors: USBModelDescriptors
  /// The last SET_LINE_CODING and SET_CONTROL_LINE_STATE, by interface.
  var codings: [UInt16: [UInt8]] = [:]
  var lines: [UInt16: UInt16] = [:]
  var echo: [[UInt8]] = []
  /// Input reports that wait.
  var reports: [[UInt8]] = []
  /// Output reports as they came: how, and the bytes.
  var outputs: [String] = []
  var features: [UInt8: [UInt8]] = [:]
  var isHalted = false
  /// What the transfers of each IN endpoint could hold.
  var capacities: [UInt8: Set<Int>] = [:]

  init(hasOut: Bool = true, hasSerial: Bool = true, hasHID: Bool = true) {
    var interfaces: [USBModelDescriptors.Interface] = []
    if hasHID {
      interfaces.append(
        .init(
          0, codes: [3, 0, 0],
          endpoints: [.init(0x85, type: 3, packetSize: 64, interval: 1)]
            + (hasOut ? [.init(0x05, type: 3, packetSize: 64, interval: 1)] : [])))
    }
    if hasSerial {
      // A data interface without a communication interface in front of it belongs to no port.
      interfaces += [
        .init(
          1, codes: [0x0A, 0, 0], endpoints: [.init(0x06, packetSize: 64), .init(0x86, packetSize: 64)]),
        .init(2, codes: [2, 2, 1], endpoints: [.init(0x83, type: 3, packetSize: 8, interval: 10)]),
        .init(
          3, codes: [0x0A, 0, 0], endpoints: [.init(0x02, packetSize: 64), .init(0x82, packetSize: 64)]),
        .init(4, codes: [2, 2, 1], endpoints: []),
        .init(
          5, codes: [0x0A, 0, 0], endpoints: [.init(0x04, packetSize: 64), .init(0x84, packetSize: 64)]),
      ]
    }
    descriptors = USBModelDescriptors(
      vendor: 0x1209, product: 2, codes: [0xEF, 2, 1], strings: ["Maker", "Classes", "1"],
      isHighSpeed: false, interfaces: interfaces)
  }

  mutating func control(_ setUp: USBModelSetUp, _ data: [UInt8]) -> USBModelAnswer {
    switch (setUp.requestType, setUp.request) {
    case (0x21, 0x20): codings[setUp.index] = data
    case (0x21, 0x22): lines[setUp.index] = setUp.value
    case (0x21, 0x09) where setUp.index == 0:
      outputs.append("set \(String(setUp.value, radix: 16)) \(data)")
      if setUp.value >> 8 == 3 { features[UInt8(setUp.value & 0xFF)] = data }
    case (0xA1, 0x01) where setUp.index == 0 && setUp.value >> 8 == 3:
      return features[UInt8(setUp.value & 0xFF)].map { .done(Array($0.prefix(Int(setUp.length)))) } ?? .stall
    default: return .stall
    }
    return .done([])
  }

  mutating func receive(_ bytes: [UInt8], at endpoint: UInt8) -> USBModelAnswer {
    switch endpoint {
    case 0x04: echo += stride(from: 0, to: bytes.count, by: 64).map { Array(bytes[$0...].prefix(64)) }
    case 0x05: outputs.append("out \(bytes)")
    default: return .stall
    }
    return .done([])
  }

  mutating func send(from endpoint: UInt8, capacity: Int) -> USBModelAnswer {
    capacities[endpoint, default: []].insert(capacity)
    if isHalted { return .stall }
    switch endpoint {
    case 0x84 where !echo.isEmpty && lines[4] == 3: return .done(echo.removeFirst())
    case 0x85 where !reports.isEmpty: return .done(reports.removeFirst())
    default: return .notYet
    }
  }

  mutating func clearHalt(_ endpoint: UInt8) { isHalted = false }
}
