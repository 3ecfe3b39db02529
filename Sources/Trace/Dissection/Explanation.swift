public import PowerDelivery

/// A message taken apart: every field of it with its bits, in the order of the book.
///
/// The tree is a flat list of nodes with a depth, small enough to be made for every message of a long recording;
/// names, values and meanings are looked up in the generated tables when they are shown.
public struct Explanation: Sendable {
  /// A heading (a header, an object, a data block) or one field below it.
  public struct Node: Equatable, Sendable {
    /// Which layout describes the bits.
    public var layout: LayoutID
    /// Index of the field in the layout; `nil` for the heading itself.
    public var field: Int?
    /// Headings: the number of the object, counted from 1 as the standard does; 0 where there is only one.
    public var number: UInt8
    /// Where the bits begin: counted from bit 0 of the message, or of the reassembled data of an extended message.
    public var firstBit: UInt16
    public var bitCount: UInt16
    /// The bits as a number; for fields and blocks of more than 32 bits, the first 32.
    public var raw: UInt32

    public init(
      layout: LayoutID, field: Int? = nil, number: UInt8 = 0, firstBit: Int, bitCount: Int, raw: UInt32
    ) {
      self.layout = layout
      self.field = field
      self.number = number
      self.firstBit = UInt16(truncatingIfNeeded: firstBit)
      self.bitCount = UInt16(truncatingIfNeeded: bitCount)
      self.raw = raw
    }
  }

  public internal(set) var nodes: [Node] = []
  public let message: Message
  /// The reassembled data of an extended message; empty for others.
  public let data: DataBlock

  /// Takes a message apart.
  /// - Parameters:
  ///   - body: what `ReadingContext.read` made of it.
  ///   - data: `ReadingContext.dataBlock` after that call; used for extended messages only.
  public init(_ message: Message, _ body: MessageBody, data: DataBlock) {
    self.message = message
    self.data = message.header.extended ? data : DataBlock()
    nodes.reserveCapacity(24 + 12 * message.objectCount)
    addHeaders()
    addBody(body)
  }
}

extension Explanation {
  /// Takes a single word or block apart by its layout; bytes that are missing are 0, those past its end are left out.
  public init(_ layout: LayoutID, bytes: [UInt8]) {
    message = Message(header: MessageHeader(rawValue: 0))
    var block = DataBlock()
    for byte in bytes { block.append(byte) }
    data = block
    if layout.description.isBlock {
      addBlock(layout)
    } else {
      add(word: block.word(at: 0) & mask(layout.description.sizeInBits), layout, at: 0)
    }
  }

  private mutating func addHeaders() {
    let header = message.header.rawValue
    add(word: UInt32(header), message.orderedSet == .sop ? .messageHeader : .cablePlugMessageHeader, at: 0)
    if let extended = message.extendedHeader {
      add(word: UInt32(extended.rawValue), .extendedMessageHeader, at: 16)
    }
  }

  private mutating func addBody(_ body: MessageBody) {
    switch body {
    case .control, .reserved, .unreadable, .chunk, .chunkRequest: break
    case .sourceCapabilities(let objects): addSource(objects)
    case .eprSourceCapabilities(let objects): addSource(objects)
    case .sinkCapabilities(let objects): addSink(objects)
    case .eprSinkCapabilities(let objects): addSink(objects)
    case .request(let request), .eprRequest(let request):
      add(word: request.request.rawValue, request.request.layout, at: 16)
      if let copy = request.copy { add(word: copy.rawValue, copy.layout, at: 48, number: 2) }
    case .bist(let object): add(word: object.rawValue, .bistDataObject, at: 16)
    case .batteryStatus(let object): add(word: object.rawValue, .batteryStatusDataObject, at: 16)
    case .alert(let object): add(word: object.rawValue, .alertDataObject, at: 16)
    case .getCountryInfo(let object): add(word: object.rawValue, .countryCodeDataObject, at: 16)
    case .enterUSB(let object): add(word: object.rawValue, .enterUSBDataObject, at: 16)
    case .eprMode(let object): add(word: object.rawValue, .eprModeDataObject, at: 16)
    case .sourceInfo(let object): add(word: object.rawValue, .sourceInfoDataObject, at: 16)
    case .revision(let object): add(word: object.rawValue, .revisionDataObject, at: 16)
    case .vendorDefined(let body): addVendorDefined(body)
    default: if let layout = body.blockLayout { addBlock(layout) }
    }
  }

  private mutating func addSource(_ objects: PowerDataObjectList) {
    for position in 1...max(1, objects.count) {
      guard let object = objects.source(at: position) else { return }
      add(
        word: object.rawValue, object.layout, at: bit(ofObject: position), number: UInt8(position))
    }
  }

  private mutating func addSink(_ objects: PowerDataObjectList) {
    for position in 1...max(1, objects.count) {
      guard let object = objects.sink(at: position) else { return }
      add(
        word: object.rawValue, object.layout, at: bit(ofObject: position), number: UInt8(position))
    }
  }

  /// Objects of a data message follow the header; those of an extended message are counted in its data.
  private func bit(ofObject position: Int) -> Int {
    (message.header.extended ? 0 : 16) + 32 * (position - 1)
  }

  private mutating func addVendorDefined(_ body: VendorDefinedBody) {
    switch body.header {
    case .structured(let header): add(word: header.rawValue, .structuredVDMHeader, at: 16)
    case .unstructured(let header):
      let layout: LayoutID = body.xiaomiHeader == nil ? .unstructuredVDMHeader : .xiaomiVDMHeader
      add(word: header.rawValue, layout, at: 16)
    }
    for index in 0..<body.objectCount {
      guard let object = body.vendorObject(index), let raw = body.object(index) else { continue }
      let layout = body.xiaomiHeader.map { body.layout(ofObject: index, $0) } ?? object.layout
      add(word: raw, layout, at: 48 + 32 * index, number: UInt8(index + 1))
    }
  }

  /// A heading and the fields of a 16- or 32-bit word; reserved bits appear only where they are not 0.
  private mutating func add(word: UInt32, _ id: LayoutID, at bit: Int, number: UInt8 = 0) {
    let layout = id.description
    nodes.append(
      Node(layout: id, number: number, firstBit: bit, bitCount: layout.sizeInBits, raw: word))
    for (index, field) in layout.fields.enumerated() {
      let raw = word >> UInt32(field.firstBit) & mask(Int(field.width))
      if raw == 0, case .reserved = field.kind { continue }
      nodes.append(
        Node(
          layout: id, field: index, firstBit: bit + Int(field.firstBit), bitCount: Int(field.width), raw: raw)
      )
    }
  }

  /// A heading and the fields of a data block, as far as its bytes reach.
  private mutating func addBlock(_ id: LayoutID) {
    let bits = data.count * 8
    nodes.append(Node(layout: id, firstBit: 0, bitCount: bits, raw: data.word(at: 0)))
    for (index, field) in id.description.fields.enumerated() {
      let first = Int(field.firstBit)
      let width = field.width == 0 ? max(0, bits - first) : Int(field.width)
      guard first < bits, first + width <= bits else { continue }
      let raw = data.word(at: first / 8) >> UInt32(first % 8) & mask(width)
      if raw == 0, case .reserved = field.kind { continue }
      nodes.append(Node(layout: id, field: index, firstBit: first, bitCount: width, raw: raw))
    }
  }
}

@inline(__always) private func mask(_ width: Int) -> UInt32 { width >= 32 ? .max : 1 << UInt32(width) - 1 }
