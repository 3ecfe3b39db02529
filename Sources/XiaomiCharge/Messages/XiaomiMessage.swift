public import PowerDelivery

/// The vendor ids whose messages follow this protocol (Xiaomi 2.1).
public enum XiaomiSVID {
  /// Xiaomi, 0x2717.
  @inlinable public static var xiaomi: UInt16 { 0x2717 }
  /// ZMI (CUKTECH), 0x2B01; newer phones treat it like Xiaomi.
  @inlinable public static var zmi: UInt16 { 0x2B01 }
}

/// A message of the private protocol: an unstructured vendor defined message, word by word. Every bit behind the message
/// header is kept; `content` reads what it says.
public struct XiaomiMessage: Equatable, Sendable {
  public var header: XiaomiVDMHeader
  /// The words behind the header.
  public var words: XiaomiWords

  public init(_ header: XiaomiVDMHeader, _ words: XiaomiWords = XiaomiWords()) {
    self.header = header
    self.words = words
  }

  /// - Parameter svid: whose protocol it is.
  public init(
    _ command: XiaomiCommand, _ direction: XiaomiDirection, _ words: XiaomiWords = XiaomiWords(),
    svid: UInt16 = XiaomiSVID.xiaomi
  ) {
    header = XiaomiVDMHeader()
    header.svid = svid
    header.direction = direction
    header.command = command
    self.words = words
  }

  /// Reads a message of USB-PD; whose SVID it carries is for the caller to judge.
  /// - Throws: what makes it no unstructured vendor defined message.
  public init(_ message: ShortMessage) throws(XiaomiMessageError) {
    guard case .data(.vendorDefined) = message.kind else { throw .notVendorDefined }
    let announced = message.header.numberOfDataObjects
    guard announced == message.wordCount else {
      throw .wrongLength(announced: announced, found: message.wordCount)
    }
    header = XiaomiVDMHeader(rawValue: message.object(0))
    guard header.unexpectedBits == 0 else {
      throw .structured(StructuredVDMHeader(rawValue: header.rawValue))
    }
    words = XiaomiWords()
    for index in 1..<max(1, message.objectCount) { words.append(message.object(index)) }
  }

  /// The message of USB-PD on SOP.
  /// - Parameter header: roles, revision and MessageID; type and object count are set here.
  public func message(header: MessageHeader) -> ShortMessage {
    var message = ShortMessage(.vendorDefined, header: header)
    message.append(self.header.rawValue)
    for index in 0..<words.count { message.append(words[index]) }
    return message
  }
}

/// Why a message of USB-PD is none of this protocol.
public enum XiaomiMessageError: Error, Equatable, Sendable {
  /// It is a control, extended or another data message.
  case notVendorDefined
  /// Bit 15 of the VDM header is 1: a structured message (USB-PD R3.2 §6.4.4.2.2).
  case structured(StructuredVDMHeader)
  /// The message header announces another number of objects than there are (USB-PD R3.2 §6.2.1.1.2).
  case wrongLength(announced: UInt8, found: UInt8)
}
