/// Puts the chunks of extended messages together, for one sender (USB-PD R3.2 §6.12.2.1).
///
/// A value without clock: the chunk timers belong to whoever drives it. It reads the sender's chunks as they pass, so
/// it serves a port and a sniffer alike.
public struct ChunkAssembler: Sendable {
  /// The data of the message that is under way, or of the last one that was completed.
  public private(set) var block = DataBlock()
  private var type = ExtendedMessageType(rawValue: 0)
  private var dataSize = 0
  private var nextChunk = 0
  private var isUnderWay = false

  /// What a packet added.
  public enum Step: Equatable, Sendable {
    /// The message is complete; `block` holds its data.
    case complete
    /// A chunk was taken; `next` is the number of the one that is due.
    case waiting(next: Int)
    /// The chunk was there already: a retry whose GoodCRC was lost.
    case repeated
    /// The packet asks for chunk `number`; it carries no data.
    case request(number: Int)
    /// The extended header is missing.
    case malformed
    /// The chunk does not continue the message: it is out of order, or its type or Data Size differs.
    case outOfOrder
  }

  public init() {}

  /// Forgets a message that is under way; a reset or any other message of the same sender ends it (§6.12.2.1.2).
  public mutating func reset() {
    isUnderWay = false
  }

  /// Takes an extended message.
  /// - Parameter diagnostics: receives what is wrong with the extended header and the data.
  public mutating func accept(_ message: borrowing MessageView, diagnostics: inout Diagnostics) -> Step {
    guard let header = message.extendedHeader else {
      diagnostics.append(.extendedHeaderMissing, firstBit: 16, bitCount: 0)
      return .malformed
    }
    check(header, &diagnostics)
    let number = Int(header.chunkNumber)
    if header.chunked && header.requestChunk {
      if header.dataSize != 0 {
        diagnostics.append(
          .chunkRequestWithDataSize, firstBit: 16, bitCount: 9, value: UInt32(header.dataSize))
      }
      return .request(number: number)
    }
    let size = min(Int(header.dataSize), DataBlock.capacity)
    guard header.chunked else {
      start(message, size: size)
      take(message, limit: size, &diagnostics)
      isUnderWay = false
      return .complete
    }
    if number == 0 {
      start(message, size: size)
    } else {
      guard isUnderWay, type == ExtendedMessageType(rawValue: message.header.messageType) else {
        diagnostics.append(.unexpectedChunk, firstBit: 27, bitCount: 4, value: UInt32(number))
        return .outOfOrder
      }
      if number &+ 1 == nextChunk { return .repeated }
      guard number == nextChunk else {
        diagnostics.append(.unexpectedChunk, firstBit: 27, bitCount: 4, value: UInt32(number))
        isUnderWay = false
        return .outOfOrder
      }
      guard size == dataSize else {
        diagnostics.append(.dataSizeChanged, firstBit: 16, bitCount: 9, value: UInt32(header.dataSize))
        isUnderWay = false
        return .outOfOrder
      }
    }
    let before = DataBlock.chunkSize &* number
    take(message, limit: min(DataBlock.chunkSize, max(0, dataSize &- before)), &diagnostics)
    nextChunk = number &+ 1
    isUnderWay = dataSize > before &+ DataBlock.chunkSize && nextChunk < 10
    return isUnderWay ? .waiting(next: nextChunk) : .complete
  }

  private func check(_ header: ExtendedMessageHeader, _ diagnostics: inout Diagnostics) {
    if header.dataSize > 260 {
      diagnostics.append(.dataSizeTooLarge, firstBit: 16, bitCount: 9, value: UInt32(header.dataSize))
    }
    if header.unexpectedBits != 0 {
      diagnostics.append(.reservedExtendedHeaderBit, firstBit: 25, bitCount: 1)
    }
    if header.chunkNumber > 9 {
      diagnostics.append(.chunkNumberTooLarge, firstBit: 27, bitCount: 4, value: UInt32(header.chunkNumber))
    }
  }

  private mutating func start(_ message: borrowing MessageView, size: Int) {
    type = ExtendedMessageType(rawValue: message.header.messageType)
    dataSize = size
    block.count = 0
    nextChunk = 0
    isUnderWay = true
  }

  /// Copies up to `limit` bytes from behind the extended header; looks at the padding of a chunk.
  private mutating func take(_ message: borrowing MessageView, limit: Int, _ diagnostics: inout Diagnostics) {
    let available = message.payloadCount &- 2
    let count = min(limit, available)
    for index in 0..<max(0, count) { block.append(message.payloadByte(at: 2 &+ index)) }
    if available < limit {
      diagnostics.append(
        .dataMissing, firstBit: 16, bitCount: 9, value: UInt32(truncatingIfNeeded: max(0, available)))
    } else {
      for index in limit..<max(limit, available) where message.payloadByte(at: 2 &+ index) != 0 {
        diagnostics.append(.paddingNotZero, firstBit: 32 &+ 8 &* limit, bitCount: 8 &* (available &- limit))
        return
      }
    }
  }
}
