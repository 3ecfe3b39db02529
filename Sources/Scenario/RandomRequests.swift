import PortEngine
import PowerDelivery
import PowerSupervision
import Quantities
import Simulator

// Scenarios that go everywhere: ports that take either role and answer everything, and requests of every kind.

extension LinkConfiguration {
  /// Makes both ports dual-role, and lets them agree to everything or refuse it.
  mutating func becomeDualRole(_ manner: DualRole) {
    let bank = PhoneModel.powerBank.setup
    charger.configuration.roles = .dualRoleTrySource
    charger.sink = bank.sink
    phone.configuration.roles = .dualRoleTrySink
    phone.source = bank.source
    phone.supply = bank.supply
    // Two ports whose clocks run in step would toggle side by side.
    phone.configuration.timing.drpToggle = Nanoseconds(45_000_000)
    switch manner {
    case .willing:
      LinkConfiguration.agreeToEverything(&charger.configuration)
      LinkConfiguration.agreeToEverything(&phone.configuration)
    case .reluctant:
      LinkConfiguration.refuse(.reject, &charger.configuration)
      LinkConfiguration.refuse(.wait, &phone.configuration)
      // Who does not know VCONN_Swap has VCONN taken over.
      phone.configuration.canSupplyVCONN = false
      // An identity without SVIDs: NAK to the questions behind it.
      for word in [0x5100_0000, 0, 0] as [UInt32] { phone.configuration.information.identity.append(word) }
    }
  }

  private static func refuse(_ answer: SwapPolicy, _ configuration: inout PortConfiguration) {
    configuration.dataRoleSwap = answer
    configuration.powerRoleSwap = answer
    configuration.vconnSwap = answer
  }

  private static func agreeToEverything(_ configuration: inout PortConfiguration) {
    configuration.canSupplyVCONN = !configuration.hasCaptiveCable
    configuration.usbCommunicationsCapable = true
    configuration.dataRoleSwap = .accept
    configuration.powerRoleSwap = .accept
    configuration.vconnSwap = .accept
    // A hub that is a power brick as well, without Modal Operation.
    for word in [0x5100_0000, 0, 0] as [UInt32] { configuration.information.identity.append(word) }
    configuration.information.svids[0] = RandomRequests.svid
    configuration.information.svidCount = 1
    configuration.information.modes[0] = 1
    configuration.information.status = StatusBlock()
  }
}

/// Requests of every kind on both sides, as they follow from a seed.
struct RandomRequests {
  /// An SVID that some vendor might have.
  static var svid: UInt16 { 0x1234 }

  private var random: SeededRandom

  init(seed: UInt64) { random = SeededRandom(seed: seed ^ 0xA11_0F_7E57) }

  /// Lets a link have `count` requests between half a second and the last three seconds of a run.
  mutating func schedule(_ count: Int, on link: inout Link, until end: Nanoseconds) {
    let first = Nanoseconds(500_000_000)
    let last = max(first, end - Nanoseconds(3_000_000_000))
    for _ in 0..<count {
      let time = Instant.zero + random.span(from: first, to: last)
      let side: Side = random.below(2) == 0 ? .charger : .phone
      let request = next()
      link.schedule(.request(side, request), at: time)
      // Who is in a BIST mode of test data hears nothing but a Hard Reset.
      if case .sendBIST = request {
        link.schedule(.request(side, .hardReset), at: time + Nanoseconds(700_000_000))
      }
    }
  }

  private mutating func next() -> PortRequest {
    switch random.below(24) {
    case 0..<WordTables.requests.count: WordTables.requests[random.below(WordTables.requests.count)].1
    case 12: .offerCapabilities
    case 13, 14: .choosePower
    case 15: .alert(AlertDataObject(rawValue: 0x0800_0000))
    case 16, 17: .get(question)
    case 18: .getBattery(battery, reference: 0)
    case 19: .discoverModes(svid: RandomRequests.svid)
    case 20: .sendVendorDefined(enterOrExitMode)
    case 21: .sendBIST(BISTDataObject(rawValue: random.below(2) == 0 ? 0x5000_0000 : 0x8000_0000))
    case 22: .powerRoleSwap
    default: .vconnSwap
    }
  }

  private var question: ControlMessageType {
    mutating get {
      let questions: [ControlMessageType] = [
        .getSourceCapExtended, .getStatus, .getPPSStatus, .getCountryCodes, .getSinkCapExtended,
        .getSourceInfo,
        .getRevision,
      ]
      return questions[random.below(questions.count)]
    }
  }

  private var battery: ExtendedMessageType {
    mutating get { [.getBatteryCap, .getBatteryStatus, .getManufacturerInfo][random.below(3)] }
  }

  /// Enter Mode or Exit Mode, which a port without Modal Operation answers with NAK, or an Attention.
  private var enterOrExitMode: ShortMessage {
    mutating get {
      var message = ShortMessage(.vendorDefined, header: MessageHeader())
      message.append(UInt32(RandomRequests.svid) << 16 | 0xA100 | UInt32(4 + random.below(3)))
      return message
    }
  }
}
