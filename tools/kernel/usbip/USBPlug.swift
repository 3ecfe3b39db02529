import Foundation
import Glibc
import RegisterBus
import Simulator

/// Plugs a device model into the real kernel and runs a program that knows nothing of it; ends with its status.
///
///     usb-plug km003c RECORDING.csv [--unplug-after TRANSFERS] -- PROGRAM ARGUMENT…
///     usb-plug ft232h|i2c-tiny-usb [--unplug-after TRANSFERS] -- PROGRAM ARGUMENT…
///     usb-plug read-registers
///
/// The last form is a program for the second. Needs root and the module vhci_hcd.
@main
enum USBPlug {
  static func main() {
    do {
      let words = Array(CommandLine.arguments.dropFirst())
      if words == ["read-registers"] { return try RegisterReader.run() }
      guard let split = words.firstIndex(of: "--"), split + 1 < words.count,
        let model = try model(words[..<split])
      else {
        return complain(
          "usage: usb-plug MODEL [RECORDING.csv] [--unplug-after TRANSFERS] -- PROGRAM ARGUMENT…")
      }
      let isLimited = words[..<split].contains("--unplug-after")
      try VirtualPort.plug(model, unplugAfter: isLimited ? Int(words[split - 1]) : nil)
      exit(try run(Array(words[(split + 1)...])))
    } catch {
      complain("\(error)")
    }
  }

  /// Runs a program to its end.
  /// - Returns: its status; 128 and the number of the signal that ended it.
  private static func run(_ words: [String]) throws -> Int32 {
    var arguments = unsafe words.map { unsafe strdup($0) } + [nil]
    defer { unsafe arguments.forEach { unsafe free($0) } }
    var child = pid_t()
    let failure = unsafe posix_spawn(&child, words[0], nil, nil, &arguments, environ)
    guard failure == 0 else {
      throw VirtualPort.Failure(description: unsafe "\(words[0]): \(String(cString: strerror(failure)))")
    }
    var status: Int32 = 0
    while unsafe waitpid(child, &status, 0) < 0, errno == EINTR {}
    return status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
  }

  private static func model(_ words: ArraySlice<String>) throws -> (any USBDeviceModel)? {
    switch words.first {
    case "km003c" where words.count > 1:
      let text = try String(contentsOfFile: words[words.startIndex + 1], encoding: .utf8)
      return KM003CModel(KM003CModel.transfers(csv: text), order: .byAttribute)
    case "ft232h": return FTDIDeviceModel(I2CBusModel(chip))
    case "i2c-tiny-usb": return I2CTinyUSBModel(chip, firmware: .avr)
    default: return nil
    }
  }

  /// A chip whose registers hold their numbers, all bits of the odd ones turned.
  private static var chip: RegisterFileModel {
    var chip = RegisterFileModel(RegisterReader.chip)
    for index in 0..<256 { chip.registers[index] = UInt8(index) ^ (index & 1 == 1 ? 0xFF : 0) }
    return chip
  }

  private static func complain(_ text: String) {
    FileHandle.standardError.write(Data("usb-plug: \(text)\n".utf8))
    exit(64)
  }
}
