import Quantities
public import Trace
public import USBTransport

/// An open sniffer with a CH32X035: with the public firmware, which writes lines of text to a serial port, or with the
/// newer one, which reports events over HID or in frames over a serial port.
public final class CH32X035Sniffer: Instrument {
  public let profile: InstrumentProfile
  private let way: Way

  /// How the sniffer speaks. Its interfaces tell.
  private enum Way {
    case lines(USBSerialPort)
    case frames(USBSerialPort)
    case reports(USBReportInterface)
  }

  /// The product whose serial port carries frames.
  private static let framesProduct: UInt16 = 0x2334

  /// Takes the interfaces of the sniffer.
  /// - Throws: `.unfit` where it has none that is known, `.usb` where they cannot be had.
  public init(_ device: USBDevice) throws(InstrumentError) {
    let info = device.info
    do throws(USBError) {
      if info.identity.product == Self.framesProduct {
        way = .frames(try USBSerialPort(device))
      } else if info.interface({ $0.interfaceClass.code == 0x03 }) != nil {
        way = .reports(try USBReportInterface(device))
      } else {
        way = .lines(try USBSerialPort(device))
      }
    } catch {
      guard case .find = error.action else { throw .usb(error) }
      throw .unfit(device.name, "it has neither a serial port nor reports")
    }
    // Nothing tells whether a packet is stamped at its beginning or at its end; the longest one takes 1.5 ms.
    let stamping = Nanoseconds(Microseconds(1500))
    switch way {
    case .lines:
      profile = InstrumentProfile(
        model: KnownDevice.ch32x035.rawValue, abilities: [.packets, .attachment, .vbus, .ccPotential],
        timing: InstrumentTiming(
          step: Nanoseconds(Milliseconds(1)), betweenPackets: stamping + Nanoseconds(Milliseconds(1)),
          againstHost: ArrivalClock.tolerance))
    case .frames, .reports:
      profile = InstrumentProfile(
        model: KnownDevice.ch32x035.rawValue,
        abilities: [
          .packets, .resets, .attachment, .vbus, .current, .ccPotential, .dataPotential,
        ],
        timing: InstrumentTiming(
          step: Nanoseconds(Microseconds(1)), betweenPackets: stamping, againstHost: ArrivalClock.tolerance))
    }
  }

  public func listen(
    to pace: some InstrumentPace, _ body: (TraceRecord) -> Void
  ) throws(InstrumentError) {
    do throws(USBError) {
      switch way {
      case .lines(let port):
        var reader = CH32X035LineReader()
        try listen(at: port, &reader, pace, body)
      case .frames(let port):
        var reader = CH32X035FrameReader()
        try listen(at: port, &reader, pace, body)
      case .reports(let reports):
        var stream = try PushStream(reports)
        defer { stream.stop() }
        var reader = CH32X035ReportReader()
        try stream.run(&reader, pace, body)
      }
    } catch {
      throw .usb(error)
    }
  }

  private func listen(
    at port: USBSerialPort, _ reader: inout some StreamReader, _ pace: some InstrumentPace,
    _ body: (TraceRecord) -> Void
  ) throws(USBError) {
    // The stream is there before the sniffer is told that somebody listens.
    var stream = try PushStream(port)
    defer {
      stream.stop()
      try? port.set([])
    }
    try Self.open(port)
    try stream.run(&reader, pace, body)
  }

  /// How often a request is made.
  private static let attemptLimit = 3

  /// Tells the sniffer that somebody listens.
  private static func open(_ port: USBSerialPort) throws(USBError) {
    for attempt in 1...attemptLimit {
      do throws(USBError) {
        do throws(USBError) {
          try port.set(USBLineCoding())
        } catch {
          // There is no real line: a firmware may not know the request.
          guard error.cause == .stalled else { throw error }
        }
        return try port.set([.dataTerminalReady, .requestToSend])
      } catch {
        guard error.isWorthAnotherTry, attempt < attemptLimit else { throw error }
      }
    }
  }
}
