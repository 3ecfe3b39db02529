import CZlib
import Instruments

/// Unpacks one member after the other, chunk by chunk through two buffers that are used again.
@safe final class ZipInflater {
  private let file: InputFile
  /// The archive, as the user named it.
  var fileName: String { file.name }
  private let stream: UnsafeMutablePointer<z_stream>
  private let input: UnsafeMutableRawBufferPointer
  private let output: UnsafeMutableRawBufferPointer
  private var streamIsOpen = false

  private var member: ZipMember?
  /// Where the next packed byte stands in the file, and how many of the member follow.
  private var offset: UInt64 = 0
  private var packedLeft: UInt64 = 0
  private var unpacked: UInt64 = 0
  private var crc: UInt = 0
  private var hasEnded = true
  /// What is told once the data in front of it were handed on.
  private var fault: TraceFault?

  /// Bytes that may still be unpacked, over all members.
  private var allowance: UInt64
  private let limit: UInt64

  private static let inputLength = 1 << 17
  private static let outputLength = 1 << 20

  /// - Parameter limit: how many bytes may be unpacked in all.
  init(_ file: InputFile, limit: UInt64) {
    self.file = file
    self.limit = limit
    allowance = limit
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    unsafe input = .allocate(byteCount: Self.inputLength, alignment: 16)
    unsafe output = .allocate(byteCount: Self.outputLength, alignment: 16)
  }

  deinit {
    if streamIsOpen { unsafe inflateEnd(stream) }
    unsafe stream.deallocate()
    unsafe input.deallocate()
    unsafe output.deallocate()
  }

  /// Begins a member.
  /// - Throws: where its method is not known, it is encrypted, or its header is not where the directory says.
  func open(_ member: ZipMember) throws(TraceFault) {
    self.member = member
    let place = TraceFault.Place.byte(member.headerOffset)
    guard let local = try ZipDirectory.localMember(file, at: member.headerOffset) else {
      throw TraceFault(
        .damaged, file: file.name, at: place,
        "member “\(member.name)” has no header there: the archive is damaged")
    }
    guard !member.isEncrypted else {
      throw TraceFault(.unusable, file: file.name, at: place, "member “\(member.name)” is encrypted")
    }
    guard member.method == ZipMember.stored || member.method == ZipMember.deflated else {
      throw TraceFault(
        .unusable, file: file.name, at: place,
        "member “\(member.name)” is packed with method \(member.method); only stored and deflated can be read"
      )
    }
    offset = local.dataOffset
    packedLeft = member.compressedSize ?? UInt64.max
    unpacked = 0
    crc = crc32(0, nil, 0)
    fault = nil
    hasEnded = false
    try resetStream()
  }

  private func resetStream() throws(TraceFault) {
    let status = unsafe streamIsOpen ? inflateReset(stream) : ofc_inflate_init_raw(stream)
    guard status == Z_OK else { throw TraceFault(.unusable, file: file.name, "zlib has no memory") }
    streamIsOpen = true
    unsafe stream.pointee.avail_in = 0
  }

  /// Hands on the next bytes of the member, at most 1 MiB; returns false at its end.
  /// - Throws: after everything in front of the damage was handed on.
  func nextChunk(_ body: (Span<UInt8>) -> Void) throws(TraceFault) -> Bool {
    if let fault {
      self.fault = nil
      hasEnded = true
      throw fault
    }
    guard !hasEnded, let member else { return false }
    let length = try member.method == ZipMember.stored ? copyStored(member) : inflateSome(member)
    if length > 0 {
      let chunk = unsafe UnsafeRawBufferPointer(rebasing: output[..<length])
      crc = unsafe crc32(crc, chunk.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt32(length))
      unpacked += UInt64(length)
      allowance -= UInt64(length)
      unsafe body(Span(_unsafeElements: chunk.bindMemory(to: UInt8.self)))
    }
    if hasEnded && fault == nil { checkEnd(member) }
    if let fault, length == 0 {
      self.fault = nil
      throw fault
    }
    return length > 0
  }

  /// Room for the next chunk: less than the buffer where the allowance ends.
  private func room(_ member: ZipMember) throws(TraceFault) -> Int {
    guard allowance > 0 else {
      hasEnded = true
      throw TraceFault(
        .damaged, file: file.name, at: .byte(offset),
        "member “\(member.name)” goes beyond the limit of \(limit) bytes unpacked")
    }
    return Int(min(UInt64(Self.outputLength), allowance))
  }

