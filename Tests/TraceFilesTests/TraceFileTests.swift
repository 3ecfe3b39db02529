import Foundation
import Testing

@testable import Trace

@Suite struct TraceFileTests {
  @Test(arguments: [
    ("/nowhere/at-all.sr", "no such file or directory"), ("/", "is a directory, not a recording"),
  ])
  func unusablePaths(_ path: String, _ reason: String) {
    #expect(Reading(path).fault == TraceFault(.unusable, file: path, reason))
  }

  @Test func emptyFile() throws {
    let file = try TemporaryFile()
    #expect(Reading(file.path).fault == TraceFault(.unusable, file: file.path, "is empty"))
  }

  @Test func decodedOutputIsToldFromRecordings() throws {
    let file = try TemporaryFile(Array(#"{"type":"message","number":1,"time_ns":0}"#.utf8))
    #expect(Reading(file.path).fault?.reason.hasPrefix("is what a decoding printed") == true)
  }

  @Test(arguments: ["PNG\0\u{1}\u{2}", "hello world\n", "[1, 2]", "{\"a\": 1}\n", "#", "<xml>"])
  func unknownFormat(_ text: String) throws {
    let fault = try Reading(text: text).fault
    #expect(
      fault?.kind == .unusable
        && fault?.reason.hasPrefix("is of no known format; the known ones are sr, ") == true)
  }

  /// The content tells the format, whatever the name says.
  @Test(arguments: [
    ("pd/sigrok-dumps/thinkpad_yoga_370-aukey_45w.sr", TraceFormat.sigrok),
    ("pd/km003c/pd_capture_new.9.pcapng", .pcapng), ("km003c/usb_pd_epr0_9.csv", .km003cTransfers),
    ("km003c/expected_pd_events.csv", .km003cEvents), ("pd/km003c/km003c_epr_session.csv", .messageList),
  ])
  func detection(_ name: String, _ format: TraceFormat) throws {
    #expect(try TraceFile.format(of: Captures.path(name)) == format)
  }

  @Test(arguments: [
    ("{\"time_ns\":1,\"kind\":\"reset\",\"sop\":\"HARD_RESET\"}", TraceFormat.jsonLines),
    ("{\"kind\": \"event\", \"eventType\": \"x\"}", .drpdLines), ("# comment\n4100\n", .hexText),
    ("garbage\n4100\n", .hexText), ("[{\"entryKind\": \"event\"}]", .drpdExport),
    ("\u{FEFF}time_s,dir,hex\n", .km003cTransfers),
    ("#3123 a comment that looks like a block\n4100\n", .hexText),
  ])
  func detectionOfText(_ text: String, _ format: TraceFormat) throws {
    let file = try TemporaryFile(Array(text.utf8))
    #expect(try TraceFile.format(of: file.path) == format)
  }

  @Test func aFormatThatIsAskedForIsTaken() throws {
    let file = try TemporaryFile(Array("4100".utf8))
    #expect(Reading(file.path, format: .sigrok).fault?.kind == .unusable)
    #expect(Reading(file.path, format: .pcap).fault?.reason == "the head of the capture is cut")
  }

  @Test func unreadableFile() throws {
    guard getuid() != 0 else { return }
    let file = try TemporaryFile([1])
    try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: file.path)
    #expect(Reading(file.path).fault?.reason == "permission denied")
  }
}
