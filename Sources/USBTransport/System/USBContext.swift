import CLibUSB
import Glibc
import Threading

/// A session with libusb: it lists and opens devices.
///
/// A port's thread that only makes synchronous calls takes a context of its own: libusb's events are then handled in
/// that thread while it waits, and a transfer costs no hop between threads. Queues and watches start an event thread,
/// which then also serves the calls of other threads.
@safe public final class USBContext: @unchecked Sendable {
  let pointer: OpaquePointer
  private let lock = ThreadLock()
  private var eventThread: WorkThread?
  private let loop: EventLoop
  /// What callbacks of watches refer to; kept until no callback can run any more.
  private var watchers: [PlugCallback] = []

  /// - Throws: `USBError` where libusb cannot be started. A machine without USB is no error: it lists nothing.
  public init() throws(USBError) {
    var context: OpaquePointer?
    let result = unsafe libusb_init(&context)
    guard result == 0, let context = unsafe context else {
      throw USBError(USBError.Cause(libusb: result), .start)
    }
    unsafe pointer = context
    loop = unsafe EventLoop(context)
  }

  deinit {
    loop.stop()
    eventThread?.join()
    unsafe libusb_exit(pointer)
  }

  /// The devices that are plugged in now and match, in the order of their places.
  /// - Throws: `USBError` where the system does not list devices.
  public func devices(_ match: USBMatch = USBMatch()) throws(USBError) -> [USBDeviceInfo] {
    var found: [USBDeviceInfo] = []
    try unsafe eachDevice { device in
      if let info = unsafe USBDeviceInfo(device), match.matches(info) { found.append(info) }
      return true
    }
    return found.sorted { ($0.place.bus, $0.place.address) < ($1.place.bus, $1.place.address) }
  }

  /// Opens a device that `devices` listed.
  /// - Throws: `.notPermitted` with the udev rule to install, `.gone` where it was unplugged since.
  public func open(_ info: USBDeviceInfo) throws(USBError) -> USBDevice {
    var handle: OpaquePointer?
    var result = LIBUSB_ERROR_NO_DEVICE.rawValue
    try unsafe eachDevice { device in
      guard unsafe libusb_get_bus_number(device) == info.place.bus,
        unsafe libusb_get_device_address(device) == info.place.address
      else { return true }
      result = unsafe libusb_open(device, &handle)
      return false
    }
    guard result == 0, let handle = unsafe handle else {
      throw USBError(USBError.Cause(libusb: result), .open, of: USBDeviceName(info))
    }
    return unsafe USBDevice(handle, info: info, context: self)
  }

  /// Takes a device whose node somebody else has opened: a portal, or a service that hands over descriptors.
  /// - Parameter descriptor: of `/dev/bus/usb/…`; it stays the caller's and must outlive the device.
  public func open(systemDevice descriptor: Int32) throws(USBError) -> USBDevice {
    var handle: OpaquePointer?
    let result = unsafe libusb_wrap_sys_device(pointer, Int(descriptor), &handle)
    guard result == 0, let handle = unsafe handle else {
      throw USBError(USBError.Cause(libusb: result), .open)
    }
    guard let device = unsafe libusb_get_device(handle), var info = unsafe USBDeviceInfo(device) else {
      unsafe libusb_close(handle)
      throw USBError(.notFound, .open)
    }
    unsafe info.readStrings(handle)
    return unsafe USBDevice(handle, info: info, context: self)
  }

  /// Calls `body` for each device until it returns false.
  private func eachDevice(_ body: (OpaquePointer) -> Bool) throws(USBError) {
    var list: UnsafeMutablePointer<OpaquePointer?>?
    let count = unsafe libusb_get_device_list(pointer, &list)
    guard count >= 0, let list = unsafe list else {
      throw USBError(USBError.Cause(libusb: Int32(truncatingIfNeeded: count)), .list)
    }
    defer { unsafe libusb_free_device_list(list, 1) }
    for index in 0..<count {
      if let device = unsafe list[index], unsafe !body(device) { return }
    }
  }

  /// Sees to it that events are handled although no call waits.
  func startEvents() {
    lock.with {
      guard eventThread == nil else { return }
      let loop = loop
      eventThread = WorkThread(name: "usb events") { loop.run() }
    }
  }

  func keep(_ watcher: PlugCallback) { lock.with { watchers.append(watcher) } }
}

/// What the event thread does.
@safe private final class EventLoop: @unchecked Sendable {
  private let context: OpaquePointer
  private let lock = ThreadLock()
  private var isStopped = false

  init(_ context: OpaquePointer) { unsafe self.context = context }

  func run() {
    while !lock.with({ isStopped }) {
      var limit = timeval(tv_sec: 60, tv_usec: 0)
      unsafe libusb_handle_events_timeout_completed(context, &limit, nil)
    }
  }

  func stop() {
    lock.with { isStopped = true }
    unsafe libusb_interrupt_event_handler(context)
  }
}
