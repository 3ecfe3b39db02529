import CLibUSB
public import Threading

/// A device that came or went.
public enum USBPlugEvent: Equatable, Sendable {
  case arrived(USBDeviceInfo)
  case left(USBIdentity, USBPlace)
}

extension USBContext {
  /// Tells of devices: first of those that are there, then of each that comes or goes.
  /// - Throws: `.notSupported` where the system does not tell.
  public func watch() throws(USBError) -> USBPlugWatch { try USBPlugWatch(self) }
}

/// Tells of devices that come and go, until it is released.
public final class USBPlugWatch: Sendable {
  public let events: Mailbox<USBPlugEvent>
  private let context: USBContext
  private let callback: Int32

  init(_ context: USBContext) throws(USBError) {
    guard libusb_has_capability(LIBUSB_CAP_HAS_HOTPLUG.rawValue) != 0 else {
      throw USBError(.notSupported, .watch)
    }
    let mailbox = Mailbox<USBPlugEvent>()
    let receiver = PlugCallback(mailbox)
    context.keep(receiver)
    var number: Int32 = 0
    let kinds =
      LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED.rawValue | LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT.rawValue
    let result = unsafe libusb_hotplug_register_callback(
      context.pointer, Int32(kinds), Int32(LIBUSB_HOTPLUG_ENUMERATE.rawValue), ofc_usb_match_any,
      ofc_usb_match_any, ofc_usb_match_any, plugHasChanged,
      Unmanaged.passUnretained(receiver).toOpaque(), &number)
    guard result == 0 else { throw USBError(USBError.Cause(libusb: result), .watch) }
    events = mailbox
    callback = number
    self.context = context
    context.startEvents()
  }

  deinit {
    unsafe libusb_hotplug_deregister_callback(context.pointer, callback)
    events.close()
  }
}

/// What the callback needs; the context keeps it until no callback can run.
final class PlugCallback: Sendable {
  let events: Mailbox<USBPlugEvent>
  init(_ events: Mailbox<USBPlugEvent>) { self.events = events }
}

private let plugHasChanged:
  @convention(c) (OpaquePointer?, OpaquePointer?, libusb_hotplug_event, UnsafeMutableRawPointer?) -> Int32 = {
    _, device, event, context in
    guard let device = unsafe device, let context = unsafe context,
      let info = unsafe USBDeviceInfo(device)
    else { return 0 }
    let receiver = unsafe Unmanaged<PlugCallback>.fromOpaque(context).takeUnretainedValue()
    receiver.events.put([
      event == LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED ? .arrived(info) : .left(info.identity, info.place)
    ])
    return 0
  }
