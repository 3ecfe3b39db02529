import Foundation
import TestSupport
import Testing

@testable import Trace

/// Archives built here, byte by byte.
struct ZipBuilder {
  var bytes: [UInt8] = []
  private var directory: [UInt8] = []
  private var count = 0

  enum Form { case plain, descriptor, sizesAndDescriptor, zip64 }

  mutating func add(
    _ name: String, _ data: [UInt8], stored: Bool = false, form: Form = .plain, method: UInt16? = nil,
    flags: UInt16 = 0,
    crc: UInt32? = nil
  ) throws {
    let packed = try ZipArchiveWriter.pack(data.span, fileName: "")
    let body = stored ? data : packed.bytes
    let method = method ?? (stored ? 0 : 8)
    let crc = crc ?? packed.crc
    let offset = UInt32(bytes.count)
    bytes.appendLittleEndian(UInt32(0x0403_4B50))
    bytes += [20, 0]
    bytes.appendLittleEndian(flags | (form == .descriptor || form == .sizesAndDescriptor ? 8 : 0))
    bytes.appendLittleEndian(method)
    bytes += [0, 0, 0x21, 0]
    let wide = form == .zip64
    bytes.appendLittleEndian(form == .descriptor ? 0 : crc)
    bytes.appendLittleEndian(form == .descriptor ? 0 : wide ? UInt32.max : UInt32(body.count))
    bytes.appendLittleEndian(form == .descriptor ? 0 : wide ? UInt32.max : UInt32(data.count))
    bytes.appendLittleEndian(UInt16(name.utf8.count))
    bytes.appendLittleEndian(UInt16(wide ? 20 : 0))
    bytes += Array(name.utf8)
    if wide {
      bytes += [1, 0, 16, 0]
      bytes.appendLittleEndian(UInt64(data.count))
      bytes.appendLittleEndian(UInt64(body.count))
    }
    bytes += body
    if form == .descriptor || form == .sizesAndDescriptor {
      bytes.appendLittleEndian(UInt32(0x0807_4B50))
      bytes.appendLittleEndian(crc)
      bytes.appendLittleEndian(UInt32(body.count))
      bytes.appendLittleEndian(UInt32(data.count))
    }
    directory.appendLittleEndian(UInt32(0x0201_4B50))
    directory += [20, 0, 20, 0]
    directory.appendLittleEndian(flags | (form == .descriptor || form == .sizesAndDescriptor ? 8 : 0))
    directory.appendLittleEndian(method)
    directory += [0, 0, 0x21, 0]
    directory.appendLittleEndian(crc)
    directory.appendLittleEndian(wide ? UInt32.max : UInt32(body.count))
    directory.appendLittleEndian(wide ? UInt32.max : UInt32(data.count))
    directory.appendLittleEndian(UInt16(name.utf8.count))
    directory.appendLittleEndian(UInt16(wide ? 28 : 0))
    directory += [UInt8](repeating: 0, count: 10)
    directory.appendLittleEndian(wide ? UInt32.max : offset)
    directory += Array(name.utf8)
    if wide {
      directory += [1, 0, 24, 0]
      directory.appendLittleEndian(UInt64(data.count))
      directory.appendLittleEndian(UInt64(body.count))
      directory.appendLittleEndian(UInt64(offset))
    }
    count += 1
  }

  /// The archive with its central directory.
  func finished(comment: String = "") -> [UInt8] {
    var all = bytes + directory
    all.appendLittleEndian(UInt32(0x0605_4B50))
    all += [0, 0, 0, 0]
    all.appendLittleEndian(UInt16(count))
    all.appendLittleEndian(UInt16(count))
    all.appendLittleEndian(UInt32(directory.count))
    all.appendLittleEndian(UInt32(bytes.count))
    all.appendLittleEndian(UInt16(comment.utf8.count))
    return all + Array(comment.utf8)
  }
}

@Suite struct ZipTests {
  /// What comes out of an archive, member by member, and the fault that ended it.
  private func unpack(_ bytes: [UInt8], limit: UInt64 = 1 << 40) throws -> (
    text: [String], fault: String?, damage: String?
  ) {
    let file = try TemporaryFile(bytes)
    var texts: [String] = []
    do throws(TraceFault) {
      let archive = try ZipArchiveReader(try InputFile(path: file.path), unpackedLimit: limit)
      for member in archive.members {
        var data: [UInt8] = []
        texts.append("\(member.name)=")
        do throws(TraceFault) {
          try archive.open(member)
          while try archive.nextChunk({ chunk in for index in chunk.indices { data.append(chunk[index]) } }) {
          }
        } catch {
          texts[texts.count - 1] += String(decoding: data, as: UTF8.self)
          throw error
        }
        texts[texts.count - 1] += String(decoding: data, as: UTF8.self)
      }
      return (texts, nil, archive.damage?.reason)
    } catch {
      return (texts, error.reason, nil)
    }
  }

