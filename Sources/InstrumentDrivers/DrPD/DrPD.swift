import Instruments
import Quantities
public import Trace
public import USBTransport

/// A Dr. PD analyzer, through its framed interface.
///
/// It listens in the role that the device has; only where that role sees nothing (disabled, or the cable test) it is
/// made an observer, because newer firmware stores the role to flash and hears nothing meanwhile. Thresholds and
/// triggers, which are stored as well, are never written here.
public final class DrPD: Instrument {
  public let profile: InstrumentProfile
  private let link: DrPDLink
  private let polls: DrPDPolls

  /// Takes the framed interface of the device.
  /// - Throws: `.unfit` where there is none, as in the device's fault mode; `.usb` where it cannot be had.
  public convenience init(_ device: USBDevice) throws(InstrumentError) {
    try self.init(device, polls: DrPDPolls())
  }

  /// - Throws: as `init(_:)`.
  public init(_ device: USBDevice, polls: DrPDPolls) throws(InstrumentError) {
    link = try DrPDLink(device, answerTime: polls.answerTime)
    self.polls = polls
    // Packets carry the device's clock in µs, whose crystal is good to some tens of 10⁻⁶. It is compared with the host's
    // by the middle of the shortest of five round trips, some 1 to 3 ms, every minute.
    profile = InstrumentProfile(
      model: KnownDevice.drPD.rawValue, abilities: KnownDevice.drPD.abilities,
      timing: InstrumentTiming(
        step: Nanoseconds(Microseconds(1)), betweenPackets: Nanoseconds(Microseconds(100)),
        againstHost: Nanoseconds(Milliseconds(5))))
  }

  public func listen(
    to pace: some InstrumentPace, _ body: (TraceRecord) -> Void
  ) throws(InstrumentError) {
    var listening = DrPDListening(link: link, polls: polls)
    defer {
      listening.timeline.finish()
      while let record = listening.timeline.popFirst() { body(record) }
    }
    do throws(DrPDFault) {
      try listening.open(pace)
      try listening.run(pace, body)
    } catch {
      throw error.error(of: link.device)
    }
    listening.close()
  }
}
