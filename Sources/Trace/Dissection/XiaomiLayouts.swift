import PowerDelivery
import XiaomiCharge

// Which layout describes which object of Xiaomi's private protocol (spec/text/xiaomi.md 3.2).

extension VendorDefinedBody {
  /// The header of a message of that protocol; `nil` for every other message.
  var xiaomiHeader: XiaomiVDMHeader? {
    guard case .unstructured(let header) = header else { return nil }
    return header.vendorID == XiaomiSVID.xiaomi || header.vendorID == XiaomiSVID.zmi
      ? XiaomiVDMHeader(rawValue: header.rawValue) : nil
  }

  /// The layout of object `index` behind that header, counted from 0.
  func layout(ofObject index: Int, _ header: XiaomiVDMHeader) -> LayoutID {
    let isAnswer = header.direction == .answer
    let (layout, count): (LayoutID, Int) =
      switch header.command {
      case .chargerVersion where isAnswer: (.xiaomiChargerVersion, 1)
      case .chargerVoltage where isAnswer: (voltageLayout, 1)
      case .chargerTemperature where isAnswer: (.xiaomiChargerTemperature, 1)
      case .sessionSeed: (.xiaomiSeedWord, 4)
      case .authentication where isAnswer: (.xiaomiProofWord, 4)
      case .authentication: (.xiaomiChallengeWord, 4)
      case .verified: (.xiaomiVerified, 1)
      case .removeCompensation: (.xiaomiCompensation, 1)
      case .reverseAuthentication where isAnswer: (.xiaomiReverseResult, 1)
      case .reverseAuthentication: (.xiaomiProofWord, 4)
      case .tenAmpereAuthentication where isAnswer: (.xiaomiTenAmpereResult, 1)
      case .tenAmpereAuthentication: (.xiaomiTenAmpereRequest, 1)
      case .resetToSafe0V where !isAnswer: (.xiaomiResetWord, 4)
      default: (.undefinedObject, 0)
      }
    return index < count ? layout : .undefinedObject
  }

  /// The likelier of the two readings of a voltage.
  private var voltageLayout: LayoutID {
    let word = XiaomiChargerVoltage(rawValue: object(0) ?? 0)
    return word.likelyVoltage == word.voltage ? .xiaomiChargerVoltage : .xiaomiFineChargerVoltage
  }
}

extension XiaomiVDMHeader {
  /// `Xiaomi AUTHENTICATION request`, `ZMI command 0x09 answer`.
  var summary: String {
    let vendor = svid == XiaomiSVID.xiaomi ? "Xiaomi" : "ZMI"
    let name = command.name.map { "\($0)" } ?? "command 0x\(hexadecimal(command.rawValue, digits: 2))"
    let speaker = direction.name.map { "\($0)".lowercased() } ?? "direction \(direction.rawValue)"
    return "\(vendor) \(name) \(speaker)"
  }
}
