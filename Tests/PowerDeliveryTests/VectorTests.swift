import LineCode
import PowerDelivery
import TestSupport
import Testing

/// Every message of `spec/vectors`, read and made.
@Suite struct VectorTests {
  @Test func filesAreComplete() throws {
    let counts = try MessageVector.files.map { try vectors($0, of: MessageVector.self).count }
    #expect(counts == [97, 13, 49, 15])
    #expect(MessageVector.byID.count == 174)
    #expect(try vectors("usb-pd-objects", of: ObjectVector.self).count == 26)
    #expect(try vectors("usb-pd-sequences", of: SequenceVector.self).count == 4)
  }

  @Test(arguments: MessageVector.all) func decodes(_ vector: MessageVector) {
    #expect(VectorReading(vector).faults == [])
  }

  @Test(arguments: MessageVector.all) func encodes(_ vector: MessageVector) {
    #expect(rebuildFaults(vector) == [])
  }

  /// Words and blocks that the claims describe whole come out of the setters bit by bit as they were on the wire.
  @Test func rebuiltWhole() {
    let all = MessageVector.all.flatMap { VectorReading($0).structures }
    #expect(all.flatMap(\.faults) == [])
    #expect(all.count == 324)
    // The vectors of cables say nothing about the plug, which is a field of 15 words.
    #expect(all.count { $0.isWhole } == 309)
  }

  @Test(arguments: try vectors("usb-pd-objects", of: ObjectVector.self))
  func objects(_ vector: ObjectVector) throws {
    let word = try #require(UInt32(vector.word, radix: 16))
    let structure = ClaimedStructure(
      name: vector.structure, raw: .word(word), claims: vector.fields)
    #expect(bytes(vector.bytes) == (0..<4).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) })
    #expect(structure.faults == [] && structure.isWhole)
  }

  @Test(arguments: try vectors("usb-pd-sequences", of: SequenceVector.self))
  func sequences(_ vector: SequenceVector) throws {
    var context = ReadingContext()
    var faults: [String] = []
    for part in vector.messages {
      let wire = bytes(part.bytes)
      let message = try Message(
        packet: (wire + bytes(part.crc)).span, orderedSet: OrderedSet(label: part.sop))
      _ = context.read(message)
      if message.kind.name.map({ "\($0)" }) != part.message {
        faults.append("\(part.bytes) is no \(part.message)")
      }
    }
    if let whole = vector.reassembled, context.allData != bytes(whole), context.eprWords != bytes(whole) {
      faults.append("the chunks give another block")
    }
    #expect(faults == [])
  }
}

extension ReadingContext {
  var allData: [UInt8] { (0..<dataBlock.count).map { dataBlock[$0] } }

  /// The EPR capabilities that were read last, as bytes.
  var eprWords: [UInt8] {
    guard let objects = eprSourceCapabilities else { return [] }
    return (1...max(objects.count, 1)).flatMap { position in
      (0..<4).map { UInt8(truncatingIfNeeded: (objects.word(at: position) ?? 0) >> ($0 * 8)) }
    }
  }
}

/// What the decoder makes of a vector, beside what the vector claims.
struct VectorReading {
  let vector: MessageVector
  var message: Message?
  var body = MessageBody.unreadable
  var data: [UInt8] = []

  init(_ vector: MessageVector) {
    self.vector = vector
    var context = ReadingContext()
    for id in vector.context {
      guard let before = MessageVector.byID[id],
        let message = try? Message(wireBytes: before.wire.span, orderedSet: before.orderedSet)
      else { return }
      _ = context.read(message)
    }
    guard
      let message = try? Message(
        packet: (vector.wire + bytes(vector.crc)).span, orderedSet: vector.orderedSet)
    else { return }
    self.message = message
    body = context.read(message).value
    data = context.allData
  }

  /// What the decoder says otherwise than the vector.
  var faults: [String] {
    guard let message else { return ["the context or the message cannot be read, or its CRC does not hold"] }
    var faults = headerFaults(message) + structures.flatMap(\.faults)
    if message.kind.name.map({ "\($0)" }) != vector.message { faults.append("message \(message.kind)") }
    if vector.objects != nil || message.objectCount > 0,
      (0..<message.objectCount).map({ message.object($0) }) != vector.words
    {
      faults.append("objects")
    }
    if let block = vector.data, !(body.isPartOfMessage || block == data) { faults.append("data block") }
    let names = body.structureNames
    for claim in vector.fields where claim.structure != "ExtendedMessageHeader" {
      let index = claim.index ?? 0
      if index >= names.count || names[index] != claim.structure {
        faults.append("object \(index) is read as \(names), not as \(claim.structure ?? "?")")
      }
    }
    return faults
  }

