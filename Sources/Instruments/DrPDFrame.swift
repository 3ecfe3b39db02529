/// One frame on the framed interface of a Dr. PD (class FF/01/02): SCPI text and its answers, with a tag.
public struct DrPDFrame: Equatable, Sendable {
  public var kind: DrPDFrameKind
  /// Chosen by the host, echoed by the device.
  public var tag: UInt8
  /// Towards the host: bit 0 says that the status register is not zero.
  public var flags: UInt8
  /// Bytes 6 and 7; 0 in all known firmware.
  public var reserved: UInt16
  public var payload: [UInt8]

  public init(
    _ kind: DrPDFrameKind, tag: UInt8, flags: UInt8 = 0, reserved: UInt16 = 0, payload: [UInt8] = []
  ) {
    self.kind = kind
    self.tag = tag
    self.flags = flags
    self.reserved = reserved
    self.payload = payload
  }

  /// Bytes in front of the payload.
  public static let headerLength = 12
  /// More than the longest answer, a record of 11.5 KB; a length beyond it is not one.
  public static let longestPayload = 1 << 16
  /// “WU”, then version 1.
  static let start: [UInt8] = [0x57, 0x55, 0x01]

  /// Whether the status register of the device is not zero: something is to be asked for.
  public var hasNews: Bool { flags & 1 != 0 }

  /// The payload as text without the newline at its end.
  public var text: String {
    String(decoding: payload.last == 0x0A ? payload.dropLast() : payload[...], as: UTF8.self)
  }

  /// The bytes of the frame.
  public var bytes: [UInt8] {
    let count = UInt32(truncatingIfNeeded: payload.count)
    return Self.start
      + [kind.rawValue, tag, flags, UInt8(truncatingIfNeeded: reserved), UInt8(reserved >> 8)]
      + (0..<4).map { UInt8(truncatingIfNeeded: count >> (8 * UInt32($0))) } + payload
  }

  /// The frame that carries a SCPI text: a query where a `?` stands before the parameters, else a command. The device
  /// refuses one sent as the other.
  public static func request(_ text: String, tag: UInt8) -> Self {
    let isQuery = text.prefix { $0 != " " && $0 != "\t" }.hasSuffix("?")
    return Self(isQuery ? .query : .command, tag: tag, payload: Array(text.utf8))
  }
}

/// The kind of a frame.
public struct DrPDFrameKind: RawRepresentable, Hashable, Sendable {
  public var rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// SCPI text that gives no answer.
  public static let command = Self(rawValue: 0x01)
  public static let sessionReset = Self(rawValue: 0x02)
  /// SCPI text that gives an answer.
  public static let query = Self(rawValue: 0x03)
  /// Known to the firmware updater only.
  public static let updateStatus = Self(rawValue: 0x14)
  public static let commandAcknowledgement = Self(rawValue: 0x80)
  public static let text = Self(rawValue: 0x81)
  /// An IEEE 488.2 block with a newline behind it.
  public static let binary = Self(rawValue: 0x82)
  public static let error = Self(rawValue: 0x83)
  public static let sessionResetAcknowledgement = Self(rawValue: 0x84)
  /// The updater's answer: state, base, total, written.
  public static let updateState = Self(rawValue: 0x86)
  /// Defined, never sent.
  public static let notification = Self(rawValue: 0x90)
}

/// Why bytes are not a frame.
public enum DrPDFrameError: Error, Equatable, Sendable, CustomStringConvertible {
  /// They do not begin with 57 55; what was there was dropped, this many bytes.
  case magic(dropped: Int)
  case version(UInt8)
  case length(UInt32)

  public var description: String {
    switch self {
    case .magic(let count): "\(count) bytes that do not begin with 57 55 are no frame"
    case .version(let version): "frames of version \(version) are not known, only of version 1"
    case .length(let length): "a frame of \(length) bytes is longer than any"
    }
  }
}

/// Cuts what comes from a device, in pieces of any size, into frames.
public struct DrPDFrameReader: Sendable {
  private var bytes: [UInt8] = []

  public init() {}

  /// Bytes of a frame that is not whole yet.
  public var waiting: Int { bytes.count }

  public mutating func append(_ piece: [UInt8]) { bytes += piece }

  public mutating func clear() { bytes.removeAll(keepingCapacity: true) }

  /// The next whole frame; `nil` where more bytes are needed.
  /// - Throws: `DrPDFrameError` where what is there cannot become a frame; all of it is dropped then, since nothing
  ///   tells where the next frame begins.
  public mutating func next() throws(DrPDFrameError) -> DrPDFrame? {
    do throws(DrPDFrameError) {
      return try cut()
    } catch {
      clear()
      throw error
    }
  }

  private mutating func cut() throws(DrPDFrameError) -> DrPDFrame? {
    let known = min(bytes.count, 2)
    guard bytes[..<known].elementsEqual(DrPDFrame.start[..<known]) else {
      throw .magic(dropped: bytes.count)
    }
    if bytes.count > 2, bytes[2] != DrPDFrame.start[2] { throw .version(bytes[2]) }
    guard let length = bytes.span.littleEndian(UInt32.self, at: 8) else { return nil }
    guard length <= UInt32(DrPDFrame.longestPayload) else { throw .length(length) }
    let end = DrPDFrame.headerLength + Int(length)
    guard bytes.count >= end else { return nil }
    let frame = DrPDFrame(
      DrPDFrameKind(rawValue: bytes[3]), tag: bytes[4], flags: bytes[5],
      reserved: UInt16(bytes[6]) | UInt16(bytes[7]) << 8,
      payload: Array(bytes[DrPDFrame.headerLength..<end]))
    bytes.removeFirst(end)
    return frame
  }
}
