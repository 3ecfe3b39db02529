public import RegisterBus

/// One transfer to a WCH chip that carries out register operations, or a part of one, and where their answers will lie.
///
/// The commands are 74 START, 75 STOP, 80 + n write, C0 + n read with acknowledgements, C0 read the last byte.
public struct WCHProgram: Equatable, Sendable {
  /// What goes into one transfer.
  public enum Grouping: Sendable {
    /// As many operations as fit.
    case batch
    /// One operation.
    case operation
    /// The register of a read, and its bytes, apart, with STOP between them: as drivers of the vendor do it.
    case phase
  }

  /// What a byte of the answer is.
  public enum Reply: Equatable, Sendable {
    case addressAcknowledge(operation: Int)
    case dataAcknowledge(operation: Int)
    /// Byte `position` that this operation read.
    case data(operation: Int, position: Int)
  }

  public private(set) var bytes: [UInt8] = [0xAA]
  public private(set) var replies: [Reply] = []
  /// Whether the bus is left without STOP: the operation goes on in the next transfer.
  public private(set) var isOpen = false

  /// Sends STOP, whatever was before.
  static var stop: [UInt8] { [0xAA, 0x75, 0x00] }

  /// The transfers for a batch, in their order.
  public static func programs(
    for batch: RegisterBatch, _ model: WCHModel, _ grouping: Grouping
  ) -> [WCHProgram] {
    var programs: [WCHProgram] = []
    var steps: [Step] = []
    func close() {
      guard !steps.isEmpty else { return }
      programs += pack(steps, model)
      steps = []
    }
    for index in 0..<batch.count {
      guard let operation = batch.operation(index) else { break }
      for part in parts(of: operation, at: index, in: batch, model, apart: grouping == .phase) {
        if grouping != .batch || !fits(steps + part, model) { close() }
        steps += part
      }
    }
    close()
    return programs
  }

  // MARK: Parts

  /// Commands that stay together, and their answers.
  private struct Step {
    var bytes: [UInt8]
    var replies: [Reply] = []

    static var start: Step { Step(bytes: [0x74]) }
    static var stop: Step { Step(bytes: [0x75]) }
  }

  private static func parts(
    of operation: RegisterOperation, at index: Int, in batch: RegisterBatch, _ model: WCHModel, apart: Bool
  ) -> [[Step]] {
    var head = [operation.address.writeByte, operation.register]
    if operation.direction == .write { head += (0..<operation.count).map { batch.byte($0, of: index) } }
    let first = [.start] + write(head, index, model)
    guard operation.direction == .read else { return [first + [.stop]] }
    let second =
      [.start] + write([operation.address.readByte], index, model) + read(operation.count, index, model)
      + [.stop]
    return apart ? [first + [.stop], second] : [first + second]
  }

  /// The first byte is an address.
  private static func write(_ bytes: [UInt8], _ index: Int, _ model: WCHModel) -> [Step] {
    let replies = bytes.indices.map {
      $0 == 0 ? Reply.addressAcknowledge(operation: index) : .dataAcknowledge(operation: index)
    }
    switch model {
    case .ch347:
      return stride(from: 0, to: bytes.count, by: 0x3F).map { start in
        let end = min(bytes.count, start + 0x3F)
        return Step(
          bytes: [0x80 | UInt8(end - start)] + bytes[start..<end], replies: Array(replies[start..<end]))
      }
    case .ch341a:
      // Only a byte that is written alone tells whether it was acknowledged.
      return bytes.indices.map { Step(bytes: [0x80, bytes[$0]], replies: [replies[$0]]) }
    }
  }

  private static func read(_ count: Int, _ index: Int, _ model: WCHModel) -> [Step] {
    guard count > 0 else { return [] }
    let replies = (0..<count).map { Reply.data(operation: index, position: $0) }
    // The last byte is read alone, without acknowledgement.
    let before = stride(from: 0, to: count - 1, by: model.longestRead).map { start in
      let end = min(count - 1, start + model.longestRead)
      return Step(bytes: [0xC0 | UInt8(end - start)], replies: Array(replies[start..<end]))
    }
    return before + [Step(bytes: [0xC0], replies: [replies[count - 1]])]
  }

  // MARK: Transfers

  private static func fits(_ steps: [Step], _ model: WCHModel) -> Bool {
    steps.reduce(2) { $0 + $1.bytes.count } <= model.capacity
      && steps.reduce(0) { $0 + $1.replies.count } <= model.capacity
  }

  /// Fills transfers with steps; an operation that does not fit into one goes on in the next.
  private static func pack(_ steps: [Step], _ model: WCHModel) -> [WCHProgram] {
    var programs = [WCHProgram()]
    for step in steps {
      let last = programs[programs.count - 1]
      if last.bytes.count + step.bytes.count >= model.capacity
        || last.replies.count + step.replies.count > model.capacity
      {
        programs.append(WCHProgram())
      }
      let place = programs.count - 1
      programs[place].bytes += step.bytes
      programs[place].replies += step.replies
      programs[place].isOpen = step.bytes != [0x75]
    }
    for place in programs.indices { programs[place].bytes.append(0x00) }
    return programs
  }
}
