import ChargerSettings
import Quantities
import Threading

/// Where the ports' threads ask for power: the coordinator behind a lock.
///
/// A port asks on its own thread, so that the answer is there before its first offer is due, and no other thread has to
/// wake for it.
final class PowerDesk: @unchecked Sendable {
  private let lock = ThreadLock()
  private var coordinator: PowerCoordinator
  private var names: [String]
  private var send: [@Sendable (PortCommand) -> Void] = []

  init(_ settings: ChargerSettings) {
    coordinator = PowerCoordinator(budget: settings.budget, ports: settings.ports)
    names = settings.ports.map(\.name)
  }

  func offered(_ index: Int) -> Milliwatts { lock.with { coordinator.offered(index) } }
  var held: Milliwatts { lock.with { coordinator.held } }

  /// How each port is told what it may offer, in the order of the settings.
  func connect(_ send: [@Sendable (PortCommand) -> Void]) { lock.with { self.send = send } }

  /// Takes what happened at a port and tells the ports what follows for them.
  func take(_ reports: [PortReport]) {
    lock.with {
      for report in reports {
        guard let index = names.firstIndex(of: report.port) else { continue }
        let changes =
          switch report.content {
          case .attached: coordinator.attached(index)
          case .detached: coordinator.detached(index)
          case .contract(let contract): coordinator.contract(index, contract.power)
          case .trust(let stage): coordinator.stage(index, stage)
          case .closed, .record: [] as [PowerCoordinator.Change]
          }
        for change in changes where send.indices.contains(change.port) {
          send[change.port](.offer(change.power))
        }
      }
    }
  }

  /// The charger has changed; gives what each port may offer now.
  func reconfigure(_ settings: ChargerSettings, before: [Int?]) -> [Milliwatts] {
    lock.with {
      _ = coordinator.reconfigure(budget: settings.budget, ports: settings.ports, before: before)
      names = settings.ports.map(\.name)
      send = []
      return settings.ports.indices.map { coordinator.offered($0) }
    }
  }
}