  @Test(arguments: [ZipBuilder.Form.plain, .descriptor, .sizesAndDescriptor, .zip64], [false, true])
  func forms(_ form: ZipBuilder.Form, _ hasDirectory: Bool) throws {
    var builder = ZipBuilder()
    try builder.add("a", Array("hello".utf8), stored: form != .descriptor, form: form)
    try builder.add("b", Array("world".utf8), form: form)
    try builder.add("c", [], form: form)
    let result = try unpack(hasDirectory ? builder.finished(comment: "PK\u{5}\u{6}") : builder.bytes)
    #expect(result.text == ["a=hello", "b=world", "c="] && result.fault == nil)
    #expect((result.damage == nil) == hasDirectory)
  }

  @Test func wrongChecksumComesBehindTheData() throws {
    var builder = ZipBuilder()
    try builder.add("a", Array("hello".utf8), crc: 1)
    let result = try unpack(builder.finished())
    #expect(result.text == ["a=hello"] && result.fault == "member “a” is damaged: its CRC-32 does not hold")
  }

  @Test(arguments: [
    (UInt16(14), UInt16(0), "member “a” is packed with method 14; only stored and deflated can be read"),
    (8, 1, "member “a” is encrypted"),
  ])
  func whatCannotBeRead(_ method: UInt16, _ flags: UInt16, _ reason: String) throws {
    var builder = ZipBuilder()
    try builder.add("a", Array("hello".utf8), method: method, flags: flags)
    #expect(try unpack(builder.finished()).fault == reason)
  }

  /// The readable part of a member that is cut counts.
  @Test func cutMember() throws {
    var builder = ZipBuilder()
    try builder.add("a", Array("hello".utf8), stored: true)
    try builder.add("b", Array("wonderful world".utf8), stored: true)
    let result = try unpack(builder.bytes.dropLast(6))
    #expect(result.text == ["a=hello", "b=wonderful"])
    #expect(result.fault == "member “b” is cut: the file ends inside it")
  }

  @Test func cutDeflatedMember() throws {
    var generator = SeededGenerator(seed: 1)
    let data = (0..<200_000).map { _ in UInt8(truncatingIfNeeded: generator.next()) & 0x3F }
    var builder = ZipBuilder()
    try builder.add("a", data)
    let file = try TemporaryFile(builder.bytes.dropLast(builder.bytes.count / 2))
    let archive = try ZipArchiveReader(try InputFile(path: file.path), unpackedLimit: 1 << 30)
    try archive.open(archive.members[0])
    var count = 0
    var isSame = true
    var fault: TraceFault?
    do throws(TraceFault) {
      while try archive.nextChunk({ chunk in
        for index in chunk.indices { isSame = isSame && chunk[index] == data[count + index] }
        count += chunk.count
      }) {}
    } catch {
      fault = error
    }
    #expect(count > 50_000)
    #expect(isSame)
    #expect(fault?.reason == "member “a” is cut: the file ends inside it")
  }

  @Test func unpackingHasALimit() throws {
    var builder = ZipBuilder()
    try builder.add("bomb", [UInt8](repeating: 0x41, count: 3 << 20))
    let result = try unpack(builder.finished(), limit: (1 << 20) + 5)
    #expect(result.text == ["bomb=" + String(repeating: "A", count: (1 << 20) + 5)])
    #expect(result.fault == "member “bomb” goes beyond the limit of 1048581 bytes unpacked")
  }

  /// Members are joined in the order of their numbers; a gap ends the samples.
  @Test func membersOfASession() throws {
    let packets = try sampled()
    var builder = ZipBuilder()
    try builder.add("version", Array("2".utf8))
    try builder.add(
      "metadata", Array("[device 1]\ncapturefile=logic-1\nsamplerate=4 MHz\nprobe1=CC1\nunitsize=1\n".utf8))
    let third = packets.count / 3
    let parts = [packets[..<third], packets[third..<2 * third], packets[(2 * third)...]]
    for number in [2, 1, 3] {
      try builder.add("logic-1-\(number)", Array(parts[number - 1]))
    }
    let whole = try TemporaryFile(builder.finished())
    #expect(Reading(whole.path).counts == [3, 0, 0, 0, 0] && Reading(whole.path).fault == nil)

    try builder.add("logic-1-5", [1, 1])
    let file = try TemporaryFile(builder.finished())
    let reading = Reading(file.path)
    #expect(
      reading.counts == [3, 0, 0, 0, 0] && reading.fault?.reason == "the archive has no member “logic-1-4”")
  }

  /// The samples of three packets.
  private func sampled() throws -> [UInt8] {
    let file = try TemporaryFile()
    var writer = try SigrokWriter(path: file.path)
    for index in 1...3 as ClosedRange<Int64> {
      let packet = TracePacket(orderedSet: .sop, bytes: [0x41, 0], validity: .notChecked)
      try writer.write(TraceRecord(time: .init(index * 1_000_000), content: .packet(packet)))
    }
    try writer.finish()
    let archive = try ZipArchiveReader(try InputFile(path: file.path), unpackedLimit: 1 << 30)
    let member = try #require(archive.members.first { $0.name == "logic-1-1" })
    return try archive.data(of: member, limit: 1 << 24)
  }
}
