import Foundation
import TestSupport
import Testing

/// The options of `ofc decode`.
@Suite(.enabled(if: Command.isBuilt, Comment(rawValue: Command.absent))) struct DecodeTests {
  private func names(_ arguments: String...) throws -> [String] {
    let result = try Command.run(["decode", "--json", "--no-summary"] + arguments)
    let objects = try #require(result.objects)
    return objects.map { ($0["name"] ?? $0["reset"] ?? $0["event"]) as? String ?? "?" }
  }

  @Test func everyLineIsAJSONObject() throws {
    for explain in [[], ["--explain"]] {
      let result = try Command.run(["decode", Capture.hardReset, "--json"] + explain)
      let objects = try #require(result.objects)
      #expect(objects.compactMap { $0["type"] as? String }.count == objects.count)
      #expect(objects.last?["type"] as? String == "summary" && objects.last?["hard_resets"] as? Int == 2)
      #expect(objects.dropLast().compactMap { $0["number"] as? Int } == Array(1...objects.count - 1))
      #expect(objects[0]["time_ns"] is Int && (objects[0]["fields"] is [Any]) == !explain.isEmpty)
    }
  }

  @Test func filter() throws {
    let all = try names(Capture.ppsAndAVS)
    #expect(all.count == 20)
    #expect(try names(Capture.ppsAndAVS, "--filter", "Request") == [String](repeating: "Request", count: 5))
    // The example of the help.
    let example = try names(Capture.ppsAndAVS, "--filter", "outputVoltage > 9 V and from == sink")
    #expect(example == ["Request", "Request", "Request", "Request"])
    #expect(try names(Capture.ppsAndAVS, "--filter", "reset") == ["Hard Reset"])
    #expect(try names(Capture.ppsAndAVS, "--filter", "BIST") == [])
  }

  @Test func fromAndTo() throws {
    let part = try names(Capture.hardReset, "--from", "3.5s", "--to", "3568ms")
    #expect(part == ["Source_Capabilities", "Request", "Accept"])
    // Plain numbers are seconds.
    #expect(try names(Capture.hardReset, "--from", "3.5", "--to", "3.568") == part)
  }

  @Test func goodCRC() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("stray.hex", Array("1 ms 8204\n2 ms 4104\n30 ms 4106\n".utf8))
    #expect(try names(path).contains("GoodCRC"))
    #expect(try names(path, "--no-goodcrc").contains("GoodCRC") == false)
    let text = try Command.run("decode", Capture.apple)
    let hidden = try Command.run("decode", Capture.apple, "--no-goodcrc")
    #expect(text.output.contains("✓") && text.output.contains("✗"))
    #expect(!hidden.output.contains("✓") && !hidden.output.contains("✗"))
  }

  @Test func explain() throws {
    let result = try Command.run("decode", Capture.ppsAndAVS, "--filter", "Request", "--explain")
    #expect(
      result.lines.contains { $0.contains("20:9") && $0.contains("Output Voltage") && $0.contains("9.20 V") })
    #expect(result.lines.contains { $0.contains("Object Position") })
    #expect(result.output.contains("Summary"))
  }

  @Test func noSummaryAndColour() throws {
    let plain = try Command.run("decode", Capture.apple, "--no-summary")
    #expect(!plain.output.contains("Summary") && !plain.output.contains("\u{1B}"))
    #expect(try Command.run("decode", Capture.apple, "--colour", "always").output.contains("\u{1B}["))
  }

  @Test func measurementsAreShownWhenAskedFor() throws {
    let few = try names(Capture.meter)
    let many = try names(Capture.meter, "--measurements")
    #expect(few.count == 9 && many.count > 1_000)
  }

  @Test func standardInput() throws {
    let result = try Command.run(["decode", "-", "--json"], input: try ProjectFiles.bytes(Capture.ppsAndAVS))
    #expect(result.status == 0 && result.objects?.count == 21)
  }

  @Test func lines() throws {
    #expect(try names(Capture.apple, "--line", "CC1").count == 32)
    #expect(try names(Capture.apple, "--line", "CC2") == [])
  }

  /// The story of Xiaomi's protocol follows the summary; with keys its proofs are checked.
  @Test func xiaomi() throws {
    let plain = try Command.run("decode", Capture.xiaomi)
    #expect(
      plain.output.contains("Xiaomi private protocol") && plain.output.contains("not checked: no keys given"))
    let checked = try Command.run("decode", Capture.xiaomi, "--keys", "synthetic")
    #expect(checked.lines.filter { $0.hasSuffix("is right") }.count == 2)
    let objects = try #require(try Command.run("decode", Capture.xiaomi, "--json").objects)
    #expect(objects.suffix(2).map { $0["type"] as? String } == ["xiaomi", "summary"])
    #expect(
      try Command.run("decode", Capture.xiaomi, "--no-summary").output.contains("Xiaomi private") == false)
    #expect(try Command.run("decode", Capture.apple).output.contains("Xiaomi") == false)
  }

  /// Keys come from a file that only its owner can read; what is none is refused before anything is read.
  @Test func keys() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("keys", Array("not a key\n".utf8))
    for name in [path, folder.path("absent")] {
      let result = try Command.run("decode", Capture.xiaomi, "--keys", name)
      #expect(result.status == 1 && result.output.isEmpty && !result.complaints.isEmpty)
    }
  }
}
