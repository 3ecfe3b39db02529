/// The set-up packet of a control transfer but for its length (USB 2.0 §9.3).
public struct USBControlRequest: Hashable, Sendable, CustomStringConvertible {
  /// bmRequestType: bit 7 IN, bits 6:5 standard, class or vendor, bits 4:0 recipient.
  public var requestType: UInt8
  /// bRequest.
  public var request: UInt8
  /// wValue.
  public var value: UInt16
  /// wIndex.
  public var index: UInt16

  public init(requestType: UInt8, request: UInt8, value: UInt16 = 0, index: UInt16 = 0) {
    self.requestType = requestType
    self.request = request
    self.value = value
    self.index = index
  }

  /// Towards the host.
  public var isIn: Bool { requestType & 0x80 != 0 }

  /// `control 40 0B 0203 0001`: bmRequestType, bRequest, wValue, wIndex.
  public var description: String {
    "control \(hexadecimal(requestType, 2)) \(hexadecimal(request, 2)) \(hexadecimal(value, 4))"
      + " \(hexadecimal(index, 4))"
  }

  /// The eight bytes of the set-up stage.
  func setUp(length: Int) -> [UInt8] {
    let length = UInt16(truncatingIfNeeded: length)
    return [
      requestType, request, UInt8(truncatingIfNeeded: value), UInt8(value >> 8),
      UInt8(truncatingIfNeeded: index), UInt8(index >> 8), UInt8(truncatingIfNeeded: length),
      UInt8(length >> 8),
    ]
  }
}
