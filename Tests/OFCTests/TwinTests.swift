import Foundation
import Glibc
import TestSupport
import Testing

/// `ofc twin` as a process, by the bytes of spec/twin.md.
@Suite(.enabled(if: Command.isBuilt, Comment(rawValue: Command.absent)), .serialized, .timeLimit(.minutes(2)))
struct TwinTests {
  @Test func aTransferOverTheSocket() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("chip")
    let twin = try RunningCommand(["twin", "fusb302", "--partner", "charger", "--listen", "unix:\(path)"])
    #expect(twin.complaints.wait(for: "the chip listens") != nil)
    let client = try SocketClient(path)
    // DEVICE_ID, three registers, and an address where nobody is.
    client.send([0x22, 0, 1, 0, 1, 0, 0x01])
    client.send([0x22, 0, 1, 0, 3, 0, 0x01, 0x23, 0, 1, 0, 1, 0, 0x01])
    #expect(client.answers(3) == [[0, 0x91], [0, 0x91, 0x03, 0x20], [1]])
    // Unmasked and receiving on CC1, the chip soon tells that something has changed.
    client.send([
      0x22, 0, 2, 0, 0, 0, 0x0B, 0x0F, 0x22, 0, 2, 0, 0, 0, 0x06, 0x04, 0x22, 0, 2, 0, 0, 0, 0x02, 0x07,
    ])
    #expect(client.answers(3) == [[0], [0], [0]])
    #expect(client.waitForInterrupt())
    twin.send(SIGKILL)
    #expect(twin.wait() == -SIGKILL)
  }

  @Test func whatMakesNoSense() throws {
    #expect(try Command.run("twin", "fusb302", "--partner", "charger", "--listen", "/tmp/x").status == 64)
    let swap = try Command.run(
      "twin", "fusb302", "--partner", "charger", "--swap-after", "3s", "--listen", "unix:/tmp/x")
    #expect(swap.status == 64 && swap.complaints.contains("--swap-after needs --partner dual"))
    let result = try Command.run("twin", "fusb302", "--partner", "phone", "--listen", "unix:/nowhere/at/all")
    #expect(result.status == 1 && result.complaints.contains("/nowhere/at/all: No such file"))
  }
}

/// The client's side of the socket.
private final class SocketClient {
  private let descriptor: Int32
  private var interrupts = 0

  init(_ path: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { bytes in
      for (index, byte) in path.utf8.enumerated() { unsafe bytes[index] = byte }
    }
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    let result = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe connect(descriptor, $0, size)
      }
    }
    #expect(result == 0)
  }

  deinit { close(descriptor) }

  func send(_ bytes: [UInt8]) { _ = unsafe Glibc.write(descriptor, bytes, bytes.count) }

  /// Status and bytes of the next answers; what the pin does is counted on the way.
  func answers(_ count: Int) -> [[UInt8]] {
    var answers: [[UInt8]] = []
    while answers.count < count, let kind = take(2) {
      if kind[0] == UInt8(ascii: "I") {
        interrupts += 1
      } else if let size = take(2), let bytes = take(Int(size[0]) | Int(size[1]) << 8) {
        answers.append([kind[1]] + bytes)
      }
    }
    return answers
  }

  func waitForInterrupt() -> Bool {
    while interrupts == 0, let kind = take(2) { if kind[0] == UInt8(ascii: "I") { interrupts += 1 } }
    return interrupts > 0
  }

  private func take(_ count: Int) -> [UInt8]? {
    var taken: [UInt8] = []
    while taken.count < count {
      var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard unsafe poll(&ready, 1, 20_000) > 0 else { return nil }
      var bytes = [UInt8](repeating: 0, count: count - taken.count)
      let got = unsafe read(descriptor, &bytes, bytes.count)
      guard got > 0 else { return nil }
      taken += bytes.prefix(got)
    }
    return taken
  }
}
