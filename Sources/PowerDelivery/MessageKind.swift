/// Which message it is: the class that the header gives, and the type within that class (USB-PD R3.2 §6.2.1.1.8).
public enum MessageKind: Hashable, Sendable {
  case control(ControlMessageType)
  case data(DataMessageType)
  case extended(ExtendedMessageType)

  /// The standard's name of the message (`Source_Capabilities`); `nil` where the type is reserved.
  public var name: StaticString? {
    switch self {
    case .control(let type): type.name
    case .data(let type): type.name
    case .extended(let type): type.name
    }
  }
}

/// Who sent a message, as far as its header tells.
public enum Sender: UInt8, Hashable, Sendable {
  /// The port that is the source, or the sink, at this time (Port Power Role, SOP).
  case source, sink
  /// On SOP′ and SOP″: the port that is VCONN source, or the cable plug (or VPD) itself.
  case port, cablePlug
}
