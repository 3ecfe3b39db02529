import PowerDelivery
import Quantities

extension VendorDefinedBody {
  /// `Discover Identity ACK: passive cable, VID 2E87`, `Xiaomi VERIFIED request: 00000001`, `SVID 05AC unstructured
  /// 0x0101`.
  var summary: String {
    switch header {
    case .unstructured(let header):
      if let xiaomiHeader {
        let detail = xiaomiDetail(xiaomiHeader)
        return xiaomiHeader.summary + (detail.isEmpty ? "" : ": \(detail)")
      }
      let objects = (0..<objectCount).compactMap { object($0).map { hexadecimal($0, digits: 8) } }
      let head =
        "SVID \(hexadecimal(header.vendorID, digits: 4)) unstructured 0x\(hexadecimal(header.vendorUse, digits: 4))"
      return head + (objects.isEmpty ? "" : ": " + objects.joined(separator: " "))
    case .structured(let header): return structuredSummary(header)
    }
  }

  private func structuredSummary(_ header: StructuredVDMHeader) -> String {
    let kind = header.commandType.name.map { "\($0)" } ?? ""
    var text = "\(commandName(header)) \(kind)"
    if header.svid != 0xFF00 { text = "SVID \(hexadecimal(header.svid, digits: 4)) " + text }
    if header.objectPosition != 0 { text += ", mode \(header.objectPosition)" }
    guard header.commandType == .acknowledge || header.commandType == .request else { return text }
    let details = (0..<objectCount).compactMap { vendorObject($0)?.summary }
    return details.isEmpty ? text : text + ": " + details.joined(separator: ", ")
  }

  /// The command's name; those of DisplayPort (SVID FF01) have names of their own.
  func commandName(_ header: StructuredVDMHeader) -> String {
    switch (header.svid, header.command.rawValue) {
    case (0xFF01, 0x10): "DisplayPort Status Update"
    case (0xFF01, 0x11): "DisplayPort Configure"
    default: header.command.name.map { "\($0)" } ?? "command \(header.command.rawValue)"
    }
  }
}

extension VendorObject {
  /// What the object says in a one-line summary; `nil` where it says nothing there.
  var summary: String? {
    switch self {
    case .idHeader(let object):
      "VID \(hexadecimal(object.vendorID, digits: 4))"
        + (object.ufpProductType.rawValue == 0
          ? "" : object.ufpProductType.name.map { ", \($0)" } ?? "")
        + (object.dfpProductType.rawValue == 0
          ? "" : object.dfpProductType.name.map { ", \($0)" } ?? "")
    case .cableIDHeader(let object):
      "VID \(hexadecimal(object.vendorID, digits: 4))"
        + (object.cableProductType.name.map { ", \($0)" } ?? "")
    case .product(let object): "PID \(hexadecimal(object.productID, digits: 4))"
    case .passiveCable(let object):
      [
        object.currentCapability.name.map { "\($0)" }, object.highestSpeed.name.map { "\($0)" },
        object.eprCapable ? "EPR" : nil,
      ]
      .compactMap { $0 }.joined(separator: ", ")
    case .activeCable1(let object):
      [
        object.currentCapability.name.map { "\($0)" }, object.highestSpeed.name.map { "\($0)" },
        object.eprCapable ? "EPR" : nil,
      ]
      .compactMap { $0 }.joined(separator: ", ")
    case .legacyCable(let object):
      [object.currentCapability.name.map { "\($0)" }].compactMap { $0 }.joined(separator: ", ")
    case .svidPair(let object):
      [object.firstSVID, object.secondSVID].filter { $0 != 0 }.map { hexadecimal($0, digits: 4) }.joined(
        separator: ", "
      )
      .nilIfEmpty
    case .undefined(let raw): "0x\(hexadecimal(raw, digits: 8))"
    case .displayPortMode(let object): "0x\(hexadecimal(object.rawValue, digits: 8))"
    case .displayPortStatus(let object): "0x\(hexadecimal(object.rawValue, digits: 8))"
    case .displayPortConfigure(let object): "0x\(hexadecimal(object.rawValue, digits: 8))"
    case .thunderboltDeviceMode(let object): "0x\(hexadecimal(object.rawValue, digits: 8))"
    case .thunderboltCableMode(let object): "0x\(hexadecimal(object.rawValue, digits: 8))"
    case .certStat, .ufp, .dfp, .activeCable2, .vpd, .alternateModeAdapter, .padding: nil
    }
  }
}

extension String {
  var nilIfEmpty: String? { isEmpty ? nil : self }
}
