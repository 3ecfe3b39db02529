import Foundation

/// Reads a file from front to back through one buffer.
struct ByteStream {
  let file: InputFile
  /// Where the next byte stands in the file.
  private(set) var position: UInt64
  /// The number of the line that `line()` gave last.
  private(set) var lineNumber = 0
  private var buffer: [UInt8] = []
  private var next = 0

  /// No line of a text format is longer.
  static let longestLine = 1 << 20
  private static let step = 1 << 16

  init(_ file: InputFile, from position: UInt64 = 0) {
    self.file = file
    self.position = position
  }

  /// Bytes up to the end of the file.
  var remaining: UInt64 { file.size - min(position, file.size) }

  /// The next `count` bytes; `nil`, and nothing taken, where the file ends before.
  mutating func take(_ count: Int) throws(TraceFault) -> [UInt8]? {
    guard try fill(count) else { return nil }
    let bytes = Array(buffer[next..<next + count])
    next += count
    position += UInt64(count)
    return bytes
  }

  /// The next byte; `nil` at the end of the file.
  mutating func byte() throws(TraceFault) -> UInt8? {
    if next >= buffer.count {
      guard try fill(1) else { return nil }
    }
    next += 1
    position += 1
    return buffer[next - 1]
  }

  /// The next `count` bytes, which stay in the stream; fewer where the file ends before.
  mutating func peek(_ count: Int) throws(TraceFault) -> [UInt8] {
    _ = try fill(count)
    return Array(buffer[next..<min(next + count, buffer.count)])
  }

  /// Goes forward without reading.
  mutating func skip(_ count: UInt64) {
    position += min(count, remaining)
    if count <= UInt64(buffer.count - next) {
      next += Int(count)
    } else {
      buffer.removeAll(keepingCapacity: true)
      next = 0
    }
  }

  /// The next line without its line end; `nil` at the end of the file.
  /// - Throws: where the line is longer than `longestLine`.
  mutating func line() throws(TraceFault) -> [UInt8]? {
    var searched = 0
    while true {
      if let end = buffer[(next + searched)...].firstIndex(of: UInt8(ascii: "\n")) {
        return takeLine(to: end, with: 1)
      }
      searched = buffer.count - next
      guard searched <= Self.longestLine else {
        throw TraceFault(
          .damaged, file: file.name, at: .line(lineNumber + 1), "the line is longer than 1 MiB")
      }
      if try !fill(searched + 1) {
        return searched == 0 ? nil : takeLine(to: buffer.count, with: 0)
      }
    }
  }

  private mutating func takeLine(to end: Int, with lineEnd: Int) -> [UInt8] {
    var line = buffer[next..<end]
    position += UInt64(end + lineEnd - next)
    next = end + lineEnd
    lineNumber += 1
    if line.last == UInt8(ascii: "\r") { line.removeLast() }
    if lineNumber == 1 && line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
    return Array(line)
  }

  /// Makes sure that `count` bytes are in the buffer; false where the file ends before.
  private mutating func fill(_ count: Int) throws(TraceFault) -> Bool {
    while buffer.count - next < count {
      if next > 0 {
        buffer.removeFirst(next)
        next = 0
      }
      let more = try file.bytes(at: position + UInt64(buffer.count), count: Self.step)
      if more.isEmpty { return false }
      buffer += more
    }
    return true
  }
}
