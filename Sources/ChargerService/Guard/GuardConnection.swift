import Glibc

/// The daemon's end of its guard: starts it, tells it everything, and notices when it is gone.
public final class GuardConnection: Sendable {
  /// Why no guard could be started.
  public struct Failure: Error, Equatable, Sendable, CustomStringConvertible {
    public var reason: String
    public var description: String { "the guard cannot be started: \(reason)" }
  }

  private let descriptor: Int32
  private let process: pid_t

  /// Starts `executable` with `arguments` in a session of its own; its descriptor 3 is its end of the socket.
  public init(executable: String, arguments: [String]) throws(Failure) {
    var ends: [Int32] = [-1, -1]
    let kind = Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    guard unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
      throw Failure(reason: "no socket (\(errno))")
    }
    do {
      process = try GuardConnection.spawn(executable, arguments, socket: ends[1])
    } catch {
      close(ends[0])
      close(ends[1])
      throw error
    }
    close(ends[1])
    descriptor = ends[0]
  }

  deinit { close(descriptor) }

  /// Tells the guard something, from any thread; `false` when it is gone. A guard that is behind is not waited for: the
  /// next set point replaces this one.
  @discardableResult public func send(_ message: GuardMessage) -> Bool {
    let bytes = message.bytes
    let sent = unsafe Glibc.send(
      descriptor, bytes, bytes.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
    return sent == bytes.count || errno == EAGAIN || errno == EINTR
  }

  /// Says goodbye and waits until the guard has ended.
  public func finish() {
    send(.goodbye)
    shutdown(descriptor, Int32(SHUT_WR))
    var status: Int32 = 0
    while unsafe waitpid(process, &status, 0) < 0, errno == EINTR {}
  }

  private static func spawn(
    _ executable: String, _ arguments: [String], socket: Int32
  ) throws(Failure) -> pid_t {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    // Output belongs to the daemon; a reader that waits for its end must not wait for the guard.
    unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    unsafe posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0)
    unsafe posix_spawn_file_actions_adddup2(&actions, socket, GuardConnection.guardDescriptor)
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    // A session of its own: what the terminal sends to the daemon's group does not reach it.
    unsafe posix_spawnattr_setflags(&attributes, Int16(0x80 | POSIX_SPAWN_SETSIGMASK))
    var none = sigset_t()
    unsafe sigemptyset(&none)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    var pointers = unsafe ([executable] + arguments).map { unsafe strdup($0) }
    unsafe pointers.append(nil)
    defer { for index in unsafe pointers.indices { unsafe free(pointers[index]) } }
    var process: pid_t = 0
    let result = unsafe posix_spawn(&process, executable, &actions, &attributes, pointers, environ)
    guard result == 0 else { throw Failure(reason: "\(executable) does not start (\(result))") }
    return process
  }

  /// Where the guard finds its end of the socket.
  public static let guardDescriptor: Int32 = 3
}
