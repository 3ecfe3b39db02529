import ArgumentParser
import LineCode
import PowerDelivery
import Trace

/// `ofc explain`: one message from hexadecimal digits, bit by bit.
struct Explain: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Takes one message apart, bit by bit.",
    discussion: """
      The bytes are those of the wire: message header first, little-endian, with or without the CRC at the end.
      A Request means nothing without the capabilities that it refers to: give their message with
      --source-capabilities, or the whole conversation before it with --before.

      examples
        ofc explain 8210dc700323
        ofc explain 82 10 3c 84 03 43 --source-capabilities a1412c9101082cd102002cb104003c21a4c9
        ofc explain "8f5141a000ff..." --sop "SOP'"
        ofc explain --as PassiveCableVDO 0x000A2640
      """)

  @Argument(
    help: ArgumentHelp("The bytes in hexadecimal; spaces, colons and 0x are allowed.", valueName: "hex"))
  var digits: [String]
  @Option(help: "The kind of SOP: SOP, SOP' or SOP''.") var sop: SOPArgument?
  @Option(help: ArgumentHelp("The message with the capabilities that a request refers to.", valueName: "hex"))
  var sourceCapabilities: String?
  @Option(help: ArgumentHelp("A message that was said before (may be repeated, in order).", valueName: "hex"))
  var before: [String] = []
  @Flag(help: "The ports are in EPR mode.") var epr = false
  @Option(
    name: .customLong("as"),
    help: ArgumentHelp(
      "Explain one object or block by its layout (PPSRDO, PassiveCableVDO …).", valueName: "layout"))
  var layout: String?
  @Flag(help: "JSON instead of text.") var json = false
  @Option(help: "Colours: auto, always or never.") var colour = Colour.auto

  func run() throws {
    do {
      if let layout { try explainObject(layout) } else { try explainMessage() }
    } catch let error as HexError {
      Output.complain("\(error)")
      throw ExitStatus.unusableArgument
    }
  }

  private func explainMessage() throws {
    let orderedSet = sop?.orderedSet ?? .sop
    var context = ReadingContext()
    if epr { context.powerMode = .epr }
    for text in [sourceCapabilities].compactMap({ $0 }) + before {
      _ = context.read(try message(try HexBytes(text).bytes, .sop).message)
    }
    let (message, hasCRC) = try message(try HexBytes(digits.joined(separator: " ")).bytes, orderedSet)
    var decoded = context.read(message)
    decoded.checkXiaomi(message)
    let tree = Explanation(message, decoded.value, data: context.dataBlock)
    var output = Output()
    if json {
      output.line(
        ExplainedMessage.json(message, decoded, data: context.dataBlock, hasCRC: hasCRC, explanation: tree))
    } else {
      output.line(MessageSummary.text(message, decoded.value, data: context.dataBlock))
      output.line(MessageSummary.meaning(of: message))
      if hasCRC { output.line("The CRC at the end holds.") }
      for index in 0..<decoded.diagnostics.count {
        if let diagnostic = decoded.diagnostics[index] {
          output.line(DiagnosticText.text(diagnostic) + ". \(diagnostic.code.advice)")
        }
      }
      output.line("")
      output.line(ExplanationText(usesColour: colour.isOn).text(tree))
    }
    output.flush()
  }

  /// Reads the bytes; four bytes at the end that are the CRC of the others are taken as such.
  private func message(_ bytes: [UInt8], _ orderedSet: OrderedSet) throws -> (message: Message, hasCRC: Bool)
  {
    do {
      if let message = try? Message(packet: bytes.span, orderedSet: orderedSet) { return (message, true) }
      return (try Message(wireBytes: bytes.span, orderedSet: orderedSet), false)
    } catch {
      switch error {
      case .tooShort(let count):
        throw HexError(reason: "\(count) bytes are too few for a message; its header has 2")
      case .tooLong(let count):
        throw HexError(
          reason: "\(count) bytes are too many for a message; the longest one has 266, and 4 of CRC")
      case .crcMismatch: throw HexError(reason: "the CRC does not hold")
      }
    }
  }

  /// A single word or block. A word given with 0x is a number; otherwise its bytes are those of the wire.
  private func explainObject(_ name: String) throws {
    guard let id = LayoutID.named(name) else {
      Output.complain(
        "there is no layout `\(name)`; there are \(LayoutID.allCases.map { "\($0.description.name)" }.joined(separator: ", "))"
      )
      throw ExitStatus.unusableArgument
    }
    let text = digits.joined(separator: " ")
    var bytes = try HexBytes(text).bytes
    if text.lowercased().hasPrefix("0x") && !id.description.isBlock { bytes.reverse() }
    var output = Output()
    let tree = Explanation(id, bytes: bytes)
    output.line(
      json ? ExplainedMessage.json(tree) : ExplanationText(usesColour: colour.isOn).text(tree))
    output.flush()
  }
}
