/// The receiver's picture of the sender's bit cells: phase, unit interval and threshold skew, corrected by
/// every edge.
///
/// BMC has an edge at every cell boundary and a second one in the middle of a 1 (USB-PD R3.2 §5.8.1). A
/// comparator whose threshold is off lengthens one level and shortens the other: all falling edges come
/// late, or all early. Each edge is judged by its place in the cell after that shift is taken off, not by
/// the length of a pulse, so that jitter does not add up. Lengths are in 2⁻¹² ticks.
struct BitClock {
  /// What an edge tells.
  enum Cell {
    /// It stands in the middle of a cell.
    case middle
    /// It ends a cell without an edge in the middle.
    case zero
    /// It ends a cell with an edge in the middle.
    case one
    /// It stands where no edge belongs.
    case misplaced
    /// It comes so late that the line was idle before.
    case afterIdle
  }

  static let fractionBits: Int32 = 12

  /// From the estimated start of the present cell to the last edge as seen.
  private(set) var elapsed: Int32
  /// The unit interval.
  private(set) var unit: Int32
  /// How much later falling edges come than rising ones, halved.
  private(set) var skew: Int32
  /// Whether the edge in the middle of the present cell has been seen.
  private(set) var isPastMiddle: Bool
  /// Edges since the lock: the more there were, the less a single one moves the picture.
  private var edges: Int32 = 0
  private let shortestUnit: Int32
  private let longestUnit: Int32

  init(elapsed: Int32, unit: Int32, skew: Int32, isPastMiddle: Bool, units: ClosedRange<Int32>) {
    self.elapsed = elapsed
    self.unit = unit
    self.skew = skew
    self.isPastMiddle = isPastMiddle
    shortestUnit = units.lowerBound
    longestUnit = units.upperBound
  }

  /// In whole ticks, a pulse below this is a glitch: three tenths of half a bit as the skew leaves it.
  var shortestPulse: Int32 {
    let half = max(unit / 2 &- 2 &* abs(skew), unit / 8)
    return (half / 10 &* 3) &>> BitClock.fractionBits &+ 1
  }

  /// Whether the line counts as idle when no edge has come for `pulse` since the last one.
  func isIdle(after pulse: Int32) -> Bool { elapsed &+ pulse > unit &* 5 / 2 }

  /// Takes the edge that ends a pulse.
  mutating func take(_ pulse: Int32, endsHigh: Bool) -> Cell {
    let seen = elapsed &+ pulse
    let place = endsHigh ? seen &- skew : seen &+ skew
    if place > unit &* 5 / 2 { return .afterIdle }
    let threshold = unit &- unit / 4
    if place < threshold {
      guard !isPastMiddle, place >= unit / 6 else { return .misplaced }
      let error = place &- unit / 2
      elapsed = seen &- rounded(error, edges < 48 ? 3 : 4)
      follow(error, endsHigh: endsHigh)
      isPastMiddle = true
      return .middle
    }
    guard place <= unit &+ unit / 3 else { return .misplaced }
    let error = place &- unit
    elapsed = seen &- unit &- rounded(error, edges < 48 ? 3 : 4)
    follow(error, endsHigh: endsHigh)
    let bit: Cell = isPastMiddle ? .one : .zero
    isPastMiddle = false
    return bit
  }

  /// Corrects unit interval and skew by how far an edge was from where it was expected.
  private mutating func follow(_ error: Int32, endsHigh: Bool) {
    let isSettled = edges >= 48
    unit = min(max(unit &+ rounded(error, isSettled ? 10 : 7), shortestUnit), longestUnit)
    let limit = unit / 6
    let late = rounded(endsHigh ? error : 0 &- error, isSettled ? 7 : 5)
    skew = min(max(skew &+ late, 0 &- limit), limit)
    if !isSettled { edges &+= 1 }
  }

  /// `value` divided by a power of two, rounded to the nearest.
  private func rounded(_ value: Int32, _ shift: Int32) -> Int32 { (value &+ (1 &<< (shift &- 1))) &>> shift }
}
