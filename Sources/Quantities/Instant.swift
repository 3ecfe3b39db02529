/// A moment on a clock that somebody else holds: nanoseconds since an epoch of their choice.
///
/// The core has no clock. Whoever drives a machine says what time it is: monotonic time of a Linux machine, a timer of
/// a microcontroller, or virtual time. Only differences mean something.
public struct Instant: Comparable, Hashable, Sendable {
  /// Nanoseconds since the epoch of the clock.
  public var nanoseconds: Int64

  @inlinable public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// The epoch of the clock.
  @inlinable public static var zero: Instant { Instant(nanoseconds: 0) }
  /// Later than anything that happens.
  @inlinable public static var distantFuture: Instant { Instant(nanoseconds: .max) }

  @inlinable public static func < (left: Instant, right: Instant) -> Bool {
    left.nanoseconds < right.nanoseconds
  }

  /// The moment `span` later; stays at the end of the range instead of overflowing.
  @inlinable public static func + (moment: Instant, span: Nanoseconds) -> Instant {
    Instant(nanoseconds: (Nanoseconds(moment.nanoseconds) + span).rawValue)
  }

  /// The moment `span` earlier; stays at the end of the range instead of overflowing.
  @inlinable public static func - (moment: Instant, span: Nanoseconds) -> Instant {
    Instant(nanoseconds: (Nanoseconds(moment.nanoseconds) - span).rawValue)
  }

  /// The span from `right` to `left`.
  @inlinable public static func - (left: Instant, right: Instant) -> Nanoseconds {
    Nanoseconds(left.nanoseconds) - Nanoseconds(right.nanoseconds)
  }
}
