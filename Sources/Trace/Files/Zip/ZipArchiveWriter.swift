import CZlib

/// Writes a ZIP archive member by member, each deflated in memory.
///
/// Sizes stand in front of the data, so that the archive can go to a pipe. No zip64: at most 65,535 members and 4 GiB.
final class ZipArchiveWriter {
  private let file: OutputFile
  private var directory: [UInt8] = []
  private var count = 0

  static let mostMembers = 65_535

  init(_ file: OutputFile) { self.file = file }

  /// The data of a member as they stand in the archive.
  struct Packed {
    var bytes: [UInt8]
    var crc: UInt32
    var size: UInt32
  }

  /// Deflates the data of a member.
  static func pack(_ data: Span<UInt8>, fileName: String) throws(TraceWriteError) -> Packed {
    let noMemory = TraceWriteError(file: fileName, reason: "zlib has no memory")
    guard let size = UInt32(exactly: data.count) else {
      throw TraceWriteError(file: fileName, reason: "a member is longer than 4 GiB")
    }
    var stream = unsafe z_stream()
    guard unsafe ofc_deflate_init_raw(&stream, 6) == Z_OK else { throw noMemory }
    defer { unsafe deflateEnd(&stream) }
    var packed = [UInt8](repeating: 0, count: unsafe Int(deflateBound(&stream, UInt(data.count))))
    var crc: UInt = 0
    var status = Z_OK
    unsafe data.withUnsafeBufferPointer { source in
      unsafe packed.withUnsafeMutableBufferPointer { target in
        unsafe stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
        unsafe stream.avail_in = size
        unsafe stream.next_out = target.baseAddress
        unsafe stream.avail_out = UInt32(clamping: target.count)
        status = unsafe deflate(&stream, Z_FINISH)
        crc = unsafe source.isEmpty ? 0 : crc32(0, source.baseAddress, size)
      }
    }
    guard status == Z_STREAM_END else { throw noMemory }
    packed.removeLast(unsafe Int(stream.avail_out))
    return Packed(bytes: packed, crc: UInt32(truncatingIfNeeded: crc), size: size)
  }

  /// Appends a member.
  func add(_ name: String, _ packed: Packed) throws(TraceWriteError) {
    guard count < Self.mostMembers, let offset = UInt32(exactly: file.position) else {
      throw TraceWriteError(file: file.name, reason: "the recording is too long for a sigrok session")
    }
    count += 1
    let name = Array(name.utf8)
    // Version 2.0, deflated, 1 January 1980: the same packets give the same file.
    var common: [UInt8] = [20, 0, 0, 0, 8, 0, 0, 0, 0x21, 0]
    common.appendLittleEndian(packed.crc)
    common.appendLittleEndian(UInt32(truncatingIfNeeded: packed.bytes.count))
    common.appendLittleEndian(packed.size)
    common.appendLittleEndian(UInt16(truncatingIfNeeded: name.count))
    common.appendLittleEndian(UInt16(0))
    var header: [UInt8] = []
    header.appendLittleEndian(ZipMember.localSignature)
    try file.write(header + common + name)
    try file.write(packed.bytes)
    directory.appendLittleEndian(ZipMember.centralSignature)
    directory += [20, 0] + common
    // Comment, disk, attributes.
    directory += [UInt8](repeating: 0, count: 10)
    directory.appendLittleEndian(offset)
    directory += name
  }

  /// Writes the central directory and closes the file.
  func finish() throws(TraceWriteError) {
    guard let offset = UInt32(exactly: file.position) else {
      throw TraceWriteError(file: file.name, reason: "the recording is too long for a sigrok session")
    }
    try file.write(directory)
    var end: [UInt8] = []
    end.appendLittleEndian(ZipMember.endSignature)
    end += [0, 0, 0, 0]
    end.appendLittleEndian(UInt16(truncatingIfNeeded: count))
    end.appendLittleEndian(UInt16(truncatingIfNeeded: count))
    end.appendLittleEndian(UInt32(truncatingIfNeeded: directory.count))
    end.appendLittleEndian(offset)
    end += [0, 0]
    try file.write(end)
    try file.finish()
  }
}
