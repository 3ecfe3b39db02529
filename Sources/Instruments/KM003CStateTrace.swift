public import Quantities

/// The meter's own record of Type-C states and protocol events (attribute 0x0020, firmware 1.9.9).
public struct KM003CStateTrace: Equatable, Sendable {
  /// Type-C states, oldest first.
  public var states: [Entry]
  /// Protocol events, oldest first: 0x00 disabled, 0x82 message received, 0x83 next chunk requested; others unknown.
  public var events: [Entry]

  public struct Entry: Equatable, Sendable {
    public var code: UInt8
    /// Device time since power-up, in whole seconds.
    public var uptime: Milliseconds

    /// The name of a Type-C state; `nil` for codes that are not known.
    public var stateName: String? {
      Int(code) < Self.stateNames.count ? Self.stateNames[Int(code)] : nil
    }
  }

  /// - Throws: `KM003CError` when a count is not a multiple of five or goes past the end.
  public init(_ payload: Span<UInt8>) throws(KM003CError) {
    var offset = 0
    states = try Self.entries(payload, at: &offset)
    events = try Self.entries(payload, at: &offset)
  }

  private static func entries(_ payload: Span<UInt8>, at offset: inout Int) throws(KM003CError) -> [Entry] {
    guard let count = payload.littleEndian(UInt8.self, at: offset) else {
      throw .cut(at: offset, needs: 1, has: 0)
    }
    let length = Int(count)
    offset += 1
    guard length.isMultiple(of: 5), length <= payload.count - offset else {
      throw .cut(at: offset, needs: (length + 4) / 5 * 5, has: payload.count - offset)
    }
    let end = offset + length
    var entries: [Entry] = []
    while offset < end {
      let seconds = Int64(payload.littleEndian(UInt32.self, at: offset + 1) ?? 0)
      entries.append(Entry(code: payload[offset], uptime: Milliseconds(seconds * 1000)))
      offset += 5
    }
    return entries
  }
}

extension KM003CStateTrace.Entry {
  private static let stateNames = [
    "Disabled", "DelayUnattached", "AttachedResistance", "TryResistance", "AttachedDebSource",
    "UnattachedDebSource", "AttachWaitDebSource", "TryDebSource", "AttachedSource", "UnattachedSource",
    "AttachWaitSource", "TryWaitSource", "TrySource", "DebugAccessorySource", "AttachedCable", "IllegalCable",
    "AttachWaitCable", "AttachWaitMonitorDefective", "AttachedLightningPlug", "AttachWaitLightningPlug",
    "AttachedDebSink", "AttachWaitDebSink", "TryWaitDebSink", "AttachedSink", "AttachWaitSink", "TryWaitSink",
    "TrySink", "DebugAccessorySink", "AttachedMonitor", "AttachWaitMonitor", "CableCross",
    "CablePlugShortCircuit", "ErrorRecovery", "PoweredAccessory", "UnsupportedAccessory", "AudioAccessory",
    "AttachWaitAccessory",
  ]
}
