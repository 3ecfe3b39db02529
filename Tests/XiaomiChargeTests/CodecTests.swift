import LineCode
import PowerDelivery
import TestSupport
import Testing
import XiaomiCharge

/// Any words decode to a value or to a precise error, and a value encodes to the words that it came from.
@Suite("Any words") struct CodecTests {
  private func short(_ words: [UInt32], header: UInt16 = 0x00AF) -> ShortMessage {
    var message = ShortMessage(.vendorDefined, header: MessageHeader(rawValue: header))
    for word in words { message.append(word) }
    return message
  }

  @Test("Every command, direction and number of words: value or error, and nothing is lost")
  func everyHeader() {
    var faults: [String] = []
    var read = 0
    for command in UInt32(0)...255 {
      for direction in UInt32(0)...127 {
        for count in 0...6 {
          let words = [0x2717_0000 | direction << 8 | command] + (0..<count).map { UInt32($0) &* 0x9E37_79B9 }
          let original = short(words)
          guard let message = try? XiaomiMessage(original) else {
            faults.append("\(words) is no message")
            continue
          }
          if message.message(header: original.header) != original { faults.append("\(words) changes") }
          guard let content = try? XiaomiContent(message) else { continue }
          read += 1
          if content.message() != message { faults.append("\(words) is \(content)") }
        }
      }
    }
    #expect(faults == [])
    // Requests: three without word, three of four words, three of one, a reset of one or four. Answers: five of one word,
    // one of four, a seed with up to four, and two with any number.
    #expect(read == 3 + 3 + 3 + 2 + 5 + 1 + 5 + 7 + 7)
  }

  @Test("What is wrong is named")
  func errors() {
    func failure(_ words: [UInt32]) -> XiaomiContentError? {
      do throws(XiaomiContentError) {
        guard let message = try? XiaomiMessage(short(words)) else { return nil }
        _ = try XiaomiContent(message)
        return nil
      } catch {
        return error
      }
    }
    #expect(failure([0x2717_0305]) == .unknownDirection(XiaomiDirection(rawValue: 3)))
    #expect(failure([0x2717_0109]) == .unknownCommand(XiaomiCommand(rawValue: 9)))
    #expect(failure([0x2717_0200]) == .unknownCommand(XiaomiCommand(rawValue: 0)))
    #expect(failure([0x2717_02FF, 1]) == .noAnswerKnown(.resetToSafe0V))
    #expect(failure([0x2717_0105, 1, 2, 3]) == .wordCount(expected: 4, found: 3))
    #expect(failure([0x2717_0104, 1, 2, 3, 4, 5]) == .wordCount(expected: 4, found: 5))
    #expect(failure([0x2717_0101, 1]) == .wordCount(expected: 0, found: 1))
    #expect(failure([0x2717_01FF, 1, 2]) == .wordCount(expected: 1, found: 2))
  }

  @Test("What is no message of the protocol is named")
  func messageErrors() {
    func failure(_ message: ShortMessage) -> XiaomiMessageError? {
      do throws(XiaomiMessageError) {
        _ = try XiaomiMessage(message)
        return nil
      } catch {
        return error
      }
    }
    #expect(failure(ShortMessage(.accept, header: MessageHeader())) == .notVendorDefined)
    #expect(failure(ShortMessage(.request, header: MessageHeader())) == .notVendorDefined)
    #expect(failure(short([0xFF00_8001])) == .structured(StructuredVDMHeader(rawValue: 0xFF00_8001)))
    var longer = short([0x2717_0101])
    longer.header.numberOfDataObjects = 3
    #expect(failure(longer) == .wrongLength(announced: 3, found: 1))
  }

  @Test("Random messages of any kind: nothing traps, nothing is lost") func random() {
    var random = SeededGenerator(seed: 0x2717)
    var faults = 0
    for _ in 0..<20_000 {
      var message = short(
        (0..<Int.random(in: 0...7, using: &random)).map { _ in UInt32.random(in: 0...(.max), using: &random) }
      )
      if Bool.random(using: &random) {
        message.header = MessageHeader(rawValue: .random(in: 0...(.max), using: &random))
      }
      guard let read = try? XiaomiMessage(message) else { continue }
      var again = read.message(header: message.header)
      again.orderedSet = message.orderedSet
      if again != message { faults += 1 }
      if let content = try? XiaomiContent(read), content.message(svid: read.header.svid) != read {
        faults += 1
      }
    }
    #expect(faults == 0)
  }
}
