import Quantities
import USBTransport

/// The USB side of a port with an MPSSE: its requests, and bytes there and back.
struct FTDIPort {
  let device: USBDevice
  let bulkIn: USBEndpoint
  let bulkOut: USBEndpoint
  /// 1 for port A, 2 for B: the wIndex of all requests.
  let index: UInt16
  let timeout: Milliseconds

  private func request(_ request: UInt8, _ value: UInt16) throws(USBError) {
    try device.control(
      USBControlRequest(requestType: 0x40, request: request, value: value, index: index))
  }

  /// Resets the port and switches the MPSSE on, AD0 and AD1 being outputs.
  func start() throws(USBError) {
    try request(0x00, 0)
    try request(0x09, 16)
    try request(0x0B, 0x0000)
    try purge()
    try request(0x0B, 0x0203)
  }

  /// Makes all pins inputs.
  func letGo() throws(USBError) { try request(0x0B, 0x0000) }

  /// Empties both FIFOs.
  func purge() throws(USBError) {
    try request(0x00, 1)
    try request(0x00, 2)
  }

  /// Ends halts, so that the next transfer finds the endpoints working.
  func clearHalts() throws(USBError) {
    try device.clearHalt(bulkOut)
    try device.clearHalt(bulkIn)
  }

  func write(_ bytes: [UInt8]) throws(USBError) { try device.write(bytes, to: bulkOut, timeout: timeout) }

  /// Reads until `count` bytes are there; packets that hold nothing but the modem status are passed over.
  ///
  /// - Returns: the bytes, more than `count` where the chip sent more; fewer where it sent nothing for the time-out.
  func read(_ count: Int) throws(USBError) -> [UInt8] {
    var found: [UInt8] = []
    var empty = 0
    while found.count < count, empty < Self.emptyPackets {
      let bytes: [UInt8]
      do throws(USBError) {
        bytes = try device.read(bulkIn, capacity: count + 2, timeout: timeout)
      } catch {
        if case .timedOut = error.cause, !found.isEmpty { return found }
        throw error
      }
      let before = found.count
      var start = 0
      while start < bytes.count {
        let end = min(bytes.count, start + max(2, bulkIn.maximumPacketSize))
        // Two bytes of modem status stand at the head of every packet.
        found += bytes[min(start + 2, end)..<end]
        start = end
      }
      empty = found.count == before ? empty + 1 : 0
    }
    return found
  }

  /// The chip sends a packet without data each 16 ms; after this many nothing will come.
  private static let emptyPackets = 6
}
