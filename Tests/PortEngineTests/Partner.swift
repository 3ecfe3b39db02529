import PortEngine
import PowerDelivery
import PowerSupervision
import Quantities

/// What the engine's comparators see of a partner, under each termination.
enum Partner {
  static func nobody(_: Termination) -> CCLevels { CCLevels(.open, .open) }

  /// A sink on a pin, with Ra on the other where the cable is marked.
  static func sink(_ pin: CCPin = .cc1, marked: Bool = false) -> (Termination) -> CCLevels {
    { termination in
      guard case .rp = termination else { return CCLevels(.open, .open) }
      let other: CCLevel = marked ? .ra : .open
      return pin == .cc1 ? CCLevels(.rd, other) : CCLevels(other, .rd)
    }
  }

  /// A source on a pin.
  static func source(_ pin: CCPin = .cc1, _ level: CCLevel = .rp3000) -> (Termination) -> CCLevels {
    { termination in
      guard termination == .rd else { return CCLevels(.open, .open) }
      return pin == .cc1 ? CCLevels(level, .open) : CCLevels(.open, level)
    }
  }

  /// The same on both pins under one kind of termination.
  static func both(_ level: CCLevel) -> (Termination) -> CCLevels {
    { termination in
      switch termination {
      case .rp where !level.isRp: CCLevels(level, level)
      case .rd where level.isRp: CCLevels(level, level)
      default: CCLevels(.open, .open)
      }
    }
  }
}

// MARK: - Ports at work

extension SinglePort {
  static func source(
    _ roles: PortConfiguration.Roles = .sourceOnly, policy: SourcePolicy = Sample.charger,
    change: (inout PortConfiguration) -> Void = { _ in }
  ) -> SinglePort {
    var configuration = PortConfiguration(roles: roles)
    change(&configuration)
    return SinglePort(
      PortEngine(
        configuration, source: policy, sink: Sample.phone(.fixed(maximumVoltage: Millivolts(9_000)))))
  }

  static func sink(
    _ roles: PortConfiguration.Roles = .sinkOnly,
    strategy: SinkStrategy = .fixed(maximumVoltage: Millivolts(9_000)),
    change: (inout PortConfiguration) -> Void = { _ in }
  ) -> SinglePort {
    var configuration = PortConfiguration(roles: roles)
    change(&configuration)
    return SinglePort(PortEngine(configuration, source: Sample.charger, sink: Sample.phone(strategy)))
  }

  /// A source with a sink that has heard its capabilities and has not answered yet.
  static func sourceAwaitingRequest(
    policy: SourcePolicy = Sample.charger, change: (inout PortConfiguration) -> Void = { _ in }
  ) -> SinglePort {
    var port = source(policy: policy, change: change)
    port.handle(.enable)
    port.plug(Partner.sink())
    port.run(for: .milliseconds(400)) { $0.engine.state == .srcSendCapabilities }
    port.run(for: .milliseconds(10))
    return port
  }

  /// A source in an explicit contract of 9 V.
  static func sourceReady(
    policy: SourcePolicy = Sample.charger, revision: SpecificationRevision = .revision3,
    change: (inout PortConfiguration) -> Void = { _ in }
  ) -> SinglePort {
    var port = sourceAwaitingRequest(policy: policy, change: change)
    port.receive(.request, [Sample.request(2, 2_000)], revision: revision)
    port.run(for: .milliseconds(100))
    return port
  }

  /// A sink in front of a source that gives VBUS and has not spoken yet.
  static func sinkAttached(
    level: CCLevel = .rp3000, strategy: SinkStrategy = .fixed(maximumVoltage: Millivolts(9_000)),
    change: (inout PortConfiguration) -> Void = { _ in }
  ) -> SinglePort {
    var port = sink(strategy: strategy, change: change)
    port.handle(.enable)
    port.plug(Partner.source(.cc1, level))
    port.run(for: .milliseconds(200))
    port.handle(.vbus(.present))
    port.run(for: .milliseconds(1))
    return port
  }

  /// A sink that has sent its Request.
  static func sinkAwaitingAccept(
    revision: SpecificationRevision = .revision3, change: (inout PortConfiguration) -> Void = { _ in }
  ) -> SinglePort {
    var port = sinkAttached(change: change)
    port.receive(
      .sourceCapabilities, [Sample.fixed(5, 3_000), Sample.fixed(9, 3_000)], revision: revision)
    port.run(for: .milliseconds(5))
    return port
  }

  /// A sink in an explicit contract of 9 V.
  static func sinkReady(
    revision: SpecificationRevision = .revision3, change: (inout PortConfiguration) -> Void = { _ in }
  ) -> SinglePort {
    var port = sinkAwaitingAccept(revision: revision, change: change)
    port.receive(.accept, revision: revision)
    port.run(for: .milliseconds(50))
    port.receive(.psRDY, revision: revision)
    port.run(for: .milliseconds(5))
    return port
  }
}

extension Sample {
  static func request(_ position: UInt8, _ milliamperes: Int32) -> UInt32 {
    var request = FixedVariableRDO()
    request.objectPosition = position
    request.operatingCurrent = Milliamperes(milliamperes)
    request.maximumOperatingCurrent = Milliamperes(milliamperes)
    return request.rawValue
  }
}

extension Nanoseconds {
  static func milliseconds(_ count: Int64) -> Nanoseconds { Nanoseconds(Milliseconds(count)) }
  static func microseconds(_ count: Int64) -> Nanoseconds { Nanoseconds(Microseconds(count)) }
}

extension TimerLimits {
  func contains(_ span: Nanoseconds) -> Bool {
    span >= minimum ?? .zero && span <= maximum ?? .milliseconds(1_000_000)
  }
}
