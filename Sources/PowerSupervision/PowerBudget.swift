public import Quantities

/// How the power of one charger is shared among its ports.
///
/// Every active port gets its minimum, as far as the power reaches, in the order of priority; what is left goes to the
/// ports in the same order, each up to its maximum, equals sharing alike. The same ports always get the same shares.
public struct PowerBudget: Equatable, Sendable {
  /// What a port may want.
  public struct Port: Equatable, Sendable {
    /// What it gets before others get more, and the most it can use.
    public var minimum: Milliwatts
    public var maximum: Milliwatts
    /// Higher goes first.
    public var priority: UInt8
    /// Whether something is attached.
    public var isActive: Bool

    public init(
      minimum: Milliwatts, maximum: Milliwatts, priority: UInt8 = 0, isActive: Bool = false
    ) {
      self.minimum = minimum
      self.maximum = maximum
      self.priority = priority
      self.isActive = isActive
    }
  }

  /// How many ports there can be.
  public static var capacity: Int { 8 }

  public var total: Milliwatts
  public private(set) var count = 0
  private var ports = InlineArray<8, Port>(repeating: Port(minimum: .zero, maximum: .zero))

  public init(total: Milliwatts) { self.total = total }

  /// Adds a port; `false` where there are eight.
  @discardableResult public mutating func append(_ port: Port) -> Bool {
    guard count < PowerBudget.capacity else { return false }
    ports[count] = port
    count &+= 1
    return true
  }

  /// Port `index`, counted from 0; setting one that does not exist does nothing.
  public subscript(index: Int) -> Port {
    get { index >= 0 && index < count ? ports[index] : Port(minimum: .zero, maximum: .zero) }
    set { if index >= 0 && index < count { ports[index] = newValue } }
  }

  /// What each port may offer; 0 for ports beyond `count`. A port without a partner gets its minimum where that is to
  /// spare, so that it has something to offer when one comes.
  public var shares: InlineArray<8, Milliwatts> {
    var shares = InlineArray<8, Milliwatts>(repeating: .zero)
    var left = max(.zero, total)
    for wantsActive in 0..<2 {
      eachPriority { priority in
        for index in 0..<count
        where ports[index].priority == priority && ports[index].isActive == (wantsActive == 0) {
          shares[index] = min(left, max(.zero, min(ports[index].minimum, ports[index].maximum)))
          left = left - shares[index]
        }
      }
    }
    eachPriority { priority in spread(&left, among: &shares, priority: priority) }
    return shares
  }

  /// Calls `body` with each priority that active or waiting ports have, the highest first.
  private func eachPriority(_ body: (UInt8) -> Void) {
    var bound = 256
    while true {
      var highest = -1
      for index in 0..<count where Int(ports[index].priority) < bound {
        highest = max(highest, Int(ports[index].priority))
      }
      guard highest >= 0 else { return }
      body(UInt8(truncatingIfNeeded: highest))
      bound = highest
    }
  }

  /// Gives the active ports of one priority equal parts of what is left, again until it is gone or they are full.
  private func spread(
    _ left: inout Milliwatts, among shares: inout InlineArray<8, Milliwatts>, priority: UInt8
  ) {
    while left > .zero {
      var hungry: Int32 = 0
      for index in 0..<count where canGrow(index, shares[index], priority) { hungry &+= 1 }
      guard hungry > 0 else { return }
      let part = max(1, left.rawValue / hungry)
      for index in 0..<count where canGrow(index, shares[index], priority) && left > .zero {
        let more = min(left, min(Milliwatts(part), ports[index].maximum - shares[index]))
        shares[index] = shares[index] + more
        left = left - more
      }
    }
  }

  private func canGrow(_ index: Int, _ share: Milliwatts, _ priority: UInt8) -> Bool {
    ports[index].isActive && ports[index].priority == priority && share < ports[index].maximum
  }

  public static func == (left: Self, right: Self) -> Bool {
    guard left.total == right.total, left.count == right.count else { return false }
    for index in 0..<left.count where left.ports[index] != right.ports[index] { return false }
    return true
  }
}
