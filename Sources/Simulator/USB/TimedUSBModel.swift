public import Quantities

/// A device with a board behind it, whose transfers take the time of USB on the board's bench.
public struct TimedUSBModel<Model: USBDeviceModel>: USBDeviceModel {
  public var model: Model
  public let board: ChipBoard
  /// How long a transfer waits for its turn: a micro-frame at high speed, a frame at full speed.
  public var turn: Nanoseconds

  /// - Parameter turn: 125 µs at high speed, 1 ms at full speed.
  public init(_ model: Model, _ board: ChipBoard, turn: Nanoseconds = Nanoseconds(125_000)) {
    self.model = model
    self.board = board
    self.turn = turn
  }

  public var descriptors: USBModelDescriptors { model.descriptors }

  public mutating func control(_ setUp: USBModelSetUp, _ data: [UInt8]) -> USBModelAnswer {
    board.pass(turn)
    return model.control(setUp, data)
  }

  public mutating func receive(_ bytes: [UInt8], at endpoint: UInt8) -> USBModelAnswer {
    board.pass(turn)
    return model.receive(bytes, at: endpoint)
  }

  public mutating func send(from endpoint: UInt8, capacity: Int) -> USBModelAnswer {
    let answer = model.send(from: endpoint, capacity: capacity)
    if case .done = answer { board.pass(turn) }
    return answer
  }

  public mutating func clearHalt(_ endpoint: UInt8) { model.clearHalt(endpoint) }
}
