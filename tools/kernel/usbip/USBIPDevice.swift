import Glibc
import Simulator

/// A device model at the other end of a socket from the kernel. It belongs to one thread.
struct USBIPDevice {
  private let socket: Int32
  private var model: any USBDeviceModel
  private var waiting: [USBIPTransfer] = []
  /// How many transfers on other endpoints than 0 there are until the device is gone; `nil` for ever.
  private var transfersLeft: Int?

  init(_ model: any USBDeviceModel, socket: Int32, unplugAfter limit: Int?) {
    self.model = model
    self.socket = socket
    transfersLeft = limit
  }

  /// Answers until the kernel closes the socket, or the device is gone.
  mutating func serve() {
    while let head = take(USBIPRequest.headSize), let request = USBIPRequest(head: head) {
      switch request {
      case .unlink(let sequence, let target):
        let place = waiting.firstIndex { $0.sequence == target }
        if let place { waiting.remove(at: place) }
        put(.unlinked(sequence: sequence, wasThere: place != nil))
      case .submit(var transfer):
        if !transfer.isIn {
          guard let data = take(transfer.length) else { return }
          transfer.data = data
        }
        if transfer.endpoint & 0x0F != 0, let left = transfersLeft {
          guard left > 0 else { return unplug() }
          transfersLeft = left - 1
        }
        carryOut(transfer)
      }
      letSend()
    }
  }

  private func unplug() {
    shutdown(socket, Int32(SHUT_RDWR))
  }

  private mutating func carryOut(_ transfer: USBIPTransfer) {
    if transfer.endpoint & 0x0F == 0 {
      finish(transfer, control(USBModelSetUp(transfer.setUp), transfer.data))
    } else if transfer.isIn {
      waiting.append(transfer)
    } else {
      finish(transfer, model.receive(transfer.data, at: transfer.endpoint))
    }
  }

  /// Lets the model send what it has, to the transfers that wait for it.
  private mutating func letSend() {
    var index = 0
    while index < waiting.count {
      let transfer = waiting[index]
      let answer = model.send(from: transfer.endpoint, capacity: transfer.length)
      if answer == .notYet {
        index += 1
      } else {
        waiting.remove(at: index)
        finish(transfer, answer)
      }
    }
  }

  /// A transfer to the device that the model does not take yet waits for an unlink.
  private mutating func finish(_ transfer: USBIPTransfer, _ answer: USBModelAnswer) {
    switch answer {
    case .done(let bytes):
      let isTooMuch = bytes.count > transfer.length
      put(
        .done(
          transfer, status: isTooMuch ? -EOVERFLOW : 0, bytes: Array(bytes.prefix(transfer.length)),
          sent: transfer.data.count))
    case .stall: put(.done(transfer, status: -EPIPE))
    case .notYet: waiting.append(transfer)
    }
  }

  // MARK: Endpoint 0

  private mutating func control(_ setUp: USBModelSetUp, _ data: [UInt8]) -> USBModelAnswer {
    guard setUp.requestType & 0x60 == 0 else {
      switch model.control(setUp, data) {
      case .done(let bytes): return .done(Array(bytes.prefix(Int(setUp.length))))
      case let answer: return answer
      }
    }
    switch setUp.request {
    // GET_STATUS, GET_CONFIGURATION.
    case 0: return .done([0, 0])
    case 8: return .done([1])
    // CLEAR_FEATURE of an endpoint is the end of a halt.
    case 1:
      if setUp.requestType == 2 { model.clearHalt(UInt8(truncatingIfNeeded: setUp.index)) }
      return .done([])
    // SET_ADDRESS, SET_CONFIGURATION, SET_INTERFACE.
    case 5, 9, 11: return .done([])
    case 6:
      return model.descriptors.descriptor(setUp.value).map { .done(Array($0.prefix(Int(setUp.length)))) }
        ?? .stall
    default: return .stall
    }
  }

  // MARK: The socket

  private func take(_ count: Int) -> [UInt8]? {
    var bytes: [UInt8] = []
    while bytes.count < count {
      var piece = [UInt8](repeating: 0, count: count - bytes.count)
      let got = unsafe read(socket, &piece, piece.count)
      if got < 0, errno == EINTR { continue }
      guard got > 0 else { return nil }
      bytes += piece.prefix(got)
    }
    return bytes
  }

  private func put(_ answer: USBIPAnswer) {
    var left = answer.bytes[...]
    while !left.isEmpty {
      let sent = unsafe left.withUnsafeBytes { bytes in
        unsafe send(socket, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
      }
      if sent < 0, errno == EINTR { continue }
      guard sent > 0 else { return }
      left = left.dropFirst(sent)
    }
  }
}
