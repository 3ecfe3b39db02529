public import PowerDelivery

/// A step of the policy engine: in `from`, `stimulus` led to `to`.
public struct PolicyStep: Equatable, Sendable {
  public var from: PolicyState
  public var stimulus: PolicyStimulus
  public var to: PolicyState
}

/// What moves the policy engine, as a code: for logs, coverage tables and comparison.
public struct PolicyStimulus: RawRepresentable, Hashable, Sendable {
  public var rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// A message of the partner or the cable was received.
  public static func received(_ kind: MessageKind) -> PolicyStimulus {
    switch kind {
    case .control(let type): PolicyStimulus(rawValue: type.rawValue & 31)
    case .data(let type): PolicyStimulus(rawValue: 32 | type.rawValue & 31)
    case .extended(let type): PolicyStimulus(rawValue: 64 | type.rawValue & 31)
    }
  }
  /// A timer expired.
  public static func timer(_ timer: PortTimer) -> PolicyStimulus {
    PolicyStimulus(rawValue: 96 &+ timer.rawValue)
  }
  /// A request of the user began.
  public static func request(_ kind: PortRequest.Kind) -> PolicyStimulus {
    PolicyStimulus(rawValue: 160 &+ kind.rawValue)
  }
  /// The own message was acknowledged; was not, after all retries; gave way to one that came in.
  public static var sent: PolicyStimulus { PolicyStimulus(rawValue: 192) }
  public static var failed: PolicyStimulus { PolicyStimulus(rawValue: 193) }
  public static var discarded: PolicyStimulus { PolicyStimulus(rawValue: 194) }
  public static var hardResetReceived: PolicyStimulus { PolicyStimulus(rawValue: 195) }
  public static var hardResetSent: PolicyStimulus { PolicyStimulus(rawValue: 196) }
  public static var supplyReady: PolicyStimulus { PolicyStimulus(rawValue: 197) }
  public static var supplySafe0V: PolicyStimulus { PolicyStimulus(rawValue: 198) }
  public static var supplyFault: PolicyStimulus { PolicyStimulus(rawValue: 199) }
  public static var vbusPresent: PolicyStimulus { PolicyStimulus(rawValue: 200) }
  public static var vbusGone: PolicyStimulus { PolicyStimulus(rawValue: 201) }
  public static var attached: PolicyStimulus { PolicyStimulus(rawValue: 202) }
  public static var detached: PolicyStimulus { PolicyStimulus(rawValue: 203) }
  public static var decision: PolicyStimulus { PolicyStimulus(rawValue: 204) }
  public static var errorRecovery: PolicyStimulus { PolicyStimulus(rawValue: 205) }
  public static var chunkError: PolicyStimulus { PolicyStimulus(rawValue: 206) }
}

/// The last steps of the policy engine, oldest first: what to attach to a report of a negotiation that failed.
public struct Journal: Sendable {
  /// How many steps are kept.
  public static var capacity: Int { 32 }
  /// How many steps there were altogether; wraps around.
  public private(set) var total: UInt32 = 0
  private var steps = InlineArray<32, PolicyStep>(
    repeating: PolicyStep(from: .detached, stimulus: .detached, to: .detached))

  @inline(__always) mutating func append(_ step: PolicyStep) {
    steps[Int(total & 31)] = step
    total &+= 1
  }

  /// Step `number` of all that there were, counted from 0; `nil` where it was overwritten or has not happened yet.
  public func step(_ number: UInt32) -> PolicyStep? {
    let age = total &- number
    return age >= 1 && age <= 32 ? steps[Int(number & 31)] : nil
  }
}

extension Journal: Equatable {
  public static func == (left: Journal, right: Journal) -> Bool {
    guard left.total == right.total else { return false }
    for age in 1...UInt32(32) where left.step(left.total &- age) != right.step(right.total &- age) {
      return false
    }
    return true
  }
}