  private func copyStored(_ member: ZipMember) throws(TraceFault) -> Int {
    guard packedLeft > 0 else {
      hasEnded = true
      return 0
    }
    let wanted = Int(min(UInt64(try room(member)), packedLeft))
    let count = try unsafe file.read(
      at: offset, into: UnsafeMutableRawBufferPointer(rebasing: output[..<wanted]))
    offset += UInt64(count)
    packedLeft -= UInt64(count)
    if count < wanted { stop(member, "is cut: the file ends inside it") }
    if packedLeft == 0 { hasEnded = true }
    return count
  }

  private func inflateSome(_ member: ZipMember) throws(TraceFault) -> Int {
    let room = try room(member)
    unsafe stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
    unsafe stream.pointee.avail_out = UInt32(room)
    while unsafe stream.pointee.avail_out > 0 && !hasEnded {
      if unsafe stream.pointee.avail_in == 0 {
        guard try refill(member) else { break }
      }
      switch unsafe inflate(stream, Z_NO_FLUSH) {
      case Z_OK, Z_BUF_ERROR: continue
      case Z_STREAM_END: hasEnded = true
      default: stop(member, "is damaged: its deflate stream cannot be read")
      }
    }
    return unsafe room - Int(stream.pointee.avail_out)
  }

  /// Reads packed bytes; false where there are no more.
  private func refill(_ member: ZipMember) throws(TraceFault) -> Bool {
    let wanted = Int(min(UInt64(Self.inputLength), packedLeft))
    let count = try unsafe file.read(
      at: offset, into: UnsafeMutableRawBufferPointer(rebasing: input[..<wanted]))
    guard count > 0 else {
      stop(
        member,
        packedLeft == 0 ? "is damaged: its deflate stream does not end" : "is cut: the file ends inside it")
      return false
    }
    offset += UInt64(count)
    packedLeft -= UInt64(count)
    unsafe stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
    unsafe stream.pointee.avail_in = UInt32(count)
    return true
  }

  private func stop(_ member: ZipMember, _ reason: String) {
    hasEnded = true
    let consumed = unsafe offset - UInt64(stream.pointee.avail_in)
    fault = TraceFault(
      .damaged, file: file.name, at: .byte(min(consumed, file.size)), "member “\(member.name)” \(reason)")
  }

  private func checkEnd(_ member: ZipMember) {
    if let size = member.size, size != unpacked {
      stop(member, "is damaged: \(unpacked) bytes instead of \(size)")
    } else if let crc = member.crc, crc != UInt32(truncatingIfNeeded: self.crc) {
      stop(member, "is damaged: its CRC-32 does not hold")
    }
  }

  // MARK: Members whose length stands behind them

  struct End {
    var compressedSize: UInt64
    var size: UInt64
    var crc: UInt32
    /// Where the next local header is due.
    var next: UInt64
  }

  /// Unpacks a member of unknown length to find its end and its data descriptor; `nil` where it does not end.
  static func findEnd(
    of member: ZipMember, in file: InputFile, from dataOffset: UInt64
  ) throws(TraceFault) -> End? {
    guard member.method == ZipMember.deflated, !member.isEncrypted else { return nil }
    let inflater = ZipInflater(file, limit: UInt64.max)
    do throws(TraceFault) {
      try inflater.open(member)
      while try inflater.nextChunk({ _ in }) {}
    } catch {
      return nil
    }
    let end = unsafe inflater.offset - UInt64(inflater.stream.pointee.avail_in)
    let descriptor = try file.bytes(at: end, count: 28)
    let start = descriptor.span.littleEndian(UInt32.self, at: 0) == ZipMember.descriptorSignature ? 4 : 0
    guard let crc = descriptor.span.littleEndian(UInt32.self, at: start) else { return nil }
    let isNarrow =
      descriptor.span.littleEndian(UInt32.self, at: start + 8)
      == UInt32(truncatingIfNeeded: inflater.unpacked)
    return End(
      compressedSize: end - dataOffset, size: inflater.unpacked, crc: crc,
      next: end + UInt64(start) + (isNarrow ? 12 : 20))
  }
}
