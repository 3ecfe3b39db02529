import Glibc

/// A Linux I2C bus that is there.
public struct LinuxI2CNode: Equatable, Sendable {
  /// `/dev/i2c-1`.
  public var path: String
  /// What the adapter's driver calls it; `nil` where the system does not tell.
  public var name: String?
  /// Whether this user may open it.
  public var mayBeOpened: Bool

  /// Buses are numbered from 0; few machines have more than some dozens.
  private static let numbers = 0..<256

  /// All of them, in the order of their numbers.
  public static func all() -> [LinuxI2CNode] {
    numbers.compactMap { number in
      let path = "/dev/i2c-\(number)"
      guard unsafe access(path, F_OK) == 0 else { return nil }
      return LinuxI2CNode(
        path: path, name: firstLine(of: "/sys/class/i2c-dev/i2c-\(number)/name"),
        mayBeOpened: unsafe access(path, R_OK | W_OK) == 0)
    }
  }

  private static func firstLine(of path: String) -> String? {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
    let text = String(decoding: bytes.prefix(max(0, count)).prefix { $0 != 0x0A }, as: UTF8.self)
    return text.isEmpty ? nil : text
  }
}
