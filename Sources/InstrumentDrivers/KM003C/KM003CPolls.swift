public import Instruments
public import Quantities

/// What a meter is asked for, over and over.
public struct KM003CPolls: Equatable, Sendable {
  /// Asked for one after the other, then from the beginning.
  public var attributes: [KM003CAttributes]
  /// From one question to the next.
  public var interval: Nanoseconds

  public init(attributes: [KM003CAttributes], interval: Nanoseconds) {
    self.attributes = attributes
    self.interval = interval
  }

  /// PD events every 40 ms, as the vendor's program does (the meter keeps them until then), and the fine measurement with
  /// every fifth of them.
  public static var standard: Self {
    Self(
      attributes: [
        [.adc, .powerDelivery], .powerDelivery, .powerDelivery, .powerDelivery, .powerDelivery,
      ], interval: Nanoseconds(Milliseconds(40)))
  }
}
