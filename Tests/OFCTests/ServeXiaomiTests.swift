import Foundation
import Glibc
import TestSupport
import Testing

/// `ofc serve` with Xiaomi's protocol: keys from files and programs, and what becomes of those that are not well kept.
@Suite(.enabled(if: Command.isBuilt, Comment(rawValue: Command.absent)), .serialized, .timeLimit(.minutes(2)))
struct ServeXiaomiTests {
  private static let patient = ["--guard-patience", "20s"]

  private static func charger(keys: String, phone: String) -> String {
    """
    log: info
    ports:
      - name: A
        cable: {captive: {current: 6.2 A}}
        xiaomi: {class: 120 W, adapter: 0xA819, keys: \(keys)}
        simulated:
          - {phone: {model: xiaomi, keys: \(phone)}, arrive: 10 ms}
    """
  }

  /// The invented key of the test vectors, for every seed.
  private static let keyText =
    "# invented\n* " + (0..<32).map { String(format: "%02x", $0) }.joined() + "\n"

  private static func keyFile(_ folder: TemporaryFolder, mode: mode_t) throws -> String {
    let path = try folder.file("keys", Array(keyText.utf8))
    #expect(unsafe chmod(path, mode) == 0)
    return path
  }

  @Test func keysFromAFile() throws {
    let folder = try TemporaryFolder()
    let keys = try Self.keyFile(folder, mode: 0o600)
    let file = try folder.file(
      "charger.yaml", Array(Self.charger(keys: "{file: \(keys)}", phone: "synthetic").utf8))
    let daemon = try RunningCommand(["serve", file, "--json"] + Self.patient)
    #expect(daemon.output.wait(for: "\"stage\":\"mutual\"") != nil)
    let contract = daemon.output.wait(for: "\"object_position\":7")
    #expect(
      contract?.contains("\"supply\":\"PPS\"") == true
        && contract?.contains("\"current_ma\":6000") == true)
    // The file is read again; it may be read by others by now, so everything stays as it is.
    #expect(unsafe chmod(keys, 0o644) == 0)
    daemon.send(SIGHUP)
    let complaint = daemon.complaints.wait(for: keys)
    #expect(complaint?.contains("chmod 600") == true)
    #expect(daemon.complaints.wait(for: "the configuration stays as it was") != nil)
    daemon.send(SIGTERM)
    #expect(daemon.wait() == 0)
    let said = daemon.complaints.rest() + daemon.output.rest()
    #expect(!said.contains { $0.contains("000102030405") })
  }

  @Test func aKeyFileThatOthersCanRead() throws {
    let folder = try TemporaryFolder()
    let keys = try Self.keyFile(folder, mode: 0o640)
    let file = try folder.file(
      "charger.yaml", Array(Self.charger(keys: "{file: \(keys)}", phone: "synthetic").utf8))
    let result = try Command.run(["serve", file, "--duration", "1s"])
    #expect(result.status == 1 && result.output == "")
    #expect(result.complaints.contains("\(keys): ") && result.complaints.contains("chmod 600"))
    #expect(!result.complaints.contains("0001020304"))
  }

  @Test func aWrongKey() throws {
    let folder = try TemporaryFolder()
    let file = try folder.file(
      "charger.yaml", Array(Self.charger(keys: "synthetic", phone: "synthetic wrong").utf8))
    let daemon = try RunningCommand(["serve", file, "--json"] + Self.patient)
    #expect(daemon.output.wait(for: "the phone does not accept the proof") != nil)
    // Five seconds later it takes what everybody gets.
    #expect(daemon.output.wait(for: "\"object_position\":5") != nil)
    daemon.send(SIGTERM)
    #expect(daemon.wait() == 0)
    #expect(!daemon.output.rest().contains { $0.contains("\"stage\":\"verified\"") })
  }

  /// A shell script that says `none` to everything: the port says once that it has no key, and goes on.
  @Test func anAgent() throws {
    let folder = try TemporaryFolder()
    let script = try folder.file(
      "agent", Array("#!/bin/sh\nwhile read -r word id rest; do echo \"none $id\"; done\n".utf8))
    #expect(unsafe chmod(script, 0o700) == 0)
    let file = try folder.file(
      "charger.yaml", Array(Self.charger(keys: "{program: [\(script)]}", phone: "synthetic").utf8))
    let daemon = try RunningCommand(["serve", file, "--json"] + Self.patient)
    #expect(daemon.output.wait(for: "no key for the seed of this phone") != nil)
    #expect(daemon.output.wait(for: "\"object_position\":5") != nil)
    daemon.send(SIGTERM)
    #expect(daemon.wait() == 0)
  }

  @Test func withoutKeysItSaysSo() throws {
    let folder = try TemporaryFolder()
    let file = try folder.file("charger.yaml", Array(Self.charger(keys: "none", phone: "synthetic").utf8))
    let result = try Command.run(["serve", file, "--duration", "300ms"] + Self.patient)
    let lines = result.complaintLines.filter { $0.contains("no keys for Xiaomi's protocol") }
    #expect(result.status == 0 && lines.count == 1 && lines.first?.contains("up to 65 W") == true)
  }
}
