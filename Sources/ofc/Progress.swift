import Foundation

/// How far a long reading has come, on standard error: only when a person looks at it, and only when the results go
/// somewhere else, so that the two do not mix.
final class Progress {
  private let isShown = isatty(STDERR_FILENO) != 0 && !Output.isTerminal
  private let name: String
  private let start = DispatchTime.now()
  private var last = DispatchTime.now()
  private var hasWritten = false

  init(_ name: String) { self.name = name }

  /// Takes the share that was read, 0 to 1; writes it twice a second, and not in the first half second.
  func update(_ share: Double) {
    guard isShown else { return }
    let now = DispatchTime.now()
    guard now.uptimeNanoseconds - last.uptimeNanoseconds > 500_000_000 else { return }
    last = now
    hasWritten = true
    let seconds = Double(now.uptimeNanoseconds - start.uptimeNanoseconds) / 1e9
    write("\r\(name): \(Int(share * 100)) % read in \(Int(seconds)) s ")
  }

  /// Takes the line away.
  func finish() {
    if hasWritten { write("\r\u{1B}[K") }
  }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
