import Quantities

/// A text of a Dr. PD that is not what was asked for.
public struct DrPDTextError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What was asked for.
  public var wanted: String
  /// What came.
  public var text: String

  public init(_ wanted: String, _ text: String) {
    self.wanted = wanted
    self.text = text
  }

  public var description: String { "“\(text)” is not \(wanted)" }
}

/// The fields of an answer, which commas separate; a comma at the end separates nothing.
struct DrPDFields {
  let text: String
  let fields: [Substring]

  init(_ text: String) {
    self.text = text
    var fields = text.split(separator: ",", omittingEmptySubsequences: false).map(Self.trimmed)
    if fields.count > 1, fields.last?.isEmpty == true { fields.removeLast() }
    self.fields = fields
  }

  /// Without blanks and line ends around it.
  private static func trimmed(_ field: Substring) -> Substring {
    var field = field.drop(while: \.isWhitespace)
    while field.last?.isWhitespace == true { field.removeLast() }
    return field
  }

  subscript(index: Int) -> Substring { fields.indices.contains(index) ? fields[index] : "" }

  /// A field without the quotation marks around it.
  func unquoted(_ index: Int) -> String { Self.unquoted(self[index]) }

  static func unquoted(_ field: Substring) -> String {
    let field = trimmed(field)
    guard field.count >= 2, field.first == "\"", field.last == "\"" else { return String(field) }
    return String(field.dropFirst().dropLast())
  }

  /// The decimal number of a field in steps of 10⁻`decimals`; further digits are cut off.
  func number(_ index: Int, decimals: Int) -> Int64? { Self.number(self[index], decimals: decimals) }

  static func number(_ text: Substring, decimals: Int) -> Int64? {
    let isNegative = text.first == "-"
    let digits = text.first == "-" || text.first == "+" ? text.dropFirst() : text
    let parts = digits.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard let whole = parts.first, !digits.isEmpty, digits != ".", digits.utf8.allSatisfy(isDigitOrPoint)
    else { return nil }
    let fraction = parts.count > 1 ? parts[1] : ""
    guard !fraction.contains(".") else { return nil }
    let zeros = String(repeating: "0", count: max(0, decimals - fraction.count))
    return Int64((isNegative ? "-" : "") + whole + fraction.prefix(decimals) + zeros)
  }

  private static func isDigitOrPoint(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: ".")
  }

  func millivolts(_ index: Int) -> Millivolts? {
    number(index, decimals: 3).flatMap { Int32(exactly: $0) }.map { Millivolts($0) }
  }

  func milliamperes(_ index: Int) -> Milliamperes? {
    number(index, decimals: 3).flatMap { Int32(exactly: $0) }.map { Milliamperes($0) }
  }

  func milliwatts(_ index: Int) -> Milliwatts? {
    number(index, decimals: 3).flatMap { Int32(exactly: $0) }.map { Milliwatts($0) }
  }

  func microseconds(_ index: Int) -> Microseconds? { Int64(self[index]).map { Microseconds($0) } }
}

/// The answer to `*IDN?`: manufacturer (quoted or not), model, serial number, firmware.
public struct DrPDIdentity: Equatable, Sendable {
  public var manufacturer: String
  public var model: String
  public var serialNumber: String
  /// Three numbers, perhaps with a tail: `0.9.11`.
  public var firmware: String

  /// - Throws: `DrPDTextError` unless there are four fields.
  public init(_ text: String) throws(DrPDTextError) {
    let fields = DrPDFields(text)
    guard fields.fields.count == 4 else { throw DrPDTextError("an identity", text) }
    manufacturer = fields.unquoted(0)
    model = fields.unquoted(1)
    serialNumber = fields.unquoted(2)
    firmware = fields.unquoted(3)
  }

  /// The three numbers of the firmware; `nil` where it does not begin with them.
  public var version: [Int]? {
    let numbers = firmware.split(separator: ".", maxSplits: 2).map { $0.prefix(while: \.isNumber) }
    guard numbers.count == 3 else { return nil }
    let values = numbers.compactMap { Int($0) }
    return values.count == 3 ? values : nil
  }
}

/// An entry of the device's error queue: the answer to `SYST:ERR?`, or the text of an error frame.
public struct DrPDErrorEntry: Equatable, Sendable {
  /// 0 for none, negative as SCPI numbers them.
  public var code: Int
  public var text: String

  /// - Throws: `DrPDTextError` unless it begins with a number.
  public init(_ text: String) throws(DrPDTextError) {
    let parts = text.split(separator: ",", maxSplits: 1, omittingEmptySubsequences: false)
    guard let number = DrPDFields.number(parts.first ?? "", decimals: 0), let code = Int(exactly: number)
    else { throw DrPDTextError("an error with its number", text) }
    self.code = code
    self.text = parts.count > 1 ? DrPDFields.unquoted(parts[1]) : ""
  }
}

/// Why the device did not do what a frame asked for.
public enum DrPDRefusal: Equatable, Sendable, CustomStringConvertible {
  /// The other SCPI interface owns the interpreter for the moment.
  case busy
  case unsupportedFrame
  /// A query was sent as a command.
  case notACommand
  /// A command was sent as a query.
  case notAQuery
  case error(DrPDErrorEntry)
  /// A text that is not known.
  case other(String)

  /// Reads the text of an error frame.
  public init(_ text: String) {
    switch text {
    case "Device busy": self = .busy
    case "Unsupported frame": self = .unsupportedFrame
    case "Command request produced data response": self = .notACommand
    case "Missing query response": self = .notAQuery
    default:
      if let entry = try? DrPDErrorEntry(text) { self = .error(entry) } else { self = .other(text) }
    }
  }

  public var description: String {
    switch self {
    case .busy: "the device is busy: another program uses its USBTMC interface"
    case .unsupportedFrame: "the device does not know this kind of frame"
    case .notACommand: "a query was sent as a command"
    case .notAQuery: "a command was sent as a query"
    case .error(let entry): "error \(entry.code) (\(entry.text))"
    case .other(let text): "“\(text)”"
    }
  }
}

/// The status register: the answer to `STAT:DEV?`, which clears it.
public struct DrPDStatus: OptionSet, Hashable, Sendable {
  public var rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// State, threshold, over-voltage or over-current.
  public static let vbus = Self(rawValue: 1)
  public static let role = Self(rawValue: 2)
  /// Capture switched or cleared.
  public static let capture = Self(rawValue: 4)
  public static let ccState = Self(rawValue: 8)
  public static let trigger = Self(rawValue: 16)
  /// The list of source objects has changed.
  public static let sourceObjects = Self(rawValue: 32)
  /// The sink's state or contract has changed.
  public static let sink = Self(rawValue: 64)
  /// A record was put in the capture queue.
  public static let message = Self(rawValue: 128)

  /// - Throws: `DrPDTextError` unless it is a decimal number of 32 bits.
  public init(_ text: String) throws(DrPDTextError) {
    guard let value = UInt32(DrPDFields(text)[0]) else { throw DrPDTextError("a status", text) }
    rawValue = value
  }
}
