import Instruments
import Quantities

/// One event of Linux's usbmon, as far as it is needed here.
struct UsbmonTransfer {
  /// Bus and device number.
  var device: UInt32
  /// Bit 7 is set for IN.
  var endpoint: UInt8
  var kind: Kind
  /// Whether the transfer is complete (`C`) or only submitted (`S`).
  var isComplete: Bool
  /// For control transfers the setup packet of a submission.
  var setup: [UInt8]
  var data: [UInt8]

  enum Kind: UInt8 {
    case isochronous, interrupt, control, bulk
  }

  /// `nil` where the frame is shorter than its header or neither a submission nor a completion.
  init?(_ frame: [UInt8], headerLength: Int, order: ByteOrder) {
    guard frame.count >= headerLength, let kind = Kind(rawValue: frame[9]),
      frame[8] == UInt8(ascii: "S") || frame[8] == UInt8(ascii: "C"),
      let bus = order.number(UInt16.self, frame.span, at: 12),
      let captured = order.number(UInt32.self, frame.span, at: 36)
    else { return nil }
    device = UInt32(bus) << 8 | UInt32(frame[11])
    endpoint = frame[10]
    self.kind = kind
    isComplete = frame[8] == UInt8(ascii: "C")
    setup = Array(frame[40..<48])
    data = Array(frame[headerLength...].prefix(Int(captured)))
  }
}

/// Finds the KM003C meters among the devices of a bus and lays their transfers on one time line.
struct UsbmonMeters {
  private enum Verdict { case unknown, meter, other }

  private var verdicts: [UInt32: Verdict] = [:]
  private var timeline = KM003CTimeline()

  private static let vendor: UInt16 = 0x5FC9
  private static let products: Set<UInt16> = [0x0063, 0x0061]
  private static let mostDevices = 4096

  var hasFoundOne: Bool { !timeline.isEmpty }

  mutating func take(_ transfer: UsbmonTransfer, at time: Nanoseconds) {
    guard verdicts.count < Self.mostDevices || verdicts[transfer.device] != nil else { return }
    switch transfer.kind {
    case .control: judge(byDescriptor: transfer)
    case .bulk where transfer.endpoint & 0x7F == 1: takeBulk(transfer, at: time)
    default: break
    }
  }

  /// A device descriptor on the way tells what a device is.
  private mutating func judge(byDescriptor transfer: UsbmonTransfer) {
    guard transfer.isComplete, transfer.data.count >= 12, transfer.data[0] == 18, transfer.data[1] == 1,
      let vendor = transfer.data.span.littleEndian(UInt16.self, at: 8),
      let product = transfer.data.span.littleEndian(UInt16.self, at: 10)
    else { return }
    verdicts[transfer.device] = vendor == Self.vendor && Self.products.contains(product) ? .meter : .other
  }

  private mutating func takeBulk(_ transfer: UsbmonTransfer, at time: Nanoseconds) {
    let isReply = transfer.endpoint & 0x80 != 0
    guard transfer.isComplete == isReply, !transfer.data.isEmpty else { return }
    if verdicts[transfer.device] ?? .unknown == .unknown && !isReply && isRequest(transfer.data) {
      verdicts[transfer.device] = .meter
    }
    guard verdicts[transfer.device] == .meter else { return }
    timeline.take(transfer.data, of: transfer.device, fromMeter: isReply, at: time)
  }

  /// A recording that begins after the device was set up has no descriptor; then the first request tells.
  private func isRequest(_ bytes: [UInt8]) -> Bool {
    let kinds: Set<KM003CPacketKind> = [.connect, .getData, .startGraph, .stopGraph, .enablePDMonitor]
    return bytes.count == 4 && kinds.contains(KM003CPacketKind(rawValue: bytes[0]))
  }

  /// The next record that is ready, of any meter.
  mutating func popFirst() -> TraceRecord? { timeline.popFirst() }

  mutating func finish() { timeline.finish() }
}
