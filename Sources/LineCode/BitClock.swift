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
    /// It may be either; the next edge tells.
    case undecided
    /// It stands where no edge belongs.
    case misplaced
    /// It comes later than the one that should end the cell.
    case late
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
  /// Where an undecided edge stands in its cell; 0 while the last edge is decided.
  private var undecided: Int32 = 0
  /// How far the last decided edge was from its place.
  private var lastError: Int32 = 0
  /// How far edges are from their places on the average.
  private var unsteadiness: Int32
  /// Edges since the lock: the more there were, the less a single one moves the picture.
  private var edges: Int32 = 0
  private let shortestUnit: Int32
  private let longestUnit: Int32

  init(
    elapsed: Int32, unit: Int32, skew: Int32, unsteadiness: Int32, isPastMiddle: Bool,
    units: ClosedRange<Int32>
  ) {
    self.elapsed = elapsed
    self.unsteadiness = unsteadiness
    self.unit = unit
    self.skew = skew
    self.isPastMiddle = isPastMiddle
    shortestUnit = units.lowerBound
    longestUnit = units.upperBound
  }

  /// Whether the last edge waits for the next one to be told.
  var isUndecided: Bool { undecided != 0 }

  /// Whether the line counts as idle when no edge has come for `pulse` since the last one.
  func isIdle(after pulse: Int32) -> Bool { elapsed &+ pulse > unit &* 5 / 2 }

  /// Whether a pulse is so short that its edges have to be looked at before they are believed.
  @inline(__always) func isShort(_ pulse: Int32) -> Bool { pulse < unit / 4 &+ unit / 8 }

  /// Whether a short pulse is a disturbance.
  ///
  /// It is not when the edges at both of its ends stand where edges belong, as near as this line's edges do: that is
  /// what skew and jitter leave of half a bit, while a glitch stands anywhere. The longer it is, the less it
  /// takes, since what a glitch leaves of the pulse in which it stands must not be taken for the glitch.
  func isGlitch(_ pulse: Int32, endsHigh: Bool) -> Bool {
    let place = place(elapsed &+ pulse, endsHigh: endsHigh)
    let half = unit / 2
    let off =
      if isUndecided {
        min(
          abs(undecided &- half) &+ abs(place &- unit), abs(unit &- undecided) &+ abs(place &- unit &- half))
      } else {
        abs(lastError) &+ (isPastMiddle ? abs(place &- unit) : min(abs(place &- half), abs(place &- unit)))
      }
    return off > max(3 &* pulse, unit / 8 &+ 6 &* unsteadiness)
  }

  /// Takes the edge that ends a pulse, when the edge before it is decided.
  mutating func take(_ pulse: Int32, endsHigh: Bool) -> Cell {
    let seen = elapsed &+ pulse
    let place = place(seen, endsHigh: endsHigh)
    let eighth = unit &>> 3
    if isPastMiddle {
      guard place >= eighth &* 5 else { return .misplaced }
    } else if place < eighth &* 5 {
      guard place >= eighth else { return .misplaced }
      elapsed = seen
      passMiddle(place, endsHigh: endsHigh)
      return .middle
    } else if place < eighth &* 7 {
      elapsed = seen
      undecided = place
      return .undecided
    }
    guard place <= unit &+ eighth &* 3 else { return place > unit &* 5 / 2 ? .afterIdle : .late }
    let bit: Cell = isPastMiddle ? .one : .zero
    elapsed = seen
    endCell(place, endsHigh: endsHigh)
    return bit
  }

  /// Decides the last edge by the one that ends `pulse`; returns whether it ended a 0.
  ///
  /// Middle and end of a 1 are, edge by edge, half a unit interval before end of a 0 and middle of a 1. What
  /// is nearer is told by the sum of both places, in which noise weighs less than in one.
  mutating func settle(before pulse: Int32, endsHigh: Bool) -> Bool {
    let next = place(elapsed &+ pulse, endsHigh: endsHigh)
    guard undecided &+ next < 2 &* unit else {
      settleAtEnd(endsHigh: !endsHigh)
      return true
    }
    passMiddle(undecided, endsHigh: !endsHigh)
    undecided = 0
    return false
  }

  /// Decides that the last edge ended a 0, as no other one comes near it.
  mutating func settleAtEnd(endsHigh: Bool) {
    endCell(undecided, endsHigh: endsHigh)
    undecided = 0
  }

  /// Where in the cell an edge belongs that was seen at `seen`.
  @inline(__always) private func place(_ seen: Int32, endsHigh: Bool) -> Int32 {
    endsHigh ? seen &- skew : seen &+ skew
  }

  @inline(__always) private mutating func passMiddle(_ place: Int32, endsHigh: Bool) {
    let error = place &- unit / 2
    elapsed = elapsed &- rounded(error, edges < 48 ? 3 : 4)
    follow(error, endsHigh: endsHigh)
    isPastMiddle = true
  }

  @inline(__always) private mutating func endCell(_ place: Int32, endsHigh: Bool) {
    let error = place &- unit
    elapsed = elapsed &- unit &- rounded(error, edges < 48 ? 3 : 4)
    follow(error, endsHigh: endsHigh)
    isPastMiddle = false
  }

  /// Corrects unit interval and skew by how far an edge was from where it was expected.
  @inline(__always) private mutating func follow(_ error: Int32, endsHigh: Bool) {
    let isSettled = edges >= 48
    unit = min(max(unit &+ rounded(error, isSettled ? 10 : 7), shortestUnit), longestUnit)
    let limit = unit / 5
    let late = rounded(endsHigh ? error : 0 &- error, isSettled ? 7 : 5)
    skew = min(max(skew &+ late, 0 &- limit), limit)
    lastError = error
    unsteadiness &+= (abs(error) &- unsteadiness) &>> 5
    if !isSettled { edges &+= 1 }
  }

  /// `value` divided by a power of two, rounded to the nearest.
  @inline(__always) private func rounded(_ value: Int32, _ shift: Int32) -> Int32 {
    (value &+ (1 &<< (shift &- 1))) &>> shift
  }
}
