/// The logic samples of a sigrok session, chunk by chunk.
struct SigrokSamples {
  let metadata: SigrokMetadata
  private let archive: ZipArchiveReader
  private let file: InputFile
  /// The members with samples in the order of their numbers.
  private var members: [ZipMember]
  private var next = 0
  private var isOpen = false
  /// What is told once the samples in front of it were handed on.
  private var fault: TraceFault?

  init(_ file: InputFile, options: TraceReadOptions) throws(TraceFault) {
    self.file = file
    archive = try ZipArchiveReader(file, unpackedLimit: options.unpackedLimit)
    guard let description = archive.members.first(where: { $0.name == "metadata" }) else {
      var reason = "is a ZIP archive without the member “metadata”, so no sigrok session"
      if let damage = archive.damage { reason += " (\(damage.reason))" }
      throw TraceFault(.unusable, file: file.name, reason)
    }
    try Self.checkVersion(archive, file)
    let text = String(decoding: try archive.data(of: description, limit: 1 << 20), as: UTF8.self)
    do throws(SigrokMetadataError) {
      metadata = try SigrokMetadata(text)
    } catch {
      throw TraceFault(.unusable, file: file.name, error.reason)
    }
    members = []
    try selectMembers()
  }

  private static func checkVersion(_ archive: ZipArchiveReader, _ file: InputFile) throws(TraceFault) {
    guard let member = archive.members.first(where: { $0.name == "version" }) else { return }
    let text = String(decoding: try archive.data(of: member, limit: 64), as: UTF8.self)
    let version = text.prefix { !$0.isWhitespace }
    guard version == "1" || version == "2" else {
      throw TraceFault(
        .unusable, file: file.name, "sigrok session format \(version) is not known, only 1 and 2")
    }
  }

  /// Either the one member `logic-1`, or `logic-1-1`, `logic-1-2` … in numeric order, up to the first gap.
  private mutating func selectMembers() throws(TraceFault) {
    let name = metadata.captureFile
    if let single = archive.members.first(where: { $0.name == name }) {
      members = [single]
    } else {
      var numbered: [(number: Int, member: ZipMember)] = archive.members.compactMap { member in
        guard member.name.hasPrefix(name + "-"), let number = Int(member.name.dropFirst(name.count + 1))
        else { return nil }
        return (number, member)
      }
      numbered.sort { $0.number < $1.number }
      for (place, entry) in numbered.enumerated() {
        guard entry.number == place + 1 else {
          fault = TraceFault(.damaged, file: file.name, "the archive has no member “\(name)-\(place + 1)”")
          break
        }
        members.append(entry.member)
      }
    }
    if let damage = archive.damage { fault = damage }
    guard !members.isEmpty else {
      throw fault
        ?? TraceFault(.unusable, file: file.name, "the archive has no member “\(name)”: there are no samples")
    }
  }

  /// Hands on the next bytes of the samples, which need not be whole samples; returns false at the end.
  mutating func nextChunk(_ body: (Span<UInt8>) -> Void) throws(TraceFault) -> Bool {
    while true {
      if !isOpen {
        guard next < members.count else {
          if let fault { throw fault }
          return false
        }
        try archive.open(members[next])
        isOpen = true
      }
      if try archive.nextChunk(body) { return true }
      isOpen = false
      next += 1
    }
  }
}