  private func headerFaults(_ message: Message) -> [String] {
    let wanted = vector.makeHeader()
    // Extended, the count and the type are what the name and the objects say.
    return message.header.rawValue & 0x0FE0 == wanted.rawValue & 0x0FE0 ? [] : ["header \(message.header)"]
  }

  /// Every structure that the vector claims something about.
  var structures: [ClaimedStructure] {
    guard let message else { return [] }
    var order: [String] = []
    var groups: [String: [FieldClaim]] = [:]
    for claim in vector.fields {
      let key = "\(claim.structure ?? "")/\(claim.index ?? 0)"
      if groups[key] == nil { order.append(key) }
      groups[key, default: []].append(claim)
    }
    return order.compactMap { key in
      guard let claims = groups[key], let first = claims.first, let name = first.structure else { return nil }
      return ClaimedStructure(name: name, raw: raw(name, first.index ?? 0, message), claims: claims)
    }
  }

  private func raw(_ name: String, _ index: Int, _ message: Message) -> ClaimedStructure.Raw {
    if name == "ExtendedMessageHeader" { return .word(UInt32(message.extendedHeader?.rawValue ?? 0)) }
    if name.hasSuffix("Block") { return .block(data) }
    guard message.header.extended else { return .word(message.object(index)) }
    return .word(
      (0..<4).reduce(UInt32(0)) { word, byte in
        let place = index * 4 + byte
        return word | (place < data.count ? UInt32(data[place]) << UInt32(byte * 8) : 0)
      })
  }
}

extension MessageVector {
  /// Revision, MessageID and roles as claimed; the rest of the header is 0.
  func makeHeader() -> MessageHeader {
    let revisions: [String: SpecificationRevision] = [
      "1.0": .revision1, "2.0": .revision2, "3.x": .revision3,
    ]
    if let cablePlug = header.cablePlug {
      var plug = CablePlugMessageHeader()
      plug.messageID = header.messageID
      plug.cablePlug = cablePlug ? .plug : .port
      plug.specificationRevision = revisions[header.revision] ?? SpecificationRevision(rawValue: 3)
      return MessageHeader(rawValue: plug.rawValue)
    }
    var made = MessageHeader()
    made.messageID = header.messageID
    made.portPowerRole = header.powerRole == "Source" ? .source : .sink
    made.portDataRole = header.dataRole == "DFP" ? .downstreamFacing : .upstreamFacing
    made.specificationRevision = revisions[header.revision] ?? SpecificationRevision(rawValue: 3)
    return made
  }
}

/// Makes the message of a vector from its parts and compares it with the wire.
private func rebuildFaults(_ vector: MessageVector) -> [String] {
  let header = vector.makeHeader()
  guard let kind = MessageKind(name: vector.message) else {
    return ["no message is called \(vector.message)"]
  }
  let message: Message
  switch kind {
  case .control(let type): message = Message(type, header: header, orderedSet: vector.orderedSet)
  case .data(let type):
    message = Message(type, objects: vector.words.span, header: header, orderedSet: vector.orderedSet)
  case .extended(let type):
    var extended = ExtendedMessageHeader()
    for claim in vector.fields where claim.structure == "ExtendedMessageHeader" {
      guard case .number(let value) = claim.value else { continue }
      switch claim.field {
      case "dataSize": extended.dataSize = UInt16(clamping: value)
      case "requestChunk": extended.requestChunk = value != 0
      case "chunkNumber": extended.chunkNumber = UInt8(clamping: value)
      case "chunked": extended.chunked = value != 0
      default: return ["no field is called \(claim.field)"]
      }
    }
    message = Message(
      type, extendedHeader: extended, data: vector.payload(extended).span, header: header,
      orderedSet: vector.orderedSet)
  }
  let made = message.bytes.indices.map { message.bytes[$0] }
  return made == vector.wire ? [] : ["\(made) instead of \(vector.wire)"]
}

extension MessageVector {
  /// The bytes of the data block that the packet carries.
  fileprivate func payload(_ header: ExtendedMessageHeader) -> [UInt8] {
    if header.requestChunk { return [] }
    guard header.chunked else { return data ?? [] }
    let first = Int(header.chunkNumber) * DataBlock.chunkSize
    let count = min(DataBlock.chunkSize, Int(header.dataSize) - first)
    guard let data else { return Array(wire.dropFirst(4).prefix(count)) }
    return Array(data.dropFirst(first).prefix(count))
  }
}
