public import Foundation

/// Files of the project that tests read.
public enum ProjectFiles {
  /// The root of the checkout.
  public static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// A file by its path from the root.
  public static func url(_ path: String) -> URL { root.appending(path: path) }

  /// The bytes of a file by its path from the root.
  public static func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: url(path))) }
}

/// Bytes from hexadecimal digits; anything else is left out.
public func bytes(_ text: some StringProtocol) -> [UInt8] {
  let digits = text.compactMap(\.hexDigitValue)
  return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}
