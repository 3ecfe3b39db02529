public import Instruments
import LineCode
import Quantities
public import Trace
public import USBTransport

/// A Twinkie (Google), a USBC-TKEY or another one of that family: raw edges of both CC lines.
///
/// It sends as soon as it is asked; it is told nothing, so its console is left alone. Its meter is on the console and not
/// read.
public final class Twinkie: Instrument {
  public let profile: InstrumentProfile
  private let device: USBDevice
  private let sniffer: USBEndpoint
  private let layout: TwinkieLayout

  /// A half-buffer a transfer, sixteen under way: the device never waits for the host.
  private static let transferSize = TwinkiePacket.length * TwinkiePacket.subBuffers
  private static let transfers = 16

  /// Takes the sniffer interface.
  /// - Throws: `.unfit` where there is none, `.usb` where it cannot be had.
  public convenience init(_ device: USBDevice) throws(InstrumentError) {
    try self.init(device, layout: .short)
  }

  /// - Parameter layout: how its firmware lays out packets, which the packets themselves do not tell.
  /// - Throws: as `init(_:)`.
  public init(_ device: USBDevice, layout: TwinkieLayout) throws(InstrumentError) {
    // FF/FF/00; the console's subclass is another.
    let interface = device.info.interface {
      $0.interfaceClass == USBClass(code: 0xFF, subclass: 0xFF, protocolCode: 0)
        && $0.endpoint(.bulk, isIn: true) != nil
    }
    guard let interface, let sniffer = interface.endpoint(.bulk, isIn: true) else {
      throw .unfit(device.name, "it has no sniffer interface (FF/FF/00 with a bulk endpoint)")
    }
    do throws(USBError) {
      try device.claim(interface)
    } catch {
      throw .usb(error)
    }
    self.device = device
    self.sniffer = sniffer
    self.layout = layout
    // Edges are counted at 2.4 MHz from one crystal; behind a pause one turn of the counter, 107 µs, may be miscounted
    // until the next half-buffer, twice where both ends of the pause are. Idle half-buffers take 51 ms to fill.
    profile = InstrumentProfile(
      model: KnownDevice.twinkie.rawValue, abilities: KnownDevice.twinkie.abilities,
      timing: InstrumentTiming(
        step: Nanoseconds(417), betweenPackets: Nanoseconds(Microseconds(220)),
        againstHost: Nanoseconds(Milliseconds(100))))
  }

  public func listen(
    to pace: some InstrumentPace, _ body: (TraceRecord) -> Void
  ) throws(InstrumentError) {
    var listening = TwinkieListening(
      reader: USBStreamReader(
        device, sniffer, transfers: Self.transfers, size: Self.transferSize), layout: layout)
    defer {
      listening.finish()
      while let record = listening.timeline.popFirst() { body(record) }
    }
    do throws(USBError) {
      try listening.run(pace, body)
    } catch {
      throw .usb(error)
    }
  }
}
