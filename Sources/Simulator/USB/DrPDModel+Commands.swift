import Instruments
import Quantities

// The SCPI interpreter: what of it a driver uses.

extension DrPDModel {
  /// What a SCPI text gives.
  enum Reply: Equatable {
    case done
    case text(String)
    case block([UInt8])
    /// A code with its text, as the error queue holds it.
    case failure(String)

    static let unknownHeader = Reply.failure("-113,\"Undefined header\"")
    static let execution = Reply.failure("-200,\"Execution error\"")
    static let conflict = Reply.failure("-221,\"Settings conflict\"")
    static let outOfRange = Reply.failure("-222,\"Data out of range\"")
    static let illegalValue = Reply.failure("-224,\"Illegal parameter value\"")
  }

  mutating func answer(_ text: String) -> Reply {
    // The interpreter writes everything in capitals; parameters are separated by blanks.
    let words = text.uppercased().split { $0 == " " || $0 == "\t" }.map(String.init)
    guard let header = words.first else { return .unknownHeader }
    let parameters = Array(words.dropFirst())
    if header.hasPrefix("SINK:") { return answerSink(header, parameters) }
    if header.hasPrefix("BUS:CC:CAP:") { return answerCapture(header, parameters) }
    if header.hasPrefix("BUS:VBUS:") { return answerVBUS(header, parameters) }
    switch header {
    case "*IDN?":
      let manufacturer = habits.quotesManufacturer ? "\"MTA Inc.\"" : "MTA Inc."
      return .text(
        "\(manufacturer),Dr.PD,\(descriptors.strings[2]),\(habits.isNewer ? "0.10.2-rc1" : "0.9.11")")
    case "SYST:ERR?": return .text(errors.isEmpty ? "0,\"No error\"" : errors.removeFirst())
    case "SYST:TIME?": return .text("\(clock.rawValue)")
    case "STAT:DEV?":
      defer { status = 0 }
      return .text("\(status)")
    case "MEAS:ALL?": return .text(measurement)
    case "BUS:CC:ROLE?": return .text(habits.roleFields == 1 ? role : roleFields)
    case "BUS:CC:ROLE:STAT?": return .text(attachment)
    case "BUS:CC:ROLE": return setRole(parameters)
    default: return .unknownHeader
    }
  }

  private var roleFields: String {
    let places = attachment == "ATTACHED" ? "USDS,CC1,DUT,CC1" : "NONE,NONE,NONE,NONE"
    return "\(role),\(attachment),\(places)"
  }

  private mutating func setRole(_ parameters: [String]) -> Reply {
    let known = ["DISABLED", "OBSERVER", "SINK"] + (habits.isNewer ? ["CABLE_TEST"] : [])
    guard let wanted = parameters.first, known.contains(wanted) else { return .illegalValue }
    guard wanted != role else { return .done }
    role = wanted
    status |= DrPDStatus.role.rawValue
    if habits.isNewer { writeFlash() }
    sink = Sink(objects: sink.objects, outcome: sink.outcome)
    if role == "SINK", attachment == "ATTACHED" { beginSink() }
    return .done
  }

  private mutating func answerCapture(_ header: String, _ parameters: [String]) -> Reply {
    switch header {
    case "BUS:CC:CAP:EN":
      guard let word = parameters.first, word == "ON" || word == "OFF" else { return .illegalValue }
      if isCapturing != (word == "ON") { status |= DrPDStatus.capture.rawValue }
      isCapturing = word == "ON"
      return .done
    case "BUS:CC:CAP:EN?": return .text(isCapturing ? "ON" : "OFF")
    case "BUS:CC:CAP:COUNT?": return .text("\(queue.count)")
    case "BUS:CC:CAP:DATA?": return queue.isEmpty ? .execution : .block(queue.removeFirst())
    case "BUS:CC:CAP:CLEAR":
      queue = []
      status |= DrPDStatus.capture.rawValue
      return .done
    case "BUS:CC:CAP:CYCLETIME?": return .text("10.000000")
    default: return .unknownHeader
    }
  }

  private mutating func answerVBUS(_ header: String, _ parameters: [String]) -> Reply {
    switch header {
    case "BUS:VBUS:STAT?":
      return .text("\(vbusState),\(overvoltageTime.map { "\($0.rawValue)" } ?? "NONE"),NONE")
    case "BUS:VBUS:RESET":
      vbusState = "ENABLED"
      status |= DrPDStatus.vbus.rawValue
      return .done
    case "BUS:VBUS:OVPT?": return .text(hundredths(thresholds[0]) + "0000")
    case "BUS:VBUS:OCPT?": return .text(hundredths(thresholds[1]) + "0000")
    case "BUS:VBUS:OVPT": return setThreshold(0, parameters, limit: 60)
    case "BUS:VBUS:OCPT": return setThreshold(1, parameters, limit: 6)
    default: return .unknownHeader
    }
  }

  private mutating func setThreshold(_ index: Int, _ parameters: [String], limit: Double) -> Reply {
    guard let value = parameters.first.flatMap({ Double($0) }) else { return .illegalValue }
    guard value >= 0, value <= limit else { return .outOfRange }
    thresholds[index] = Int(value * 100)
    status |= DrPDStatus.vbus.rawValue
    writeFlash()
    return .done
  }

  /// Thirteen numbers; potentials and currents are cut to two decimals.
  private var measurement: String {
    let cc = attachment == "ATTACHED" ? Int32(165) : 0
    let values = [vbus.rawValue / 10, current.rawValue / 10, cc, 0, cc, 0, 250, 0, 165]
    let texts = values.map { hundredths(Int($0)) }
    return "\(clock.rawValue),\(texts.joined(separator: ",")),\(clock.rawValue),12,34"
  }

  private func hundredths(_ value: Int) -> String {
    let digits = String(abs(value) % 100)
    return "\(value < 0 ? "-" : "")\(abs(value) / 100).\(digits.count < 2 ? "0" : "")\(digits)"
  }

  // MARK: What happens to it

  /// Both ends are plugged in.
  public mutating func attach() {
    attachment = "ATTACHED"
    status |= DrPDStatus.ccState.rawValue
    if role == "SINK" { beginSink() }
  }

  public mutating func detach() {
    attachment = "UNATTACHED"
    status |= DrPDStatus.ccState.rawValue
    sink = Sink(objects: sink.objects, outcome: sink.outcome)
  }

  /// The watchdog switches VBUS off for over-voltage.
  public mutating func trip() {
    vbusState = "OVP"
    overvoltageTime = clock
    status |= DrPDStatus.vbus.rawValue
    if habits.isNewer { hear(Self.event(type: 1, "VBUS OVP event", at: clock)) }
  }

  /// The role that it has when it is plugged in.
  public mutating func begin(role: String) { self.role = role }

  /// Another program leaves an error behind.
  public mutating func leaveError(_ text: String) { errors.append(text) }

  /// Another program switches the capture.
  public mutating func switchCapture(on: Bool) {
    isCapturing = on
    status |= DrPDStatus.capture.rawValue
  }
}
