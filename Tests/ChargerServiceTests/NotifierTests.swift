import ChargerService
import Foundation
import Quantities
import Testing

/// Notices go out as datagrams to a real socket.
@Suite struct NotifierTests {
  @Test(
    arguments: [
      (.ready, "READY=1"), (.stopping, "STOPPING=1"), (.watchdog, "WATCHDOG=1"),
      (.reloading(monotonic: Nanoseconds(1_234_567_890)), "RELOADING=1\nMONOTONIC_USEC=1234567"),
      (.status("2 of 2 ports\non"), "STATUS=2 of 2 ports on"),
    ] as [(ServiceNotice, String)])
  func texts(_ notice: ServiceNotice, _ text: String) { #expect(notice.text == text) }

  @Test func aSocketInTheFileSystem() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "ofc-\(UUID().uuidString.prefix(8))")
      .path
    let manager = try #require(DatagramSocket(address: Array(path.utf8) + [0]))
    defer { try? FileManager.default.removeItem(atPath: path) }
    let notifier = ServiceNotifier(environment: ["NOTIFY_SOCKET": path])
    #expect(notifier.isConnected && notifier.send(.ready, .status("up")))
    #expect(manager.receive() == "READY=1\nSTATUS=up")
    #expect(notifier.send(.watchdog))
    #expect(manager.receive() == "WATCHDOG=1")
  }

  @Test func aSocketInTheAbstractNamespace() throws {
    let name = "ofc-\(UUID().uuidString)"
    let manager = try #require(DatagramSocket(address: [0] + Array(name.utf8)))
    let notifier = ServiceNotifier(environment: ["NOTIFY_SOCKET": "@\(name)"])
    #expect(notifier.send(.stopping) && manager.receive() == "STOPPING=1")
  }

  @Test(arguments: ["", "relative", "@", "/", "/nowhere/at/all", String(repeating: "/a", count: 100)])
  func withoutAManager(_ name: String) {
    #expect(!ServiceNotifier(environment: ["NOTIFY_SOCKET": name]).send(.ready))
  }

  @Test(
    arguments: [
      (["WATCHDOG_USEC": "500000"], 500_000_000),
      (["WATCHDOG_USEC": "500000", "WATCHDOG_PID": "\(getpid())"], 500_000_000),
      (["WATCHDOG_USEC": "500000", "WATCHDOG_PID": "1"], nil), (["WATCHDOG_USEC": "x"], nil), ([:], nil),
      (["WATCHDOG_USEC": "-4"], nil), (["WATCHDOG_USEC": "9223372036854775807"], Int64.max),
    ] as [([String: String], Int64?)])
  func watchdog(_ environment: [String: String], _ period: Int64?) {
    #expect(ServiceNotifier(environment: environment).watchdogPeriod?.rawValue == period)
  }
}

/// The service manager's end.
final class DatagramSocket {
  private let descriptor: Int32

  init?(address bytes: [UInt8]) {
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
    let result = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe bind(descriptor, $0, length) }
    }
    guard descriptor >= 0, result == 0 else { return nil }
  }

  deinit { close(descriptor) }

  /// The next datagram; it is there already, because sending is synchronous.
  func receive() -> String? {
    var bytes = [UInt8](repeating: 0, count: 512)
    let count = unsafe recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
    return count < 0 ? nil : String(decoding: bytes.prefix(count), as: UTF8.self)
  }
}
