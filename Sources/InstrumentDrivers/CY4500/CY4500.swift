import Instruments
import Quantities
public import Trace
public import USBTransport

/// An Infineon (Cypress) CY4500 EZ-PD analyzer.
///
/// What is known of it comes from one program that was validated on Windows only; the profile says so.
public final class CY4500: Instrument {
  public let profile: InstrumentProfile
  private let device: USBDevice
  private let endpoints: Endpoints
  private let scale: CY4500Scale
  private let samplesPerMeasurement: Int

  struct Endpoints {
    var commands: USBEndpoint
    var replies: USBEndpoint
    var packets: USBEndpoint
    var scope: USBEndpoint
  }

  /// Takes the interface of the analyzer, which is found by its endpoints: its class is not known.
  /// - Throws: `.unfit` where there is none, `.usb` where it cannot be had.
  public convenience init(_ device: USBDevice) throws(InstrumentError) {
    try self.init(device, samplesPerMeasurement: 20)
  }

  /// - Parameter samplesPerMeasurement: samples of the scope, of which there are some 1,000 a second, that one
  ///   measurement averages.
  /// - Throws: as `init(_:)`.
  public init(_ device: USBDevice, samplesPerMeasurement: Int) throws(InstrumentError) {
    var found: (USBInterface, Endpoints)?
    for interface in device.info.interfaces {
      func endpoint(_ address: UInt8) -> USBEndpoint? {
        interface.endpoints.first { $0.address.rawValue == address }
      }
      if let commands = endpoint(0x02), let replies = endpoint(0x84), let packets = endpoint(0x81),
        let scope = endpoint(0x83)
      {
        found =
          found
          ?? (interface, Endpoints(commands: commands, replies: replies, packets: packets, scope: scope))
      }
    }
    guard let (interface, endpoints) = found else {
      throw .unfit(device.name, "it has no interface with the endpoints 02, 81, 83 and 84")
    }
    do throws(USBError) {
      try device.claim(interface)
    } catch {
      throw .usb(error)
    }
    self.device = device
    self.endpoints = endpoints
    // The identity of the EPR analyzer is known; the others are taken for those before it.
    scale = device.info.identity.product == 0xFDEF ? .epr : .standard
    self.samplesPerMeasurement = max(1, samplesPerMeasurement)
    profile = InstrumentProfile(
      model: "\(KnownDevice.cy4500.rawValue) (protocol validated on Windows only)",
      abilities: KnownDevice.cy4500.abilities,
      timing: InstrumentTiming(
        step: Nanoseconds(Microseconds(1)), betweenPackets: Nanoseconds(Microseconds(100)),
        againstHost: Nanoseconds(Milliseconds(50))))
  }

  public func listen(
    to pace: some InstrumentPace, _ body: (TraceRecord) -> Void
  ) throws(InstrumentError) {
    var listening = CY4500Listening(
      device: device, endpoints: endpoints, scale: scale, samplesPerMeasurement: samplesPerMeasurement)
    defer {
      listening.timeline.finish()
      while let record = listening.timeline.popFirst() { body(record) }
    }
    do throws(USBError) {
      try listening.run(pace, body)
    } catch {
      throw .usb(error)
    }
  }
}
