import LineCode
import Quantities

/// Messages written by hand: one a line, bytes in hexadecimal.
///
///     # time (optional)  SOP kind (optional)  bytes  CRC (optional)
///     12.345 ms SOP' 41 00 crc=bb6cbba8
///     0xa1,0x63
///     HARD_RESET
///
/// A time is a decimal number with a unit (`s`, `ms`, `us`, `ns`) or with a decimal point, which then counts seconds.
/// Bytes may be separated by spaces, commas, colons and hyphens. The CRC stands in wire order, or as a value behind `0x`.
struct HexTextSource: RecordSource {
  private var lines: ByteStream
  private var latest = Nanoseconds.zero

  init(_ file: InputFile) { lines = ByteStream(file) }

  mutating func next() throws(TraceFault) -> TraceRecord? {
    while let line = try lines.line() {
      do throws(HexLineError) {
        guard let message = try HexLine(line) else { continue }
        let time = message.time ?? latest
        guard time >= latest else { throw HexLineError("goes back in time") }
        latest = time
        return TraceRecord(time: time, content: message.content)
      } catch {
        throw TraceFault(.damaged, file: lines.file.name, at: .line(lines.lineNumber), error.reason)
      }
    }
    return nil
  }
}

/// Why a line is no message.
struct HexLineError: Error, Equatable {
  var reason: String
  init(_ reason: String) { self.reason = reason }
}

/// One line of the format.
struct HexLine {
  private(set) var time: Nanoseconds?
  private var orderedSet = OrderedSet.sop
  private var bytes: [UInt8] = []
  private var crc: UInt32?

  /// `nil` for an empty line or a comment.
  init?(_ line: [UInt8]) throws(HexLineError) {
    let text = String(decoding: line.prefix { $0 != UInt8(ascii: "#") }, as: UTF8.self)
    var words = text.split { $0.isWhitespace || $0 == "," || $0 == ";" }[...]
    if words.isEmpty { return nil }
    takeTime(&words)
    if let first = words.first,
      let set = OrderedSetName.orderedSet(first.last == ":" ? first.dropLast() : first)
    {
      orderedSet = set
      words.removeFirst()
    }
    if let last = words.last, last.lowercased().hasPrefix("crc=") {
      crc = try Self.crc(last.dropFirst(4))
      words.removeLast()
    }
    for word in words { bytes += try Self.bytes(word) }
    if orderedSet.startsPacket {
      guard bytes.count >= 2 else { throw HexLineError("a message has at least the two bytes of its header") }
    } else if !bytes.isEmpty || crc != nil {
      throw HexLineError("a reset signal has no bytes")
    }
  }

  var content: TraceRecord.Content {
    guard orderedSet.startsPacket else { return .reset(orderedSet) }
    guard let crc else {
      return .packet(TracePacket(orderedSet: orderedSet, bytes: bytes, validity: .notChecked))
    }
    let holds = CRC32(of: bytes.span).value == crc
    return .packet(
      TracePacket(orderedSet: orderedSet, bytes: bytes, crc: crc, validity: holds ? .crcHolds : .crcWrong))
  }

  private static let units: [String: Int64] = [
    "s": 1_000_000_000, "ms": 1_000_000, "us": 1000, "µs": 1000, "μs": 1000, "ns": 1,
  ]

  private mutating func takeTime(_ words: inout ArraySlice<Substring>) {
    guard let first = words.first else { return }
    let number = first.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    guard !number.isEmpty else { return }
    let ending = String(first[number.endIndex...])
    if let unit = Self.units[ending], let value = Nanoseconds(decimal: number, unit: unit) {
      time = value
      words.removeFirst()
    } else if ending.isEmpty, let second = words.dropFirst().first, let unit = Self.units[String(second)],
      let value = Nanoseconds(decimal: number, unit: unit)
    {
      time = value
      words.removeFirst(2)
    } else if ending.isEmpty, number.contains("."),
      let value = Nanoseconds(decimal: number, unit: 1_000_000_000)
    {
      time = value
      words.removeFirst()
    }
  }

  private static func bytes(_ word: Substring) throws(HexLineError) -> [UInt8] {
    var bytes: [UInt8] = []
    for part in word.split(whereSeparator: { $0 == ":" || $0 == "-" }) {
      let hasPrefix = part.hasPrefix("0x") || part.hasPrefix("0X")
      let digits = hasPrefix ? part.dropFirst(2) : part
      let padded = hasPrefix && digits.utf8.count == 1 ? "0" + digits : String(digits)
      guard let found = HexText.bytes(padded) else {
        throw HexLineError("“\(part)” is neither bytes in hexadecimal nor a SOP kind")
      }
      bytes += found
    }
    return bytes
  }

  private static func crc(_ text: Substring) throws(HexLineError) -> UInt32 {
    let isValue = text.hasPrefix("0x") || text.hasPrefix("0X")
    guard let bytes = HexText.bytes(isValue ? text.dropFirst(2) : text), bytes.count == 4 else {
      throw HexLineError("“crc=\(text)” is not a CRC of eight hexadecimal digits")
    }
    let value = bytes.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    return isValue ? value : value.byteSwapped
  }
}
