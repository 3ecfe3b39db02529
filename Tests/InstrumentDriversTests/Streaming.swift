import Glibc
import InstrumentDrivers
import Quantities
import Simulator
import Threading
import Trace
import USBSupport
import USBTransport

/// What a listening gave, and what ended it.
final class HeardStream: @unchecked Sendable {
  private let lock = ThreadLock()
  private var kept: [TraceRecord] = []
  private(set) var error: InstrumentError?

  /// Everything so far; may be looked at while the listening goes on.
  var records: [TraceRecord] { lock.with { kept } }

  /// How many there are so far.
  var count: Int { lock.with { kept.count } }

  /// Listens until `pace` ends it.
  func listen(_ instrument: some Instrument, _ pace: some InstrumentPace) {
    do throws(InstrumentError) {
      try instrument.listen(to: pace) { record in lock.with { kept.append(record) } }
    } catch {
      self.error = error
    }
  }

  var packets: [TracePacket] {
    records.compactMap { if case .packet(let packet) = $0.content { packet } else { nil } }
  }

  var measurements: [TraceMeasurement] {
    records.compactMap { if case .measurement(let values) = $0.content { values } else { nil } }
  }

  var events: [TraceEvent] {
    records.compactMap { if case .event(let event) = $0.content { event } else { nil } }
  }

  /// What the listener had to say.
  var notes: [String] { events.filter { $0.kind == .other }.map(\.text) }

  var cause: USBError.Cause? { if case .usb(let error) = error { error.cause } else { nil } }

  var isOrdered: Bool { zip(records, records.dropFirst()).allSatisfy { $0.time <= $1.time } }
}

/// A count that two threads, or two closures, share.
final class Tally: @unchecked Sendable {
  private let lock = ThreadLock()
  private var value = 0

  var count: Int { lock.with { value } }
  func add() { lock.with { value += 1 } }
}

/// A clock that a model moves, and a step with every turn; ends the listening when `step` says so.
final class SteppingPace<Model: USBDeviceModel>: InstrumentPace, @unchecked Sendable {
  private let lock = ThreadLock()
  private let plugged: PluggedDevice<Model>
  private let modelTime: @Sendable (Model) -> Nanoseconds
  private let step: @Sendable (Int) -> Bool
  private var turns = 0
  private var stepped = Nanoseconds.zero

  /// - Parameter step: called with the number of each turn, from 0; false ends the listening.
  init(
    _ plugged: PluggedDevice<Model>, time: @escaping @Sendable (Model) -> Nanoseconds = { _ in .zero },
    _ step: @escaping @Sendable (Int) -> Bool
  ) {
    self.plugged = plugged
    modelTime = time
    self.step = step
  }

  /// Faults are tried by the hundred: a turn in which nothing comes is a short one.
  var longestHalt: Nanoseconds { Nanoseconds(Milliseconds(2)) }

  func now() -> Nanoseconds {
    let time = modelTime(plugged.model)
    return lock.with {
      stepped = max(stepped, time)
      return stepped
    }
  }

  func wait(until time: Nanoseconds) -> Bool {
    let turn = lock.with {
      stepped = stepped + Nanoseconds(Milliseconds(20))
      turns += 1
      return turns - 1
    }
    return step(turn)
  }
}

/// Memory that this process has at this moment, in bytes.
func residentBytes() -> Int {
  guard let file = unsafe fopen("/proc/self/statm", "r") else { return 0 }
  defer { unsafe fclose(file) }
  var text = [CChar](repeating: 0, count: 128)
  guard unsafe fgets(&text, 128, file) != nil else { return 0 }
  let fields = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }.split(separator: 0x20)
  return fields.count > 1 ? (Int(String(decoding: fields[1], as: UTF8.self)) ?? 0) * 4096 : 0
}
