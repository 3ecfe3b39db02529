/// Cuts what a serial port brings into lines.
///
/// A line ends with LF; CR in front of it goes with it. A line that is longer than any that the instrument writes is left
/// out and counted once, and the next one is read from its beginning.
public struct SnifferLines: Equatable, Sendable {
  /// More than the longest message line: 7 objects, an extended message of 260 bytes in words, and the columns around.
  public static let longest = 2048

  /// What is there of the line that has not ended.
  private var held: [UInt8] = []
  private var isSkipping = false

  /// A line without its end, or one that was left out.
  public enum Piece: Equatable, Sendable {
    case line([UInt8])
    case tooLong
  }

  public init() {}

  /// Bytes held back at this moment.
  public var heldCount: Int { held.count }

  /// Takes the next bytes of the port; gives each line that they complete to `body`.
  public mutating func take(_ bytes: Span<UInt8>, _ body: (Piece) -> Void) {
    for index in bytes.indices {
      let byte = bytes[index]
      if byte == UInt8(ascii: "\n") {
        if isSkipping {
          isSkipping = false
        } else {
          if held.last == UInt8(ascii: "\r") { held.removeLast() }
          if !held.isEmpty { body(.line(held)) }
        }
        held.removeAll(keepingCapacity: true)
      } else if !isSkipping {
        if held.count < Self.longest {
          held.append(byte)
        } else {
          isSkipping = true
          held.removeAll(keepingCapacity: true)
          body(.tooLong)
        }
      }
    }
  }

  /// Bytes were lost here: what is there of a line is worthless, and so is what comes up to its end.
  public mutating func interrupt() {
    if !held.isEmpty { isSkipping = true }
    held.removeAll(keepingCapacity: true)
  }
}
