import Glibc

extension AgentLink {
  /// Starts a program, without a shell, with a link at its standard input and output. Its standard error is ours.
  static func start(_ words: [String]) throws(Failure) -> AgentLink {
    var ends: [Int32] = [-1, -1]
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    guard unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw Failure(number: errno) }
    // Above the standard descriptors, should those be closed: else one would be laid over the other in the child.
    let theirs = fcntl(ends[1], F_DUPFD_CLOEXEC, 3)
    let failure = errno
    close(ends[1])
    guard theirs >= 0 else {
      close(ends[0])
      throw Failure(number: failure)
    }
    defer { close(theirs) }
    var process: pid_t = 0
    let result = spawn(&process, words, theirs)
    guard result == 0 else {
      close(ends[0])
      throw Failure(number: result)
    }
    return AgentLink(descriptor: ends[0], process: process)
  }

  private static func spawn(_ process: inout pid_t, _ words: [String], _ descriptor: Int32) -> Int32 {
    guard let program = words.first else { return EINVAL }
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_adddup2(&actions, descriptor, STDIN_FILENO)
    unsafe posix_spawn_file_actions_adddup2(&actions, descriptor, STDOUT_FILENO)
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    // A group of its own: what the terminal sends to ours does not reach it, and it can be ended as a whole.
    let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
    unsafe posix_spawnattr_setflags(&attributes, Int16(flags))
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe posix_spawnattr_setsigmask(&attributes, &signals)
    unsafe sigfillset(&signals)
    unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
    var pointers = unsafe words.map { unsafe strdup($0) }
    unsafe pointers.append(nil)
    defer { for index in unsafe pointers.indices { unsafe free(pointers[index]) } }
    return unsafe posix_spawn(&process, program, &actions, &attributes, pointers, environ)
  }
}
