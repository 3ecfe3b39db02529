public import LineCode
public import Quantities

/// One line of the text that the open CH32X035 sniffers write to their serial port (`usb-hardware.md` §4.1).
///
/// Columns are separated by 0x1F. They are told apart by what they look like, not by their place: the firmware adds some
/// and leaves some out.
public enum CH32X035Line: Equatable, Sendable {
  case message(Message)
  case attach(Attachment)
  /// Detach; the CC line that had been used, 1 or 2, where the line says so.
  case detach(cc: Int?)
  /// A line that no source describes, such as the answer to a command.
  case other(String)

  /// A message line.
  public struct Message: Equatable, Sendable {
    /// The sniffer's clock.
    public var time: Milliseconds?
    public var vbus: Millivolts?
    /// The running number of the line.
    public var number: UInt32?
    /// `nil` where the name is none that is known.
    public var orderedSet: OrderedSet?
    /// Header and objects in the order of the wire, without the CRC.
    public var bytes: [UInt8]
    /// The CRC as a number; `nil` where the line has none.
    public var crc: UInt32?
    /// The columns that repeat what the bytes say (the message's name, its id, the direction, the revision) or warn.
    public var remarks: [String]
  }

  /// An attach line.
  public struct Attachment: Equatable, Sendable {
    /// The CC line that is used, 1 or 2, where the line says so.
    public var cc: Int?
    public var cc1: Millivolts?
    public var cc2: Millivolts?
    public var vbus: Millivolts?
  }

  /// Reads a line without its end.
  /// - Throws: `CH32X035LineError` where it begins as a message or attach line and does not go on as one.
  public init(_ line: Span<UInt8>) throws(CH32X035LineError) {
    guard let text = String(validating: line.bytes(0..<line.count), as: UTF8.self),
      text.unicodeScalars.allSatisfy(Self.isPrintable)
    else { throw .notText }
    if text.hasPrefix(">") {
      self = .message(try Self.message(columns(text.dropFirst(), separatedBy: "\u{1F}")))
    } else if text.hasPrefix("Attach:") {
      self = .attach(try Self.attachment(columns(text[...], separatedBy: ",")))
    } else if text.hasPrefix("Detach:") {
      self = .detach(cc: Self.line(columns(text[...], separatedBy: ",")[0].dropFirst(7)))
    } else {
      self = .other(columns(text[...], separatedBy: "\u{1F}").joined(separator: " "))
    }
  }

  /// What comes from a port goes to a terminal: nothing that steers one may pass.
  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value) || scalar == "\u{1F}" || scalar == "\t"
  }

  private static func message(_ columns: [Substring]) throws(CH32X035LineError) -> Message {
    var message = Message(bytes: [], remarks: [])
    var header: UInt16?
    var objects: [UInt8] = []
    var count: UInt32 = 0
    for column in columns where !column.isEmpty {
      if let text = value(column, after: "[H]") {
        header = try number(text, column)
      } else if let text = value(column, after: "[CRC]") {
        message.crc = try number(text, column)
      } else if column.hasPrefix("["), let end = column.firstIndex(of: "]"),
        let place = UInt32(column[column.index(after: column.startIndex)..<end])
      {
        guard place == count else { throw .objectMissing(count) }
        let word: UInt32 = try number(column[column.index(after: end)...], column)
        objects += (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
        count += 1
      } else if !message.take(column) {
        message.remarks.append(String(column))
      }
    }
    guard let header else { throw .noHeader }
    message.bytes = [UInt8(truncatingIfNeeded: header), UInt8(header >> 8)] + objects
    return message
  }

  private static func attachment(_ columns: [Substring]) throws(CH32X035LineError) -> Attachment {
    var attachment = Attachment(cc: line(columns[0].dropFirst(7)))
    for column in columns.dropFirst() {
      guard let colon = column.firstIndex(of: ":"),
        let potential: Int32 = count(column[column.index(after: colon)...], unit: "mV")
      else { throw .column(String(column)) }
      switch column[..<colon] {
      case "CC1": attachment.cc1 = Millivolts(potential)
      case "CC2": attachment.cc2 = Millivolts(potential)
      case "VBUS": attachment.vbus = Millivolts(potential)
      default: throw .column(String(column))
      }
    }
    return attachment
  }

  /// The number of a CC line from its name.
  private static func line(_ name: Substring) -> Int? {
    switch trimmed(name) {
    case "CC1": 1
    case "CC2": 2
    default: nil
    }
  }

  private static func value(_ column: Substring, after mark: String) -> Substring? {
    column.hasPrefix(mark) ? column.dropFirst(mark.utf8.count) : nil
  }

  /// Exactly as many digits as the width has: a lost digit must not pass for a smaller number.
  private static func number<Value: FixedWidthInteger>(
    _ text: Substring, _ column: Substring
  ) throws(CH32X035LineError) -> Value {
    guard text.hasPrefix("0x"), text.utf8.count == 2 + Value.bitWidth / 4, !text.dropFirst(2).hasPrefix("+"),
      let number = Value(text.dropFirst(2), radix: 16)
    else { throw .column(String(column)) }
    return number
  }
}

