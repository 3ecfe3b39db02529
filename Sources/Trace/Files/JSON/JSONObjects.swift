/// The objects of a JSON array at the top of a file, one after the other, so that the array need not fit in memory.
struct JSONObjects {
  private var stream: ByteStream
  private var hasBegun = false

  private static let longestObject = 8 << 20

  init(_ file: InputFile) { stream = ByteStream(file) }

  /// Where the next byte stands in the file.
  var position: UInt64 { stream.position }
  var fileName: String { stream.file.name }

  /// The bytes of the next object; `nil` at the end of the array.
  mutating func next() throws(TraceFault) -> [UInt8]? {
    if !hasBegun {
      guard try nextSignificant() == UInt8(ascii: "[") else { throw damaged("no JSON array begins here") }
      hasBegun = true
    }
    var first = try nextSignificant()
    if first == UInt8(ascii: ",") { first = try nextSignificant() }
    switch first {
    case UInt8(ascii: "]"): return nil
    case UInt8(ascii: "{"): return try object()
    case nil: throw damaged("the file ends inside the JSON array")
    default: throw damaged("an object is due here")
    }
  }

  /// The rest of an object whose brace was taken.
  private mutating func object() throws(TraceFault) -> [UInt8] {
    var bytes = [UInt8(ascii: "{")]
    var depth = 1
    var isInString = false
    while depth > 0 {
      guard let byte = try stream.byte() else { throw damaged("the file ends inside an object") }
      bytes.append(byte)
      switch byte {
      case UInt8(ascii: "\\") where isInString:
        if let escaped = try stream.byte() { bytes.append(escaped) }
      case UInt8(ascii: "\""): isInString.toggle()
      case UInt8(ascii: "{") where !isInString: depth += 1
      case UInt8(ascii: "}") where !isInString: depth -= 1
      default: break
      }
      guard bytes.count <= Self.longestObject else { throw damaged("an object is longer than 8 MiB") }
    }
    return bytes
  }

  private mutating func nextSignificant() throws(TraceFault) -> UInt8? {
    while let byte = try stream.byte() {
      if ![0x20, 0x09, 0x0A, 0x0D].contains(byte) { return byte }
    }
    return nil
  }

  private func damaged(_ reason: String) -> TraceFault {
    TraceFault(.damaged, file: fileName, at: .byte(position), reason)
  }
}
