import Foundation

/// A file open for reading at any place, with its size.
///
/// What is not a regular file (a pipe, the standard input) is copied to a temporary file first, so that every reader
/// may read twice and from the end.
final class InputFile {
  /// The file, as the user named it.
  let name: String
  let size: UInt64
  private let descriptor: Int32
  private let progress: ((Double) -> Void)?
  /// All bytes that were read, those read twice counted twice.
  private var readCount: UInt64 = 0

  /// Opens `path`; `-` is the standard input. `progress` is told the share that was read, 0 to 1, after every read.
  /// - Throws: `.unusable` where it is missing, unreadable, a directory or empty.
  init(path: String, progress: ((Double) -> Void)? = nil) throws(TraceFault) {
    self.progress = progress
    name = path == "-" ? "standard input" : path
    let opened = path == "-" ? dup(0) : unsafe Foundation.open(path, O_RDONLY | O_CLOEXEC)
    guard opened >= 0 else { throw TraceFault(.unusable, file: name, Self.systemError()) }
    var status = stat()
    guard unsafe fstat(opened, &status) == 0 else {
      let reason = Self.systemError()
      close(opened)
      throw TraceFault(.unusable, file: name, reason)
    }
    if status.st_mode & S_IFMT == S_IFDIR {
      close(opened)
      throw TraceFault(.unusable, file: name, "is a directory, not a recording")
    }
    if status.st_mode & S_IFMT == S_IFREG {
      descriptor = opened
      size = UInt64(clamping: status.st_size)
    } else {
      let copy = Self.spool(opened)
      close(opened)
      guard let copy else { throw TraceFault(.unusable, file: name, Self.systemError()) }
      descriptor = copy.descriptor
      size = copy.size
    }
    if size == 0 {
      close(descriptor)
      throw TraceFault(.unusable, file: name, "is empty")
    }
  }

  deinit { close(descriptor) }

  /// Reads up to `buffer.count` bytes from `offset` on; fewer only at the end of the file.
  func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(TraceFault) -> Int {
    guard offset < size else { return 0 }
    var filled = 0
    while filled < buffer.count {
      let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
      let count = unsafe pread(
        descriptor, rest.baseAddress, rest.count, off_t(clamping: offset + UInt64(filled)))
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else {
        throw TraceFault(.damaged, file: name, at: .byte(offset + UInt64(filled)), Self.systemError())
      }
      if count == 0 { break }
      filled += count
    }
    readCount += UInt64(filled)
    progress?(min(1, Double(readCount) / Double(size)))
    return filled
  }

  /// The bytes from `offset` on, at most `count` of them.
  func bytes(at offset: UInt64, count: Int) throws(TraceFault) -> [UInt8] {
    guard offset < size else { return [] }
    var bytes = [UInt8](repeating: 0, count: Int(min(UInt64(max(count, 0)), size - offset)))
    var filled = 0
    var fault: TraceFault?
    unsafe bytes.withUnsafeMutableBytes { buffer in
      do throws(TraceFault) {
        filled = try unsafe read(at: offset, into: buffer)
      } catch {
        fault = error
      }
    }
    if let fault { throw fault }
    bytes.removeLast(bytes.count - filled)
    return bytes
  }

  private static func systemError() -> String {
    unsafe String(cString: strerror(errno)).lowercased()
  }

  /// Copies everything that `source` gives to a nameless temporary file.
  private static func spool(_ source: Int32) -> (descriptor: Int32, size: UInt64)? {
    guard let stream = unsafe tmpfile() else { return nil }
    defer { unsafe fclose(stream) }
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    var size: UInt64 = 0
    while true {
      let count = unsafe Foundation.read(source, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { return nil }
      if count == 0 { break }
      guard unsafe fwrite(&buffer, 1, count, stream) == count else { return nil }
      size += UInt64(count)
    }
    guard unsafe fflush(stream) == 0 else { return nil }
    let descriptor = unsafe dup(fileno(stream))
    return descriptor < 0 ? nil : (descriptor, size)
  }
}
