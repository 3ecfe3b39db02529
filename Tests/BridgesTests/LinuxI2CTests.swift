import Bridges
import CLinuxI2C
import CUSBHook
import Glibc
import RegisterBus
import Simulator
import Testing

/// The kernel's side of `/dev/i2c-N`, inside the process: a register file on an adapter.
final class EmulatedAdapter {
  let descriptor: Int32
  var file: RegisterFileModel
  var functions = UInt(ofc_i2c_can_transfer)
  /// Fails the call of this number with this error number.
  var failure: (call: Int, number: Int32)?
  /// Messages of all calls: `44 w3`, `45 r7`.
  private(set) var messages: [String] = []
  private var calls = 0

  init(_ file: RegisterFileModel = .patterned()) {
    self.file = file
    descriptor = ofc_usb_make_signal()
    _ = unsafe ofc_usb_hook(descriptor, answer, Unmanaged.passUnretained(self).toOpaque())
  }

  /// Opens the bus for `body`. The descriptor is the bus's own; requests go to the kernel again before it is closed.
  func open(_ body: (inout LinuxI2CBus) -> Void) throws(BridgeError) {
    defer { ofc_usb_unhook(descriptor) }
    var bus = try LinuxI2CBus(descriptor: descriptor, path: "/dev/i2c-7")
    body(&bus)
    ofc_usb_unhook(descriptor)
    withExtendedLifetime(bus) {}
  }

  fileprivate func carryOut(_ request: UInt, _ argument: UnsafeMutableRawPointer) -> Int32 {
    switch request {
    case UInt(ofc_i2c_functions_request):
      unsafe argument.storeBytes(of: functions, as: UInt.self)
      return 0
    case UInt(ofc_i2c_transfer_request):
      defer { calls += 1 }
      if let failure, failure.call == calls { return -failure.number }
      return unsafe transfer(argument.load(as: i2c_rdwr_ioctl_data.self))
    default: return -ENOTTY
    }
  }

  private func transfer(_ data: i2c_rdwr_ioctl_data) -> Int32 {
    defer { file.stop() }
    for index in 0..<Int(unsafe data.nmsgs) {
      let message = unsafe data.msgs[index]
      let isRead = unsafe message.flags & ofc_i2c_read != 0
      let address = BusAddress(rawValue: UInt8(truncatingIfNeeded: unsafe message.addr))
      let count = Int(unsafe message.len)
      messages.append("\(String(unsafe message.addr, radix: 16)) \(isRead ? "r" : "w")\(count)")
      guard file.start(address, isRead: isRead) else { return -ENXIO }
      for place in 0..<count {
        if isRead {
          unsafe message.buf[place] = file.read()
        } else if unsafe !file.write(message.buf[place]) {
          return -EREMOTEIO
        }
      }
    }
    return Int32(unsafe data.nmsgs)
  }
}

private let answer: ofc_usb_handler = { context, request, argument in
  guard let context = unsafe context, let argument = unsafe argument else { return -EFAULT }
  return unsafe Unmanaged<EmulatedAdapter>.fromOpaque(context).takeUnretainedValue()
    .carryOut(request, argument)
}

@Suite struct LinuxI2CTests {
  @Test func registers() throws {
    let adapter = EmulatedAdapter()
    try adapter.open { bus in
      #expect(bus.trial() == .well)
      #expect(adapter.file.talk == FTDIBench.talk)
      // A call for each operation; a read is two messages of one call.
      #expect(bus.calls == 4)
      #expect(adapter.messages == ["22 w4", "22 w2", "22 w1", "22 r7", "22 w1", "22 r1"])
    }
  }

  @Test func longest() throws {
    try EmulatedAdapter().open { bus in
      let (read, error) = bus.attempt(Batches.read(256, from: 0))
      #expect(error == nil && (0..<256).map { read.byte($0, of: 0) } == (0..<256).map { UInt8($0) ^ 0x5A })
      #expect(bus.attempt(Batches.read(0, from: 0)).1?.cause == .unsupported)
      var overfull = RegisterBatch()
      for _ in 0..<30 { overfull.read(1, from: 0, of: FTDIBench.chip) }
      #expect(bus.attempt(overfull).1 == RegisterBusError(.overfullBatch))
    }
  }

  @Test(arguments: [
    (ENXIO, RegisterBusError.Cause.addressNotAcknowledged), (EREMOTEIO, .addressNotAcknowledged),
    (EAGAIN, .arbitrationLost), (EBUSY, .lineStuckLow), (ETIMEDOUT, .timedOut), (ENODEV, .deviceGone),
    (ESHUTDOWN, .deviceGone), (EOPNOTSUPP, .unsupported), (EIO, .unexpectedAnswer),
    (EPROTO, .unexpectedAnswer),
  ])
  func errors(_ number: Int32, _ cause: RegisterBusError.Cause) throws {
    for call in 0..<4 {
      let adapter = EmulatedAdapter()
      adapter.failure = (call, number)
      try adapter.open { bus in
        let (batch, error) = bus.attempt()
        #expect(error == RegisterBusError(cause, operation: call, address: FTDIBench.chip))
        #expect(batch.byte(of: 2) == (call > 2 ? 0x55 : 0) && batch.byte(of: 3) == 0)
        #expect(bus.lastErrorNumber == number && bus.lastProblem?.hasPrefix("/dev/i2c-7: ") == true)
        #expect(bus.trial() == .well)
        #expect(bus.lastProblem == nil)
      }
    }
  }

  @Test func adapters() throws {
    // Some file that is no bus.
    let file = unsafe Glibc.open("/dev/null", O_RDWR)
    #expect(throws: BridgeError(.noI2CBus("/dev/i2c-7", errorNumber: ENOTTY))) {
      try LinuxI2CBus(descriptor: file, path: "/dev/i2c-7")
    }
    #expect(throws: BridgeError(.cannotOpen("/dev/i2c-99999", errorNumber: ENOENT))) {
      try LinuxI2CBus(path: "/dev/i2c-99999")
    }
    let adapter = EmulatedAdapter()
    adapter.functions = 0x0EFF_0008
    #expect(throws: BridgeError(.onlySMBus("/dev/i2c-7"))) { try adapter.open { _ in } }
  }

  /// Whatever buses this machine has: each is named by its path, in order, and can be chosen by that.
  @Test func nodes() throws {
    let nodes = LinuxI2CNode.all()
    let numbers = nodes.compactMap { UInt16($0.path.dropFirst("/dev/i2c-".count)) }
    #expect(numbers.count == nodes.count && numbers == numbers.sorted())
    for node in nodes { #expect(try BridgeSelection(node.path).kind == .linuxI2C) }
  }
}
