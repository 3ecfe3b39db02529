import CUSBHook
import Glibc
public import Quantities
public import Simulator
public import USBTransport

/// A model plugged into this process: libusb opens it as it opens a device, and the model answers.
///
/// It must outlive the `USBDevice` that `open` gives.
public final class PluggedDevice<Model: USBDeviceModel>: Sendable {
  private let host: EmulatedHost
  private let initial: Model
  private let descriptor: Int32

  /// - Parameters:
  ///   - model: what answers.
  ///   - drivers: the kernel drivers that hold interfaces at first.
  ///   - faults: what happens to the transfer of this number, counted from 0; standard requests are not counted.
  public init(
    _ model: Model, drivers: [UInt8: String] = [:],
    faults: @escaping @Sendable (Int) -> USBFault? = { _ in nil }
  ) {
    initial = model
    descriptor = descriptorFile(model.descriptors)
    host = EmulatedHost(model, descriptor: descriptor, drivers: drivers, faults: faults)
  }

  deinit {
    ofc_usb_unhook(descriptor)
    close(descriptor)
  }

  /// Plugs the model in and opens it.
  public func open(_ context: USBContext) throws(USBError) -> USBDevice {
    unsafe ofc_usb_hook(descriptor, answerRequest, Unmanaged.passUnretained(host).toOpaque())
    let device = try context.open(systemDevice: descriptor)
    host.begin()
    return device
  }

  /// The model as it is now.
  public var model: Model { host.model as? Model ?? initial }

  /// The transfers that were made since it was opened.
  public var transfers: [USBTransferNote] { host.transfers }

  /// What happened beside transfers: "claim 0", "disconnect 0", "connect 0", "release 0", "clear halt 81".
  public var log: [String] { host.log }

  /// Changes the model, as something outside USB does; what it has to send then is sent.
  public func change(_ body: (inout Model) -> Void) {
    host.change { any in
      guard var model = any as? Model else { return }
      body(&model)
      any = model
    }
  }

  /// Waits until so many transfers were made since it was opened, but no longer than `limit`; for one thread at a time.
  ///
  /// A queue submits a transfer again once it has put down what that brought: so the program has all that was sent.
  public func waitForTransfers(_ count: Int, atMost limit: Milliseconds) {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    let now = Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    host.waitForTransfers(count, until: now + Nanoseconds(limit).rawValue)
  }

  public func unplug() { host.unplug() }
}

/// A file that holds the descriptors, as the node of a device does.
private func descriptorFile(_ descriptors: USBModelDescriptors) -> Int32 {
  var name = Array("/tmp/ofc-usb-XXXXXX".utf8CString)
  let file = unsafe mkstemp(&name)
  unsafe unlink(name)
  let bytes = descriptors.device + descriptors.configuration
  _ = unsafe bytes.withUnsafeBytes { unsafe write(file, $0.baseAddress, $0.count) }
  return file
}

private let answerRequest: ofc_usb_handler = { context, request, argument in
  guard let context = unsafe context else { return -ENODEV }
  return unsafe Unmanaged<EmulatedHost>.fromOpaque(context).takeUnretainedValue().answer(request, argument)
}
