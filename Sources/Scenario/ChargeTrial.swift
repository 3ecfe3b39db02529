public import ChargerSettings
import PortEngine
public import PowerSupervision
public import Quantities
import Settings
public import Simulator
public import XiaomiCharge
public import XiaomiKeys

/// A phone on a port, charged in virtual time until it is full: what it comes to and how long that takes.
public struct ChargeTrial: Sendable {
  public var port: PortSettings
  public var phone: PhoneSettings
  public var cable: Cable
  /// Whose digests the charger's are.
  public var chargerKeys: KeySource

  public init(port: PortSettings, phone: PhoneSettings, cable: Cable, chargerKeys: KeySource) {
    self.port = port
    self.phone = phone
    self.cable = cable
    self.chargerKeys = chargerKeys
  }

  /// What came of it.
  public struct Outcome: Equatable, Sendable {
    /// How far the charger trusted the phone in the end; `nil` where it does not speak Xiaomi's protocol.
    public var trust: XiaomiStage?
    /// The contract of most power, and when the first of at least four fifths of it was, from the plug.
    public var best: PowerContract?
    public var bestAfter: Nanoseconds?
    /// The most that was drawn from VBUS.
    public var drawn: Milliwatts
    /// When the battery was at 80 %, and full; `nil` where it was not within the limit.
    public var to80: Nanoseconds?
    public var toFull: Nanoseconds?
    /// How many rules of the standard were broken on the way.
    public var violations: Int
  }

  /// How long a trial lasts at most.
  public static var limit: Nanoseconds { Nanoseconds(6 * 3_600_000_000_000) }

  /// Runs it.
  public func run(keys: KeyRing, seed: UInt64 = 1) -> Outcome {
    var port = port
    port.xiaomi?.keys = chargerKeys
    var link = Link(
      LinkConfiguration(port, power: port.highestPower, phone: phone, cable: cable, keys: keys), seed: seed)
    let start = link.now
    link.perform(.plugIn)
    var track = Track()
    let end = start + ChargeTrial.limit
    while let time = link.nextEventTime, time <= end, link.step() {
      track.look(link, since: start)
      if track.toFull != nil { break }
    }
    return Outcome(
      trust: track.trust, best: track.best, bestAfter: track.timeOfBest, drawn: track.drawn,
      to80: track.to80, toFull: track.toFull, violations: link.referee.violationCount)
  }

  /// What is seen on the way.
  private struct Track {
    var trust: XiaomiStage?
    var best: PowerContract?
    var drawn = Milliwatts.zero
    var to80: Nanoseconds?
    var toFull: Nanoseconds?
    /// When each larger contract was first; the last one is the best.
    private var rises: [(power: Milliwatts, time: Nanoseconds)] = []

    var timeOfBest: Nanoseconds? {
      guard let most = rises.last?.power else { return nil }
      return rises.first { Int64($0.power.rawValue) * 5 >= Int64(most.rawValue) * 4 }?.time
    }

    mutating func look(_ link: borrowing Link, since start: Instant) {
      let time = link.now - start
      trust = link.trust
      if link.hasContract, let contract = link.ports[1].engine.contract,
        contract.power > best?.power ?? .zero
      {
        best = contract
        rises.append((contract.power, time))
      }
      // The inrush of the capacitors at the plug is no charging.
      if time > Nanoseconds(500_000_000) {
        let power = Int64(link.vbus().rawValue) * Int64(link.current.rawValue) / 1_000
        drawn = max(drawn, Milliwatts(Int32(clamping: power)))
      }
      guard let charge = link.ports[1].battery?.charge else { return }
      if to80 == nil, charge >= Percent(80) { to80 = time }
      if toFull == nil, charge >= Percent(100) { toFull = time }
    }
  }
}

/// The phones that a port is tried with.
public struct PhoneTable: Sendable {
  /// A line of the table.
  public struct Row: Sendable {
    public var phone: PhoneSettings
    /// Which keys the charger has in this line.
    public var keys: KeyCase
    public var trial: ChargeTrial
  }

  /// Whether charger and phone have the same keys.
  public enum KeyCase: String, CaseIterable, Sendable {
    case right, wrong, none
  }

  public let rows: [Row]

  /// - Parameters:
  ///   - keys: what charger and phone both have, where they match.
  ///   - charge: how full every battery is at first.
  public init(port: PortSettings, keys: KeySource, charge: Percent) {
    var cable = Cable(.epr)
    if case .captive = port.cable { cable.kind = .captive }
    var rows: [Row] = []
    func add(_ phone: PhoneSettings, _ keyCase: KeyCase, _ chargerKeys: KeySource) {
      var phone = phone
      phone.charge = charge
      rows.append(
        Row(
          phone: phone, keys: keyCase,
          trial: ChargeTrial(port: port, phone: phone, cable: cable, chargerKeys: chargerKeys)))
    }
    for model in PhoneSettings.Model.allCases where model != .xiaomi && model != .basic {
      add(PhoneSettings(model), .none, .none)
    }
    for family in PhoneSettings.XiaomiFamily.allCases {
      var phone = PhoneSettings(.xiaomi)
      phone.xiaomi.family = family
      phone.xiaomi.keys = keys == .none ? .synthetic : keys
      guard port.xiaomi != nil else {
        add(phone, .none, .none)
        continue
      }
      add(phone, .right, phone.xiaomi.keys)
      add(phone, .wrong, phone.xiaomi.keys == .syntheticWrong ? .synthetic : .syntheticWrong)
      add(phone, .none, .none)
    }
    self.rows = rows
  }
}
