public import ChargerSettings
import Scenario
import XiaomiCharge
public import XiaomiKeys

/// The keys of a charger, opened: one service for each source that its ports name, and those of its simulated phones.
public struct KeyCabinet: Sendable {
  private var services: [KeySource: any XiaomiDigestService] = [:]
  let phoneKeys: KeyRing

  /// - Parameter log: gets a line now and then, from any thread; never anything of a key.
  /// - Throws: what is wrong with a file, a program or the name of a socket; nothing stays open then.
  public init(
    _ settings: ChargerSettings, log: @escaping @Sendable (String) -> Void
  ) throws(KeyError) {
    phoneKeys = try KeyRing(settings.ports.flatMap { $0.visits.map(\.phone.xiaomi.keys) })
    for source in settings.ports.compactMap({ $0.xiaomi?.keys }) where services[source] == nil {
      do {
        services[source] = try source.open(log: log)
      } catch {
        finish()
        throw error
      }
    }
  }

  /// Who is asked for the digests of a port; `nil`: nobody.
  func service(for port: PortSettings) -> (any XiaomiDigestService)? {
    port.xiaomi.flatMap { services[$0.keys] }
  }

  /// Ends agents.
  func finish() { for service in services.values { service.finish() } }
}
