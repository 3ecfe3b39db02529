public import Quantities

/// How often a Dr. PD is asked. It pushes nothing: what is not asked for stays in its queue of 250 records.
public struct DrPDPolls: Equatable, Sendable {
  /// From one look at the status to the next, where no frame says that there is something new.
  public var status = Nanoseconds(Milliseconds(20))
  /// From one measurement to the next; the device refreshes CC potentials every 10 ms.
  public var measurement = Nanoseconds(Milliseconds(50))
  /// The length of the queue is asked for at least so often, whatever the status says.
  public var count = Nanoseconds(Milliseconds(1000))
  /// From one comparison of the clocks to the next.
  public var clock = Nanoseconds(Milliseconds(60_000))
  /// How long an answer may take. Records of 12 KB and a busy device need some hundred milliseconds.
  public var answerTime = Milliseconds(1000)

  public init() {}
}
