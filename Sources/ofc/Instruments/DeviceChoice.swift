import InstrumentDrivers
import USBTransport

/// Finds the device that a command line means.
enum DeviceChoice {
  /// What the instrument is for.
  enum Purpose: String {
    case listen, measure

    fileprivate func fits(_ device: KnownDevice?) -> Bool {
      switch self {
      case .listen: device?.listens == true
      case .measure: device?.measures == true
      }
    }
  }

  /// The instrument that `name` names, or the only one.
  /// - Parameter name: a place (`1-2.4`), a serial number or `VID:PID`; `nil` for the only one.
  static func instrument(
    _ name: String?, to purpose: Purpose, _ context: USBContext
  ) throws -> USBDeviceInfo {
    let all = try context.devices().filter { purpose.fits(KnownDevice($0)) }
    let fitting = all.filter { info in
      guard let name else { return true }
      return ["\(info.place)", "\(info.identity)", info.serialNumber].contains(name)
        || "\(info.identity)".lowercased() == name.lowercased()
    }
    guard let first = fitting.first else {
      throw DeviceChoiceError(
        name.map { "no instrument `\($0)` is plugged in; `ofc devices` lists them" }
          ?? "no instrument is plugged in that ofc can \(purpose.rawValue) with; `ofc devices` lists what is there"
      )
    }
    guard fitting.count == 1 else {
      let places = fitting.map { "\($0.place)" }.joined(separator: ", ")
      throw DeviceChoiceError("there are \(fitting.count) instruments; say --device with one of \(places)")
    }
    return first
  }
}

struct DeviceChoiceError: Error, CustomStringConvertible {
  let description: String
  init(_ text: String) { description = text }
}
