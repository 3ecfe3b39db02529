import Glibc

/// What the kernel asks of a device over USB/IP's URB part: heads of 48 bytes, all numbers big-endian.
enum USBIPRequest {
  case submit(USBIPTransfer)
  /// Take back the transfer of this number.
  case unlink(sequence: UInt32, target: UInt32)

  static let headSize = 48

  /// - Parameter head: 48 bytes.
  /// - Returns: `nil` for a command that there is not.
  init?(head: [UInt8]) {
    func word(_ index: Int) -> UInt32 {
      head[index * 4..<index * 4 + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }
    guard head.count == USBIPRequest.headSize else { return nil }
    switch word(0) {
    case 1:
      self = .submit(
        USBIPTransfer(
          sequence: word(1), endpoint: UInt8(truncatingIfNeeded: word(4)) & 0x0F | (word(3) == 1 ? 0x80 : 0),
          length: Int(word(6)), setUp: Array(head[40..<48])))
    case 2: self = .unlink(sequence: word(1), target: word(5))
    default: return nil
    }
  }
}

/// A transfer that the kernel wants.
struct USBIPTransfer {
  var sequence: UInt32
  /// With 0x80 for one from the device.
  var endpoint: UInt8
  var length: Int
  /// The eight bytes of a control transfer.
  var setUp: [UInt8]
  /// What goes to the device.
  var data: [UInt8] = []

  var isIn: Bool { endpoint & 0x80 != 0 }
}

/// What the device answers.
enum USBIPAnswer {
  /// The end of a transfer: 0 or a negative error number, what came from the device, how much went to it.
  case done(USBIPTransfer, status: Int32, bytes: [UInt8] = [], sent: Int = 0)
  /// The end of an unlink: whether there was something to take back.
  case unlinked(sequence: UInt32, wasThere: Bool)

  var bytes: [UInt8] {
    switch self {
    case .done(let transfer, let status, let bytes, let sent):
      let count = transfer.isIn ? bytes.count : sent
      let head = [3, transfer.sequence, 0, 0, 0, UInt32(bitPattern: status), UInt32(count), 0, .max, 0, 0, 0]
      return Self.bigEndian(head) + (transfer.isIn ? bytes : [])
    case .unlinked(let sequence, let wasThere):
      let status = UInt32(bitPattern: wasThere ? -ECONNRESET : 0)
      return Self.bigEndian([4, sequence, 0, 0, 0, status, 0, 0, 0, 0, 0, 0])
    }
  }

  private static func bigEndian(_ words: [UInt32]) -> [UInt8] {
    words.flatMap { word in
      stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> UInt32($0)) }
    }
  }
}
