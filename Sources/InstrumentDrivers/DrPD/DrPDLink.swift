import Instruments
import Quantities
import USBTransport

/// Questions and answers in frames: one at a time, each answer with the tag of its question.
struct DrPDLink {
  let device: USBDevice
  private let bulkIn: USBEndpoint
  private let bulkOut: USBEndpoint
  private let answerTime: Milliseconds
  private var reader = DrPDFrameReader()
  /// 1 to 255, then 1 again.
  private var tag: UInt8 = 0
  /// The last question that was answered with something else than an error.
  private var answered: UInt8?
  /// The last frame said that the status register is not zero.
  private(set) var hasNews = false
  /// Errors that came behind an answer with its tag: somebody else left them. Taken by `takeNotes`.
  private var notes: [String] = []

  /// Pieces of at most 256 bytes come together until one is shorter than a packet.
  private static let capacity = 4096
  /// Empty transfers and late answers that are passed over before an answer; a device that sends nothing else is not
  /// waited for.
  private static let patience = 256
  private static let noteLimit = 8
  private static let drainTime = Milliseconds(10)

  /// Takes the framed interface, which is found by its class.
  /// - Throws: `.unfit` where there is none, `.usb` where it cannot be had.
  init(_ device: USBDevice, answerTime: Milliseconds) throws(InstrumentError) {
    let framed = device.info.interface {
      $0.interfaceClass == USBClass(code: 0xFF, subclass: 1, protocolCode: 2)
    }
    guard let framed, let bulkIn = framed.endpoint(.bulk, isIn: true),
      let bulkOut = framed.endpoint(.bulk, isIn: false)
    else {
      let isDrPD = KnownDevice(device.info) == .drPD
      throw .unfit(
        device.name,
        isDrPD
          ? "it is in fault mode (its interface FF/01/02 is missing): the firmware stopped itself; unplug it for a moment"
          : "it has no interface FF/01/02, so it is no Dr. PD")
    }
    do throws(USBError) {
      try device.claim(framed)
    } catch {
      throw .usb(error)
    }
    self.device = device
    self.bulkIn = bulkIn
    self.bulkOut = bulkOut
    self.answerTime = answerTime
  }

  // MARK: Session

  /// Begins a session: what lies there is thrown away, and everything that was asked for before.
  /// - Throws: `.updater` where the firmware updater answers.
  mutating func begin() throws(DrPDFault) {
    do throws(USBError) {
      try drain()
    } catch {
      throw .usb(error)
    }
    do throws(DrPDFault) {
      try resetSession()
    } catch {
      if case .usb(let cause) = error, case .timedOut = cause.cause, isUpdater() { throw .updater }
      throw error
    }
  }

  /// Sends a session reset and waits for its answer; whatever comes in front of it is thrown away.
  mutating func resetSession() throws(DrPDFault) {
    reader.clear()
    answered = nil
    let frame = DrPDFrame(.sessionReset, tag: nextTag())
    try write(frame)
    var passed = 0
    while passed < Self.patience {
      // What cannot be cut into frames is from before the reset.
      while let answer = try? reader.next() {
        if answer.tag == frame.tag, answer.kind == .sessionResetAcknowledgement { return }
        passed += 1
      }
      if try !read() { passed += 1 }
    }
    throw .usb(silence)
  }

  /// Makes halted endpoints usable again.
  func clearHalts() throws(DrPDFault) {
    do throws(USBError) {
      try device.clearHalt(bulkOut)
      try device.clearHalt(bulkIn)
    } catch {
      throw .usb(error)
    }
  }

  private func drain() throws(USBError) {
    for _ in 0..<Self.patience {
      do throws(USBError) {
        _ = try device.read(bulkIn, capacity: Self.capacity, timeout: Self.drainTime)
      } catch {
        if case .timedOut = error.cause { return }
        throw error
      }
    }
  }

  private mutating func isUpdater() -> Bool {
    let answer = try? exchange(DrPDFrame(.updateStatus, tag: nextTag()), "update status")
    return answer?.kind == .updateState
  }

