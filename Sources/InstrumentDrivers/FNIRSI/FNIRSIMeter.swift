import Instruments
import Quantities
public import Trace
public import USBTransport

/// A FNIRSI meter: FNB48, FNB48S, FNB58, C1. How it reports packets is not public.
public final class FNIRSIMeter: Instrument {
  public let profile: InstrumentProfile
  private let reports: USBReportInterface

  /// Takes the report interface of the meter.
  /// - Throws: `.unfit` where there is none, `.usb` where it cannot be had.
  public init(_ device: USBDevice) throws(InstrumentError) {
    do throws(USBError) {
      reports = try USBReportInterface(device)
    } catch {
      guard case .find = error.action else { throw .usb(error) }
      throw .unfit(device.name, "it sends no reports (HID)")
    }
    let known = KnownDevice(device.info) ?? .fnb58
    // Four samples of 10 ms come together; they carry the time of the host.
    profile = InstrumentProfile(
      model: known.rawValue, abilities: known.abilities,
      timing: InstrumentTiming(
        step: Nanoseconds(FNIRSIReport.sampleInterval), betweenPackets: Nanoseconds(Milliseconds(40)),
        againstHost: Nanoseconds(Milliseconds(40))))
  }

  public func listen(
    to pace: some InstrumentPace, _ body: (TraceRecord) -> Void
  ) throws(InstrumentError) {
    do throws(USBError) {
      var stream = try PushStream(reports)
      defer { stream.stop() }
      var reader = FNIRSIReader(reports)
      try stream.run(&reader, pace, body)
    } catch {
      throw .usb(error)
    }
  }
}
