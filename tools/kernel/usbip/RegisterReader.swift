import Bridges
import RegisterBus
import USBTransport

/// What a driver of a chip does, over the project's bridge and the real kernel's USB: writes two registers of the chip,
/// then reads sixteen and shows them.
enum RegisterReader {
  static let chip = BusAddress(rawValue: 0x2A)

  static func run() throws {
    let context = try USBContext()
    guard let info = try context.devices().first(where: { FTDIModel($0.identity) != nil }) else {
      throw VirtualPort.Failure(description: "no bridge is plugged in")
    }
    var bridge = try FTDIBridge(context.open(info))
    var batch = RegisterBatch()
    batch.write(0x5A, to: 0x13, of: chip)
    batch.write(0xC3, to: 0x14, of: chip)
    let index = batch.read(16, from: 0x10, of: chip)
    try bridge.run(&batch)
    let text = (0..<16).map { hexadecimal(batch.byte($0, of: index)) }.joined(separator: " ")
    print("registers: \(text)")
    let drivers = try context.devices().filter { $0.place == info.place }.flatMap(\.interfaces)
      .compactMap(\.driver)
    print("driver meanwhile: \(drivers.joined(separator: " "))")
  }

  private static func hexadecimal(_ byte: UInt8) -> String {
    let text = String(byte, radix: 16)
    return text.count == 1 ? "0" + text : text
  }
}
