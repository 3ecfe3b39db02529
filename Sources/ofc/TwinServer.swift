import Foundation
import Glibc
import PortEngine
import Quantities
import Scenario
import Simulator

/// The socket of `ofc twin` (spec/twin.md): transfers in, answers and the interrupt pin out.
final class TwinServer {
  struct Failure: Error, CustomStringConvertible { var description: String }

  private let path: String
  private let listener: Int32
  private var client: Int32 = -1
  private var buffer: [UInt8] = []
  /// What the client was told of the pin.
  private var toldLow = false
  private let start = DispatchTime.now().uptimeNanoseconds

  init(path: String) throws {
    self.path = path
    guard path.utf8.count < 108 else {
      throw Failure(description: "\(path): the path of a socket has at most 107 bytes")
    }
    listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { bytes in
      for (index, byte) in path.utf8.enumerated() { unsafe bytes[index] = byte }
    }
    unsafe unlink(path)
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    let bound = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe bind(listener, $0, size) }
    }
    guard bound == 0, Glibc.listen(listener, 1) == 0 else {
      throw Failure(description: unsafe "\(path): \(String(cString: strerror(errno)))")
    }
    _ = signal(SIGPIPE, SIG_IGN)
  }

  deinit {
    if client >= 0 { close(client) }
    close(listener)
    unsafe unlink(path)
  }

  private var now: Instant { Instant(nanoseconds: Int64(DispatchTime.now().uptimeNanoseconds - start)) }

  /// Serves one client after the other; the partner is plugged in when the first one comes.
  func serve(_ twin: ChipTwin, for duration: Nanoseconds?) throws {
    var isPlugged = false
    while duration.map({ now - .zero < $0 }) ?? true {
      wait(until: isPlugged ? twin.nextEventTime : .distantFuture)
      if client < 0 { acceptClient() }
      if client >= 0, !isPlugged {
        isPlugged = true
        twin.advance(to: now)
        twin.start()
      }
      if isPlugged { twin.advance(to: now) }
      while let transfer = nextTransfer() { answer(transfer, twin) }
      showPin(twin)
      report(twin)
    }
  }

  /// Sleeps until something comes in, at most until `end`, never longer than a millisecond while a client is there.
  private func wait(until end: Instant) {
    let span = min(max(0, (end - now).rawValue), client >= 0 ? 1_000_000 : 50_000_000)
    var descriptor = pollfd(fd: client >= 0 ? client : listener, events: Int16(POLLIN), revents: 0)
    if unsafe poll(&descriptor, 1, Int32(span / 1_000_000)) == 0 {
      // Less than a millisecond is left; input is looked for ten times in it.
      if span < 1_000_000, span > 0 { usleep(UInt32(min(span / 1_000 + 1, 100))) }
      return
    }
    guard client >= 0 else { return }
    readClient()
  }

  private func acceptClient() {
    var descriptor = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
    guard unsafe poll(&descriptor, 1, 0) > 0 else { return }
    client = accept(listener, nil, nil)
    buffer = []
    toldLow = false
  }

  private func readClient() {
    var bytes = [UInt8](repeating: 0, count: 4_096)
    let count = unsafe read(client, &bytes, bytes.count)
    if count > 0 {
      buffer += bytes.prefix(count)
    } else if count == 0 || errno != EINTR && errno != EAGAIN {
      close(client)
      client = -1
    }
  }

  private struct Transfer {
    var address: UInt8
    var write: [UInt8]
    var readCount: Int
  }

  /// Address, 0, how many bytes are written, how many are read (16 bits each, low byte first), the bytes.
  private func nextTransfer() -> Transfer? {
    guard buffer.count >= 6 else { return nil }
    let writeCount = Int(buffer[2]) | Int(buffer[3]) << 8
    guard buffer.count >= 6 + writeCount else { return nil }
    let transfer = Transfer(
      address: buffer[0], write: Array(buffer[6..<6 + writeCount]),
      readCount: Int(buffer[4]) | Int(buffer[5]) << 8)
    buffer.removeFirst(6 + writeCount)
    return transfer
  }

  private func answer(_ transfer: Transfer, _ twin: ChipTwin) {
    let bytes = twin.transfer(transfer.address, write: transfer.write, read: min(transfer.readCount, 4_096))
    let read = bytes ?? []
    send(
      [
        UInt8(ascii: "A"), bytes == nil ? 1 : 0, UInt8(truncatingIfNeeded: read.count),
        UInt8(read.count >> 8),
      ] + read)
    showPin(twin)
  }

  /// `I` and 1 while the pin is low, 0 when it is high again.
  private func showPin(_ twin: ChipTwin) {
    let isLow = twin.interruptIsLow
    guard client >= 0, isLow != toldLow else { return }
    toldLow = isLow
    send([UInt8(ascii: "I"), isLow ? 1 : 0])
  }

  private func send(_ bytes: [UInt8]) {
    var sent = 0
    while sent < bytes.count, client >= 0 {
      let count = unsafe bytes.withUnsafeBytes { raw in
        unsafe Glibc.send(client, raw.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
      }
      if count > 0 {
        sent += count
      } else if errno != EINTR {
        close(client)
        client = -1
      }
    }
  }

  private func roles(_ engine: PortEngine) -> String {
    (engine.powerRole == .source ? "source" : "sink")
      + (engine.dataRole == .downstreamFacing ? " and host" : " and device")
  }

  /// What the partner tells, on standard output.
  private func report(_ twin: ChipTwin) {
    for notice in twin.partner.notices {
      guard var text = NoticeText.text(notice) else { continue }
      if notice == .rolesChanged { text += ", \(roles(twin.partner.engine))" }
      let time = String(format: "%.6f", Double(twin.bench.now.nanoseconds) / 1e9)
      try? FileHandle.standardOutput.write(contentsOf: Data("\(time)  partner: \(text)\n".utf8))
    }
    twin.partner.notices = []
    twin.partner.events = []
  }
}
