import LineCode
import PowerDelivery
import TestSupport
import Testing

@testable import Trace

/// A message taken apart, beside what the vectors say of it.
@Suite struct ExplanationTests {
  /// A heading with its fields.
  private struct Part {
    var heading: Explanation.Node
    var fields: [Explanation.Node] = []
    var name: String { "\(heading.layout.description.name)" }
    var isHeader: Bool { name.hasSuffix("MessageHeader") }
  }

  private static func parts(_ explanation: Explanation) -> [Part] {
    var parts: [Part] = []
    for node in explanation.nodes {
      if node.field == nil {
        parts.append(Part(heading: node))
      } else if !parts.isEmpty {
        parts[parts.count - 1].fields.append(node)
      }
    }
    return parts
  }

  private static func explain(_ vector: MessageVector) throws -> Explanation {
    var context = ReadingContext()
    for before in vector.context.compactMap({ MessageVector.byID[$0] }) {
      _ = context.read(try Message(wireBytes: before.wire.span, orderedSet: before.orderedSet))
    }
    let message = try Message(wireBytes: vector.wire.span, orderedSet: vector.orderedSet)
    let body = context.read(message).value
    return Explanation(message, body, data: context.dataBlock)
  }

  @Test(arguments: MessageVector.all) func vectors(_ vector: MessageVector) throws {
    let explanation = try Self.explain(vector)
    let parts = Self.parts(explanation)
    #expect(parts.first?.name == (vector.orderedSet == .sop ? "MessageHeader" : "CablePlugMessageHeader"))
    #expect(Self.placeFaults(parts, explanation) == [])
    #expect(Self.claimFaults(parts, explanation, vector) == [])
  }

  /// Bits outside the message, outside their heading, or explained twice; headings without a name.
  private static func placeFaults(_ parts: [Part], _ explanation: Explanation) -> [String] {
    var faults: [String] = []
    for part in parts {
      let isInData = explanation.message.header.extended && !part.isHeader
      let limit = isInData ? explanation.data.count * 8 : explanation.message.byteCount * 8
      let range = bits(part.heading)
      if range.upperBound > limit { faults.append("\(part.name) goes past the end") }
      if "\(part.heading.layout.description.title)".isEmpty { faults.append("\(part.name) has no title") }
      var taken = Set<Int>()
      for node in part.fields {
        let place = bits(node)
        if place.lowerBound < range.lowerBound || place.upperBound > range.upperBound {
          faults.append("\(part.name) \(place) is outside \(range)")
        }
        if !taken.isDisjoint(with: place) { faults.append("\(part.name) \(place) is explained twice") }
        taken.formUnion(place)
      }
    }
    return faults
  }

  private static func bits(_ node: Explanation.Node) -> Range<Int> {
    Int(node.firstBit)..<Int(node.firstBit) + Int(node.bitCount)
  }

  /// Claims of the vector that the explanation does not show.
  private static func claimFaults(
    _ parts: [Part], _ explanation: Explanation, _ vector: MessageVector
  ) -> [String] {
    let objects = parts.filter { !$0.isHeader }
    return vector.fields.compactMap { claim -> String? in
      let index = claim.index ?? 0
      let part =
        claim.structure == "ExtendedMessageHeader"
        ? parts.first { $0.name == "ExtendedMessageHeader" } : index < objects.count ? objects[index] : nil
      guard let part, part.name == claim.structure else {
        return "\(index) is \(part?.name ?? "missing"), not \(claim.structure ?? "")"
      }
      let node = part.fields.first { node in
        node.field.map { "\(part.heading.layout.description.fields[$0].identifier)" } == claim.field
      }
      switch claim.value {
      case .number(let value):
        let found = node.flatMap { explanation.number($0)?.value }
        return found == value ? nil : "\(part.name).\(claim.field) is \(found.map { "\($0)" } ?? "missing")"
      case .text(let text):
        let found = node.map { explanation.valueText($0).filter { $0 != "\"" } } ?? ""
        return found.lowercased() == text.lowercased() ? nil : "\(part.name).\(claim.field) is \(found)"
      }
    }
  }

