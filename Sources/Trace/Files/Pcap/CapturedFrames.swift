import Quantities

/// What frames of a packet capture mean, by link type.
struct CapturedFrames {
  private(set) var ready = RecordQueue()
  private var meters = UsbmonMeters()
  private var hasUsbmon = false

  /// Takes a frame.
  /// - Returns: a reason where it is none of its link type.
  mutating func take(
    _ frame: [UInt8], linkType: LinkType, order: ByteOrder, line: String, time: Nanoseconds
  ) -> String? {
    switch linkType {
    case .user0:
      guard let record = RecordPayload.record(frame.span, line: line, time: time) else {
        return "a frame of link type 147 is none of this project’s records"
      }
      ready.append(record)
    case .usbLinux, .usbLinuxMapped:
      hasUsbmon = true
      let headerLength = linkType == .usbLinux ? 48 : 64
      if let transfer = UsbmonTransfer(frame, headerLength: headerLength, order: order) {
        meters.take(transfer, at: time)
      }
    }
    return nil
  }

  mutating func popFirst() -> TraceRecord? { ready.popFirst() ?? meters.popFirst() }

  mutating func finish() { meters.finish() }

  /// Why nothing came out of a capture that was read to its end; `nil` where that is no wonder.
  var silence: String? {
    hasUsbmon && !meters.hasFoundOne ? "holds USB traffic, but none of a KM003C meter" : nil
  }
}
