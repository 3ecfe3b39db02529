import Instruments

/// The members of a ZIP archive: from the central directory, or from the local headers where that is lost.
struct ZipDirectory {
  var members: [ZipMember]
  /// Why the central directory could not be used; `nil` where it was.
  var damage: TraceFault?

  private static let mostMembers = 1 << 18

  init(_ file: InputFile) throws(TraceFault) {
    do throws(TraceFault) {
      members = try Self.central(file)
      damage = nil
    } catch {
      members = []
      damage = error
      try walk(file)
    }
  }

  // MARK: The central directory

  private static func central(_ file: InputFile) throws(TraceFault) -> [ZipMember] {
    let end = try endRecord(file)
    guard end.count <= UInt64(mostMembers) else {
      throw TraceFault(.damaged, file: file.name, at: .byte(end.offset), "the archive names too many members")
    }
    var stream = ByteStream(file, from: end.offset)
    var members: [ZipMember] = []
    for _ in 0..<end.count {
      let offset = stream.position
      guard let head = try stream.take(46), let member = try centralMember(head, &stream),
        member.headerOffset < file.size
      else {
        throw TraceFault(.damaged, file: file.name, at: .byte(offset), "the central directory is damaged")
      }
      members.append(member)
    }
    return members
  }

  private static func centralMember(
    _ head: [UInt8], _ stream: inout ByteStream
  ) throws(TraceFault) -> ZipMember? {
    let bytes = head.span
    func short(_ offset: Int) -> UInt16 { bytes.littleEndian(UInt16.self, at: offset) ?? 0 }
    func long(_ offset: Int) -> UInt32 { bytes.littleEndian(UInt32.self, at: offset) ?? 0 }
    guard long(0) == ZipMember.centralSignature, let name = try stream.take(Int(short(28))),
      let extra = try stream.take(Int(short(30)))
    else { return nil }
    stream.skip(UInt64(short(32)))
    var member = ZipMember(
      name: String(decoding: name, as: UTF8.self), method: short(10), flags: short(8), crc: long(16),
      compressedSize: UInt64(long(20)), size: UInt64(long(24)), headerOffset: UInt64(long(42)))
    member.applyZip64(extra, offsetIsOpen: true)
    return member
  }

  /// Finds where the central directory begins and how many members it names.
  private static func endRecord(_ file: InputFile) throws(TraceFault) -> (offset: UInt64, count: UInt64) {
    let tailLength = min(file.size, 22 + 65_535)
    let tailStart = file.size - tailLength
    let tail = try file.bytes(at: tailStart, count: Int(tailLength))
    let bytes = tail.span
    var place = tail.count - 22
    while place >= 0 {
      if bytes.littleEndian(UInt32.self, at: place) == ZipMember.endSignature,
        let comment = bytes.littleEndian(UInt16.self, at: place + 20), place + 22 + Int(comment) == tail.count
      {
        break
      }
      place -= 1
    }
    guard place >= 0, let count = bytes.littleEndian(UInt16.self, at: place + 10),
      let offset = bytes.littleEndian(UInt32.self, at: place + 16)
    else {
      throw TraceFault(
        .damaged, file: file.name, at: .byte(file.size),
        "the archive ends without its central directory: the file is cut or was not closed")
    }
    if count == 0xFFFF || offset == 0xFFFF_FFFF {
      if let wide = try zip64EndRecord(file, before: tailStart + UInt64(place)) { return wide }
    }
    return (UInt64(offset), UInt64(count))
  }

  private static func zip64EndRecord(
    _ file: InputFile, before end: UInt64
  ) throws(TraceFault) -> (offset: UInt64, count: UInt64)? {
    guard end >= 20 else { return nil }
    let locator = try file.bytes(at: end - 20, count: 20)
    guard locator.span.littleEndian(UInt32.self, at: 0) == ZipMember.zip64LocatorSignature,
      let place = locator.span.littleEndian(UInt64.self, at: 8)
    else { return nil }
    let record = try file.bytes(at: place, count: 56)
    guard record.span.littleEndian(UInt32.self, at: 0) == ZipMember.zip64EndSignature,
      let count = record.span.littleEndian(UInt64.self, at: 32),
      let offset = record.span.littleEndian(UInt64.self, at: 48)
    else { return nil }
    return (offset, count)
  }

  // MARK: The local headers

  /// Goes from local header to local header. A member that is cut is listed too: its readable part counts.
  private mutating func walk(_ file: InputFile) throws(TraceFault) {
    var offset: UInt64 = 0
    while members.count < Self.mostMembers, let found = try Self.localMember(file, at: offset) {
      var member = found.member
      if member.compressedSize == nil {
        guard let end = try ZipInflater.findEnd(of: member, in: file, from: found.dataOffset) else {
          members.append(member)
          return
        }
        member.compressedSize = end.compressedSize
        member.size = end.size
        member.crc = end.crc
        offset = end.next
      } else {
        let (next, overflow) = found.dataOffset.addingReportingOverflow(member.compressedSize ?? 0)
        offset = overflow ? file.size : next
        if member.hasDescriptor { offset = try Self.skipDescriptor(file, at: offset) }
      }
      members.append(member)
    }
  }

  /// The member whose local header begins at `offset`, and where its data begin.
  static func localMember(
    _ file: InputFile, at offset: UInt64
  ) throws(TraceFault) -> (member: ZipMember, dataOffset: UInt64)? {
    let head = try file.bytes(at: offset, count: ZipMember.localHeaderLength)
    let bytes = head.span
    func short(_ offset: Int) -> UInt16 { bytes.littleEndian(UInt16.self, at: offset) ?? 0 }
    func long(_ offset: Int) -> UInt32 { bytes.littleEndian(UInt32.self, at: offset) ?? 0 }
    guard head.count == ZipMember.localHeaderLength, long(0) == ZipMember.localSignature else { return nil }
    let nameLength = Int(short(26))
    let names = try file.bytes(
      at: offset + UInt64(ZipMember.localHeaderLength), count: nameLength + Int(short(28)))
    guard names.count == nameLength + Int(short(28)) else { return nil }
    var member = ZipMember(
      name: String(decoding: names[..<nameLength], as: UTF8.self), method: short(8), flags: short(6),
      crc: long(14), compressedSize: UInt64(long(18)), size: UInt64(long(22)), headerOffset: offset)
    member.applyZip64(Array(names[nameLength...]), offsetIsOpen: false)
    if member.hasDescriptor && member.compressedSize == 0 {
      member.crc = nil
      member.compressedSize = nil
      member.size = nil
    }
    return (member, offset + UInt64(ZipMember.localHeaderLength + names.count))
  }

  private static func skipDescriptor(_ file: InputFile, at offset: UInt64) throws(TraceFault) -> UInt64 {
    let bytes = try file.bytes(at: offset, count: 24)
    guard bytes.span.littleEndian(UInt32.self, at: 0) == ZipMember.descriptorSignature else { return offset }
    let isNext = bytes.span.littleEndian(UInt32.self, at: 16).map {
      $0 == ZipMember.localSignature || $0 == ZipMember.centralSignature
    }
    return offset + (isNext == true ? 16 : 24)
  }
}
