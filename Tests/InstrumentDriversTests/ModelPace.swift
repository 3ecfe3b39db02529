import InstrumentDrivers
import Quantities
import Simulator
import Threading
import Trace
import USBSupport
import USBTransport

/// A model with a clock that tests let go on.
protocol TimedModel: USBDeviceModel {
  var hostTime: Nanoseconds { get }
  mutating func advance(to time: Nanoseconds)
}

extension DrPDModel: TimedModel {}

/// The time of a model, without any waiting.
struct ModelPace<Model: TimedModel>: InstrumentPace {
  let plugged: PluggedDevice<Model>
  /// Whether the listening is over.
  var isOver: @Sendable (Model) -> Bool
  /// What happens outside at certain times.
  var happenings: Happenings<Model>?

  func now() -> Nanoseconds { plugged.model.hostTime }

  func wait(until time: Nanoseconds) -> Bool {
    plugged.change { model in
      happenings?.run(until: time, &model)
      model.advance(to: time)
    }
    return !isOver(plugged.model)
  }
}

/// The time of a model that sends by itself: it goes on when what was sent has reached the host's program.
struct StreamPace<Model: TimedModel>: InstrumentPace {
  let plugged: PluggedDevice<Model>
  let end: Nanoseconds
  /// Transfers that the model has filled.
  let transfersSent: @Sendable (Model) -> Int
  var transfersUnderWay = 16
  /// How long is waited for that: a transfer that a fault swallowed never comes back.
  var patience = Milliseconds(2000)
  var happenings: Happenings<Model>?

  func now() -> Nanoseconds { plugged.model.hostTime }

  func wait(until time: Nanoseconds) -> Bool {
    plugged.change { model in
      happenings?.run(until: time, &model)
      model.advance(to: time)
    }
    plugged.waitForTransfers(transfersSent(plugged.model) + transfersUnderWay, atMost: patience)
    return now() < end
  }
}

/// Changes of a model, each once, at its time.
final class Happenings<Model: TimedModel>: @unchecked Sendable {
  private let lock = ThreadLock()
  private var left: [(time: Nanoseconds, body: (inout Model) -> Void)]

  init(_ all: [(Nanoseconds, (inout Model) -> Void)]) { left = all.map { ($0.0, $0.1) } }

  func run(until time: Nanoseconds, _ model: inout Model) {
    let due: [(time: Nanoseconds, body: (inout Model) -> Void)] = lock.with {
      let due = left.filter { $0.time <= time }
      left.removeAll { $0.time <= time }
      return due
    }
    for happening in due {
      model.advance(to: happening.time)
      happening.body(&model)
    }
  }
}

/// What a listening gave, and what ended it.
struct Heard {
  var records: [TraceRecord] = []
  var error: InstrumentError?

  /// Packets and resets.
  var talk: [TraceRecord] {
    records.filter {
      switch $0.content {
      case .packet, .reset: true
      default: false
      }
    }
  }

  var events: [TraceEvent] {
    records.compactMap { if case .event(let event) = $0.content { event } else { nil } }
  }

  var complaints: [String] { events.filter { $0.kind == .other }.map(\.text) }

  var measurements: [TraceMeasurement] {
    records.compactMap { if case .measurement(let values) = $0.content { values } else { nil } }
  }

  var isInOrder: Bool { zip(records, records.dropFirst()).allSatisfy { $0.time <= $1.time } }

  init(_ instrument: some Instrument, _ pace: some InstrumentPace) {
    do throws(InstrumentError) {
      try instrument.listen(to: pace) { records.append($0) }
    } catch {
      self.error = error
    }
  }
}

extension Nanoseconds {
  static func milliseconds(_ count: Int64) -> Self { Nanoseconds(Milliseconds(count)) }
}
