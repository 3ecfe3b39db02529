public import Quantities
import Threading
public import Trace
public import USBTransport

/// Something that listens to a USB-C connection or measures it, and says so in records.
public protocol Instrument: Sendable {
  /// What it is and what it can do.
  var profile: InstrumentProfile { get }

  /// Listens in the calling thread until `isEnded` says so, the device is gone, or it does not answer any more.
  ///
  /// Records come in the order of time, on one clock that never goes back, counted from the call.
  /// - Throws: `InstrumentError`; every record in front of it was given.
  func listen(to pace: some InstrumentPace, _ body: (TraceRecord) -> Void) throws(InstrumentError)
}

/// What an instrument is and can do.
public struct InstrumentProfile: Equatable, Sendable {
  /// The name of the model.
  public var model: String
  public var abilities: InstrumentAbilities
  /// How the times of its records are to be read.
  public var timing: InstrumentTiming

  public init(model: String, abilities: InstrumentAbilities, timing: InstrumentTiming) {
    self.model = model
    self.abilities = abilities
    self.timing = timing
  }
}

/// What an instrument sees and does.
public struct InstrumentAbilities: OptionSet, Hashable, Sendable {
  public var rawValue: UInt16
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// Packets of SOP, SOP′ and SOP″, without their CRC.
  public static let packets = Self(rawValue: 1)
  public static let resets = Self(rawValue: 2)
  public static let attachment = Self(rawValue: 4)
  public static let vbus = Self(rawValue: 8)
  public static let current = Self(rawValue: 16)
  public static let ccPotential = Self(rawValue: 32)
  /// Registers of chips, over I2C.
  public static let registerBus = Self(rawValue: 64)
  /// D+ and D−.
  public static let dataPotential = Self(rawValue: 128)
  public static let temperature = Self(rawValue: 256)

  /// What it can do, in words.
  public var words: [String] {
    let all: [(Self, String)] = [
      (.packets, "packets"), (.resets, "resets"), (.attachment, "attach and detach"), (.vbus, "VBUS"),
      (.current, "current"), (.ccPotential, "CC potential"), (.dataPotential, "D+ and D-"),
      (.temperature, "temperature"), (.registerBus, "I2C"),
    ]
    return all.filter { contains($0.0) }.map(\.1)
  }
}

/// How exact times are.
public struct InstrumentTiming: Equatable, Sendable {
  /// The step of the clock that stamps packets.
  public var step: Nanoseconds
  /// How far the times of packets can be off against each other, within a second.
  public var betweenPackets: Nanoseconds
  /// How far packets can be off against measurements that carry the time of the host.
  public var againstHost: Nanoseconds

  public init(step: Nanoseconds, betweenPackets: Nanoseconds, againstHost: Nanoseconds) {
    self.step = step
    self.betweenPackets = betweenPackets
    self.againstHost = againstHost
  }
}

/// Why an instrument stopped.
public enum InstrumentError: Error, Equatable, Sendable, CustomStringConvertible {
  case usb(USBError)
  /// The device is not what it seemed to be: it lacks the interface that it is known for.
  case unfit(USBDeviceName, String)
  /// It answers, but not what was asked.
  case refused(USBDeviceName, String)

  public var description: String {
    switch self {
    case .usb(let error): error.description
    case .unfit(let name, let reason): "\(name): \(reason)"
    case .refused(let name, let reason): "\(name): \(reason)"
    }
  }
}

/// The time of a listening: a clock, and waiting on it.
public protocol InstrumentPace: Sendable {
  /// Time since the listening began; never goes back.
  func now() -> Nanoseconds
  /// How long a driver may wait for its device, on the machine's clock, before it looks whether the listening is to end.
  var longestHalt: Nanoseconds { get }
  /// `moment` of CLOCK_MONOTONIC, which has just passed, on this clock.
  func time(of moment: Instant) -> Nanoseconds
  /// Waits until `time`, or until the listening is to end; false where it is.
  func wait(until time: Nanoseconds) -> Bool
}

extension InstrumentPace {
  public var longestHalt: Nanoseconds { Nanoseconds(Milliseconds(20)) }

  /// A clock that is none of the machine's takes what has just passed for now.
  public func time(of moment: Instant) -> Nanoseconds { now() }
}

/// The monotonic clock of the machine; `end` ends the listening at once.
public final class HostPace: InstrumentPace {
  private let start = HostClock.now()
  private let ending = Mailbox<Bool>()

  public init() {}

  public func now() -> Nanoseconds { Nanoseconds(HostClock.now() - start) }

  public func time(of moment: Instant) -> Nanoseconds { Nanoseconds(moment.nanoseconds &- start) }

  public func wait(until time: Nanoseconds) -> Bool {
    while true {
      if ending.take(until: start &+ time.rawValue).isClosed { return false }
      if now() >= time { return true }
    }
  }

  /// The moment `span` from now, as `Mailbox` counts.
  public func hostTime(in span: Nanoseconds) -> Int64 { HostClock.now() &+ span.rawValue }

  /// Ends the listening; may be called from any thread.
  public func end() { ending.close() }
}
