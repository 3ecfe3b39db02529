/// Makes lines of what a stream brings in pieces.
struct LineAssembler {
  /// Longer lines are dropped; nothing of the protocol comes near.
  static let longest = 256

  enum Line: Equatable {
    case whole([UInt8])
    /// A line that was too long has come to its end.
    case tooLong
  }

  private var line: [UInt8] = []
  private var isTooLong = false

  /// Takes a piece of the stream.
  /// - Returns: the lines that end in it.
  mutating func take(_ piece: some Sequence<UInt8>) -> [Line] {
    var lines: [Line] = []
    for byte in piece {
      if byte == UInt8(ascii: "\n") {
        lines.append(isTooLong ? .tooLong : .whole(line))
        line.removeAll(keepingCapacity: true)
        isTooLong = false
      } else if line.count < LineAssembler.longest {
        line.append(byte)
      } else {
        isTooLong = true
      }
    }
    return lines
  }
}
