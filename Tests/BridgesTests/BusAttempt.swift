import RegisterBus
import Simulator

extension RegisterBus {
  /// Runs a batch; gives it back with what went wrong.
  mutating func attempt(_ batch: RegisterBatch = FTDIBench.batch) -> (RegisterBatch, RegisterBusError?) {
    var batch = batch
    do throws(RegisterBusError) {
      try run(&batch)
      return (batch, nil)
    } catch {
      return (batch, error)
    }
  }

  /// How the usual batch goes.
  mutating func trial() -> BusTrial {
    let (batch, error) = attempt()
    if let error { return .failed(error.cause) }
    let read = (0..<7).map { batch.byte($0, of: 2) }
    return read == FTDITests.read && batch.byte(of: 3) == 0x0F ? .well : .wrongBytes(read)
  }
}

enum BusTrial: Equatable {
  case well
  case failed(RegisterBusError.Cause)
  case wrongBytes([UInt8])
}

extension RegisterFileModel {
  /// 256 registers that each hold something else.
  static func patterned(_ address: BusAddress = FTDIBench.chip, refusal: Int? = nil) -> RegisterFileModel {
    var file = RegisterFileModel(address)
    file.refusal = refusal
    for index in 0..<256 { file.registers[index] = UInt8(index) ^ 0x5A }
    return file
  }
}

extension I2CBusModel {
  /// What was on the bus.
  var talk: String { (chip as? RegisterFileModel)?.talk ?? "" }
}

/// Where the acknowledgement of a number lies in the usual batch: of which operation, and whether of an address.
struct AcknowledgePlace {
  let operation: Int
  let isAddress: Bool

  init(_ place: Int) {
    operation = [0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3][place]
    isAddress = [0, 5, 8, 10, 11, 13].contains(place)
  }

  static let count = 14

  var error: RegisterBusError {
    RegisterBusError(
      isAddress ? .addressNotAcknowledged : .dataNotAcknowledged, operation: operation,
      address: FTDIBench.chip)
  }
}

/// A read or a write of a few bytes.
enum Batches {
  static func read(_ count: Int = 1, from register: UInt8) -> RegisterBatch {
    var batch = RegisterBatch()
    batch.read(count, from: register, of: FTDIBench.chip)
    return batch
  }

  static func write(_ bytes: [UInt8], to register: UInt8) -> RegisterBatch {
    var batch = RegisterBatch()
    batch.startWrite(to: register, of: FTDIBench.chip)
    for byte in bytes { batch.append(byte) }
    return batch
  }
}
