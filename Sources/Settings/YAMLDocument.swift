import Foundation
import Yams

/// A YAML file whose values know where they stand, so that every mistake can be named with its place.
///
/// Reading does not stop at the first mistake: the values of the document report to one list, and `read` hands out
/// either what `body` made of the file or all of its mistakes. Total: any bytes give a value or a list of mistakes.
public struct YAMLDocument {
  private let root: SettingsValue
  private let errors: SettingsErrors

  /// Reads the file at `path` and gives its top value to `body`.
  /// - Throws: `SettingsFailure` with every mistake that was found.
  public static func read<Value>(
    file path: String, _ body: (SettingsValue) -> Value?
  ) throws(SettingsFailure) -> Value {
    try read(bytes(ofFile: path), file: path, body)
  }

  /// Reads text that came from elsewhere; `file` is what mistakes are named after.
  /// - Throws: `SettingsFailure` with every mistake that was found.
  public static func read<Value>(
    _ bytes: [UInt8], file: String, _ body: (SettingsValue) -> Value?
  ) throws(SettingsFailure) -> Value {
    let document = try YAMLDocument(bytes, file: file)
    let value = body(document.root)
    if let failure = document.errors.failure { throw failure }
    guard let value else {
      throw SettingsFailure(
        .mistaken, [SettingsError(file: file, line: 1, column: 1, reason: "the file cannot be used")])
    }
    return value
  }

  private init(_ bytes: [UInt8], file: String) throws(SettingsFailure) {
    let text: YAMLText
    do {
      text = try YAMLText(bytes)
    } catch {
      throw SettingsFailure(
        .mistaken,
        [
          SettingsError(
            file: file, line: error.line, column: error.column, reason: error.reason, hint: error.hint)
        ])
    }
    errors = SettingsErrors(file: file)
    var composer = YAMLComposer(text.text, file: file)
    let node = try composer.node()
    root = SettingsValue(node, path: "", errors: errors, mark: node.place ?? TextPlace(line: 1, column: 1))
    for duplicate in composer.duplicates {
      errors.report(
        "`\(duplicate.key)` is given more than once here", hint: "keep one of them", path: "",
        line: duplicate.line, column: duplicate.column)
    }
  }

  private static func bytes(ofFile path: String) throws(SettingsFailure) -> [UInt8] {
    let isFolder = (try? URL(filePath: path).resourceValues(forKeys: [.isDirectoryKey]))?.isDirectory
    guard let isFolder else { throw unreadable(path, "there is no such file") }
    if isFolder { throw unreadable(path, "this is a directory") }
    do {
      let handle = try FileHandle(forReadingFrom: URL(filePath: path))
      defer { try? handle.close() }
      var bytes: [UInt8] = []
      while bytes.count <= YAMLText.byteLimit,
        let piece = try handle.read(upToCount: 1 << 16), !piece.isEmpty
      {
        bytes += piece
      }
      return bytes
    } catch {
      throw unreadable(path, "the file cannot be read")
    }
  }

  private static func unreadable(_ path: String, _ reason: String) -> SettingsFailure {
    SettingsFailure(.unreadable, [SettingsError(file: path, line: 0, column: 0, reason: reason)])
  }
}
