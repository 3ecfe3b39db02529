import Instruments
import Quantities
public import Trace
public import USBTransport

/// A WITRN meter; K2 and C5 also report packets.
///
/// It sends by itself and stamps nothing: its records carry the time of the host.
public final class WITRNMeter: Instrument {
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
    let known = KnownDevice(device.info) ?? .witrnK2
    // The host asks once a millisecond; how long the meter keeps a packet is not known.
    profile = InstrumentProfile(
      model: known.rawValue, abilities: known.abilities,
      timing: InstrumentTiming(
        step: Nanoseconds(Milliseconds(1)), betweenPackets: Nanoseconds(Milliseconds(10)),
        againstHost: Nanoseconds(Milliseconds(10))))
  }

  public func listen(
    to pace: some InstrumentPace, _ body: (TraceRecord) -> Void
  ) throws(InstrumentError) {
    do throws(USBError) {
      var stream = try PushStream(reports)
      defer { stream.stop() }
      var reader = WITRNReader(at: pace.now())
      try stream.run(&reader, pace, body)
    } catch {
      throw .usb(error)
    }
  }
}

/// Reads the reports of a WITRN meter.
struct WITRNReader: StreamReader {
  private var lastHeard: Nanoseconds
  private var isSilent = false

  /// A meter that measures is not silent for so long.
  private static let patience = Nanoseconds(Milliseconds(3000))

  init(at now: Nanoseconds) { lastHeard = now }

  mutating func tend(at now: Nanoseconds, into records: inout RecordOutput) {
    guard !isSilent, now - lastHeard >= Self.patience else { return }
    isSilent = true
    records.note("the meter has sent nothing for \(Self.patience.spanText)", at: now)
  }

  mutating func take(_ bytes: [UInt8], at time: Nanoseconds, into records: inout RecordOutput) {
    lastHeard = time
    isSilent = false
    do throws(WITRNError) {
      switch try WITRNReport(bytes.span) {
      case .telemetry(let telemetry):
        records.put(.measurement(Self.measurement(telemetry)), at: time)
      case .packet(let packet): records.put(.packet(Self.packet(packet)), at: time)
      case .other: break
      }
    } catch {
      records.note("a report of the meter cannot be read: \(error)", at: time)
    }
  }

  private static func measurement(_ telemetry: WITRNReport.Telemetry) -> TraceMeasurement {
    TraceMeasurement(
      vbus: telemetry.vbus.map { Millivolts($0) }, current: telemetry.current.map { Milliamperes($0) },
      cc1: telemetry.cc1, cc2: telemetry.cc2, dPlus: telemetry.dPlus.map { Millivolts($0) },
      dMinus: telemetry.dMinus.map { Millivolts($0) },
      // The sensor inside is none on some units, and then says 25 °C.
      temperature: telemetry.internalTemperature)
  }

  /// What follows a packet is its CRC only where it is the right one: nothing tells what else it may be.
  private static func packet(_ packet: WITRNReport.Packet) -> TracePacket {
    let checked = TracePacket(heard: packet.orderedSet, withCRC: packet.bytes + packet.rest.prefix(4))
    return checked.validity == .crcHolds
      ? checked : TracePacket(heard: packet.orderedSet, packet.bytes, crc: nil)
  }
}
