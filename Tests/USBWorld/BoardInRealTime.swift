import Glibc
import Quantities
import Simulator

/// An FT232H with a board behind it whose bench follows the clock of the machine: whatever was due since the last
/// transfer is done in its own time before the next one.
struct BoardInRealTime: USBDeviceModel {
  private var device: FTDIDeviceModel
  private let board: ChipBoard
  private let start = Self.now

  init(_ partner: BoardPartner.Kind) {
    board = ChipBoard(partner, followsEnable: true)
    device = FTDIDeviceModel(I2CBusModel(ChipBoardBus(board, takesTime: false)))
    board.start()
  }

  private static var now: Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  private func catchUp() { board.advance(to: Instant(nanoseconds: Self.now - start)) }

  var descriptors: USBModelDescriptors { device.descriptors }

  mutating func control(_ setUp: USBModelSetUp, _ data: [UInt8]) -> USBModelAnswer {
    catchUp()
    return device.control(setUp, data)
  }

  mutating func receive(_ bytes: [UInt8], at endpoint: UInt8) -> USBModelAnswer {
    catchUp()
    return device.receive(bytes, at: endpoint)
  }

  mutating func send(from endpoint: UInt8, capacity: Int) -> USBModelAnswer {
    device.send(from: endpoint, capacity: capacity)
  }

  mutating func clearHalt(_ endpoint: UInt8) { device.clearHalt(endpoint) }
}