extension CH32X035Line.Message {
  /// Takes a column of the head; false where it is none of those that are known.
  fileprivate mutating func take(_ column: Substring) -> Bool {
    if time == nil, let count: UInt32 = count(column, unit: "ms") {
      time = Milliseconds(Int64(count))
    } else if vbus == nil, let count: Int32 = count(column, unit: "mV") {
      vbus = Millivolts(count)
    } else if number == nil, column.hasPrefix("#"), let count = UInt32(column.dropFirst()) {
      number = count
    } else if orderedSet == nil, let set = OrderedSet(snifferName: column) {
      orderedSet = set
    } else {
      return false
    }
    return true
  }
}

extension OrderedSet {
  /// `SOP`, `SOP'`, `SOP''`, and the two debug kinds, as text sniffers name them.
  init?(snifferName name: Substring) {
    guard name.hasPrefix("SOP") else { return nil }
    let rest = name.dropFirst(3)
    let primes = rest.reduce(0) { $0 + ($1 == "'" ? 1 : $1 == "\"" ? 2 : 0) }
    let isDebug = rest.lowercased().contains("d")
    switch (primes, isDebug, rest.isEmpty) {
    case (0, false, true): self = .sop
    case (1, false, _): self = .sopPrime
    case (2, false, _): self = .sopDoublePrime
    case (1, true, _): self = .sopPrimeDebug
    case (2, true, _): self = .sopDoublePrimeDebug
    default: return nil
    }
  }
}

/// Why a line is none that the sniffer writes.
public enum CH32X035LineError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The bytes are no text.
  case notText
  /// A message line has no header.
  case noHeader
  /// The object of this number, counted from 0, is not where it belongs.
  case objectMissing(UInt32)
  /// A column does not hold what its beginning promises.
  case column(String)

  public var description: String {
    switch self {
    case .notText: "it is no text"
    case .noHeader: "the line has no header"
    case .objectMissing(let number): "object \(number) is not there"
    case .column(let text): "the column `\(text)` cannot be read"
    }
  }
}

/// The columns without the spaces around them.
private func columns(_ text: Substring, separatedBy separator: Character) -> [Substring] {
  text.split(separator: separator, omittingEmptySubsequences: false).map(trimmed)
}

private func trimmed(_ text: Substring) -> Substring {
  let front = text.drop { $0 == " " }
  guard let last = front.lastIndex(where: { $0 != " " }) else { return front }
  return front[...last]
}

/// A whole number with this unit behind it; `nil` where the text is none, or too large.
private func count<Value: FixedWidthInteger>(_ text: Substring, unit: String) -> Value? {
  text.hasSuffix(unit) ? Value(trimmed(text.dropLast(unit.utf8.count))) : nil
}
