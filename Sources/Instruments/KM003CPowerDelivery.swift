public import LineCode
public import Quantities

/// What one PD reply of a KM003C holds (attribute 16): a measurement and the events since the last reply.
public struct KM003CPowerDelivery: Equatable, Sendable {
  /// Device time since power-up.
  public var time: Milliseconds
  public var vbus: Millivolts
  /// Positive from the female to the male side of the meter.
  public var current: Milliamperes
  public var cc1: Millivolts
  public var cc2: Millivolts
  public var events: [Event]
  /// Where the event list breaks off; `nil` where it was read to its end.
  public var damage: KM003CError?

  /// One record of the event list.
  public struct Event: Equatable, Sendable {
    /// Device time since power-up.
    public var time: Milliseconds
    public var content: Content
  }

  public enum Content: Equatable, Sendable {
    /// A packet without its CRC; the meter says nothing about the CRC.
    case packet(OrderedSet, [UInt8])
    /// Attach; the code tells the firmware generations apart (0x11, 0x21).
    case attach(code: UInt8)
    /// Detach (0x12, 0x22).
    case detach(code: UInt8)
    case hardResetSent
    case hardResetReceived
    case receiveError(ReceiveError)
    /// A record that no source describes, as it came, without its first five bytes.
    case unknown(flags: UInt8, [UInt8])
  }

  /// What went wrong in the meter's receiver.
  public enum ReceiveError: UInt8, CaseIterable, Sendable {
    case orderedSet = 0x46
    case endOfPacket = 0x56
    case crc = 0x66
    case dataCount = 0x76
    case unknown = 0x86
    case retries = 0x96
  }

  /// - Throws: `KM003CError.length` where the measurement is shorter than 12 bytes.
  public init(_ payload: Span<UInt8>) throws(KM003CError) {
    guard payload.count >= 12 else { throw .length(attribute: 16, payload.count) }
    time = Milliseconds(Int64(payload.littleEndian(UInt32.self, at: 0) ?? 0))
    vbus = Millivolts(Int32(payload.littleEndian(UInt16.self, at: 4) ?? 0))
    current = Milliamperes(Int32(payload.littleEndian(Int16.self, at: 6) ?? 0))
    cc1 = Millivolts(Int32(payload.littleEndian(UInt16.self, at: 8) ?? 0))
    cc2 = Millivolts(Int32(payload.littleEndian(UInt16.self, at: 10) ?? 0))
    events = []
    var offset = 12
    while offset < payload.count {
      let length = Int(payload[offset] & 0x3F) + 1
      guard length >= 6, length <= payload.count - offset else {
        damage = .cut(at: offset, needs: max(length, 6), has: payload.count - offset)
        return
      }
      events.append(Event(payload.extracting(offset..<offset + length)))
      offset += length
    }
  }
}

extension KM003CPowerDelivery.Event {
  /// Reads a record of at least six bytes whose length is known to be right.
  init(_ record: Span<UInt8>) {
    time = Milliseconds(Int64(record.littleEndian(UInt32.self, at: 1) ?? 0))
    content = KM003CPowerDelivery.Content(
      flags: record[0], code: record[5], frame: record.bytes(6..<record.count))
  }
}

extension KM003CPowerDelivery.Content {
  /// What a record means.
  /// - Parameters:
  ///   - flags: the first byte; bits 7:6 tell a packet (10), a local event (01) or something received (00).
  ///   - code: the sixth byte.
  ///   - frame: the bytes behind it.
  public init(flags: UInt8, code: UInt8, frame: [UInt8]) {
    switch (flags >> 6, code) {
    case (2, 0): self = .packet(.sop, frame)
    case (2, 1): self = .packet(.sopPrime, frame)
    case (2, 2): self = .packet(.sopDoublePrime, frame)
    case (1, 0x11), (1, 0x21): self = .attach(code: code)
    case (1, 0x12), (1, 0x22): self = .detach(code: code)
    case (1, 0x04): self = .hardResetSent
    case (0, 0x04): self = .hardResetReceived
    case (0, let code):
      if let error = KM003CPowerDelivery.ReceiveError(rawValue: code) {
        self = .receiveError(error)
      } else {
        self = .unknown(flags: flags, [code] + frame)
      }
    default: self = .unknown(flags: flags, [code] + frame)
    }
  }
}
