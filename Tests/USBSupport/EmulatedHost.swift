import CUSBHook
import Glibc
import Simulator
import Threading

/// The kernel's side of a model: what usbfs does with the requests of libusb.
@safe final class EmulatedHost: @unchecked Sendable {
  private let lock = ThreadLock()
  private var state: any USBDeviceModel
  private let faults: @Sendable (Int) -> USBFault?
  private let descriptor: Int32
  private var drivers: [UInt8: String]

  private var isGone = false
  private var waiting: [URB] = []
  private var done: [UnsafeMutablePointer<usbdevfs_urb>] = unsafe []
  private var notes: [USBTransferNote] = []
  private var events: [String] = []
  /// Wakes who waits for a transfer to be submitted.
  private let submissions = Mailbox<Bool>(capacity: 1)

  /// A transfer that waits for the model.
  @safe private struct URB {
    var pointer: UnsafeMutablePointer<usbdevfs_urb>
    var fault: USBFault?
  }

  init(
    _ model: any USBDeviceModel, descriptor: Int32, drivers: [UInt8: String],
    faults: @escaping @Sendable (Int) -> USBFault?
  ) {
    state = model
    self.descriptor = descriptor
    self.drivers = drivers
    self.faults = faults
  }

  var model: any USBDeviceModel { lock.with { state } }
  var transfers: [USBTransferNote] { lock.with { notes } }
  var log: [String] { lock.with { events } }

  /// Waits until so many transfers were made, or CLOCK_MONOTONIC says `deadline`.
  func waitForTransfers(_ count: Int, until deadline: Int64) {
    while lock.with({ notes.count < count && !isGone }), !submissions.take(until: deadline).items.isEmpty {}
  }

  func change(_ body: (inout any USBDeviceModel) -> Void) {
    lock.with {
      body(&state)
      pump()
      setSignal()
    }
  }

  func unplug() {
    lock.with {
      goAway()
      setSignal()
    }
  }

  /// From now on `descriptor` is one that tells when a transfer is done.
  func begin() {
    let signal = ofc_usb_make_signal()
    dup2(signal, descriptor)
    close(signal)
    lock.with {
      notes = []
      setSignal()
    }
  }

  // MARK: What usbfs does

  /// Carries out a request; a negative result is an error number.
  func answer(_ request: UInt, _ argument: UnsafeMutableRawPointer?) -> Int32 {
    lock.with {
      defer { setSignal() }
      return unsafe carryOut(request, argument)
    }
  }

  private func carryOut(_ request: UInt, _ argument: UnsafeMutableRawPointer?) -> Int32 {
    if request == ofc_reap { return unsafe reap(argument) }
    guard !isGone else { return -ENODEV }
    switch request {
    case ofc_speed: return state.descriptors.isHighSpeed ? 3 : 2
    case ofc_capabilities:
      let flags = USBDEVFS_CAP_BULK_CONTINUATION | USBDEVFS_CAP_NO_PACKET_SIZE_LIM
      unsafe argument?.storeBytes(of: UInt32(flags | USBDEVFS_CAP_BULK_SCATTER_GATHER), as: UInt32.self)
      return 0
    case ofc_connect_info:
      unsafe argument?.assumingMemoryBound(to: usbdevfs_connectinfo.self).pointee =
        usbdevfs_connectinfo(devnum: 7, slow: 0)
      return 0
    case ofc_control: return unsafe configurationNumber(argument)
    case ofc_submit: return unsafe submit(argument)
    case ofc_discard: return unsafe discard(argument)
    case ofc_set_interface: return 0
    case ofc_clear_halt:
      let endpoint = UInt8(truncatingIfNeeded: unsafe argument?.load(as: UInt32.self) ?? 0)
      events.append("clear halt \(String(endpoint, radix: 16))")
      state.clearHalt(endpoint)
      return 0
    default: return unsafe interfaceRequest(request, argument)
    }
  }

