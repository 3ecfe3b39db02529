import Quantities
import Threading
import USBTransport

/// What an instrument sends by itself, kept running: a fault that another try may overcome costs what was lost and no
/// more.
struct PushStream {
  /// What the stream brings.
  enum Piece: Equatable {
    /// One transfer, and when it came.
    case bytes([UInt8], at: Instant)
    /// Something is missing here.
    case gap(String)
  }

  private let device: USBDevice
  private let open: (Mailbox<USBArrival>) throws(USBError) -> USBInQueue
  private let clearHalt: () throws(USBError) -> Void
  private var queue: USBInQueue
  /// How often in a row the stream was opened anew without anything coming.
  private var attempts = 0
  /// What ends the stream; what came before it goes first.
  private var end: USBError?

  /// Transfers that wait for the reader at most: an instrument sends some thousand a second.
  private static let capacity = 16_384
  private static let attemptLimit = 3

  /// A stream of reports.
  init(_ reports: USBReportInterface) throws(USBError) {
    try self.init(
      reports.device, open: { mailbox throws(USBError) in try reports.stream(into: mailbox) },
      clearHalt: { () throws(USBError) in try reports.clearHalt() })
  }

  /// A stream of what a serial port brings.
  init(_ port: USBSerialPort) throws(USBError) {
    try self.init(
      port.device, open: { mailbox throws(USBError) in try port.stream(into: mailbox) },
      clearHalt: { () throws(USBError) in try port.clearHalt() })
  }

  private init(
    _ device: USBDevice, open: @escaping (Mailbox<USBArrival>) throws(USBError) -> USBInQueue,
    clearHalt: @escaping () throws(USBError) -> Void
  ) throws(USBError) {
    self.device = device
    self.open = open
    self.clearHalt = clearHalt
    queue = try open(Mailbox(capacity: Self.capacity))
  }

  /// Waits for something until `deadline` of CLOCK_MONOTONIC; gives what came, in its order.
  /// - Throws: what ended the stream; everything in front of it was given.
  mutating func take(until deadline: Int64) throws(USBError) -> [Piece] {
    if let end { throw end }
    let (items, lost, isClosed) = queue.arrivals.take(until: deadline)
    var pieces: [Piece] = []
    var fault: USBError?
    for item in items {
      switch item {
      case .bytes(let bytes, let moment):
        attempts = 0
        pieces.append(.bytes(bytes, at: moment))
      case .fault(let error): fault = error
      }
    }
    if lost > 0 { pieces.append(.gap("\(lost) transfers came faster than they could be read")) }
    if let fault {
      pieces += overcome(fault)
    } else if isClosed, items.isEmpty {
      // Without a fault: the device was closed on this side.
      end = device.failure(.closed, .open)
    }
    if pieces.isEmpty, let end { throw end }
    return pieces
  }

  /// Ends the stream.
  func stop() { queue.stop() }

  /// Opens the stream anew. What was under way when the fault came is taken along.
  private mutating func overcome(_ fault: USBError) -> [Piece] {
    queue.stop()
    var pieces: [Piece] = []
    for case .bytes(let bytes, let moment) in queue.arrivals.takeNow() {
      pieces.append(.bytes(bytes, at: moment))
    }
    var fault = fault
    while fault.isWorthAnotherTry, attempts < Self.attemptLimit {
      attempts += 1
      pieces.append(.gap("the stream broke off: \(fault)"))
      do throws(USBError) {
        try clearHalt()
        queue = try open(Mailbox(capacity: Self.capacity))
        return pieces
      } catch {
        fault = error
      }
    }
    end = fault
    return pieces
  }
}
