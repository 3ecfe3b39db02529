/// The seven sequences of four K-codes that can follow a preamble (USB-PD R3.2 §5.6.1.2, Tables 5.3 to 5.8).
///
/// Five of them start a packet; Hard Reset and Cable Reset are signals of their own, with neither bytes nor CRC.
public enum OrderedSet: UInt8, Sendable {
  /// SOP: port to port.
  case sop
  /// SOP′: the cable plug near the VCONN source, or a VCONN-powered device.
  case sopPrime
  /// SOP″: the far cable plug.
  case sopDoublePrime
  /// SOP′_Debug: its use is undefined.
  case sopPrimeDebug
  /// SOP″_Debug: its use is undefined.
  case sopDoublePrimeDebug
  /// Hard Reset: both ports and the cable plugs start over.
  case hardReset
  /// Cable Reset: the DFP resets the cable plugs only.
  case cableReset

  /// Whether a packet with header and CRC follows; false for the two reset signals.
  @inlinable public var startsPacket: Bool { self != .hardReset && self != .cableReset }
}

#if !hasFeature(Embedded)
  // `allCases` is an array, which a device without a heap cannot have.
  extension OrderedSet: CaseIterable {}
#endif
