import PowerDelivery
import Quantities

/// Signals that have left the wire and have not arrived: propagation, delays and echoes.
///
/// Few are ever on their way together; of more than eight the latest is lost, as a receiver that drowns loses it.
struct DeliveryQueue {
  struct Delivery {
    var time: Instant
    var kind: SignalKind
    var sender: Station
    var message: ShortMessage
  }

  private var places = InlineArray<8, Delivery>(
    repeating: Delivery(
      time: .distantFuture, kind: .packet, sender: .charger, message: ShortMessage(header: MessageHeader())))
  private var count = 0

  /// When the next one arrives; `.distantFuture` where none is on its way.
  var nextTime: Instant {
    var earliest = Instant.distantFuture
    for index in 0..<count { earliest = min(earliest, places[index].time) }
    return earliest
  }

  mutating func append(_ delivery: Delivery) {
    guard count < 8 else { return }
    places[count] = delivery
    count &+= 1
  }

  /// Takes the one that has arrived by `now`, the earliest first.
  mutating func take(at now: Instant) -> Delivery? {
    var found = -1
    var earliest = now
    for index in 0..<count where places[index].time < earliest || (found < 0 && places[index].time == now) {
      found = index
      earliest = places[index].time
    }
    guard found >= 0 else { return nil }
    let delivery = places[found]
    for index in found..<count &- 1 { places[index] = places[index &+ 1] }
    count &-= 1
    return delivery
  }

  mutating func removeAll() { count = 0 }
}
