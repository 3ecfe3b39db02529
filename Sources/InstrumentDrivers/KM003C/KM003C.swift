import Instruments
import Quantities
public import Trace
public import USBTransport

/// A POWER-Z KM003C or KM002C, through its vendor interface.
///
/// The interface is found by its class: units number their interfaces differently. What the meter gives without
/// authentication is all that is asked for: measurements and PD events. Settings are never written.
public final class KM003C: Instrument {
  public let profile: InstrumentProfile
  private let device: USBDevice
  private let bulkIn: USBEndpoint
  private let bulkOut: USBEndpoint
  private let polls: KM003CPolls

  /// Takes the interface of the meter.
  /// - Throws: `.unfit` where there is none, `.usb` where it cannot be had.
  public init(_ device: USBDevice, polls: KM003CPolls = .standard) throws(InstrumentError) {
    let known = KnownDevice(device.info)
    let vendor = device.info.interface {
      $0.interfaceClass.code == 0xFF && $0.endpoint(.bulk, isIn: true) != nil
        && $0.endpoint(.bulk, isIn: false) != nil
    }
    guard let vendor, let bulkIn = vendor.endpoint(.bulk, isIn: true),
      let bulkOut = vendor.endpoint(.bulk, isIn: false)
    else { throw .unfit(device.name, "it has no vendor interface with two bulk endpoints") }
    do throws(USBError) {
      try device.claim(vendor)
    } catch {
      throw .usb(error)
    }
    self.device = device
    self.bulkIn = bulkIn
    self.bulkOut = bulkOut
    self.polls = polls
    // The meter stamps events with its own clock in ms. That clock is tied to the host's with the first reply and anew
    // when the two are more than 1.5 s apart.
    profile = InstrumentProfile(
      model: (known ?? .km003c).rawValue, abilities: (known ?? .km003c).abilities,
      timing: InstrumentTiming(
        step: Nanoseconds(Milliseconds(1)), betweenPackets: Nanoseconds(Milliseconds(1)),
        againstHost: Nanoseconds(Milliseconds(1500))))
  }

  public func listen(
    to pace: some InstrumentPace, _ body: (TraceRecord) -> Void
  ) throws(InstrumentError) {
    var listening = KM003CListening(
      link: KM003CLink(device: device, bulkIn: bulkIn, bulkOut: bulkOut), polls: polls)
    defer {
      listening.timeline.finish()
      while let record = listening.timeline.popFirst() { body(record) }
    }
    let isOpen: Bool
    do throws(USBError) {
      isOpen = try listening.open()
      if isOpen {
        try listening.run(pace, body)
        listening.link.disconnect()
      }
    } catch {
      throw .usb(error)
    }
    guard isOpen else {
      throw .refused(
        device.name, "it refuses to connect; end other programs that use it, or unplug it for a moment")
    }
  }
}
