import Foundation

/// The generated files below a root, as they are on disk, against what they should be.
struct GeneratedFolder {
  let root: URL
  let files: [String: String]

  /// The folders that hold nothing but generated files.
  static let folders = ["spec/text/tables"]

  /// What is wrong, one line a file, in the order of the paths.
  func differences() -> [String] {
    let missing = files.keys.filter { !FileManager.default.fileExists(atPath: url($0).path) }
      .map { ($0, "\($0): missing") }
    let changed = files.compactMap { path, text -> (String, String)? in
      guard let current = try? String(contentsOf: url(path), encoding: .utf8), current != text else {
        return nil
      }
      return (path, "\(path):\(firstDifference(current, text))")
    }
    let stale = stalePaths().map { ($0, "\($0): stale, nothing in spec/ asks for it") }
    return (missing + changed + stale).sorted { $0.0 < $1.0 }.map(\.1)
  }

  /// Writes what differs, and removes what is stale. Returns what it did, one line a file.
  func write() throws -> [String] {
    var done: [String] = []
    for (path, text) in files.sorted(by: { $0.key < $1.key }) {
      if (try? String(contentsOf: url(path), encoding: .utf8)) == text { continue }
      try FileManager.default.createDirectory(
        at: url(path).deletingLastPathComponent(), withIntermediateDirectories: true)
      try text.write(to: url(path), atomically: true, encoding: .utf8)
      done.append("wrote \(path)")
    }
    for path in stalePaths() {
      try FileManager.default.removeItem(at: url(path))
      done.append("removed \(path)")
    }
    return done
  }

  private func url(_ path: String) -> URL { root.appendingPathComponent(path) }

  /// Files in a folder of generated files that the generator would not write.
  private func stalePaths() -> [String] {
    var found: [String] = []
    for top in ["Sources", "Tests", "spec"] {
      guard let walker = FileManager.default.enumerator(atPath: url(top).path) else { continue }
      for case let name as String in walker {
        let path = "\(top)/\(name)"
        let parent = path.split(separator: "/").dropLast().joined(separator: "/")
        let generated = parent.hasSuffix("/Generated") || Self.folders.contains(parent)
        if generated && files[path] == nil { found.append(path) }
      }
    }
    return found.sorted()
  }

  /// `12: is `…`, must be `…``: the first line that differs.
  private func firstDifference(_ current: String, _ expected: String) -> String {
    let have = current.components(separatedBy: "\n")
    let want = expected.components(separatedBy: "\n")
    for index in 0..<max(have.count, want.count) {
      let left = index < have.count ? "`\(have[index])`" : "the end of the file"
      let right = index < want.count ? "`\(want[index])`" : "the end of the file"
      if left != right { return "\(index + 1): is \(left), must be \(right)" }
    }
    return "1: differs"
  }
}
