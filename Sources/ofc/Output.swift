import Foundation

/// Standard output, written in large pieces; ends the process quietly when its reader has gone (`ofc decode … | head`).
struct Output {
  private var buffer = Data()

  init() {
    signal(SIGPIPE, SIG_IGN)
    buffer.reserveCapacity(1 << 16)
  }

  /// Whether a person looks at it.
  static var isTerminal: Bool { isatty(STDOUT_FILENO) != 0 }

  mutating func line(_ text: String) {
    buffer.append(contentsOf: text.utf8)
    buffer.append(0x0A)
    if buffer.count >= 1 << 16 { flush() }
  }

  mutating func flush() {
    guard !buffer.isEmpty else { return }
    do {
      try FileHandle.standardOutput.write(contentsOf: buffer)
    } catch {
      exit(0)
    }
    buffer.removeAll(keepingCapacity: true)
  }

  /// One line to standard error.
  static func complain(_ text: String) {
    FileHandle.standardError.write(Data("ofc: \(text)\n".utf8))
  }
}
