import Foundation

/// A file (or the standard output) open for writing through a buffer.
final class OutputFile {
  /// The file, as the user named it.
  let name: String
  private let descriptor: Int32
  private var buffer: [UInt8] = []
  /// Bytes written so far, those in the buffer included.
  private(set) var position: UInt64 = 0
  private var isOpen = true

  private static let bufferLength = 1 << 16

  /// Creates `path`, or empties it; `-` is the standard output.
  init(path: String) throws(TraceWriteError) {
    name = path == "-" ? "standard output" : path
    descriptor = path == "-" ? dup(1) : unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Self.systemError(name) }
    buffer.reserveCapacity(Self.bufferLength)
  }

  deinit {
    if isOpen { close(descriptor) }
  }

  func write(_ bytes: some Sequence<UInt8>) throws(TraceWriteError) {
    let before = buffer.count
    buffer.append(contentsOf: bytes)
    position += UInt64(buffer.count - before)
    if buffer.count >= Self.bufferLength { try flush() }
  }

  /// Writes what is in the buffer and closes the file.
  func finish() throws(TraceWriteError) {
    guard isOpen else { return }
    try flush()
    isOpen = false
    guard close(descriptor) == 0 else { throw Self.systemError(name) }
  }

  private func flush() throws(TraceWriteError) {
    var start = 0
    var failed = false
    unsafe buffer.withUnsafeBytes { bytes in
      while start < bytes.count {
        let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[start...])
        let count = unsafe Foundation.write(descriptor, rest.baseAddress, rest.count)
        if count < 0 && errno == EINTR { continue }
        guard count > 0 else {
          failed = true
          return
        }
        start += count
      }
    }
    if failed { throw Self.systemError(name) }
    buffer.removeAll(keepingCapacity: true)
  }

  private static func systemError(_ name: String) -> TraceWriteError {
    TraceWriteError(file: name, reason: unsafe String(cString: strerror(errno)).lowercased())
  }
}
