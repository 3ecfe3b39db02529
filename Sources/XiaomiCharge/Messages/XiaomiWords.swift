/// Up to six words: what follows the header of a vendor defined message.
public struct XiaomiWords: Sendable {
  public static var capacity: Int { 6 }
  public private(set) var count: Int
  private var words: InlineArray<6, UInt32>

  public init() {
    count = 0
    words = InlineArray(repeating: 0)
  }

  /// One word.
  public init(_ word: UInt32) {
    self.init()
    append(word)
  }

  /// Appends a word; ignored when there are six.
  public mutating func append(_ word: UInt32) {
    guard count < XiaomiWords.capacity else { return }
    words[count] = word
    count &+= 1
  }

  /// Word `index`, counted from 0; 0 where there is none.
  public subscript(index: Int) -> UInt32 { index >= 0 && index < count ? words[index] : 0 }
}

extension XiaomiWords: Equatable {
  public static func == (left: XiaomiWords, right: XiaomiWords) -> Bool {
    guard left.count == right.count else { return false }
    for index in 0..<left.count where left.words[index] != right.words[index] { return false }
    return true
  }
}
