/// What happens to one transfer.
public enum USBFault: Hashable, Sendable {
  /// The device is unplugged before it: the system refuses the transfer.
  case goneBefore
  /// The device is unplugged while it is under way.
  case goneDuring
  case stall
  /// It never ends by itself.
  case silence
  /// Only this many bytes come through.
  case short(Int)
  case overflow
  /// The bus carried it damaged.
  case protocolError
  /// Other bytes come from the device, from this seed; transfers to the device are as they are.
  case garbage(UInt8)
}

/// One transfer that was made.
public struct USBTransferNote: Equatable, Sendable {
  /// The endpoint with its direction; 0 and 0x80 for control transfers.
  public var endpoint: UInt8
  /// What went to the device (for a control transfer with the set-up stage in front).
  public var sent: [UInt8]
}
