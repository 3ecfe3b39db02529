import Quantities
import Threading

/// The thread that shows things. It may be held up by a slow terminal or a reader that stands still; the ports are not.
final class ViewThread: @unchecked Sendable {
  private let reports = Mailbox<PortReport>(capacity: 20_000)
  private var thread: WorkThread?
  /// How often a view is brought up to date when nothing happens.
  private static let interval = Nanoseconds(200_000_000)

  init<View: DaemonView>(
    _ makeView: @escaping @Sendable () -> View, clock: some PaceClock,
    snapshot: @escaping @Sendable () -> ([PortStatus], Milliwatts)
  ) {
    thread = WorkThread(name: "view") { [reports] in
      var view = makeView()
      while true {
        let mail = reports.take(until: (clock.now + ViewThread.interval).nanoseconds)
        let (statuses, budget) = snapshot()
        view.show(mail.items, statuses, budget: budget, lost: mail.lost)
        if mail.isClosed {
          view.finish(statuses, budget: budget)
          return
        }
      }
    }
  }

  func put(_ new: [PortReport]) { reports.put(new) }

  /// Shows what is left and ends.
  func finish() {
    reports.close()
    thread?.join()
  }
}
