/// A ZIP archive open for reading: its members, and their data chunk by chunk.
///
/// Memory does not grow with the archive. The data of a member are handed on before its CRC-32 is checked; one that
/// does not hold is a fault after them.
struct ZipArchiveReader {
  let members: [ZipMember]
  /// Why the members were found by their local headers; `nil` where the central directory is sound.
  let damage: TraceFault?
  private let inflater: ZipInflater

  /// - Parameter unpackedLimit: how many bytes may be unpacked in all.
  init(_ file: InputFile, unpackedLimit: UInt64) throws(TraceFault) {
    let directory = try ZipDirectory(file)
    members = directory.members
    damage = directory.damage
    inflater = ZipInflater(file, limit: unpackedLimit)
  }

  /// Begins a member; `nextChunk` then gives its data.
  func open(_ member: ZipMember) throws(TraceFault) { try inflater.open(member) }

  /// Hands on the next bytes of the open member, at most 1 MiB; returns false at its end.
  func nextChunk(_ body: (Span<UInt8>) -> Void) throws(TraceFault) -> Bool {
    try inflater.nextChunk(body)
  }

  /// All of a small member.
  /// - Throws: also where it is longer than `limit`.
  func data(of member: ZipMember, limit: Int) throws(TraceFault) -> [UInt8] {
    try open(member)
    var data: [UInt8] = []
    while try nextChunk({ chunk in
      for index in 0..<min(chunk.count, max(limit + 1 - data.count, 0)) { data.append(chunk[index]) }
    }) {
      if data.count > limit { break }
    }
    guard data.count <= limit else {
      throw TraceFault(
        .unusable, file: inflater.fileName, at: .byte(member.headerOffset),
        "member “\(member.name)” is longer than \(limit) bytes")
    }
    return data
  }

}
