public import Quantities
public import Threading

/// What a queue brings.
public enum USBArrival: Equatable, Sendable {
  /// One transfer, in the order in which the device sent them; the moment is CLOCK_MONOTONIC's.
  case bytes([UInt8], at: Instant)
  /// Something failed at this place of the stream; nothing is asked for any more, but what was under way may still come.
  case fault(USBError)
}

/// A stream from an IN endpoint: several transfers are always under way, so that the device never waits for the host.
///
/// Transfers come in the order of the bus, and none is lost between them. The queue ends with the first fault (a stalled
/// endpoint, an unplugged device), or by `stop`; then its mailbox is closed. After a stall: clear the halt and make
/// a new queue.
public final class USBInQueue: Sendable {
  /// Where what comes is put down. What a reader leaves lying beyond the mailbox's capacity is lost and counted there.
  public let arrivals: Mailbox<USBArrival>
  private let transfers: InQueueTransfers
  private let device: USBDevice

  /// Starts to listen.
  /// - Parameters:
  ///   - transfers: how many are under way at once, 1 to 64.
  ///   - size: the bytes that each can hold; rounded up to whole packets.
  ///   - mailbox: where what comes is put down.
  /// - Throws: `USBError` where not even the first transfer can be submitted.
  public init(
    _ device: USBDevice, _ endpoint: USBEndpoint, transfers count: Int = 4, size: Int = 4096,
    into mailbox: Mailbox<USBArrival> = Mailbox()
  ) throws(USBError) {
    self.device = device
    arrivals = mailbox
    transfers = InQueueTransfers(device, endpoint, mailbox)
    let queue = transfers
    try device.use(.transfer(endpoint.kind, endpoint.address)) { () throws(USBError) in
      device.context.startEvents()
      device.add(queue)
      do throws(USBError) {
        try queue.start(device, count: max(1, min(count, 64)), size: max(1, size))
      } catch {
        device.remove(queue)
        throw error
      }
    }
  }

  deinit { stop() }

  /// Ends the stream and waits until nothing is under way. Not to be called in the event thread.
  public func stop() {
    transfers.stop()
    device.remove(transfers)
  }
}
