public import Quantities
public import RegisterBus

/// How a FUSB302 is driven.
public struct FUSB302Options: Equatable, Sendable {
  /// 0x22 for the FUSB302B, FUSB302BMPX and FUSB302BVMPX; 0x23 to 0x25 for the variants B01, B10 and B11.
  public var address = BusAddress(rawValue: 0x22)
  /// Whether automatic GoodCRCs say Revision 3.0 to a partner that speaks it. The data sheet knows 2.0 only, and
  /// partners are content with that; one project ships it.
  public var acknowledgesInRevision3 = false
  /// Whether somebody watches the interrupt pin and calls `interrupt(at:)` while it is low. Otherwise `poll(at:)` asks
  /// for interrupts, `attachedPoll` should be 1 to 2 ms, and a message with objects costs a round trip more.
  public var hasInterruptPin = true
  /// Whether `interrupt(at:)` reads the first bytes of the receive FIFO together with the interrupts: a message costs
  /// a round trip less. Where the interrupt was no message, an empty FIFO is read; no public driver does that.
  public var readsAhead = true
  /// How often the chip is looked at while a partner is attached. With an interrupt pin this only finds changes of Rp,
  /// a detach, and a chip that fell silent.
  public var attachedPoll = Nanoseconds(5_000_000)
  /// The time between two looks at the pins while nothing is attached.
  public var idlePoll = Nanoseconds(5_000_000)
  /// How many interrupts in 50 ms are a storm; the pin is masked for a while then. A message and its acknowledgement
  /// take more than 1 ms on the line, and partners pause between messages.
  public var interruptLimit = 40
  /// Whether a port that was stopped goes on presenting Rd, as a chip without power does.
  public var keepsRdWhenStopped = false

  public init() {}
}
