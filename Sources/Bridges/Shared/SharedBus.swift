public import Quantities
public import RegisterBus

/// A bus that several drivers hold: a port controller and a power stage behind the same bridge.
///
/// All of them belong to one thread, the port's: calls are not guarded against each other, and it must not be handed
/// to another thread. It counts its calls and how long they take.
public final class SharedBus<Bus: RegisterBus>: RegisterBus {
  public var bus: Bus
  /// How long calls took, those that failed as well.
  public private(set) var durations = CallDurations()
  private let now: () -> Instant

  /// - Parameter now: the time by which calls are measured; of CLOCK_MONOTONIC unless something else is wanted.
  public init(_ bus: Bus, now: @escaping () -> Instant = MonotonicTime.now) {
    self.bus = bus
    self.now = now
  }

  /// Calls that were made.
  public var calls: Int { durations.count }

  public func run(_ batch: inout RegisterBatch) throws(RegisterBusError) {
    let begin = now()
    defer { durations.note(now() - begin) }
    try bus.run(&batch)
  }
}

/// How long calls took: how many of each length, without keeping each.
public struct CallDurations: Equatable, Sendable {
  /// How many there are classes of lengths.
  public static var classes: Int { 24 }

  private var counts = [Int](repeating: 0, count: classes)
  public private(set) var count = 0
  public private(set) var longest = Nanoseconds.zero

  public init() {}

  /// The calls of one class: below 1 µs in class 0, from 2ⁿ⁻¹ up to 2ⁿ µs in class n, longer ones in the last.
  public subscript(_ place: Int) -> Int { counts.indices.contains(place) ? counts[place] : 0 }

  /// Above the durations of a class.
  public static func limit(of place: Int) -> Microseconds { Microseconds(1 << max(0, min(place, 62))) }

  mutating func note(_ duration: Nanoseconds) {
    let microseconds = UInt64(max(0, duration.rawValue) / 1_000)
    counts[min(Self.classes - 1, UInt64.bitWidth - microseconds.leadingZeroBitCount)] += 1
    count += 1
    longest = max(longest, duration)
  }

  /// The shortest limit of a class below which at least this share of the calls ended; `nil` before the first call.
  public func limit(below share: Percent) -> Microseconds? {
    var sum = 0
    for place in counts.indices where count > 0 {
      sum += counts[place]
      if sum * 100 >= count * Int(share.rawValue) { return Self.limit(of: place) }
    }
    return nil
  }
}
