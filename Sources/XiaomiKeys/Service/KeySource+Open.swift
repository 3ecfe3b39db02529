import Glibc

extension KeySource {
  /// Makes the source ready to be asked.
  ///
  /// An agent is started, or connected to, in the background: that it is not there yet is logged, not thrown.
  /// - Parameters:
  ///   - agents: how agents are treated.
  ///   - log: gets a line of text now and then, from any thread; never a seed, a challenge, a digest or a key.
  /// - Returns: `nil` for `none`.
  /// - Throws: what is wrong with the file, the program or the name of the socket.
  public func open(
    agents: AgentSettings = AgentSettings(), log: @escaping @Sendable (String) -> Void
  ) throws(KeyError) -> (any XiaomiDigestService)? {
    switch self {
    case .none: return nil
    case .synthetic: return ImmediateDigestService(SyntheticKeys.right)
    case .syntheticWrong: return ImmediateDigestService(SyntheticKeys.wrong)
    case .file(let file):
      let table = try KeyFile.read(file)
      if !table.isLocked {
        log("\(file): the keys may reach swap: no memory may be locked for them (see RLIMIT_MEMLOCK)")
      }
      return ImmediateDigestService(table)
    case .program(let words):
      return try AgentService(.program(KeySource.checked(program: words)), agents, log: log)
    case .socket(let path):
      return try AgentService(.socket(KeySource.checked(socket: path)), agents, log: log)
    }
  }

  private static func checked(program words: [String]) throws(KeyError) -> [String] {
    guard let name = words.first, !name.isEmpty else {
      throw KeyError("key agent", "no program is named; write its path, then its arguments")
    }
    guard name.utf8.contains(UInt8(ascii: "/")) else {
      throw KeyError(name, "the program must be named by its path, such as /usr/local/bin/\(name)")
    }
    guard !words.contains(where: { $0.utf8.contains(0) }) else {
      throw KeyError(name, "a NUL character cannot be given to a program")
    }
    var status = stat()
    guard unsafe stat(name, &status) == 0 else {
      throw KeyError(name, "the program cannot be found: \(systemText(errno))")
    }
    guard status.st_mode & S_IFMT == S_IFREG, unsafe access(name, X_OK) == 0 else {
      throw KeyError(name, "this is no program that may be run; see its mode and owner")
    }
    return words
  }

  private static func checked(socket path: String) throws(KeyError) -> String {
    guard !path.isEmpty, !path.utf8.contains(0) else {
      throw KeyError("key agent", "no socket is named; write its path")
    }
    guard path.utf8.count <= AgentLink.longestPath else {
      throw KeyError(
        path,
        "the path of a socket has at most \(AgentLink.longestPath) bytes, this one has \(path.utf8.count)")
    }
    return path
  }
}
