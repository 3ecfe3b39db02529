import Foundation
import Instruments
import TestSupport
import Testing

@Suite struct DrPDFrameTests {
  /// Frames and answers with their bytes, which are not part of the repository; `nil` where they are absent.
  struct TransportVectors: Decodable {
    struct Frame: Decodable {
      let id: String
      let direction: String
      let hex: String
    }
    struct Block: Decodable {
      let id: String
      let hex: String
    }
    struct Answer: Decodable {
      let query: String
      let response: String
    }
    let winusbFrames: [Frame]
    let captureBlocks: [Block]
    let scpiResponses: [Answer]

    static let url = ProjectFiles.url("../shared/captures/drpd/transport-vectors.json")
    static var isPresent: Bool { FileManager.default.fileExists(atPath: url.path) }
    static let absent = "the vectors of the Dr. PD are not at ../shared/captures/drpd"
  }

  private func frames(_ pieces: [[UInt8]]) throws -> [DrPDFrame] {
    var reader = DrPDFrameReader()
    var frames: [DrPDFrame] = []
    for piece in pieces {
      reader.append(piece)
      while let frame = try reader.next() { frames.append(frame) }
    }
    #expect(reader.waiting == 0)
    return frames
  }

  private static let several: [DrPDFrame] = [
    DrPDFrame(.text, tag: 1, flags: 1, payload: Array("0,\"No error\"\n".utf8)),
    DrPDFrame(.commandAcknowledgement, tag: 255, reserved: 0xBEEF),
    DrPDFrame(.binary, tag: 7, payload: [UInt8](repeating: 0x57, count: 300)),
    DrPDFrame(DrPDFrameKind(rawValue: 0x90), tag: 0, payload: [1]),
  ]

  @Test(arguments: [1, 2, 3, 11, 12, 13, 64, 256, 4096]) func reassembly(_ length: Int) throws {
    let bytes = Self.several.flatMap(\.bytes)
    let pieces = stride(from: 0, to: bytes.count, by: length).map {
      Array(bytes[$0..<min($0 + length, bytes.count)])
    }
    #expect(try frames(pieces) == Self.several)
  }

  /// Split in two at every place, with a zero-length piece between.
  @Test func everySplit() throws {
    let bytes = Self.several.flatMap(\.bytes)
    for place in 0...bytes.count {
      #expect(try frames([Array(bytes[..<place]), [], Array(bytes[place...])]) == Self.several)
    }
  }

  @Test(arguments: [
    ([0x58], DrPDFrameError.magic(dropped: 1)), ([0x57, 0x54, 1], .magic(dropped: 3)),
    ([0x57, 0x55, 2], .version(2)),
    ([0x57, 0x55, 1, 0x81, 1, 0, 0, 0, 1, 0, 1, 0], .length(0x1_0001)),
    ([0x57, 0x55, 1, 0x81, 1, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF], .length(.max)),
  ])
  func noFrame(_ bytes: [UInt8], _ error: DrPDFrameError) throws {
    var reader = DrPDFrameReader()
    reader.append(bytes)
    #expect(throws: error) { try reader.next() }
    // What was wrong is gone: a frame behind it is read.
    reader.append(Self.several[0].bytes)
    #expect(try reader.next() == Self.several[0])
  }

  @Test func longestFrame() throws {
    var reader = DrPDFrameReader()
    let frame = DrPDFrame(.binary, tag: 1, payload: [UInt8](repeating: 1, count: DrPDFrame.longestPayload))
    reader.append(frame.bytes)
    #expect(try reader.next() == frame)
  }

