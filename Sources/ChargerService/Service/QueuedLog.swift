import Glibc
public import Logging
import Threading

/// A log on standard error that nobody has to wait for: lines are written by a thread of their own. What writes them is
/// held up by a terminal that stands still; a port or a heartbeat is not.
public final class LogThread: @unchecked Sendable {
  private let lines = Mailbox<String>(capacity: 10_000)
  private var thread: WorkThread?

  public init() {
    thread = WorkThread(name: "log") { [lines] in
      while true {
        let mail = lines.take(until: .max)
        for line in mail.items { _ = unsafe write(STDERR_FILENO, line, line.utf8.count) }
        if mail.isClosed { return }
      }
    }
  }

  func put(_ line: String) { lines.put([line + "\n"]) }

  /// Writes what is left and ends.
  public func finish() {
    lines.close()
    thread?.join()
  }
}

/// Lines as `ofc: notice: driver: VBUS at 0.32 V`; under systemd with the priority that the journal reads.
public struct QueuedLogHandler: LogHandler {
  public var logLevel: Logger.Level
  public var metadata = Logger.Metadata()
  private let thread: LogThread
  private let isForJournal: Bool

  /// - Parameter isForJournal: whether lines begin with a priority in angle brackets (sd-daemon).
  public init(_ thread: LogThread, level: Logger.Level, isForJournal: Bool) {
    self.thread = thread
    logLevel = level
    self.isForJournal = isForJournal
  }

  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  public func log(event: LogEvent) {
    let priority = isForJournal ? "<\(QueuedLogHandler.priority(event.level))>" : ""
    thread.put("\(priority)ofc: \(event.level): \(event.message)")
  }

  /// The levels of syslog.
  private static func priority(_ level: Logger.Level) -> Int {
    switch level {
    case .trace, .debug: 7
    case .info: 6
    case .notice: 5
    case .warning: 4
    case .error: 3
    case .critical: 2
    }
  }
}
