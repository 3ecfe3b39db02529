import Foundation
import Trace

/// Where the tests find files.
enum Captures {
  private static let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

  /// A recording of the repository.
  static func path(_ name: String) -> String { tests.appending(path: "Captures/\(name)").path }

  /// The Dr. PD recordings, which are not part of the repository; `nil` where they are absent.
  static let drpd: String? = {
    let folder = tests.deletingLastPathComponent().deletingLastPathComponent().appending(
      path: "shared/captures/drpd")
    return FileManager.default.fileExists(atPath: folder.path) ? folder.path : nil
  }()

  static let drpdAbsent = "the Dr. PD recordings are not at ../shared/captures/drpd"

  static func text(_ name: String) throws -> String {
    try String(contentsOfFile: path(name), encoding: .utf8)
  }

  static func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(filePath: path(name))))
  }
}

/// Readings of whole recordings, which several tests compare with: each is made once.
final class KnownReadings: @unchecked Sendable {
  static let shared = KnownReadings()
  private let lock = NSLock()
  private var readings: [String: Task<Reading, Never>] = [:]

  /// What a recording of the repository gives.
  func reading(_ name: String) async -> Reading {
    let task = lock.withLock {
      let task = readings[name] ?? Task { Reading(Captures.path(name)) }
      readings[name] = task
      return task
    }
    return await task.value
  }
}

/// A file that goes away with the object.
final class TemporaryFile {
  let path: String

  init(_ bytes: [UInt8] = [], ending: String = "tmp") throws {
    path = FileManager.default.temporaryDirectory.appending(path: "trace-\(UUID().uuidString).\(ending)").path
    try Data(bytes).write(to: URL(filePath: path))
  }

  var bytes: [UInt8] {
    get throws { Array(try Data(contentsOf: URL(filePath: path))) }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Everything that a file gives.
struct Reading: Equatable {
  var records: [TraceRecord] = []
  var fault: TraceFault?

  init(_ path: String, format: TraceFormat? = nil, options: TraceReadOptions = TraceReadOptions()) {
    do {
      var reader = try TraceFile.open(path, format: format, options: options)
      fault = reader.read { records.append($0) }
    } catch {
      fault = error
    }
  }

  init(text: String, format: TraceFormat? = nil) throws {
    let file = try TemporaryFile(Array(text.utf8))
    self.init(file.path, format: format)
    fault?.file = "FILE"
  }

  var packets: [TracePacket] {
    records.compactMap { if case .packet(let packet) = $0.content { packet } else { nil } }
  }

  var events: [TraceEvent] {
    records.compactMap { if case .event(let event) = $0.content { event } else { nil } }
  }

  /// Packets, damaged or wrong ones among them, resets, events, measurements.
  var counts: [Int] {
    let resets = records.count { if case .reset = $0.content { true } else { false } }
    let measurements = records.count { if case .measurement = $0.content { true } else { false } }
    let bad = packets.count { $0.validity != .crcHolds && $0.validity != .notChecked }
    return [packets.count, bad, resets, events.count, measurements]
  }
}
