import Quantities

/// Levels of one line as samples of a logic analyser: little-endian units of 1 to 8 bytes, a bit for each
/// line.
public struct SampleWriter: Sendable {
  /// Bytes of a sample, 1 to 8.
  public let unitSize: Int
  /// The bit of the line.
  public let line: Int

  /// Nil when `unitSize` is not 1 to 8 or `line` is not one of its bits.
  public init?(unitSize: Int, line: Int) {
    guard unitSize >= 1, unitSize <= 8, line >= 0, line < unitSize &* 8 else { return nil }
    self.unitSize = unitSize
    self.line = line
  }

  /// Appends `length` samples of a level to `output`, the other lines low, as far as whole samples fit.
  ///
  /// Returns how many are still to be written.
  public func append(_ isHigh: Bool, for length: Ticks, to output: inout OutputSpan<UInt8>) -> Ticks {
    let fitting = UInt64(truncatingIfNeeded: output.freeCapacity / unitSize)
    let count = min(length.rawValue, fitting)
    var written: UInt64 = 0
    while written < count {
      for index in 0..<unitSize {
        output.append(isHigh && index == line / 8 ? 1 &<< UInt8(truncatingIfNeeded: line % 8) : 0)
      }
      written &+= 1
    }
    return Ticks(length.rawValue &- count)
  }
}
