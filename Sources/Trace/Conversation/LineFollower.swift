import LineCode
import PowerDelivery
import Quantities

/// What is known about the conversation on one wire.
struct LineFollower {
  var context = ReadingContext()
  var contracts = ContractFollower()
  /// Whether the recording shows GoodCRC on this wire at all.
  var showsGoodCRC = false
  private var previous: Message?
  private var previousDecoded = Decoded(MessageBody.unreadable)
  private var isPreviousAcknowledged = true

  /// Reads a message; a retry is read like the message that it repeats, but followed only once.
  mutating func read(_ message: Message, at time: Nanoseconds) -> ConversationEntry.Reading {
    let contract = contracts.current
    if message.isGoodCRC {
      let decoded = context.read(message)
      return reading(message, decoded, contract, isRetry: false)
    }
    let isRetry = !isPreviousAcknowledged && message == previous
    previous = message
    isPreviousAcknowledged = false
    var decoded: Decoded<MessageBody>
    if isRetry {
      // The context has moved on already: a chunk was taken, an offer learned.
      decoded = previousDecoded
      decoded.diagnostics.append(.retry)
      contracts.followRetry(decoded.value, at: time)
    } else {
      decoded = context.read(message)
      decoded.checkXiaomi(message)
      previousDecoded = decoded
      contracts.follow(message, decoded.value, at: time)
    }
    return reading(message, decoded, contract, isRetry: isRetry)
  }

  private func reading(
    _ message: Message, _ decoded: Decoded<MessageBody>, _ contract: Contract?, isRetry: Bool
  ) -> ConversationEntry.Reading {
    ConversationEntry.Reading(
      message: message, body: decoded.value, data: context.dataBlock, diagnostics: decoded.diagnostics,
      goodCRC: .notApplicable, isRetry: isRetry, contract: contract)
  }

  /// The message before was acknowledged; a repetition of it is a new message.
  mutating func acknowledge() {
    isPreviousAcknowledged = true
    showsGoodCRC = true
  }

  mutating func reset() {
    context.reset()
    contracts.reset()
    previous = nil
    isPreviousAcknowledged = true
  }
}