  private func interfaceRequest(_ request: UInt, _ argument: UnsafeMutableRawPointer?) -> Int32 {
    guard let argument = unsafe argument else { return -EFAULT }
    let number = UInt8(truncatingIfNeeded: unsafe argument.load(as: UInt32.self))
    switch request {
    case ofc_claim:
      if drivers[number] != nil { return -EBUSY }
      events.append("claim \(number)")
      return 0
    case ofc_release:
      events.append("release \(number)")
      return 0
    case ofc_get_driver:
      guard let driver = drivers[number] else { return -ENODATA }
      let name = Array(driver.utf8) + [0]
      for index in name.indices {
        unsafe argument.storeBytes(of: name[index], toByteOffset: 4 + index, as: UInt8.self)
      }
      return 0
    case ofc_driver_ioctl:
      let code = unsafe UInt(UInt32(bitPattern: argument.load(fromByteOffset: 4, as: Int32.self)))
      events.append("\(code == ofc_connect ? "connect" : "disconnect") \(number)")
      if code == ofc_disconnect { drivers[number] = nil }
      return 1
    default: return -ENOTTY
    }
  }

  /// The one control transfer that libusb makes by itself while it opens a device.
  private func configurationNumber(_ argument: UnsafeMutableRawPointer?) -> Int32 {
    let transfer = unsafe argument?.assumingMemoryBound(to: usbdevfs_ctrltransfer.self)
    unsafe transfer?.pointee.data?.storeBytes(of: 1, as: UInt8.self)
    return 1
  }

  private func submit(_ argument: UnsafeMutableRawPointer?) -> Int32 {
    guard let urb = unsafe argument?.assumingMemoryBound(to: usbdevfs_urb.self) else { return -EFAULT }
    let length = max(0, Int(unsafe urb.pointee.buffer_length))
    let bytes = unsafe [UInt8](UnsafeRawBufferPointer(start: urb.pointee.buffer, count: length))
    let isControl = unsafe Int32(urb.pointee.type) == USBDEVFS_URB_TYPE_CONTROL
    if isControl, bytes.count >= 8, bytes[0] & 0x60 == 0 {
      unsafe answerStandard(urb, bytes)
      return 0
    }
    let endpoint = isControl ? bytes.first.map { $0 & 0x80 } ?? 0 : unsafe urb.pointee.endpoint
    let isIn = endpoint & 0x80 != 0
    submissions.put([true])
    let fault = faults(notes.count)
    notes.append(
      USBTransferNote(endpoint: endpoint, sent: isIn ? Array(bytes.prefix(isControl ? 8 : 0)) : bytes))
    switch fault {
    case .goneBefore:
      goAway()
      return -ENODEV
    case .goneDuring:
      unsafe waiting.append(URB(pointer: urb))
      goAway()
    case .stall: unsafe finish(urb, -EPIPE)
    case .overflow: unsafe finish(urb, -EOVERFLOW)
    case .protocolError: unsafe finish(urb, -EPROTO)
    case .silence: unsafe waiting.append(URB(pointer: urb, fault: .silence))
    default:
      if isControl {
        unsafe answerControl(urb, bytes, fault)
      } else if isIn {
        unsafe waiting.append(URB(pointer: urb, fault: fault))
      } else {
        unsafe answerOut(urb, bytes, fault)
      }
    }
    pump()
    return 0
  }

  private func answerStandard(_ urb: UnsafeMutablePointer<usbdevfs_urb>, _ bytes: [UInt8]) {
    let setUp = USBModelSetUp(bytes)
    guard setUp.request == 6, let descriptor = state.descriptors.descriptor(setUp.value) else {
      return unsafe finish(urb, -EPIPE)
    }
    unsafe finish(urb, 0, Array(descriptor.prefix(Int(setUp.length))), at: 8)
  }

