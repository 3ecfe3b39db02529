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

  /// Draws a line over the one that was drawn last.
  mutating func draw(_ text: String) {
    buffer.append(contentsOf: "\r\u{1B}[K\(text)".utf8)
  }

  /// How many columns the terminal has; 80 where it does not say.
  static var terminalWidth: Int {
    var size = winsize()
    guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
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
