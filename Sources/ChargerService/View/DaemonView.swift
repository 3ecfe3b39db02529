public import Quantities

/// How a daemon shows what its ports do. It is called on one thread, several times a second.
public protocol DaemonView: SendableMetatype {
  /// - Parameters:
  ///   - reports: what happened since the last call, in the order of time for each port.
  ///   - statuses: what the ports are like now.
  ///   - lost: how many reports were dropped because nobody looked.
  mutating func show(_ reports: [PortReport], _ statuses: [PortStatus], budget: Milliwatts, lost: Int)
  /// The last call.
  mutating func finish(_ statuses: [PortStatus], budget: Milliwatts)
}

/// Where a view writes to.
public typealias ViewOutput = @Sendable (String) -> Void
