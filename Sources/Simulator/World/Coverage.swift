public import PortEngine

/// How often each step of the policy engine was seen: by the state it started in and what moved it, for each role.
public struct Coverage: Equatable, Sendable {
  /// Whether steps are counted; memory is taken when it is switched on first.
  public var isOn = false {
    didSet {
      if isOn, hits.isEmpty { hits = Array(repeating: 0, count: 2 * PolicyState.count * 256) }
    }
  }
  /// By side, state and stimulus.
  private var hits: [UInt32] = []

  public init() {}

  @inline(__always) mutating func count(_ step: PolicyStep, on side: Side) {
    let place =
      (side.index &* PolicyState.count &+ Int(step.from.rawValue)) &* 256 &+ Int(step.stimulus.rawValue)
    if place < hits.count { hits[place] &+= 1 }
  }

  /// How often a stimulus moved a side from a state.
  public func hits(_ side: Side, _ state: PolicyState, _ stimulus: PolicyStimulus) -> UInt32 {
    let place = (side.index &* PolicyState.count &+ Int(state.rawValue)) &* 256 &+ Int(stimulus.rawValue)
    return place < hits.count ? hits[place] : 0
  }

  /// How many different steps a side took.
  public func distinct(_ side: Side) -> Int {
    guard !hits.isEmpty else { return 0 }
    let half = hits.count / 2
    return hits[side.index * half..<(side.index + 1) * half].count { $0 > 0 }
  }

  /// Adds what another run has seen.
  public mutating func merge(_ other: Coverage) {
    if hits.isEmpty {
      hits = other.hits
      return
    }
    for index in 0..<min(hits.count, other.hits.count) { hits[index] &+= other.hits[index] }
  }
}
