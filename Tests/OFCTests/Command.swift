import Foundation
import TestSupport

/// The built `ofc`, run as a person runs it.
enum Command {
  /// What a run left behind.
  struct Result {
    var status: Int32
    var output: String
    var complaints: String

    var lines: [String] { output.split(separator: "\n").map(String.init) }
    var complaintLines: [String] { complaints.split(separator: "\n").map(String.init) }

    /// The JSON objects of the output; `nil` where a line is none.
    var objects: [[String: Any]]? {
      let all = lines.map { line in
        (try? JSONSerialization.jsonObject(with: Data(line.utf8))) as? [String: Any]
      }
      return all.contains { $0 == nil } ? nil : all.compactMap { $0 }
    }
  }

  /// It stands beside the tests in the build folder.
  static let executable = Bundle.main.executableURL?.resolvingSymlinksInPath().deletingLastPathComponent()
    .appending(path: "ofc")

  static let isBuilt = executable.map { FileManager.default.isExecutableFile(atPath: $0.path) } ?? false
  static let absent = "ofc is not built beside the tests; run `swift build` first"

  /// Runs `ofc` in the root of the project and waits for its end.
  static func run(
    _ arguments: [String], input: [UInt8] = [], executable: URL? = executable
  ) throws -> Result {
    let folder = try TemporaryFolder()
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    process.currentDirectoryURL = ProjectFiles.root
    let files = try ["in", "out", "err"].map { name in
      let path = try folder.file(name, name == "in" ? input : [])
      return try FileHandle(forUpdating: URL(filePath: path))
    }
    process.standardInput = files[0]
    process.standardOutput = files[1]
    process.standardError = files[2]
    try process.run()
    process.waitUntilExit()
    return Result(
      status: process.terminationStatus, output: try folder.text("out"), complaints: try folder.text("err"))
  }

  static func run(_ arguments: String...) throws -> Result { try run(arguments) }
}

/// A folder that goes away with the object.
final class TemporaryFolder {
  let url = FileManager.default.temporaryDirectory.appending(path: "ofc-tests-\(UUID().uuidString)")

  init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appending(path: name).path }

  /// Writes a file; gives its path.
  func file(_ name: String, _ bytes: [UInt8]) throws -> String {
    try Data(bytes).write(to: url.appending(path: name))
    return path(name)
  }

  func text(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: url.appending(path: name)), as: UTF8.self)
  }
}

/// Recordings by their path from the root of the project, where `ofc` runs.
enum Capture {
  static let apple = "Tests/Captures/pd/sigrok-dumps/apple_power_brick.sr"
  static let hardReset = "Tests/Captures/pd/jimknopf/PinePower-xperia10iii_3_PD-sync.sr"
  static let ppsAndAVS = "Tests/TraceTests/Golden/pps_avs.hex"
  static let xiaomi = "Tests/Captures/xiaomi/set-b-with-answers.hex"
  static let meter = "Tests/Captures/pd/km003c/pd_capture_new.9.pcapng"
}
