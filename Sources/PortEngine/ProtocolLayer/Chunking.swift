import LineCode
import PowerDelivery

// Extended messages in chunks, both ways: RCH, TCH and RTR of the standard (USB-PD R3.2 §6.12.2.1). This port never
// agrees to unchunked messages, so every packet fits into a `ShortMessage`.

/// What the chunking layer keeps.
struct Chunking: Sendable, Equatable {
  /// The message that is being sent in chunks.
  var sending = DataBlock()
  var sendingType = ExtendedMessageType(rawValue: 0)
  /// The chunk that was sent last.
  var sentNumber: UInt8 = 0
  /// TCH_Wait_Chunk_Request.
  var awaitsRequest = false
  /// RCH_Requesting_Chunk and RCH_Waiting_Chunk.
  var awaitsChunk = false
  var assembler = ChunkAssembler()

  static func == (left: Self, right: Self) -> Bool {
    left.sending == right.sending && left.sendingType == right.sendingType
      && left.sentNumber == right.sentNumber && left.awaitsRequest == right.awaitsRequest
      && left.awaitsChunk == right.awaitsChunk && left.assembler.block == right.assembler.block
  }
}

extension PortEngine {
  mutating func resetChunking() {
    chunking.awaitsRequest = false
    chunking.awaitsChunk = false
    chunking.assembler.reset()
    timers.stop(.chunkSenderRequest)
    timers.stop(.chunkSenderResponse)
  }

  // MARK: Sending

  /// Sends the data in `chunking.sending` as an extended message.
  mutating func transmitExtended(_ type: ExtendedMessageType, startsAMS: Bool = false) {
    chunking.sendingType = type
    chunking.sentNumber = 0
    transmitChunk(0, startsAMS: startsAMS)
  }

  private mutating func transmitChunk(_ number: UInt8, startsAMS: Bool) {
    chunking.sentNumber = number
    var header = ExtendedMessageHeader()
    header.chunked = true
    header.chunkNumber = number
    header.dataSize = UInt16(truncatingIfNeeded: chunking.sending.count)
    let message = ShortMessage(
      chunking.sendingType, chunk: header, of: chunking.sending, header: headerTemplate)
    let isOnly = chunking.sending.count <= DataBlock.chunkSize
    transmit(message, startsAMS: startsAMS, owner: isOnly ? .policy : .chunk)
  }

  /// TCH: a chunk was acknowledged; after the last one the message is sent.
  mutating func chunkSent() {
    let sent = (Int(chunking.sentNumber) &+ 1) &* DataBlock.chunkSize
    guard sent < chunking.sending.count else { return policySent() }
    chunking.awaitsRequest = true
    startTimer(.chunkSenderRequest, Timing.chunkSenderRequest)
  }

  mutating func chunkFailed() {
    resetChunking()
    policyFailed()
  }

  /// ChunkSenderRequestTimer: after the first chunk the partner may know no chunks, and will say Not_Supported.
  mutating func chunkSenderRequestExpired() {
    guard chunking.awaitsRequest else { return }
    chunking.awaitsRequest = false
    if chunking.sentNumber == 0 { policySent() } else { policyFailed() }
  }

  // MARK: Receiving

  /// RTR: hands a message to whoever waits for it.
  mutating func takeMessage(_ message: ShortMessage) {
    // Chunks are the partner's affair: what the cable says does not end them.
    guard message.orderedSet == .sop else { return policyReceived(message) }
    guard message.header.extended, revision != .revision2 else {
      abortChunks()
      return policyReceived(message)
    }
    // A Soft Reset takes nothing but its Accept, and asks for no chunk of what crosses it.
    if state == .srcSendSoftReset || state == .snkSendSoftReset {
      abortChunks()
      return policyReceived(message)
    }
    guard let header = message.extendedHeader else {
      resetChunking()
      return policyReceived(message, isWhole: false)
    }
    if header.chunked && header.requestChunk { return chunkRequested(message, header) }
    if chunking.awaitsRequest { abortChunks() }
    guard header.chunked || header.dataSize <= 26 else {
      // Nobody agreed to unchunked messages (§6.2.1.2.1): what arrived is not whole.
      resetChunking()
      return policyReceived(message, isWhole: false)
    }
    var diagnostics = Diagnostics()
    let step = message.message.withView { chunking.assembler.accept($0, diagnostics: &diagnostics) }
    chunking.awaitsChunk = false
    timers.stop(.chunkSenderResponse)
    switch step {
    // Fewer bytes than announced, or more than a message may have: the message is not whole.
    case .complete where chunking.assembler.block.count == Int(header.dataSize): policyReceived(message)
    case .waiting(let next): requestChunk(UInt8(truncatingIfNeeded: next), of: message)
    default:
      resetChunking()
      policyReceived(message, isWhole: false)
    }
  }

  /// A message that is no chunk ends what was under way (TCH_Message_Received, RCH_Report_Error).
  private mutating func abortChunks() {
    if chunking.awaitsRequest || chunking.awaitsChunk { resetChunking() }
  }

  private mutating func requestChunk(_ number: UInt8, of message: ShortMessage) {
    chunking.awaitsChunk = true
    // The SenderResponseTimer is stopped by the request; ChunkSenderResponseTimer takes its place (§6.6.2).
    timers.stop(.senderResponse)
    var header = ExtendedMessageHeader()
    header.chunked = true
    header.requestChunk = true
    header.chunkNumber = number
    let type = ExtendedMessageType(rawValue: message.header.messageType)
    transmit(
      ShortMessage(type, chunk: header, of: DataBlock(), header: headerTemplate), owner: .chunkRequest)
  }

  mutating func chunkRequestSent() { startTimer(.chunkSenderResponse, Timing.chunkSenderResponse) }

  mutating func chunkRequestFailed() { chunkSenderResponseExpired() }

  /// ChunkSenderResponseTimer: the next chunk did not come; what was awaited counts as not received.
  mutating func chunkSenderResponseExpired() {
    resetChunking()
    policyChunkError()
  }

  private mutating func chunkRequested(_ message: ShortMessage, _ header: ExtendedMessageHeader) {
    guard chunking.awaitsRequest, message.header.messageType == chunking.sendingType.rawValue,
      header.chunkNumber == chunking.sentNumber &+ 1
    else {
      let wasSending = chunking.awaitsRequest
      resetChunking()
      if wasSending { policyFailed() } else { policyReceived(message, isWhole: false) }
      return
    }
    chunking.awaitsRequest = false
    timers.stop(.chunkSenderRequest)
    transmitChunk(header.chunkNumber, startsAMS: false)
  }
}
