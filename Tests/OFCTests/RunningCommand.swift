import Foundation
import Glibc

/// The built `ofc` while it runs: its lines are waited for, never a time.
final class RunningCommand {
  private let process = Process()
  let output = LineReader()
  let complaints = LineReader()

  /// - Parameter environment: what is added to the environment of the tests.
  init(
    _ arguments: [String], environment: [String: String] = [:], executable: URL? = Command.executable,
    folder: URL? = nil
  ) throws {
    process.executableURL = executable
    if let folder { process.currentDirectoryURL = folder }
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output.pipe
    process.standardError = complaints.pipe
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    try process.run()
    // The end of a pipe is seen only when nobody here holds its writing side.
    try output.pipe.fileHandleForWriting.close()
    try complaints.pipe.fileHandleForWriting.close()
  }

  deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

  func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

  /// Sends SIGINT to what the command has started, as Control-C does.
  func interruptChildren() {
    for child in Self.children(of: process.processIdentifier) { kill(child, SIGINT) }
  }

  /// The processes that a process has started, and theirs.
  private static func children(of parent: pid_t) -> [pid_t] {
    let text = (try? String(contentsOfFile: "/proc/\(parent)/task/\(parent)/children", encoding: .utf8)) ?? ""
    let own = text.split(separator: " ").compactMap { pid_t($0) }
    return own + own.flatMap(children)
  }

  /// Waits for the end; gives the exit status, or the negative signal.
  func wait() -> Int32 {
    process.waitUntilExit()
    return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
  }
}

/// The lines of a pipe, one after the other.
final class LineReader {
  let pipe = Pipe()
  private var buffer = Data()
  /// All lines so far.
  private(set) var lines: [String] = []

  /// The next line; `nil` at the end.
  func next() -> String? {
    while true {
      if let end = buffer.firstIndex(of: 0x0A) {
        let line = String(decoding: buffer[buffer.startIndex..<end], as: UTF8.self)
        buffer.removeSubrange(buffer.startIndex...end)
        lines.append(line)
        return line
      }
      guard isReadable else { return nil }
      let piece = pipe.fileHandleForReading.availableData
      guard !piece.isEmpty else { return nil }
      buffer.append(piece)
    }
  }

  /// Whether something can be read, or the end has come. A command that says nothing for a minute says nothing more: a
  /// test that waits for the wrong words must fail, not hang.
  private var isReadable: Bool {
    var descriptor = pollfd(
      fd: pipe.fileHandleForReading.fileDescriptor, events: Int16(POLLIN), revents: 0)
    return unsafe poll(&descriptor, 1, 60_000) > 0
  }

  /// Reads on until a line holds `text`; `nil` where the end comes first.
  func wait(for text: String) -> String? {
    while let line = next() { if line.contains(text) { return line } }
    return nil
  }

  /// Reads to the end.
  func rest() -> [String] {
    while next() != nil {}
    return lines
  }
}
