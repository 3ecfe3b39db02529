public import PowerDelivery
public import Quantities

/// What goes wrong on a wire by chance, each drawn for every packet.
public struct FaultMix: Equatable, Sendable {
  /// A bit error: the packet's CRC does not hold, nobody takes it.
  public var bitError: PerMille
  /// The same for GoodCRCs only: the message arrived, its sender does not know.
  public var goodCRCLost: PerMille
  /// The receiver hears the packet a second time, 0.3 to 2 ms later.
  public var duplicate: PerMille
  /// The receiver learns of the packet 0.1 to 3 ms late.
  public var delay: PerMille
  /// A burst of noise of 0.5 to 8 ms begins with the packet: all that is sent meanwhile is damaged.
  public var noise: PerMille
  /// Reset signalling that is not recognised.
  public var resetLost: PerMille
  /// When the faults end; `.distantFuture` leaves them on.
  public var end: Instant

  public init(
    bitError: PerMille = .zero, goodCRCLost: PerMille = .zero, duplicate: PerMille = .zero,
    delay: PerMille = .zero, noise: PerMille = .zero, resetLost: PerMille = .zero,
    end: Instant = .distantFuture
  ) {
    self.bitError = bitError
    self.goodCRCLost = goodCRCLost
    self.duplicate = duplicate
    self.delay = delay
    self.noise = noise
    self.resetLost = resetLost
    self.end = end
  }

  /// A wire without faults.
  public static var none: FaultMix { FaultMix() }
  /// A bad wire: what noise does, often enough to be seen in most runs.
  public static var rough: FaultMix {
    FaultMix(
      bitError: PerMille(40), goodCRCLost: PerMille(40), noise: PerMille(10), resetLost: PerMille(30))
  }
  /// A bad wire and receivers that hear twice or late, which no port can make up for: its answers come late as well.
  public static var wild: FaultMix {
    var mix = rough
    mix.duplicate = PerMille(20)
    mix.delay = PerMille(10)
    return mix
  }
}

/// A fault that a script puts on the wire: it hits the packets that fit, after the first `skip` of them, `count` times.
public struct ScriptedFault: Equatable, Sendable {
  public enum Effect: Equatable, Sendable {
    case damage
    case duplicate(after: Nanoseconds)
    case delay(Nanoseconds)
  }

  public var effect: Effect
  /// Whose packets; `nil` hits everybody's.
  public var station: Station?
  /// Which kind of packet; `nil` hits all kinds.
  public var kind: MessageKind?
  public var skip: Int
  public var count: Int

  public init(
    _ effect: Effect, station: Station? = nil, kind: MessageKind? = nil, skip: Int = 0, count: Int = 1
  ) {
    self.effect = effect
    self.station = station
    self.kind = kind
    self.skip = skip
    self.count = count
  }

  /// Whether it hits this packet; counts.
  mutating func hits(_ message: ShortMessage, from sender: Station) -> Bool {
    guard count > 0, station == nil || station == sender, kind == nil || kind == message.kind else {
      return false
    }
    if skip > 0 {
      skip &-= 1
      return false
    }
    count &-= 1
    return true
  }
}
