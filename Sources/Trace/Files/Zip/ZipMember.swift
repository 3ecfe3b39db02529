import Instruments

/// One file inside a ZIP archive.
struct ZipMember: Equatable {
  var name: String
  var method: UInt16
  var flags: UInt16
  /// What the archive says the CRC-32 of the data is; `nil` where that stands behind the data only.
  var crc: UInt32?
  /// Bytes in the archive; `nil` where that stands behind the data only.
  var compressedSize: UInt64?
  /// Bytes unpacked; `nil` where that stands behind the data only.
  var size: UInt64?
  /// Where the local header begins.
  var headerOffset: UInt64

  static let stored: UInt16 = 0
  static let deflated: UInt16 = 8
  static let localHeaderLength = 30
  static let localSignature: UInt32 = 0x0403_4B50
  static let centralSignature: UInt32 = 0x0201_4B50
  static let endSignature: UInt32 = 0x0605_4B50
  static let zip64EndSignature: UInt32 = 0x0606_4B50
  static let zip64LocatorSignature: UInt32 = 0x0706_4B50
  static let descriptorSignature: UInt32 = 0x0807_4B50

  var isEncrypted: Bool { flags & 1 != 0 }
  var hasDescriptor: Bool { flags & 8 != 0 }

  /// Takes sizes (and the header offset) of 32 bits that are all ones from the zip64 extra field.
  mutating func applyZip64(_ extra: [UInt8], offsetIsOpen: Bool) {
    let bytes = extra.span
    var field = 0
    while let tag = bytes.littleEndian(UInt16.self, at: field),
      let length = bytes.littleEndian(UInt16.self, at: field + 2)
    {
      if tag == 1 {
        var place = field + 4
        let end = field + 4 + Int(length)
        func take() -> UInt64? {
          defer { place += 8 }
          return place + 8 <= end ? bytes.littleEndian(UInt64.self, at: place) : nil
        }
        if size == 0xFFFF_FFFF { size = take() ?? size }
        if compressedSize == 0xFFFF_FFFF { compressedSize = take() ?? compressedSize }
        if offsetIsOpen && headerOffset == 0xFFFF_FFFF { headerOffset = take() ?? headerOffset }
        return
      }
      field += 4 + Int(length)
    }
  }
}
