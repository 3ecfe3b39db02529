import Glibc
public import Quantities

/// What a service tells the service manager.
public enum ServiceNotice: Equatable, Sendable {
  case ready
  /// The configuration is being read again; `monotonic` is CLOCK_MONOTONIC at that moment.
  case reloading(monotonic: Nanoseconds)
  case stopping
  case watchdog
  /// One line for `systemctl status`.
  case status(String)

  /// The assignment lines of the protocol.
  public var text: String {
    switch self {
    case .ready: "READY=1"
    case .reloading(let monotonic): "RELOADING=1\nMONOTONIC_USEC=\(monotonic.rawValue / 1_000)"
    case .stopping: "STOPPING=1"
    case .watchdog: "WATCHDOG=1"
    case .status(let text):
      "STATUS=" + text.map { $0.isNewline ? " " : String($0) }.joined()
    }
  }
}

/// Speaks the notification protocol of systemd: datagrams to the socket that `NOTIFY_SOCKET` names.
///
/// Without a service manager it does nothing. A service manager that does not listen is not waited for.
public final class ServiceNotifier: Sendable {
  private let descriptor: Int32
  private let address: [UInt8]
  /// How often the service manager wants to hear `watchdog`, by `WATCHDOG_USEC`; `nil` where it does not.
  public let watchdogPeriod: Nanoseconds?

  /// - Parameter environment: where `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID` are looked up.
  public init(environment: [String: String]) {
    let name = Array((environment["NOTIFY_SOCKET"] ?? "").utf8)
    // A path, or behind @ a name in the abstract namespace; 108 bytes is what an address holds.
    let isUsable =
      (name.first == UInt8(ascii: "/") || name.first == UInt8(ascii: "@")) && (2...107).contains(name.count)
    address = isUsable ? (name.first == UInt8(ascii: "@") ? [0] + name.dropFirst() : name + [0]) : []
    descriptor = isUsable ? socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0) : -1
    let isForUs = environment["WATCHDOG_PID"].map { Int32($0) == getpid() } ?? true
    watchdogPeriod = environment["WATCHDOG_USEC"].flatMap(Int64.init)
      .flatMap { $0 > 0 && isForUs ? Nanoseconds(Microseconds($0)) : nil }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Whether there is a service manager.
  public var isConnected: Bool { descriptor >= 0 }

  /// Sends notices in one datagram; whether it was taken.
  @discardableResult public func send(_ notices: ServiceNotice...) -> Bool {
    guard descriptor >= 0 else { return false }
    let text = Array(notices.map(\.text).joined(separator: "\n").utf8)
    var target = sockaddr_un()
    target.sun_family = sa_family_t(AF_UNIX)
    let length = socklen_t(MemoryLayout<sa_family_t>.size + address.count)
    unsafe withUnsafeMutableBytes(of: &target.sun_path) { unsafe $0.copyBytes(from: address) }
    let sent = unsafe withUnsafePointer(to: &target) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        unsafe sendto(
          descriptor, text, text.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL), address, length)
      }
    }
    return sent == text.count
  }
}
