import XiaomiCharge

/// The text of a key file: `SEED KEY` a line, in hexadecimal digits; `*` for any seed; `#` begins a comment.
///
/// What is said of a mistake comes from lengths and places, never from what stands there.
struct KeyFileText {
  /// More keys than this are a mistake; ten seeds are known to exist (Xiaomi 4.1).
  static let mostKeys = 64
  /// After so many mistakes the rest is only counted.
  static let mostMistakes = 20

  private static let gaps = Array(" \t\r#".utf8)

  private let table: KeyTable
  private var linesOfKeys: [Int] = []
  private var mistakes: [KeyError.Mistake] = []

  /// Reads the text.
  /// - Throws: every mistake.
  static func table(_ text: Span<UInt8>, file: String) throws(KeyError) -> KeyTable {
    var lineCount = 1
    for index in text.indices where text[index] == UInt8(ascii: "\n") { lineCount += 1 }
    guard let table = KeyTable(capacity: min(lineCount, mostKeys)) else {
      throw KeyError(file, "there is no memory for its keys")
    }
    var reader = KeyFileText(table: table)
    reader.read(text)
    guard reader.mistakes.isEmpty else {
      throw KeyError(source: file, mistakes: reader.reported)
    }
    guard table.count > 0 else {
      throw KeyError(file, "there is no key in it; write a line with a seed and a key for each")
    }
    return table
  }

  private init(table: KeyTable) { self.table = table }

  private var reported: [KeyError.Mistake] {
    let rest = mistakes.count - KeyFileText.mostMistakes
    guard rest > 0 else { return mistakes }
    return mistakes.prefix(KeyFileText.mostMistakes) + [.init("and \(rest) more; is this a key file?")]
  }

  private mutating func read(_ text: Span<UInt8>) {
    var start = 0
    var number = 1
    while start < text.count {
      var end = start
      while end < text.count, text[end] != UInt8(ascii: "\n") { end += 1 }
      readLine(text.extracting(start..<end), number)
      start = end + 1
      number += 1
    }
  }

  private mutating func readLine(_ line: Span<UInt8>, _ number: Int) {
    let words = KeyFileText.words(line)
    if words.isEmpty { return }
    guard words.count == 2 else {
      mistake(number, "a seed and a key are expected, but there are \(words.count) words")
      return
    }
    let seedWord = line.extracting(words[0])
    let isAny = seedWord.count == 1 && seedWord[0] == UInt8(ascii: "*")
    let isSeedRight = isAny || checkDigits(seedWord, 32, "seed", number)
    guard checkDigits(line.extracting(words[1]), 64, "key", number), isSeedRight else { return }
    var seed = XiaomiOctets.zero
    if !isAny { for index in 0..<16 { seed[index] = Hexadecimal.byte(seedWord, at: 2 * index) ?? 0 } }
    if let index = table.index(of: isAny ? nil : seed) {
      mistake(number, "the seed is that of line \(linesOfKeys[index]); a seed has one key")
    } else if table.add(seed: isAny ? nil : seed, digits: line.extracting(words[1])) {
      linesOfKeys.append(number)
    } else {
      mistake(number, "there are more than \(KeyFileText.mostKeys) keys")
    }
  }

  private mutating func checkDigits(
    _ word: Span<UInt8>, _ count: Int, _ name: String, _ number: Int
  ) -> Bool {
    for index in word.indices where Hexadecimal.value(word[index]) == nil {
      mistake(number, "character \(index + 1) of the \(name) is no hexadecimal digit")
      return false
    }
    if word.count != count {
      mistake(number, "the \(name) has \(word.count) digits instead of \(count)")
    }
    return word.count == count
  }

  private mutating func mistake(_ line: Int, _ reason: String) {
    mistakes.append(.init(line: line, reason))
  }

  /// Where the words stand, up to a `#`.
  private static func words(_ line: Span<UInt8>) -> [Range<Int>] {
    var words: [Range<Int>] = []
    var start: Int?
    for index in 0...line.count {
      let byte = index < line.count ? line[index] : UInt8(ascii: "#")
      let isGap = KeyFileText.gaps.contains(byte)
      if isGap, let first = start {
        words.append(first..<index)
        start = nil
      } else if !isGap, start == nil {
        start = index
      }
      if byte == UInt8(ascii: "#") { break }
    }
    return words
  }
}
