import Instruments

/// The order of the bytes of a number in a file.
enum ByteOrder {
  case little, big

  /// The number at `offset`; `nil` where the bytes end before it does.
  func number<Value: FixedWidthInteger>(_ type: Value.Type, _ bytes: Span<UInt8>, at offset: Int) -> Value? {
    let value = bytes.littleEndian(type, at: offset)
    return self == .little ? value : value?.byteSwapped
  }
}