  private func answerControl(
    _ urb: UnsafeMutablePointer<usbdevfs_urb>, _ bytes: [UInt8], _ fault: USBFault?
  ) {
    let setUp = USBModelSetUp(bytes)
    let isIn = setUp.requestType & 0x80 != 0
    var data = Array(bytes.dropFirst(8))
    if !isIn, case .short(let count) = fault { data = Array(data.prefix(count)) }
    switch state.control(setUp, isIn ? [] : data) {
    case .done(let answer) where isIn:
      unsafe finish(urb, 0, Self.spoil(answer, fault).prefix(Int(setUp.length)), at: 8)
    case .done: unsafe finish(urb, 0, count: data.count)
    case .notYet: unsafe waiting.append(URB(pointer: urb, fault: .silence))
    case .stall: unsafe finish(urb, -EPIPE)
    }
  }

  private func answerOut(
    _ urb: UnsafeMutablePointer<usbdevfs_urb>, _ bytes: [UInt8], _ fault: USBFault?
  ) {
    var bytes = bytes
    if case .short(let count) = fault { bytes = Array(bytes.prefix(count)) }
    switch state.receive(bytes, at: unsafe urb.pointee.endpoint) {
    case .done: unsafe finish(urb, 0, count: bytes.count)
    case .notYet: unsafe waiting.append(URB(pointer: urb, fault: .silence))
    case .stall: unsafe finish(urb, -EPIPE)
    }
  }

  /// Lets the model send what it has, to the transfers that wait for it.
  private func pump() {
    var index = 0
    while index < waiting.count {
      let urb = waiting[index]
      if urb.fault == .silence {
        index += 1
        continue
      }
      let capacity = Int(unsafe urb.pointer.pointee.buffer_length)
      switch state.send(from: unsafe urb.pointer.pointee.endpoint, capacity: capacity) {
      case .done(let bytes):
        waiting.remove(at: index)
        let sent = Self.spoil(bytes, urb.fault)
        unsafe finish(urb.pointer, sent.count > capacity ? -EOVERFLOW : 0, sent.prefix(capacity))
      case .stall:
        waiting.remove(at: index)
        unsafe finish(urb.pointer, -EPIPE)
      case .notYet: index += 1
      }
    }
  }

  private static func spoil(_ bytes: [UInt8], _ fault: USBFault?) -> [UInt8] {
    switch fault {
    case .short(let count): return Array(bytes.prefix(count))
    case .garbage(let seed):
      var value = seed
      return bytes.map { _ in
        value = value &* 73 &+ 41
        return value
      }
    default: return bytes
    }
  }

  private func finish(
    _ urb: UnsafeMutablePointer<usbdevfs_urb>, _ status: Int32, _ bytes: some Collection<UInt8> = [UInt8](),
    at offset: Int = 0, count: Int? = nil
  ) {
    for (index, byte) in bytes.enumerated() {
      unsafe urb.pointee.buffer?.storeBytes(of: byte, toByteOffset: offset + index, as: UInt8.self)
    }
    unsafe urb.pointee.status = status
    unsafe urb.pointee.actual_length = Int32(count ?? bytes.count)
    unsafe done.append(urb)
  }

  private func discard(_ argument: UnsafeMutableRawPointer?) -> Int32 {
    let urb = unsafe argument?.assumingMemoryBound(to: usbdevfs_urb.self)
    guard let place = waiting.firstIndex(where: { unsafe $0.pointer == urb }) else { return -EINVAL }
    let found = waiting.remove(at: place)
    unsafe finish(found.pointer, -ENOENT)
    return 0
  }

  private func reap(_ argument: UnsafeMutableRawPointer?) -> Int32 {
    guard unsafe !done.isEmpty else { return isGone ? -ENODEV : -EAGAIN }
    let urb = unsafe done.removeFirst()
    unsafe argument?.storeBytes(of: UnsafeMutableRawPointer(urb), as: UnsafeMutableRawPointer.self)
    return 0
  }

  private func goAway() {
    isGone = true
    waiting.forEach { unsafe finish($0.pointer, -ESHUTDOWN) }
    waiting.removeAll()
  }

  private func setSignal() { ofc_usb_set_signal(descriptor, unsafe done.isEmpty ? 0 : 1) }
}
