/// What the driver has still to do: a ring without heap.
///
/// An event makes a handful of actions; the driver drains them before the next event. What does not fit any more is
/// counted, not kept: the driver has stopped draining.
///
/// Not the generic ring of other machines: shared across modules it made a handshake 15 % slower (tools/bench engine).
@usableFromInline struct ActionQueue: Sendable {
  @usableFromInline var actions = InlineArray<32, PortAction>(repeating: .stopBISTCarrier)
  @usableFromInline var first: UInt8 = 0
  @usableFromInline var count: UInt8 = 0
  /// How many actions were lost because nobody took them.
  private(set) var lost: UInt32 = 0

  var isEmpty: Bool { count == 0 }

  mutating func append(_ action: PortAction) {
    guard count < 32 else {
      lost &+= 1
      return
    }
    actions[Int((first &+ count) & 31)] = action
    count &+= 1
  }

  @inlinable mutating func take() -> PortAction? {
    guard count > 0 else { return nil }
    let action = actions[Int(first)]
    first = (first &+ 1) & 31
    count &-= 1
    return action
  }
}

extension ActionQueue: Equatable {
  @usableFromInline static func == (left: ActionQueue, right: ActionQueue) -> Bool {
    guard left.count == right.count, left.lost == right.lost else { return false }
    for index in 0..<left.count
    where left.actions[Int((left.first &+ index) & 31)] != right.actions[Int((right.first &+ index) & 31)] {
      return false
    }
    return true
  }
}
