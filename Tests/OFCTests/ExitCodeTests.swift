import Foundation
import TestSupport
import Testing

/// What `ofc` ends with, and what it says on standard error.
@Suite(.enabled(if: Command.isBuilt, Comment(rawValue: Command.absent))) struct ExitCodeTests {
  @Test(arguments: [
    ["decode", Capture.apple], ["decode", Capture.hardReset, "--json"], ["explain", "4102"], ["--help"],
    ["--version"], ["decode", "--help"],
  ])
  func success(_ arguments: [String]) throws {
    let result = try Command.run(arguments)
    #expect(result.status == 0 && result.complaints == "" && result.lines.count > 0)
  }

  /// Nothing that can be read: status 2, one line that names the file, and not a word on standard output.
  @Test(arguments: ["missing", "directory", "empty", "random", "text"], [[], ["--json"]])
  func unusableFiles(_ kind: String, _ options: [String]) throws {
    let folder = try TemporaryFolder()
    var generator = SeededGenerator(seed: 5)
    let path =
      switch kind {
      case "missing": folder.path("nothing.sr")
      case "directory": folder.url.path
      case "empty": try folder.file("empty.sr", [])
      case "random":
        try folder.file("random.sr", (0..<5_000).map { _ in UInt8.random(in: 0...255, using: &generator) })
      default: try folder.file("text.txt", Array("not a recording at all\n".utf8))
      }
    let result = try Command.run(["decode", path] + options)
    #expect(result.status == 2 && result.output == "")
    #expect(result.complaintLines.count == 1 && result.complaints.hasPrefix("ofc: \(path): "))
  }

  /// The records in front of the damage are shown, then one line says what is wrong: status 3.
  @Test func damagedRecordings() throws {
    let folder = try TemporaryFolder()
    let sampled = try ProjectFiles.bytes(Capture.hardReset)
    let meter = try ProjectFiles.bytes(Capture.meter)
    let cuts = [
      try folder.file("cut.sr", Array(sampled.prefix(sampled.count / 2))),
      try folder.file("cut.pcapng", Array(meter.prefix(meter.count - 5))),
      try folder.file("bad.hex", Array("SOP 8204\nSOP 82zz\nSOP 8204\n".utf8)),
    ]
    for path in cuts {
      let result = try Command.run("decode", path, "--json", "--no-summary")
      #expect(result.status == 3, "\(path): \(result.complaints)")
      #expect(result.complaintLines.count == 1 && result.complaints.hasPrefix("ofc: \(path):"))
      let messages = result.objects?.count { $0["type"] as? String == "message" } ?? 0
      #expect(messages > 0, "\(path)")
    }
  }

  /// A good file behind a bad one is still read; the worst status counts.
  @Test func severalFiles() throws {
    let result = try Command.run("decode", "nothing.sr", Capture.apple, "--json")
    #expect(result.status == 2 && result.complaintLines.count == 1)
    #expect(result.objects?.compactMap { $0["file"] as? String } == ["nothing.sr", Capture.apple])
    #expect(result.objects?.contains { $0["name"] as? String == "Source_Capabilities" } == true)
  }

  /// Arguments, and how the only line on standard error begins.
  @Test(
    arguments: [
      (["decode", Capture.apple, "--filter", "Reqest"], "ofc: the filter makes no sense at column 1"),
      (["decode", Capture.apple, "--filter", "id =="], "ofc: the filter makes no sense at column 6"),
      (["explain", "82zz"], "ofc: `z` at place 3"), (["explain", "821"], "ofc: 3 hexadecimal digits"),
      (["explain", "41"], "ofc: 1 bytes are too few"),
      (["explain", "--as", "Nothing", "00"], "ofc: there is no"),
      (["explain", String(repeating: "00", count: 300)], "ofc: 300 bytes are too many"),
      (["explain", "8210", "--before", "x"], "ofc: `x` at place 1"),
      (["convert", Capture.apple, "/nowhere/out.csv"], "ofc: /nowhere/out.csv: "),
      (["convert", Capture.apple, "out.xyz"], "ofc: `out.xyz` does not tell the format"),
      (["convert", Capture.apple, "/dev/full", "--to", "csv"], "ofc: /dev/full: "),
    ] as [([String], String)])
  func unusableArguments(_ arguments: [String], _ complaint: String) throws {
    let result = try Command.run(arguments)
    #expect(result.status == 1 && result.output == "")
    #expect(
      result.complaintLines.count == 1 && result.complaints.hasPrefix(complaint), "\(result.complaints)")
  }

  @Test(arguments: [
    ["decode", Capture.apple, "--nope"], ["decode"], ["nope"], ["decode", Capture.apple, "--from", "soon"],
    ["explain", "4102", "--sop", "SOPA"], ["decode", Capture.apple, "--format", "nope"],
    ["convert", Capture.apple],
  ])
  func unusableCommandLines(_ arguments: [String]) throws {
    let result = try Command.run(arguments)
    #expect(result.status == 64 && result.output == "" && result.complaints.hasPrefix("Error: "))
  }
}
