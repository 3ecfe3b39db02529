/// One finding of a decoder: what is wrong, and where.
///
/// The code is stable (`spec/diagnostics.yaml`); its severity, rule and wording follow from it.
public struct Diagnostic: Hashable, Sendable {
  public var code: DiagnosticCode
  /// First bit, counted from bit 0 of the first byte of the message header; a whole message starts at 0.
  public var firstBit: UInt16
  /// How many bits; 0 where the finding is about something that is absent.
  public var bitCount: UInt16
  /// The number that was found there, as far as 32 bits hold it.
  public var value: UInt32

  @inlinable public init(_ code: DiagnosticCode, firstBit: Int = 0, bitCount: Int = 0, value: UInt32 = 0) {
    self.code = code
    self.firstBit = UInt16(truncatingIfNeeded: firstBit)
    self.bitCount = UInt16(truncatingIfNeeded: bitCount)
    self.value = value
  }
}

/// The findings about one message, at most eight, worst things first come first served.
///
/// Fixed in size, so that decoding does not allocate. Eight are enough to say what is wrong with a message; where more
/// were found, `isTruncated` tells.
public struct Diagnostics: Sendable {
  public static var capacity: Int { 8 }

  @usableFromInline var entries: InlineArray<8, Diagnostic>
  @usableFromInline var storedCount: Int
  /// How many findings there are, at most `capacity`.
  @inlinable public var count: Int { storedCount }
  @usableFromInline var wasFull: Bool
  /// Whether there were more findings than fit.
  @inlinable public var isTruncated: Bool { wasFull }

  @inlinable public init() {
    entries = InlineArray(repeating: Diagnostic(.messageTooShort))
    storedCount = 0
    wasFull = false
  }

  /// Drops all findings.
  @inlinable public mutating func removeAll() {
    storedCount = 0
    wasFull = false
  }

  public var isEmpty: Bool { count == 0 }

  /// The finding with the given index; `nil` outside `0..<count`.
  public subscript(index: Int) -> Diagnostic? {
    index >= 0 && index < count ? entries[index] : nil
  }

  public mutating func append(_ diagnostic: Diagnostic) {
    guard count < Diagnostics.capacity else {
      wasFull = true
      return
    }
    entries[storedCount] = diagnostic
    storedCount &+= 1
  }

  public mutating func append(
    _ code: DiagnosticCode, firstBit: Int = 0, bitCount: Int = 0, value: UInt32 = 0
  ) {
    append(Diagnostic(code, firstBit: firstBit, bitCount: bitCount, value: value))
  }

  /// The highest severity among the findings; `nil` where there are none.
  public var worst: DiagnosticSeverity? {
    var worst: DiagnosticSeverity?
    for index in 0..<count {
      let severity = entries[index].code.severity
      if worst.map({ $0 < severity }) ?? true { worst = severity }
    }
    return worst
  }

  public func contains(_ code: DiagnosticCode) -> Bool {
    for index in 0..<count where entries[index].code == code { return true }
    return false
  }
}

/// What a decoder made of its input: the value that it understood, and what is wrong with it.
public struct Decoded<Value: Sendable>: Sendable {
  public var value: Value
  public var diagnostics: Diagnostics

  @inlinable public init(_ value: Value, _ diagnostics: Diagnostics = Diagnostics()) {
    self.value = value
    self.diagnostics = diagnostics
  }
}
