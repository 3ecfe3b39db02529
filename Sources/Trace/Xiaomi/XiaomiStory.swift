/// The dialogues of one wire, told from a recording; its size does not grow with the recording.
public struct XiaomiStory: Sendable {
  /// The wire, as the source of the recording names it.
  public var line: String
  /// The first dialogues and the last ones.
  public internal(set) var first: [XiaomiDialogue] = []
  public internal(set) var last: [XiaomiDialogue] = []
  /// How many there were.
  public internal(set) var count = 0

  /// How many dialogues are kept from the beginning, and as many from the end.
  public static let mostAtEachEnd = 8

  /// The dialogues that are kept, in order.
  public var dialogues: [XiaomiDialogue] { first + last }
  /// How many in the middle were dropped.
  public var droppedCount: Int { count - first.count - last.count }

  init(line: String) { self.line = line }

  mutating func append(_ dialogue: XiaomiDialogue) {
    count += 1
    var dialogue = dialogue
    dialogue.number = count
    if first.count < Self.mostAtEachEnd {
      first.append(dialogue)
    } else {
      last.append(dialogue)
      if last.count > Self.mostAtEachEnd { last.removeFirst() }
    }
  }
}
