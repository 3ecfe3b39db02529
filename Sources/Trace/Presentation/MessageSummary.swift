public import PowerDelivery
import Quantities

/// What a message says, in a few words behind its name.
public struct MessageSummary {
  /// The name and what it says: `Request PPS 9.00 V 2.55 A (object 6)`.
  public static func text(_ message: Message, _ body: MessageBody, data: DataBlock) -> String {
    let detail = detail(body, data: data)
    let name = name(of: message)
    return detail.isEmpty ? name : "\(name) \(detail)"
  }

  /// The standard's name of the message, or the reserved type in numbers.
  public static func name(of message: Message) -> String {
    if let name = message.kind.name { return "\(name)" }
    return switch message.kind {
    case .control(let type): "Reserved control \(type.rawValue)"
    case .data(let type): "Reserved data \(type.rawValue)"
    case .extended(let type): "Reserved extended \(type.rawValue)"
    }
  }

  /// What the message is for, in one sentence.
  public static func meaning(of message: Message) -> String {
    let description =
      switch message.kind {
      case .control(let type): MessageDescription.control(type.rawValue)
      case .data(let type): MessageDescription.data(type.rawValue)
      case .extended(let type): MessageDescription.extended(type.rawValue)
      }
    guard let description else { return "The standard reserves this message type." }
    return "\(description.meaning) (\(description.clause))"
  }

  /// What the message says beyond its name; empty where the name says all.
  public static func detail(_ body: MessageBody, data: DataBlock) -> String {
    switch body {
    case .control, .reserved: ""
    case .sourceCapabilities(let objects), .eprSourceCapabilities(let objects): objects.sourceSummary()
    case .sinkCapabilities(let objects), .eprSinkCapabilities(let objects): objects.sinkSummary()
    case .request(let request), .eprRequest(let request): request.summary
    case .bist(let object): object.mode.name.map { "\($0)" } ?? "mode \(object.mode.rawValue)"
    case .batteryStatus(let object): object.summary
    case .alert(let object): object.summary
    case .getCountryInfo(let object): letters(object.firstLetter, object.secondLetter)
    case .enterUSB(let object): object.mode.name.map { "\($0)" } ?? "mode \(object.mode.rawValue)"
    case .eprMode(let object): object.summary
    case .sourceInfo(let object):
      "maximum \(object.portMaximumPDP.text), present \(object.portPresentPDP.text), "
        + "reported \(object.portReportedPDP.text)"
    case .revision(let object):
      "\(object.revisionMajor).\(object.revisionMinor), version \(object.versionMajor).\(object.versionMinor)"
    case .vendorDefined(let body): body.summary
    case .chunk(let number, let next):
      next.map { "chunk \(number), chunk \($0) to follow" } ?? "chunk \(number), not used"
    case .chunkRequest(let number): "request for chunk \(number)"
    case .unreadable: "(not readable)"
    default: blockDetail(body, data: data)
    }
  }

  private static func blockDetail(_ body: MessageBody, data: DataBlock) -> String {
    switch body {
    case .sourceCapabilitiesExtended(let block):
      "VID \(hexadecimal(block.vendorID, digits: 4)) PID \(hexadecimal(block.productID, digits: 4)), "
        + "SPR \(block.sprSourcePDPRating.text)"
        + (block.eprSourcePDPRating == .zero ? "" : ", EPR \(block.eprSourcePDPRating.text)")
    case .sinkCapabilitiesExtended(let block):
      "VID \(hexadecimal(block.vendorID, digits: 4)) PID \(hexadecimal(block.productID, digits: 4)), "
        + "SPR \(block.sprOperationalPDP.text) of at most \(block.sprMaximumPDP.text)"
    case .status(let block): block.summary
    case .cablePlugStatus(let block): "\(block.internalTemperature.rawValue) °C"
    case .getBatteryCap(let block): "battery \(block.batteryReference)"
    case .getBatteryStatus(let block): "battery \(block.batteryReference)"
    case .batteryCapabilities(let block):
      "design \(block.designCapacity.text), last full charge \(block.lastFullChargeCapacity.text)"
    case .manufacturerInfo(let block):
      "VID \(hexadecimal(block.vendorID, digits: 4)) PID \(hexadecimal(block.productID, digits: 4)) "
        + "\"\(text(data, from: 4))\""
    case .ppsStatus(let block): block.summary
    case .countryInfo: letters(data[0], data[1])
    case .countryCodes: countryCodes(data)
    case .extendedControl(let block): block.type.name.map { "\($0)" } ?? "type \(block.type.rawValue)"
    case .securityRequest, .securityResponse, .firmwareUpdateRequest, .firmwareUpdateResponse:
      "\(data.count) bytes"
    case .vendorDefinedExtended:
      "SVID \(hexadecimal(data.word(at: 0) >> 16, digits: 4)), \(max(0, data.count - 4)) bytes"
    default: ""
    }
  }

