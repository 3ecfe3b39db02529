import Foundation
import Glibc
import TestSupport
import Testing

/// The daemon as a process: signals, reloading, the service manager, and the guard when it dies or hangs.
@Suite(.enabled(if: Command.isBuilt, Comment(rawValue: Command.absent)), .serialized, .timeLimit(.minutes(2)))
struct ServeTests {
  /// A port with a phone that comes at once and wants 20 V.
  private static let twentyVolts = """
    budget: 60 W
    log: info
    ports:
      - name: A
        pdp: 60 W
        simulated:
          - {phone: {model: pd3, voltage: 20 V, power: 60 W}, arrive: 10 ms}
    """

  /// On a busy machine a daemon may be held up for longer than its guard waits; only one test is about that.
  private static let patient = ["--guard-patience", "20s"]

  private static func file(_ text: String, in folder: TemporaryFolder) throws -> String {
    try folder.file("charger.yaml", Array(text.utf8))
  }

  @Test(arguments: [SIGTERM, SIGINT]) func aSignalTakesVBUSToZero(_ signal: Int32) throws {
    let folder = try TemporaryFolder()
    let daemon = try RunningCommand(
      ["serve", try Self.file(Self.twentyVolts, in: folder), "--json"] + Self.patient)
    #expect(daemon.output.wait(for: "\"voltage_mv\":20000") != nil)
    daemon.send(signal)
    let lines = daemon.output.rest()
    #expect(daemon.wait() == 0)
    let closed = lines.first { $0.contains("\"type\":\"closed\"") }
    let object = try JSONSerialization.jsonObject(with: Data((closed ?? "{}").utf8)) as? [String: Any]
    #expect((object?["vbus_mv"] as? Int).map { $0 <= 800 } == true)
    let complaints = daemon.complaints.rest()
    #expect(
      complaints.contains { $0.contains("A: VBUS at 0.") } && !complaints.contains { $0.contains("guard:") })
  }

  @Test func reloading() throws {
    let folder = try TemporaryFolder()
    let path = try Self.file(Self.twentyVolts, in: folder)
    let daemon = try RunningCommand(["serve", path] + Self.patient)
    #expect(daemon.output.wait(for: "contract Fixed 20 V 3 A") != nil)
    // Two mistakes: both are named, nothing changes.
    _ = try folder.file("charger.yaml", Array("budget: 60\nports:\n  - {name: A, pdp: 60 W, rp: 9 A}\n".utf8))
    daemon.send(SIGHUP)
    #expect(daemon.complaints.wait(for: "charger.yaml:1:9: budget: `60` has no unit") != nil)
    #expect(daemon.complaints.next()?.contains("charger.yaml:3:30: ports[0].rp: `9 A` is none of") == true)
    #expect(daemon.complaints.next()?.contains("the configuration stays as it was") == true)
    // Half the power, and a port more: the contract is negotiated again, the other port opens.
    let changed =
      Self.twentyVolts.replacing("pdp: 60 W", with: "pdp: 45 W") + "\n" + """
          - name: B
            pdp: 15 W
            simulated: [{phone: pd2, arrive: 0 s}]
        """
    _ = try folder.file("charger.yaml", Array(changed.utf8))
    daemon.send(SIGHUP)
    #expect(daemon.complaints.wait(for: "configuration read again: 2 ports") != nil)
    #expect(daemon.output.wait(for: "contract Fixed 15 V 3 A") != nil)
    // The first port goes, the other stays.
    let last = "budget: 15 W\nports:\n  - {name: B, pdp: 15 W}\n"
    _ = try folder.file("charger.yaml", Array(last.utf8))
    daemon.send(SIGHUP)
    #expect(daemon.output.wait(for: "-- A: closed, VBUS 0.") != nil)
    #expect(daemon.complaints.wait(for: "configuration read again: 1 port,") != nil)
    daemon.send(SIGTERM)
    #expect(daemon.wait() == 0)
  }

  /// Killed at 20 V, the daemon cannot do anything any more; the guard does.
  @Test func theGuardActsWhenTheDaemonIsKilled() throws {
    let folder = try TemporaryFolder()
    let path = try Self.file(Self.twentyVolts, in: folder)
    let daemon = try RunningCommand(
      ["serve", path, "--guard-log", folder.path("guard.jsonl")] + Self.patient)
    #expect(daemon.output.wait(for: "contract Fixed 20 V 3 A") != nil)
    daemon.send(SIGKILL)
    #expect(daemon.wait() == -SIGKILL)
    // The guard holds standard error until it has done its work.
    let complaints = daemon.complaints.rest()
    #expect(complaints.contains { $0.hasPrefix("ofc guard: A: ") && $0.contains("taken to 0 V") })
    let log = try folder.text("guard.jsonl").split(separator: "\n")
    let report = try #require(JSONSerialization.jsonObject(with: Data(log[0].utf8)) as? [String: Any])
    #expect(report["cause"] as? String == "the daemon is gone" && report["port"] as? String == "A")
    #expect((report["vbus_before_mv"] as? Int).map { (19_000...21_000).contains($0) } == true)
    #expect((report["safe0v_after_ns"] as? Int).map { $0 < 650_000_000 } == true)
    let ramp = (report["ramp"] as? [[String: Int]])?.compactMap { $0["vbus_mv"] } ?? []
    #expect(
      ramp.count > 2 && zip(ramp, ramp.dropFirst()).allSatisfy { $0 >= $1 } && (ramp.last ?? 9_999) <= 800)
  }

  @Test func theGuardActsWhenTheDaemonHangs() throws {
    let folder = try TemporaryFolder()
    let daemon = try RunningCommand(
      ["serve", try Self.file(Self.twentyVolts, in: folder), "--guard-patience", "2s"])
    #expect(daemon.output.wait(for: "contract Fixed 20 V 3 A") != nil)
    daemon.send(SIGSTOP)
    let line = daemon.complaints.wait(for: "ofc guard: A: ")
    #expect(line?.contains("taken to 0 V") == true && line?.contains("(the daemon does not answer)") == true)
    // When it goes on, the daemon finds its guard gone and ends; that is no clean end.
    daemon.send(SIGCONT)
    #expect(daemon.complaints.wait(for: "stopping: the guard is gone") != nil)
    #expect(daemon.wait() == 5)
  }

  @Test func theServiceManagerIsTold() throws {
    let folder = try TemporaryFolder()
    let path = try Self.file(Self.twentyVolts, in: folder)
    let name = "ofc-\(UUID().uuidString)"
    let manager = try #require(ServiceManager(name: name))
    let daemon = try RunningCommand(
      ["serve", path] + Self.patient, environment: ["NOTIFY_SOCKET": "@\(name)", "WATCHDOG_USEC": "60000"])
    #expect(manager.next()?.hasPrefix("READY=1\nSTATUS=0 of 1 ports") == true)
    #expect(manager.wait(for: "WATCHDOG=1") != nil)
    #expect(manager.wait(for: "STATUS=1 of 1 ports with a contract, 60 W of 60 W given away") != nil)
    daemon.send(SIGHUP)
    let reloading = manager.wait(for: "RELOADING=1")
    #expect(reloading?.contains(/MONOTONIC_USEC=[0-9]+/) == true && manager.wait(for: "READY=1") != nil)
    daemon.send(SIGTERM)
    #expect(manager.wait(for: "STOPPING=1") != nil && daemon.wait() == 0)
  }

  @Test func theBuiltInCharger() throws {
    let daemon = try RunningCommand(["serve", "--speed", "10", "--duration", "1s"] + Self.patient)
    let lines = daemon.output.rest()
    #expect(daemon.wait() == 0)
    #expect(lines.contains { $0.contains("driver") && $0.contains("contract PPS 8.4 V 3 A") })
    #expect(lines.contains { $0.contains("passenger") && $0.contains("contract Fixed 9 V") })
  }

  /// Every mistake is named and nothing is started.
  @Test func unusableConfigurations() throws {
    let folder = try TemporaryFolder()
    let path = try Self.file("budget: 60\nports:\n  - {name: A, pdp: 15 W, rp: x}\ncolour: red\n", in: folder)
    let result = try Command.run("serve", path)
    #expect(result.status == 1 && result.output == "" && result.complaintLines.count == 3)
    #expect(result.complaintLines.allSatisfy { $0.hasPrefix("ofc: \(path):") })
    let missing = try Command.run("serve", folder.path("nothing.yaml"))
    #expect(missing.status == 2 && missing.complaintLines.count == 1)
    #expect(try Command.run("serve", "--speed", "0").status == 64)
  }
}

/// The socket of a service manager, in the abstract namespace.
private final class ServiceManager {
  private let descriptor: Int32

  init?(name: String) {
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = [0] + Array(name.utf8)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
    let result = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe bind(descriptor, $0, length) }
    }
    var limit = timeval(tv_sec: 60, tv_usec: 0)
    unsafe setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    guard descriptor >= 0, result == 0 else { return nil }
  }

  deinit { close(descriptor) }

  /// The next notice; `nil` where none comes.
  func next() -> String? {
    var bytes = [UInt8](repeating: 0, count: 1_024)
    let count = unsafe recv(descriptor, &bytes, bytes.count, 0)
    return count < 0 ? nil : String(decoding: bytes.prefix(count), as: UTF8.self)
  }

  func wait(for text: String) -> String? {
    while let notice = next() { if notice.contains(text) { return notice } }
    return nil
  }
}
