public import Quantities

/// How long after it was due a port's work was done, in real time: what has to fit into the limits of USB-PD beside the
/// wire.
public struct Lateness: Equatable, Sendable {
  public private(set) var count = 0
  public private(set) var most = Nanoseconds.zero
  /// Classes a quarter of an octave wide, from 1 µs on.
  private var classes = InlineArray<96, UInt32>(repeating: 0)

  public init() {}

  public mutating func add(_ span: Nanoseconds) {
    count += 1
    most = max(most, span)
    classes[Lateness.place(of: span)] &+= 1
  }

  /// The span that so many in a thousand do not exceed, to the upper end of its class.
  public func quantile(_ perMille: Int) -> Nanoseconds {
    guard count > 0 else { return .zero }
    let wanted = (count * perMille + 999) / 1_000
    var seen = 0
    for place in 0..<96 {
      seen += Int(classes[place])
      if seen >= wanted { return min(most, Lateness.upperEnd(of: place)) }
    }
    return most
  }

  /// Four classes an octave: the highest bit, and the two below it.
  private static func place(of span: Nanoseconds) -> Int {
    let microseconds = max(1, span.rawValue / 1_000)
    let octave = 63 - microseconds.leadingZeroBitCount
    let quarter = octave >= 2 ? Int(microseconds >> (octave - 2)) & 3 : 0
    return min(95, octave * 4 + quarter)
  }

  private static func upperEnd(of place: Int) -> Nanoseconds {
    let octave = place / 4
    let end = octave >= 2 ? Int64(4 + place % 4 + 1) << Int64(octave - 2) : Int64(2) << Int64(octave)
    return Nanoseconds(end * 1_000)
  }

  public static func == (left: Self, right: Self) -> Bool {
    guard left.count == right.count, left.most == right.most else { return false }
    for place in 0..<96 where left.classes[place] != right.classes[place] { return false }
    return true
  }
}
