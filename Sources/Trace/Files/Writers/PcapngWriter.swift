import Quantities

/// Writes pcapng of link type 147 (USER0), as `spec/trace-format.md` describes it: every record survives, and Wireshark
/// opens the file.
public struct PcapngWriter: TraceWriter {
  private let file: OutputFile
  private var interfaces: [String: UInt32] = [:]

  /// - Parameter path: the file to create; `-` is the standard output.
  /// - Throws: `TraceWriteError`.
  public init(path: String) throws {
    file = try OutputFile(path: path)
    var body: [UInt8] = []
    body.appendLittleEndian(UInt32(0x1A2B_3C4D))
    body.appendLittleEndian(UInt16(1))
    body.appendLittleEndian(UInt16(0))
    body.appendLittleEndian(Int64(-1))
    body += Self.option(4, Array("OpenFastCharge".utf8)) + Self.endOfOptions
    try writeBlock(PcapngSource.sectionHeader, body)
  }

  public mutating func write(_ record: TraceRecord) throws {
    let interface = try interface(of: record.line)
    let payload = RecordPayload.bytes(of: record)
    let time = UInt64(bitPattern: record.time.rawValue)
    var body: [UInt8] = []
    body.reserveCapacity(24 + payload.count)
    body.appendLittleEndian(interface)
    body.appendLittleEndian(UInt32(truncatingIfNeeded: time >> 32))
    body.appendLittleEndian(UInt32(truncatingIfNeeded: time))
    body.appendLittleEndian(UInt32(truncatingIfNeeded: payload.count))
    body.appendLittleEndian(UInt32(truncatingIfNeeded: payload.count))
    body += payload
    try writeBlock(6, body)
  }

  public mutating func finish() throws { try file.finish() }

  /// The number of a line's interface; describes it first where it is new.
  private mutating func interface(of line: String) throws -> UInt32 {
    if let known = interfaces[line] { return known }
    let name = Array(line.utf8)
    guard name.count <= Int(UInt16.max) else {
      throw TraceWriteError(file: file.name, reason: "the name of a line is longer than 65,535 bytes")
    }
    var body: [UInt8] = []
    body.appendLittleEndian(LinkType.user0.rawValue)
    body.appendLittleEndian(UInt16(0))
    body.appendLittleEndian(UInt32(0))
    if !name.isEmpty { body += Self.option(2, name) }
    // Time stamps count nanoseconds.
    body += Self.option(9, [9]) + Self.endOfOptions
    try writeBlock(1, body)
    let number = UInt32(truncatingIfNeeded: interfaces.count)
    interfaces[line] = number
    return number
  }

  private static let endOfOptions: [UInt8] = [0, 0, 0, 0]

  private static func option(_ code: UInt16, _ value: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.appendLittleEndian(code)
    bytes.appendLittleEndian(UInt16(truncatingIfNeeded: value.count))
    return bytes + value + padding(value.count)
  }

  private static func padding(_ count: Int) -> [UInt8] {
    [UInt8](repeating: 0, count: (4 - count % 4) % 4)
  }

  private func writeBlock(_ type: UInt32, _ body: [UInt8]) throws {
    let padding = Self.padding(body.count)
    let length = UInt32(truncatingIfNeeded: 12 + body.count + padding.count)
    var block: [UInt8] = []
    block.reserveCapacity(Int(length))
    block.appendLittleEndian(type)
    block.appendLittleEndian(length)
    block += body
    block += padding
    block.appendLittleEndian(length)
    try file.write(block)
  }
}