  /// Every kind of message that the constructed vectors show has an explanation of its own beyond the headers.
  @Test func everyKindHasABody() throws {
    let bodies = try MessageVector.all.filter { !$0.fields.isEmpty }.map { vector in
      Self.parts(try Self.explain(vector)).filter { !$0.isHeader }.map(\.name)
    }
    let silent = zip(MessageVector.all.filter { !$0.fields.isEmpty }, bodies).filter { $1.isEmpty }.map(
      \.0.id)
    // The first chunks of EPR capabilities and the requests for the second say nothing by themselves.
    #expect(
      silent.allSatisfy { id in
        MessageVector.byID[id]?.fields.allSatisfy { $0.structure == "ExtendedMessageHeader" } ?? false
      })
    #expect(Set(bodies.flatMap { $0 }).count >= 47)
  }

  /// Every layout with random bits: each bit that is not reserved is explained once, each value has a text.
  @Test(arguments: LayoutID.allCases) func layouts(_ layout: LayoutID) {
    var generator = SeededGenerator(seed: 11)
    var faults: [String] = []
    for _ in 0..<20 {
      let count = layout.description.sizeInBits / 8
      let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
      let explanation = Explanation(layout, bytes: bytes)
      let parts = Self.parts(explanation)
      faults += parts.count == 1 ? [] : ["\(parts.count) headings"]
      for part in parts {
        let range = Self.bits(part.heading)
        let places = part.fields.map(Self.bits)
        let covered = Set(places.flatMap { Array($0) })
        if covered.count != places.map(\.count).reduce(0, +) { faults.append("a bit is explained twice") }
        if covered.contains(where: { !range.contains($0) }) { faults.append("bits outside \(range)") }
        if part.fields.contains(where: { explanation.valueText($0).isEmpty }) { faults.append("no text") }
      }
    }
    #expect(faults == [])
  }

  /// Each word of each message of Xiaomi's protocol is read by the layout that its vector names.
  @Test func xiaomi() throws {
    struct Vector: Decodable {
      let id: String
      let bytes: String
      let fields: [FieldClaim]
    }
    var faults: [String] = []
    var words = 0
    for vector in try TestSupport.vectors("xiaomi", of: Vector.self) where !vector.fields.isEmpty {
      var context = ReadingContext()
      let message = try Message(wireBytes: bytes(vector.bytes).span)
      let explanation = Explanation(message, context.read(message).value, data: context.dataBlock)
      let names = Self.parts(explanation).map(\.name)
      let claimed = vector.fields.reduce(into: [Int: String]()) { $0[$1.index ?? 0] = $1.structure }
      for (index, structure) in claimed {
        words += 1
        // The one code that is too large for steps of 100 mV is shown in steps of 10 mV.
        let expected = vector.id == "XF13" && index == 1 ? "XiaomiFineChargerVoltage" : structure
        if !names.indices.contains(index + 1) || names[index + 1] != expected {
          faults.append("\(vector.id) \(index): \(names)")
        }
      }
    }
    #expect(faults == [])
    #expect(words == 99)
  }

  @Test func aPPSRequestShowsItsVoltage() throws {
    var context = ReadingContext()
    _ = context.read(try Message(wireBytes: bytes(Hex.capabilities).span))
    let message = try Message(wireBytes: bytes(Hex.requestPPS).span)
    let explanation = Explanation(message, context.read(message).value, data: context.dataBlock)
    let node = explanation.nodes.first { node in
      node.field.map { "\(node.layout.description.fields[$0].identifier)" } == "outputVoltage"
    }
    let voltage = try #require(node)
    #expect(explanation.valueText(voltage) == "9.00 V")
    let number = try #require(explanation.number(voltage))
    #expect(number.value == 9_000 && number.unit == .millivolts)
    // Bits 20:9 of the object behind the header.
    #expect(Self.bits(voltage) == 25..<37 && voltage.raw == 450)
    #expect(ExplanationText().text(explanation).contains("9.00 V"))
  }

  /// Random messages in one long conversation, text and JSON of each.
  @Test(arguments: 0..<4 as Range<UInt64>) func randomMessages(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var context = ReadingContext()
    var nodes = 0
    for round in 0..<700 {
      var wire = (0..<Int.random(in: 2...(round % 9 == 0 ? 266 : 34), using: &generator)).map { _ in
        UInt8.random(in: 0...255, using: &generator)
      }
      if round % 2 == 0 { wire[1] = wire[1] & 0x0F | UInt8(min((wire.count - 2) / 4, 7)) << 4 }
      let set = OrderedSet.allCases[round % 3]
      let message = try Message(wireBytes: wire.span, orderedSet: set)
      let decoded = context.read(message)
      let explanation = Explanation(message, decoded.value, data: context.dataBlock)
      nodes += explanation.nodes.count
      if ExplanationText().text(explanation).isEmpty { Issue.record("no text for \(wire)") }
      _ = MessageSummary.text(message, decoded.value, data: context.dataBlock)
    }
    #expect(nodes > 5_000)
  }
}
