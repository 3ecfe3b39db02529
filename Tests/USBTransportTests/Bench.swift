import Quantities
import Simulator
import Testing
import USBSupport
import USBTransport

/// A plugged and opened `LoopModel` with its interfaces claimed.
struct Bench {
  let plugged: PluggedDevice<LoopModel>
  let device: USBDevice
  let bulkIn: USBEndpoint
  let bulkOut: USBEndpoint
  let interruptIn: USBEndpoint

  static let name = "1209:0001 at bus 0 device 7 (Loop Device)"

  init(
    _ model: LoopModel = LoopModel(), drivers: [UInt8: String] = [:],
    faults: @escaping @Sendable (Int) -> USBFault? = { _ in nil }
  ) throws {
    plugged = PluggedDevice(model, drivers: drivers, faults: faults)
    device = try plugged.open(USBContext())
    let vendor = try #require(device.info.interface { $0.interfaceClass.code == 0xFF })
    let hid = try #require(device.info.interface { $0.interfaceClass.code == 3 })
    bulkIn = try #require(vendor.endpoint(.bulk, isIn: true))
    bulkOut = try #require(vendor.endpoint(.bulk, isIn: false))
    interruptIn = try #require(hid.endpoint(.interrupt, isIn: true))
    try device.claim(vendor)
    try device.claim(hid)
  }

  func read(_ timeout: Int64 = 5000) -> Result<[UInt8], USBError> {
    Result { () throws(USBError) in
      try device.read(bulkIn, capacity: 64, timeout: Milliseconds(timeout))
    }
  }

  func write(_ bytes: [UInt8], _ timeout: Int64 = 5000) -> Result<[UInt8], USBError> {
    Result { () throws(USBError) in
      try device.write(bytes, to: bulkOut, timeout: Milliseconds(timeout))
      return []
    }
  }
}

extension Result where Failure == USBError {
  var cause: USBError.Cause? {
    if case .failure(let error) = self { error.cause } else { nil }
  }
}

extension Result {
  init(_ body: () throws(Failure) -> Success) {
    do throws(Failure) { self = .success(try body()) } catch { self = .failure(error) }
  }
}
