/// What a machine has still to have done: a ring without heap.
///
/// No event makes more than a handful of actions, and whoever drives the machine drains them before the next event. What
/// does not fit any more is counted, not kept.
struct ActionQueue<Action: Equatable & Sendable>: Sendable {
  private var actions = InlineArray<8, Action?>(repeating: nil)
  private var first: UInt8 = 0
  private var count: UInt8 = 0
  /// How many actions were lost because nobody took them.
  private(set) var lost: UInt32 = 0

  mutating func append(_ action: Action) {
    guard count < 8 else {
      lost &+= 1
      return
    }
    actions[Int((first &+ count) & 7)] = action
    count &+= 1
  }

  mutating func take() -> Action? {
    guard count > 0 else { return nil }
    let action = actions[Int(first)]
    first = (first &+ 1) & 7
    count &-= 1
    return action
  }
}

extension ActionQueue: Equatable {
  static func == (left: ActionQueue, right: ActionQueue) -> Bool {
    guard left.count == right.count, left.lost == right.lost else { return false }
    for index in 0..<left.count
    where left.actions[Int((left.first &+ index) & 7)] != right.actions[Int((right.first &+ index) & 7)] {
      return false
    }
    return true
  }
}
