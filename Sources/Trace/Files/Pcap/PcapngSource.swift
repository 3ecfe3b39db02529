import Quantities

/// A pcapng capture: our own records, or the USB traffic of a KM003C.
struct PcapngSource: RecordSource {
  private var stream: ByteStream
  private var order = ByteOrder.little
  private var interfaces: [PcapngInterface] = []
  private var frames = CapturedFrames()
  private var hasEnded = false
  private var fault: TraceFault?

  static let sectionHeader: UInt32 = 0x0A0D_0D0A
  private static let interfaceDescription: UInt32 = 1
  private static let simplePacket: UInt32 = 3
  private static let enhancedPacket: UInt32 = 6
  private static let longestBlock: UInt32 = 16 << 20
  private static let mostInterfaces = 1 << 16

  init(_ file: InputFile) { stream = ByteStream(file) }

  mutating func next() throws(TraceFault) -> TraceRecord? {
    while true {
      if let record = frames.popFirst() { return record }
      if hasEnded {
        if let fault { throw fault }
        return nil
      }
      do throws(TraceFault) {
        hasEnded = try !readBlock()
        if hasEnded { fault = frames.silence.map { TraceFault(.unusable, file: stream.file.name, $0) } }
      } catch {
        hasEnded = true
        fault = error
      }
      if hasEnded { frames.finish() }
    }
  }

  /// Takes one block; false at the end of the file.
  private mutating func readBlock() throws(TraceFault) -> Bool {
    let start = stream.position
    guard stream.remaining > 0 else { return false }
    let head = try stream.peek(12)
    guard let type = order.number(UInt32.self, head.span, at: 0), head.count == 12 else {
      throw damaged(start, "a block is cut")
    }
    // The type of a section header reads the same in both orders; the number behind its length tells the order.
    if type == Self.sectionHeader { try beginSection(head, at: start) }
    guard let length = order.number(UInt32.self, head.span, at: 4), length >= 12, length.isMultiple(of: 4)
    else {
      throw damaged(start, "a block cannot have this length")
    }
    guard UInt64(length) <= stream.remaining else { throw damaged(start, "a block is cut") }
    let known = [Self.interfaceDescription, Self.simplePacket, Self.enhancedPacket]
    guard known.contains(type) else {
      stream.skip(UInt64(length))
      return true
    }
    guard length <= Self.longestBlock, let block = try stream.take(Int(length)),
      order.number(UInt32.self, block.span, at: block.count - 4) == length
    else { throw damaged(start, "the two lengths of a block differ, or it is longer than 16 MiB") }
    try take(type, Array(block[8..<block.count - 4]), at: start)
    return true
  }

  private mutating func beginSection(_ head: [UInt8], at start: UInt64) throws(TraceFault) {
    switch head.span.littleEndian(UInt32.self, at: 8) {
    case 0x1A2B_3C4D: order = .little
    case 0x4D3C_2B1A: order = .big
    default: throw damaged(start, "a section header has no byte order")
    }
    interfaces = []
  }

  private mutating func take(_ type: UInt32, _ body: [UInt8], at start: UInt64) throws(TraceFault) {
    if type == Self.interfaceDescription {
      guard interfaces.count < Self.mostInterfaces, let interface = PcapngInterface(body, order) else {
        throw damaged(start, "an interface description is cut")
      }
      interfaces.append(interface)
      return
    }
    let isSimple = type == Self.simplePacket
    let bytes = body.span
    guard let index = isSimple ? 0 : order.number(UInt32.self, bytes, at: 0).map({ Int($0) }),
      index < interfaces.count
    else { throw damaged(start, "a packet names an interface that is not described") }
    let interface = interfaces[index]
    guard let linkType = interface.linkType else {
      throw TraceFault(
        .unusable, file: stream.file.name, at: .byte(start),
        "link type \(interface.linkNumber) is not known; 147 (records), 189 and 220 (usbmon) are")
    }
    let captured = order.number(UInt32.self, bytes, at: isSimple ? 0 : 12)
    let dataStart = isSimple ? 4 : 20
    guard let captured, body.count >= dataStart, isSimple || Int(captured) <= body.count - dataStart else {
      throw damaged(start, "a packet is longer than its block")
    }
    let high = order.number(UInt32.self, bytes, at: 4) ?? 0
    let low = order.number(UInt32.self, bytes, at: 8) ?? 0
    let time = isSimple ? .zero : interface.time(UInt64(high) << 32 | UInt64(low))
    let reason = frames.take(
      Array(body[dataStart...].prefix(Int(captured))), linkType: linkType, order: order, line: interface.name,
      time: time)
    if let reason { throw damaged(start, reason) }
  }

  private func damaged(_ offset: UInt64, _ reason: String) -> TraceFault {
    TraceFault(.damaged, file: stream.file.name, at: .byte(offset), reason)
  }
}

/// What an interface description block says.
struct PcapngInterface {
  var linkNumber: UInt16
  var name = ""
  /// The resolution octet: bit 7 tells powers of two from powers of ten.
  var resolution: UInt8 = 6

  var linkType: LinkType? { LinkType(rawValue: linkNumber) }

  init?(_ body: [UInt8], _ order: ByteOrder) {
    let bytes = body.span
    guard let linkNumber = order.number(UInt16.self, bytes, at: 0), body.count >= 8 else { return nil }
    self.linkNumber = linkNumber
    var place = 8
    while let code = order.number(UInt16.self, bytes, at: place), code != 0,
      let length = order.number(UInt16.self, bytes, at: place + 2)
    {
      let value = body[min(place + 4, body.count)...].prefix(Int(length))
      if code == 2 { name = String(decoding: value, as: UTF8.self) }
      if code == 9, let first = value.first { resolution = first }
      place += 4 + (Int(length) + 3) / 4 * 4
    }
  }

  /// A time stamp in nanoseconds; saturates at the end of the range.
  func time(_ count: UInt64) -> Nanoseconds {
    let exponent = Int(resolution & 0x7F)
    if resolution & 0x80 == 0 && exponent == 9 { return Nanoseconds(Int64(bitPattern: count)) }
    let perSecond: UInt64? =
      resolution & 0x80 != 0
      ? (exponent < 64 ? 1 << UInt64(exponent) : nil)
      : (exponent < 20 ? (0..<exponent).reduce(1) { power, _ in power * 10 } : nil)
    guard let perSecond else { return .zero }
    let (seconds, rest) = count.quotientAndRemainder(dividingBy: perSecond)
    let product = rest.multipliedFullWidth(by: 1_000_000_000)
    let part = perSecond.dividingFullWidth(product).quotient
    let (whole, overflow) = Int64(clamping: seconds).multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? Nanoseconds(.max) : Nanoseconds(whole) + Nanoseconds(Int64(part))
  }
}
