import PortEngine
import PowerDelivery
import PowerSupervision
import Quantities

@testable import Simulator

/// Tells a referee what two ports do, packet by packet. Every step takes the time that it has on a line of 300 kbit/s;
/// what is not said otherwise is as the standard wants it.
struct Talk {
  var referee = Referee()
  var now = Instant(nanoseconds: 1_000_000_000)
  var ids: [UInt8] = [0, 0]
  var roles: [PortPowerRole] = [.source, .sink]
  var dataRoles: [PortDataRole] = [.downstreamFacing, .upstreamFacing]
  var revision = SpecificationRevision.revision3
  var states: [PolicyState] = [.detached, .detached]
  var steps: UInt32 = 0

  var codes: [String] { referee.violations.map(\.code) }

  // MARK: Time and states

  mutating func wait(microseconds: Int64) { now = now + Nanoseconds(microseconds * 1_000) }
  mutating func wait(_ milliseconds: Int64) { wait(microseconds: milliseconds * 1_000) }

  mutating func state(_ state: PolicyState, _ side: Side, hasDeadline: Bool = true) {
    steps += 1
    states[side.index] = state
    referee.stepped(to: state, steps: steps, hasDeadline: hasDeadline, on: side, at: now)
  }

  // MARK: Packets

  func header(_ side: Side) -> MessageHeader {
    var header = MessageHeader()
    header.portPowerRole = roles[side.index]
    header.portDataRole = dataRoles[side.index]
    header.specificationRevision = revision
    header.messageID = ids[side.index]
    return header
  }

  func control(_ type: ControlMessageType, _ side: Side) -> ShortMessage {
    ShortMessage(type, header: header(side))
  }

  func data(_ type: DataMessageType, _ words: [UInt32], _ side: Side) -> ShortMessage {
    var message = ShortMessage(type, header: header(side))
    for word in words { message.append(word) }
    return message
  }

  /// A packet without its GoodCRC.
  mutating func packet(_ message: ShortMessage, _ side: Side, delivered: Bool = true) {
    referee.packetStarted(message, by: side, state: states[side.index], at: now)
    wait(microseconds: (89 + 10 * (6 + 4 * Int64(message.wordCount))) * 10 / 3)
    referee.packetEnded(message, by: side, delivered: delivered, at: now)
  }

  mutating func goodCRC(for message: ShortMessage, by side: Side, after microseconds: Int64 = 40) {
    wait(microseconds: microseconds)
    var header = header(side)
    header.messageID = message.header.messageID
    packet(ShortMessage(ControlMessageType.goodCRC, header: header), side)
  }

  /// A GoodCRC that the partner does not hear.
  mutating func lostGoodCRC(for message: ShortMessage, by side: Side) {
    wait(microseconds: 40)
    var header = header(side)
    header.messageID = message.header.messageID
    packet(ShortMessage(ControlMessageType.goodCRC, header: header), side, delivered: false)
  }

  /// A message and its GoodCRC, a millisecond after what was before.
  mutating func send(_ message: ShortMessage, _ side: Side, after microseconds: Int64 = 1_000) {
    wait(microseconds: microseconds)
    packet(message, side)
    goodCRC(for: message, by: side.other)
    ids[side.index] = (message.header.messageID + 1) & 7
  }

  mutating func send(
    _ type: ControlMessageType, _ side: Side, _ state: PolicyState? = nil, after microseconds: Int64 = 1_000
  ) {
    if let state { self.state(state, side) }
    send(control(type, side), side, after: microseconds)
  }

  mutating func send(
    _ type: DataMessageType, _ words: [UInt32], _ side: Side, _ state: PolicyState? = nil,
    after microseconds: Int64 = 1_000
  ) {
    if let state { self.state(state, side) }
    send(data(type, words, side), side, after: microseconds)
  }

  // MARK: VBUS

  /// VBUS goes to a voltage in a straight line of this many milliseconds.
  mutating func ramp(from first: Int32, to last: Int32, milliseconds: Int64) {
    let slope = Int64(last - first) * 1_000 / (milliseconds * 1_000)
    referee.vbus(Millivolts(first), slope: MicrovoltsPerMicrosecond(Int32(clamping: slope)), at: now)
    wait(milliseconds)
    referee.vbus(Millivolts(last), slope: MicrovoltsPerMicrosecond(0), at: now)
  }

  mutating func level(_ millivolts: Int32) {
    referee.vbus(Millivolts(millivolts), slope: MicrovoltsPerMicrosecond(0), at: now)
  }

