import Glibc
package import Quantities

/// The signals that a daemon or a listener obeys, taken one by one by the main thread instead of interrupting whatever runs.
package struct SignalQueue {
  package enum Signal: Equatable { case stop, reload }

  private var set = sigset_t()

  /// Holds the signals back, for this thread and all that it starts. Call it before any thread is started.
  package init() {
    unsafe sigemptyset(&set)
    for signal in [SIGTERM, SIGINT, SIGHUP] { unsafe sigaddset(&set, signal) }
    unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    _ = Glibc.signal(SIGPIPE, SIG_IGN)
  }

  /// Waits for a signal for at most `span`.
  package mutating func next(within span: Nanoseconds) -> Signal? {
    var timeout = timespec(
      tv_sec: Int(span.rawValue / 1_000_000_000), tv_nsec: Int(span.rawValue % 1_000_000_000))
    switch unsafe sigtimedwait(&set, nil, &timeout) {
    case SIGTERM, SIGINT: return .stop
    case SIGHUP: return .reload
    default: return nil
    }
  }
}
