/// A message as the specification describes it. All values are generated from `spec/messages.yaml`.
public struct MessageDescription: Sendable {
  /// The Message Type of the header, 0 to 31; each class counts on its own.
  public var code: UInt8
  /// The standard's name (`Source_Capabilities`).
  public var name: StaticString
  /// The static member of the Swift type.
  public var identifier: StaticString
  public var messageClass: Class
  /// What it is for, for a reader who does not know USB-PD.
  public var meaning: StaticString
  public var clause: StaticString
  public var revisions: RevisionRange
  /// The current revision took it out of use.
  public var deprecated: Bool
  /// Who may send it: `source`, `sink`, `drp` (a dual-role port in either role), `dfp`, `ufp`, `plug`.
  public var senders: [StaticString]
  /// The packets that may carry it: `SOP`, `SOP′`, `SOP″`.
  public var packets: [StaticString]
  /// The names of the messages of which one is the answer; empty when it needs none.
  public var answers: [StaticString]
  /// Data objects of a data message, bytes of an extended message sent by a port; `nil` for a control message.
  public var length: ClosedRange<Int>?
  /// The structure that describes the data of an extended message; `nil` without one.
  public var block: StaticString?
  /// The same where a cable plug sends the message in another form.
  public var plugLength: ClosedRange<Int>?
  public var plugBlock: StaticString?

  public enum Class: Sendable { case control, data, extended }

  init(
    _ code: UInt8, _ name: StaticString, _ identifier: StaticString, _ messageClass: Class,
    clause: StaticString,
    meaning: StaticString, revisions: RevisionRange, senders: [StaticString], packets: [StaticString],
    answers: [StaticString], deprecated: Bool = false, length: ClosedRange<Int>? = nil,
    block: StaticString? = nil, plugLength: ClosedRange<Int>? = nil, plugBlock: StaticString? = nil
  ) {
    self.code = code
    self.name = name
    self.identifier = identifier
    self.messageClass = messageClass
    self.clause = clause
    self.meaning = meaning
    self.revisions = revisions
    self.senders = senders
    self.packets = packets
    self.answers = answers
    self.deprecated = deprecated
    self.length = length
    self.block = block
    self.plugLength = plugLength
    self.plugBlock = plugBlock
  }

  /// Every message of the three classes.
  public static let all = controlMessages + dataMessages + extendedMessages
}
