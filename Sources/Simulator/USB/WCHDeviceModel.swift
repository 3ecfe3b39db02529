/// A CH347 or a CH341A with an I2C bus: an interpreter of the streams that begin with AA.
public struct WCHDeviceModel: USBDeviceModel {
  public enum Chip: CaseIterable, Sendable {
    /// UART, SPI and I2C.
    case ch347Mode1
    /// UART, JTAG and I2C: SCL is low until GPIO3 is set.
    case ch347Mode3
    case ch347F
    case ch341A
  }

  public let descriptors: USBModelDescriptors
  public let chip: Chip
  public var master: I2CMasterModel
  /// Whether a stream ends behind a byte that was not acknowledged.
  public var breaksOff = false
  /// What stands in an answer for a byte that was not acknowledged; a CH341A tells by bit 7.
  public var refusalCode: UInt8 = 0
  /// The most bytes that are sent at once.
  public var pieceSize = 512
  /// Whether the command for GPIO is answered.
  public var answersGPIO = true
  /// The code of the clock.
  public private(set) var speed: UInt8 = 1
  /// Streams that the chip's description does not allow.
  public private(set) var violations = 0
  private var isSCLRaised: Bool
  private var answers: [UInt8] = []

  public init(_ bus: I2CBusModel, _ chip: Chip = .ch347Mode1) {
    self.chip = chip
    master = I2CMasterModel(bus)
    isSCLRaised = chip != .ch347Mode3
    var interfaces: [USBModelDescriptors.Interface] = []
    let serialPorts = [Chip.ch347Mode1: 1, .ch347Mode3: 1, .ch347F: 2][chip] ?? 0
    for port in 0..<UInt8(serialPorts) {
      interfaces += [
        .init(2 * port, codes: [2, 2, 1], endpoints: [.init(0x81 + 2 * port, type: 3, packetSize: 8)]),
        .init(
          2 * port + 1, codes: [10, 0, 0],
          endpoints: [.init(0x82 + 2 * port, packetSize: 512), .init(0x02 + 2 * port, packetSize: 512)]),
      ]
    }
    let isCH341 = chip == .ch341A
    let size: UInt16 = isCH341 ? 32 : 512
    interfaces.append(
      .init(
        UInt8(interfaces.count), codes: [0xFF, isCH341 ? 1 : 0, 2],
        endpoints: [
          .init(isCH341 ? 0x82 : 0x86, packetSize: size), .init(isCH341 ? 0x02 : 0x06, packetSize: size),
        ]))
    descriptors = USBModelDescriptors(
      vendor: 0x1A86,
      product: [.ch347Mode1: 0x55DB, .ch347Mode3: 0x55DD, .ch347F: 0x55DE, .ch341A: 0x5512][chip] ?? 0,
      strings: ["wch.cn", isCH341 ? "USB UART-LPT" : "USB To UART+SPI+I2C", "0123456789"],
      isHighSpeed: !isCH341, interfaces: interfaces)
  }

  private var isCH341: Bool { chip == .ch341A }

  public mutating func control(_ setUp: USBModelSetUp, _ data: [UInt8]) -> USBModelAnswer { .stall }

  public mutating func receive(_ bytes: [UInt8], at endpoint: UInt8) -> USBModelAnswer {
    guard endpoint == (isCH341 ? 0x02 : 0x06) else { return .stall }
    switch bytes.first {
    case 0xAA where bytes.last == 0 && bytes.count <= (isCH341 ? 32 : 510): carryOut(bytes.dropFirst())
    case 0xCC where !isCH341: setPins(bytes)
    default: violations += 1
    }
    return .done([])
  }

  public mutating func send(from endpoint: UInt8, capacity: Int) -> USBModelAnswer {
    guard endpoint == (isCH341 ? 0x82 : 0x86), !answers.isEmpty else { return .notYet }
    let piece = Array(answers.prefix(min(capacity, pieceSize)))
    answers.removeFirst(piece.count)
    return .done(piece)
  }

  private mutating func setPins(_ bytes: [UInt8]) {
    guard bytes.count == 11, bytes[1] == 8 else { return violations += 1 }
    if bytes[6] & 0xF8 == 0xF8 { isSCLRaised = true }
    if answersGPIO { answers += bytes }
  }

  // MARK: The stream

  private mutating func carryOut(_ stream: ArraySlice<UInt8>) {
    var rest = stream
    var isLastByteRead = false
    while let command = rest.popFirst(), command != 0 {
      switch command {
      case 0x74:
        if isSCLRaised { master.start() }
        isLastByteRead = false
      case 0x75: master.stop()
      case 0x80...0xBF:
        let isSingle = isCH341 && command == 0x80
        let count = isSingle ? 1 : Int(command & 0x3F)
        guard count > 0, rest.count > count, !isCH341 || count <= 0x1F else { return violations += 1 }
        for byte in rest.prefix(count) {
          let isAcknowledged = isSCLRaised && master.write(byte)
          if isCH341 {
            if isSingle { answers.append(isAcknowledged ? 0x00 : 0x80) }
          } else {
            answers.append(isAcknowledged ? 1 : refusalCode)
            if breaksOff, !isAcknowledged { return master.stop() }
          }
        }
        rest.removeFirst(count)
      case 0xC0...0xFF:
        guard !isCH341 || command & 0x3F <= 0x1F, !isLastByteRead else { return violations += 1 }
        for _ in 0..<Int(command & 0x3F) { answers.append(master.read(acknowledge: true)) }
        if command == 0xC0 {
          answers.append(master.read(acknowledge: false))
          isLastByteRead = true
        }
      case 0x60...0x6F: speed = command & 0x0F
      default: return violations += 1
      }
    }
  }
}