  mutating func supplied(by side: Side?) {
    referee.supplied(by: side, contract: side == nil ? nil : .typeC(Milliamperes(3_000)), at: now)
  }

  // MARK: Whole passages

  static let fixed5: UInt32 = fixed(5)
  static let fixed9: UInt32 = fixed(9)

  static func fixed(_ volts: Int32) -> UInt32 {
    var object = FixedSupplySourcePDO()
    object.voltage = Millivolts(volts * 1_000)
    object.maximumCurrent = Milliamperes(3_000)
    return object.rawValue
  }

  static var pps: UInt32 {
    var object = SPRPPSSourceAPDO()
    object.minimumVoltage = Millivolts(3_300)
    object.maximumVoltage = Millivolts(11_000)
    object.maximumCurrent = Milliamperes(3_000)
    return object.rawValue
  }

  static var offer: [UInt32] { [fixed5, fixed9, fixed(15), pps] }

  static func request(_ position: UInt8, _ milliamperes: Int32 = 3_000) -> UInt32 {
    var request = FixedVariableRDO(rawValue: 0)
    request.objectPosition = position
    request.operatingCurrent = Milliamperes(milliamperes)
    request.maximumOperatingCurrent = Milliamperes(milliamperes)
    return request.rawValue
  }

  static func ppsRequest(_ millivolts: Int32) -> UInt32 {
    var request = PPSRDO(rawValue: 0)
    request.objectPosition = 4
    request.outputVoltage = Millivolts(millivolts)
    request.operatingCurrent = Milliamperes(2_000)
    return request.rawValue
  }

  /// Attached, with vSafe5V.
  static func attached() -> Talk {
    var talk = Talk()
    talk.referee.attached(at: talk.now)
    talk.state(.srcStartup, .charger)
    talk.state(.snkDiscovery, .phone)
    talk.turnOn()
    talk.state(.snkWaitForCapabilities, .phone)
    return talk
  }

  mutating func turnOn(by side: Side = .charger) {
    supplied(by: side)
    ramp(from: 0, to: 5_000, milliseconds: 5)
  }

  mutating func capabilities(after microseconds: Int64 = 20_000) {
    send(.sourceCapabilities, Talk.offer, .charger, .srcSendCapabilities, after: microseconds)
  }

  mutating func request(_ word: UInt32) { send(.request, [word], .phone, .snkSelectCapability) }

  mutating func accept() {
    state(.snkTransitionSink, .phone)
    send(.accept, .charger, .srcTransitionSupply)
  }

  mutating func ready() {
    send(.psRDY, .charger)
    state(.srcReady, .charger)
    state(.snkReady, .phone)
  }

  func contract(_ word: UInt32, _ object: UInt32, at position: Int) -> PowerContract? {
    PowerContract(request: word, for: object, at: position, isEPR: false)
  }

  mutating func report(_ contract: PowerContract?) {
    referee.contract(contract, on: .charger, at: now)
    referee.contract(contract, on: .phone, at: now)
  }

  /// From capabilities to 9 V.
  mutating func negotiate9V() {
    capabilities()
    request(Talk.request(2))
    accept()
    wait(28)
    ramp(from: 5_000, to: 9_000, milliseconds: 10)
    ready()
    report(contract(Talk.request(2), Talk.fixed9, at: 2))
  }

  static func in9V() -> Talk {
    var talk = Talk.attached()
    talk.negotiate9V()
    return talk
  }

  /// In a PPS contract of 5 V.
  static func inPPS() -> Talk {
    var talk = Talk.attached()
    talk.capabilities()
    talk.request(Talk.ppsRequest(5_000))
    talk.accept()
    talk.wait(28)
    talk.ready()
    talk.report(talk.contract(Talk.ppsRequest(5_000), Talk.pps, at: 4))
    return talk
  }

  /// Hard Reset by the charger, up to vSafe5V.
  mutating func hardReset(from voltage: Int32, holding: Int64 = 30, falling: Int64 = 200, off: Int64 = 800) {
    state(.srcHardReset, .charger)
    referee.hardResetSignalled(by: .charger, at: now)
    ids = [0, 0]
    state(.snkTransitionToDefault, .phone)
    wait(holding)
    state(.srcTransitionToDefault, .charger)
    supplied(by: nil)
    ramp(from: voltage, to: 0, milliseconds: falling)
    wait(off)
    turnOn()
    state(.srcStartup, .charger)
    state(.snkWaitForCapabilities, .phone)
  }
}