  // MARK: Questions

  /// The text that answers a query.
  mutating func ask(_ query: String) throws(DrPDFault) -> String {
    let answer = try send(query)
    guard answer.kind == .text else { throw .kind(answer.kind, to: query) }
    return answer.text
  }

  /// The block that answers a query.
  mutating func askBlock(_ query: String) throws(DrPDFault) -> [UInt8] {
    let answer = try send(query)
    guard answer.kind == .binary else { throw .kind(answer.kind, to: query) }
    return answer.payload
  }

  /// The answer to a query, as what it means.
  mutating func ask<Value>(
    _ query: String, _ reading: (String) throws(DrPDTextError) -> Value
  ) throws(DrPDFault) -> Value {
    let text = try ask(query)
    do throws(DrPDTextError) {
      return try reading(text)
    } catch {
      throw .text(error)
    }
  }

  mutating func command(_ text: String) throws(DrPDFault) {
    let answer = try send(text)
    guard answer.kind == .commandAcknowledgement else { throw .kind(answer.kind, to: text) }
  }

  mutating func takeNotes() -> [String] {
    defer { notes.removeAll() }
    return notes
  }

  /// Sends; where the stream of frames is lost, the session is begun anew and the text sent once more.
  private mutating func send(_ text: String) throws(DrPDFault) -> DrPDFrame {
    do throws(DrPDFault) {
      return try exchange(.request(text, tag: nextTag()), text)
    } catch {
      guard case .frame = error else { throw error }
      try resetSession()
      return try exchange(.request(text, tag: nextTag()), text)
    }
  }

  private mutating func exchange(
    _ frame: DrPDFrame, _ question: String
  ) throws(DrPDFault) -> DrPDFrame {
    try write(frame)
    var passed = 0
    while passed < Self.patience {
      while let answer = try nextFrame() {
        guard answer.tag == frame.tag else {
          takeLate(answer)
          passed += 1
          continue
        }
        hasNews = answer.hasNews
        if answer.kind == .error { throw .refused(DrPDRefusal(answer.text), to: question) }
        answered = answer.tag
        return answer
      }
      if try !read() { passed += 1 }
    }
    throw .usb(silence)
  }

  /// A frame of an earlier question is an answer that came too late, or an error behind an answer.
  private mutating func takeLate(_ frame: DrPDFrame) {
    guard frame.kind == .error, frame.tag == answered, notes.count < Self.noteLimit else { return }
    notes.append("\(DrPDRefusal(frame.text))")
  }

  private mutating func nextFrame() throws(DrPDFault) -> DrPDFrame? {
    do throws(DrPDFrameError) {
      return try reader.next()
    } catch {
      throw .frame(error)
    }
  }

  private mutating func nextTag() -> UInt8 {
    tag = tag == .max ? 1 : tag + 1
    return tag
  }

  private func write(_ frame: DrPDFrame) throws(DrPDFault) {
    let bytes = frame.bytes
    do throws(USBError) {
      try device.write(bytes, to: bulkOut, timeout: answerTime)
    } catch {
      // The device waits for the rest of the frame; a new frame would be taken for it.
      guard case .short(_, let done) = error.cause, done > 0 else { throw .usb(error) }
      try write(bytes.dropFirst(done))
    }
  }

  private func write(_ rest: ArraySlice<UInt8>) throws(DrPDFault) {
    do throws(USBError) {
      try device.write(Array(rest), to: bulkOut, timeout: answerTime)
    } catch {
      throw .usb(error)
    }
  }

  /// Reads a transfer; false for an empty one.
  private mutating func read() throws(DrPDFault) -> Bool {
    do throws(USBError) {
      let piece = try device.read(bulkIn, capacity: Self.capacity, timeout: answerTime)
      reader.append(piece)
      return !piece.isEmpty
    } catch {
      throw .usb(error)
    }
  }

  private var silence: USBError {
    device.failure(.timedOut(answerTime, done: 0), .transfer(bulkIn.kind, bulkIn.address))
  }
}