  /// Any bytes give frames or an error, and never anything else.
  @Test func noise() {
    var generator = SeededGenerator(seed: 7)
    for _ in 0..<500 {
      var reader = DrPDFrameReader()
      var errors = 0
      for _ in 0..<8 {
        var piece = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
          UInt8.random(in: 0...255, using: &generator)
        }
        if Bool.random(using: &generator) { piece = [0x57, 0x55, 0x01] + piece }
        reader.append(piece)
        do { while try reader.next() != nil {} } catch { errors += 1 }
      }
      #expect(errors <= 8)
    }
  }

  @Test(arguments: [
    ("*IDN?", DrPDFrameKind.query), ("SINK:PDO? 3", .query), ("SINK:PDO 3 9000 0", .command),
    ("BUS:CC:CAP:EN ON", .command), ("X \"?\"", .command), ("X\t?", .command), ("", .command),
  ])
  func kindOfRequest(_ text: String, _ kind: DrPDFrameKind) {
    let frame = DrPDFrame.request(text, tag: 9)
    #expect(frame.kind == kind && frame.tag == 9 && frame.payload == Array(text.utf8) && frame.flags == 0)
  }

  @Test func exampleBytes() {
    #expect(DrPDFrame(.sessionReset, tag: 1).bytes == bytes("575501020100000000000000"))
    #expect(DrPDFrame.request("*IDN?", tag: 2).bytes == bytes("5755010302000000050000002A49444E3F"))
    #expect(DrPDFrame(.commandAcknowledgement, tag: 3, flags: 1).bytes == bytes("575501800301000000000000"))
    #expect(DrPDFrame(.commandAcknowledgement, tag: 3, flags: 0xFE).hasNews == false)
  }

  @Test(.enabled(if: TransportVectors.isPresent, "\(TransportVectors.absent)")) func vectors() throws {
    let vectors = try JSONDecoder().decode(
      TransportVectors.self, from: Data(contentsOf: TransportVectors.url))
    for vector in vectors.winusbFrames {
      let frame = try #require(try frames([bytes(vector.hex)]).first, "\(vector.id)")
      #expect(frame.bytes == bytes(vector.hex), "\(vector.id)")
      if vector.direction == "host-to-device", frame.kind != .sessionReset {
        #expect(DrPDFrame.request(frame.text, tag: frame.tag) == frame, "\(vector.id)")
      }
    }
    let byID = try Dictionary(
      uniqueKeysWithValues: vectors.winusbFrames.map {
        ($0.id, try #require(try frames([bytes($0.hex)]).first))
      })
    #expect(try DrPDIdentity(byID["text-idn"]?.text ?? "").version == [0, 9, 11])
    #expect(byID["command-ack-srq"]?.hasNews == true)
    #expect(DrPDRefusal(byID["error-wrong-kind"]?.text ?? "") == .notACommand)
    #expect(DrPDRefusal(byID["error-busy"]?.text ?? "") == .busy)
    #expect(
      DrPDRefusal(byID["error-scpi"]?.text ?? "")
        == .error(try DrPDErrorEntry("-113,\"Undefined header\"")))
    for block in vectors.captureBlocks {
      let record = try? DrPDCaptureRecord(answer: bytes(block.hex).span)
      #expect((record == nil) == (block.id == "truncated-length"), "\(block.id)")
    }
    for answer in vectors.scpiResponses {
      switch answer.query {
      case "STAT:DEV?": #expect(try DrPDStatus(answer.response) == [.vbus, .capture, .message])
      case "BUS:CC:ROLE?":
        let role = try DrPDRole(answer.response)
        #expect(role.role == .sink && role.attachment == .attached && role.source?.port == "DUT")
      case "BUS:VBUS:STAT?":
        #expect(try DrPDVBUSState(answer.response).overvoltage?.rawValue == 1_000_000)
      case "SYST:ERR?": #expect(try DrPDErrorEntry(answer.response).code == 0)
      case "BUS:CC:CAP:CYCLETIME?":
        #expect(try DrPDNumber.pulseRate(answer.response).rawValue == 100_000_000)
      default: #expect(try DrPDSourceObject(answer.response) != nil, "\(answer.query)")
      }
    }
  }
}
