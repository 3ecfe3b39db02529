import Quantities

/// What a script has still to do, in the order of time, and the ticks of the battery.
struct Agenda {
  private var actions: [ScheduledAction] = []
  /// The first that has not been done.
  private var first = 0
  /// When the phone looks at its battery, and when it steps its supply.
  var batteryTick = Instant.distantFuture
  var steppingTick = Instant.distantFuture
  /// When a port that misbehaves pulls the plug.
  var unplugTick = Instant.distantFuture
  /// When a machine of Xiaomi's private protocol is due.
  var xiaomiTick = Instant.distantFuture

  var nextTime: Instant {
    let ticks = min(min(batteryTick, xiaomiTick), min(steppingTick, unplugTick))
    return first < actions.count ? min(ticks, actions[first].time) : ticks
  }

  mutating func add(_ action: ScheduledAction) {
    if first == actions.count {
      actions.removeAll(keepingCapacity: true)
      first = 0
    }
    var place = actions.count
    while place > first, actions[place - 1].time > action.time { place -= 1 }
    actions.insert(action, at: place)
  }

  /// Takes the next action that is due.
  mutating func take(at now: Instant) -> LinkAction? {
    guard first < actions.count, actions[first].time <= now else { return nil }
    first += 1
    return actions[first - 1].action
  }

  mutating func removeAll() {
    actions.removeAll(keepingCapacity: true)
    first = 0
    batteryTick = .distantFuture
    steppingTick = .distantFuture
    unplugTick = .distantFuture
    xiaomiTick = .distantFuture
  }
}
