import Foundation
import Testing

/// `ofc convert` into every format, and back.
@Suite(.enabled(if: Command.isBuilt, Comment(rawValue: Command.absent))) struct ConvertTests {
  private static let recordings = [Capture.apple, Capture.hardReset, Capture.ppsAndAVS, Capture.meter]

  private func decoded(_ path: String, _ options: String...) throws -> String {
    try Command.run(["decode", path, "--json"] + options).output
  }

  /// Nothing is lost: the conversation that is read from the copy is the same, word by word.
  @Test(arguments: recordings, ["pcapng", "jsonl"]) func lossless(_ path: String, _ format: String) throws {
    let folder = try TemporaryFolder()
    let copy = folder.path("copy.\(format)")
    let result = try Command.run("convert", path, copy)
    #expect(result.status == 0 && result.complaints == "" && result.output.hasSuffix("written to \(copy)\n"))
    #expect(try decoded(copy, "--measurements") == decoded(path, "--measurements"))
    // And back again, by the name of the format.
    let again = folder.path("again")
    #expect(
      try Command.run("convert", copy, again, "--to", format == "pcapng" ? "jsonl" : "pcapng").status == 0)
    #expect(try decoded(again, "--measurements") == decoded(path, "--measurements"))
  }

  /// A drawing of the line keeps the packets and their order; marks of damage and measurements are not on the line.
  @Test(arguments: [Capture.apple, Capture.hardReset]) func sigrok(_ path: String) throws {
    let folder = try TemporaryFolder()
    let copy = folder.path("copy.sr")
    #expect(try Command.run("convert", path, copy).status == 0)
    func packets(_ path: String) throws -> [String] {
      let objects = try #require(try Command.run("decode", path, "--json", "--no-summary").objects)
      return objects.map {
        "\($0["name"] ?? $0["reset"] ?? "?") \($0["bytes"] ?? "") \($0["good_crc"] ?? "")"
      }
    }
    #expect(try packets(copy) == packets(path))
  }

  @Test func csv() throws {
    let folder = try TemporaryFolder()
    let copy = folder.path("copy.csv")
    #expect(try Command.run("convert", Capture.apple, copy).output.hasPrefix("61 records"))
    let lines = try folder.text("copy.csv").split(separator: "\n")
    #expect(lines.count == 62 && lines[0].hasPrefix("time_ns,end_ns,line,kind,sop,bytes,crc"))
  }

  /// What is in front of the damage is converted; the status says that there is more.
  @Test func aDamagedRecording() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("bad.hex", Array("1 ms SOP 8204\nSOP 82zz\n".utf8))
    let result = try Command.run("convert", path, folder.path("out.jsonl"))
    #expect(result.status == 3 && result.complaintLines.count == 1 && result.output.hasPrefix("1 records"))
    #expect(try folder.text("out.jsonl").split(separator: "\n").count == 1)
  }

  @Test func aMissingFileLeavesNoOutput() throws {
    let folder = try TemporaryFolder()
    #expect(try Command.run("convert", "nothing.sr", folder.path("out.csv")).status == 2)
    #expect(!FileManager.default.fileExists(atPath: folder.path("out.csv")))
  }
}
