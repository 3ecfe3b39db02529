import Glibc

/// A file with keys, which nobody but its owner may reach.
public enum KeyFile {
  /// A longer file is no key file; it fits into what any process may lock.
  static let mostBytes = 16_384

  /// Opens, checks and reads a key file; spec/xiaomi-keys.md describes it. What was read is wiped before this returns.
  /// - Throws: every mistake, and no character of a seed or a key.
  public static func read(_ file: String) throws(KeyError) -> KeyTable {
    let descriptor = unsafe open(file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else { throw KeyError(file, openingText(errno)) }
    defer { close(descriptor) }
    try check(descriptor, file)
    // One byte more than is allowed, so that more can be told from as much.
    guard let buffer = SecretMemory(byteCount: mostBytes + 1) else {
      throw KeyError(file, "there is no memory to read it")
    }
    defer { buffer.wipe() }
    guard let count = buffer.fill(from: descriptor) else {
      throw KeyError(file, "it cannot be read: \(systemText(errno))")
    }
    guard count <= mostBytes else {
      throw KeyError(file, "it is longer than \(mostBytes) bytes; is this a key file?")
    }
    let result = buffer.read { bytes -> Result<KeyTable, KeyError> in
      do throws(KeyError) {
        return .success(try KeyFileText.table(bytes.extracting(0..<count), file: file))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  /// Looks at the open file, not at its name: what was looked at is what is read.
  private static func check(_ descriptor: Int32, _ file: String) throws(KeyError) {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      throw KeyError(file, "it cannot be looked at: \(systemText(errno))")
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      let isDirectory = status.st_mode & S_IFMT == S_IFDIR
      throw KeyError(file, "it is \(isDirectory ? "a directory" : "no regular file"), not a key file")
    }
    var mistakes: [KeyError.Mistake] = []
    let user = geteuid()
    if status.st_uid != user, status.st_uid != 0 {
      mistakes.append(
        .init(
          "it belongs to user \(status.st_uid), who can read and change the keys; "
            + "run `chown \(user) \(quoted(file))`"))
    }
    if status.st_mode & 0o077 != 0 {
      let digits = String(status.st_mode & 0o7777, radix: 8)
      let mode = String(repeating: "0", count: max(0, 4 - digits.count)) + digits
      mistakes.append(
        .init("its mode is \(mode), so that others could get at the keys; run `chmod 600 \(quoted(file))`"))
    }
    if !mistakes.isEmpty { throw KeyError(source: file, mistakes: mistakes) }
  }

  private static func openingText(_ number: Int32) -> String {
    switch number {
    case ELOOP: "it is a symbolic link, which could be turned to another file; name the file itself"
    case ENOENT: "there is no such file"
    default: "it cannot be opened: \(systemText(number))"
    }
  }

  /// A file name as a shell takes it.
  private static func quoted(_ file: String) -> String {
    let isPlain = file.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "-")...UInt8(ascii: "9"), UInt8(ascii: "_"):
        true
      default: false
      }
    }
    let parts = file.split(separator: "'", omittingEmptySubsequences: false)
    return isPlain ? file : "'\(parts.joined(separator: "'\\''"))'"
  }
}