  /// The ASCII text from byte `offset` to a zero byte or the end; other bytes are shown as a dot.
  static func text(_ data: DataBlock, from offset: Int) -> String {
    var text = ""
    for index in offset..<max(offset, data.count) {
      guard data[index] != 0 else { break }
      text.unicodeScalars.append((0x20..<0x7F).contains(data[index]) ? Unicode.Scalar(data[index]) : ".")
    }
    return text
  }

  static func letters(_ first: UInt8, _ second: UInt8) -> String {
    [first, second].map { (0x20..<0x7F).contains($0) ? String(Unicode.Scalar($0)) : "." }.joined()
  }

  private static func countryCodes(_ data: DataBlock) -> String {
    stride(from: 2, to: data.count - 1, by: 2).map { letters(data[$0], data[$0 + 1]) }.joined(separator: ", ")
  }
}

extension EPRModeDataObject {
  /// `Enter, 140 W`, `Enter Failed: cable not EPR capable`.
  var summary: String {
    let name = action.name.map { "\($0)" } ?? "action \(action.rawValue)"
    switch action {
    case .enter: return "\(name), \(data) W"
    case .enterFailed:
      return "\(name): " + (EPREntryFailure(rawValue: data).name.map { "\($0)" } ?? "reason \(data)")
    default: return name
    }
  }
}

extension BatteryStatusDataObject {
  var summary: String {
    if invalidBatteryReference { return "no such battery" }
    guard batteryPresent else { return "battery not present" }
    let charge = presentCapacityCode == 0xFFFF ? "charge unknown" : presentCapacity.text
    return charge + (chargingStatus.name.map { ", \($0)" } ?? "")
  }
}

extension AlertDataObject {
  /// The events that are set, by their names.
  var summary: String {
    var events: [String] = []
    if ovpEvent { events.append("over-voltage") }
    if ocpEvent { events.append("over-current") }
    if otpEvent { events.append("over-temperature") }
    if operatingConditionChange { events.append("operating condition change") }
    if sourceInputChangeEvent { events.append("source input change") }
    if batteryStatusChangeEvent { events.append("battery status change") }
    if extendedAlertEvent {
      events.append(extendedAlertType.name.map { "\($0)" } ?? "extended type \(extendedAlertType.rawValue)")
    }
    return events.isEmpty ? "no event" : events.joined(separator: ", ")
  }
}

extension StatusBlock {
  var summary: String {
    var parts: [String] = []
    if internalTemperature.rawValue > 1 { parts.append("\(internalTemperature.rawValue) °C") }
    if ocpEvent { parts.append("over-current") }
    if otpEvent { parts.append("over-temperature") }
    if ovpEvent { parts.append("over-voltage") }
    if currentLimitMode { parts.append("current limit") }
    if let name = temperatureStatus.name { parts.append("temperature \(name)") }
    return parts.joined(separator: ", ")
  }
}

extension PPSStatusBlock {
  var summary: String {
    let voltage = outputVoltageCode == 0xFFFF ? "voltage not told" : outputVoltage.text
    let current = outputCurrentCode == 0xFF ? "current not told" : outputCurrent.text
    return "\(voltage), \(current), " + (currentLimitMode ? "current limit" : "constant voltage")
  }
}
