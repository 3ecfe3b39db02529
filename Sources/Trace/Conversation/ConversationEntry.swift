import LineCode
public import PowerDelivery
public import Quantities

/// One line of a conversation: a record of the recording, read in the context of those before it.
public struct ConversationEntry: Sendable {
  /// Counted from 1 over the whole recording; a GoodCRC that is folded into its message has no number.
  public var number: Int
  public var record: TraceRecord
  /// From the end (where known) or the start of the record before to the start of this one; `nil` for the first.
  public var sincePrevious: Nanoseconds?
  /// The message, where the record is a packet that could be read; `nil` for everything else.
  public var reading: Reading?

  /// A message and what was made of it.
  public struct Reading: Sendable {
    public var message: Message
    public var body: MessageBody
    /// The reassembled data of an extended message.
    public var data: DataBlock
    public var diagnostics: Diagnostics
    public var goodCRC: GoodCRC
    /// Whether the packet repeats the one before, because its GoodCRC did not come: a retry, or sent again later.
    public var isRetry: Bool
    /// The contract that was in force when the message came; `nil` before the first and where it is unknown.
    public var contract: Contract?
  }

  /// Whether the receiver acknowledged a message.
  public enum GoodCRC: Equatable, Sendable {
    /// GoodCRC came; `delay` is from the end of the message to its start, where the source tells both.
    case received(delay: Nanoseconds?)
    case missing
    /// The source of the recording does not show GoodCRC, or the message is one itself.
    case notApplicable
  }

  /// The worst severity of what is wrong with the entry; `nil` where nothing is.
  public var severity: DiagnosticSeverity? {
    if case .packet(let packet) = record.content, !packet.isSound { return .error }
    return reading?.diagnostics.worst
  }

  /// Who sent it: `source`, `sink`, `port` or `cable`; `nil` where that cannot be told.
  public var sender: Sender? { reading?.message.sender }
}
