import Quantities
import USBTransport

/// What an IN endpoint sends by itself, across its stalls.
struct USBStreamReader {
  let device: USBDevice
  let endpoint: USBEndpoint
  private let transfers: Int
  private let size: Int
  private var queue: USBInQueue?
  /// What ended the queue; it may come in front of the end itself.
  private var fault: USBError?
  /// Faults since the last bytes.
  private var faults = 0

  private static let faultLimit = 3

  init(_ device: USBDevice, _ endpoint: USBEndpoint, transfers: Int, size: Int) {
    self.device = device
    self.endpoint = endpoint
    self.transfers = transfers
    self.size = size
  }

  mutating func start() throws(USBError) {
    queue = try USBInQueue(device, endpoint, transfers: transfers, size: size)
  }

  func stop() { queue?.stop() }

  /// What came since the last look, and what happened to the stream: a fault that it survived.
  /// - Throws: the fault that ends it.
  mutating func take() throws(USBError) -> (pieces: [[UInt8]], lost: Int, fault: USBError?) {
    guard let queue else { return ([], 0, nil) }
    let (items, lost, isClosed) = queue.arrivals.take(until: 0)
    var pieces: [[UInt8]] = []
    for item in items {
      switch item {
      case .bytes(let bytes, _): pieces.append(bytes)
      case .fault(let error): fault = error
      }
    }
    if !pieces.isEmpty { faults = 0 }
    guard isClosed else { return (pieces, lost, nil) }
    faults += 1
    let error = fault ?? device.failure(.closed, .transfer(endpoint.kind, endpoint.address))
    self.fault = nil
    guard error.isWorthAnotherTry, faults <= Self.faultLimit else { throw error }
    queue.stop()
    try device.clearHalt(endpoint)
    try start()
    return (pieces, lost, error)
  }
}
