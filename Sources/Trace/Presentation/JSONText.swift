/// Writes one JSON value after the other into a line of text; keys keep the order in which they are written.
///
/// A line for each of a million messages is on the hot path of `--json`, where a general encoder costs more than the
/// decoding.
public struct JSONText {
  private var bytes: [UInt8] = []
  private var needsComma = false

  public init() { bytes.reserveCapacity(512) }

  /// The text so far, on one line.
  public var text: String { String(decoding: bytes, as: UTF8.self) }

  /// `{ … }` without a key.
  public mutating func object(_ body: (inout JSONText) -> Void) { enclose("{", "}", body) }

  /// `"key": { … }`.
  public mutating func object(_ key: StaticString, _ body: (inout JSONText) -> Void) {
    name(key)
    enclose("{", "}", isNamed: true, body)
  }

  /// `"key": [ … ]`.
  public mutating func array(_ key: StaticString, _ body: (inout JSONText) -> Void) {
    name(key)
    enclose("[", "]", isNamed: true, body)
  }

  public mutating func field(_ key: StaticString, _ value: String) {
    name(key)
    string(value.utf8)
  }

  /// A text in UTF-8.
  mutating func field(_ key: StaticString, _ value: [UInt8]) {
    name(key)
    string(value)
  }

  public mutating func field(_ key: StaticString, _ value: StaticString) {
    name(key)
    string(value)
  }

  public mutating func field(_ key: StaticString, _ value: some BinaryInteger) {
    name(key)
    append("\(value)".utf8)
  }

  public mutating func field(_ key: StaticString, _ value: Bool) {
    name(key)
    append((value ? "true" : "false").utf8)
  }

  /// Leaves the key out where there is no value.
  public mutating func field(_ key: StaticString, _ value: (some BinaryInteger)?) {
    if let value { field(key, value) }
  }

  public mutating func field(_ key: StaticString, _ value: String?) {
    if let value { field(key, value) }
  }

  /// An element of an array.
  public mutating func element(_ value: some BinaryInteger) {
    separate()
    append("\(value)".utf8)
  }

  private mutating func enclose(
    _ open: StaticString, _ close: StaticString, isNamed: Bool = false, _ body: (inout JSONText) -> Void
  ) {
    if !isNamed { separate() }
    append(open)
    needsComma = false
    body(&self)
    append(close)
    needsComma = true
  }

  private mutating func name(_ key: StaticString) {
    separate()
    string(key)
    bytes.append(UInt8(ascii: ":"))
  }

  private mutating func separate() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    needsComma = true
  }

  private mutating func append(_ text: some Sequence<UInt8>) { bytes.append(contentsOf: text) }

  private mutating func string(_ text: some Sequence<UInt8>) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(byte)
      case ..<0x20: append("\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8)
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private mutating func append(_ text: StaticString) {
    unsafe bytes.append(
      contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  private mutating func string(_ text: StaticString) {
    unsafe string(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }
}
