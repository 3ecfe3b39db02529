public import USBTransport

/// FTDI's chips with an MPSSE.
public enum FTDIModel: String, CaseIterable, Sendable {
  case ft232h = "FT232H"
  case ft2232h = "FT2232H"
  case ft4232h = "FT4232H"

  public init?(_ identity: USBIdentity) {
    guard identity.vendor == 0x0403 else { return nil }
    switch identity.product {
    case 0x6014: self = .ft232h
    case 0x6010: self = .ft2232h
    case 0x6011, 0x6048: self = .ft4232h
    default: return nil
    }
  }

  var lines: MPSSEProgram.Lines { self == .ft232h ? .openDrain : .turnedAround }
}
