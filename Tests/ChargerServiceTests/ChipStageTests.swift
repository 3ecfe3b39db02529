import Bridges
import ChargerSettings
import PowerSupervision
import Quantities
import Simulator
import Testing
import USBSupport
import USBTransport

@testable import ChargerService

/// The guard's hand on a real stage: it opens the bridge itself.
@Suite struct ChipStageTests {
  private static func at(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

  /// A board whose converter gives 9 V, as a daemon left it; the bridge cannot be opened the first `busy` times.
  private final class Scene: @unchecked Sendable {
    let board = ChipBoard(.phone(PhoneModel.pps.setup), followsEnable: true)
    let plugged: PluggedDevice<FTDIDeviceModel>
    var busy: Int
    var tries = 0

    init(busy: Int) {
      self.busy = busy
      plugged = PluggedDevice(FTDIDeviceModel(I2CBusModel(ChipBoardBus(board, takesTime: false))))
      board.start()
      board.setEnable(true)
      board.bench.stage.write([0x9A, 0x01], to: 0x00)
      board.bench.stage.write([0xA0], to: 0x06)
      board.pass(Nanoseconds(20_000_000))
    }

    func open(_ selection: BridgeSelection) throws(BridgeError) -> OpenBridge {
      tries += 1
      guard tries > busy else { throw BridgeError(.notPlugged(.ft232h, unit: nil, instead: [])) }
      let device: USBDevice
      do throws(USBError) { device = try plugged.open(USBContext()) } catch { throw BridgeError(.usb(error)) }
      return try selection.attach(device)
    }
  }

  @Test(arguments: [0, 2]) func switchesOff(_ busy: Int) throws {
    let scene = Scene(busy: busy)
    #expect(scene.board.bench.stage.isOn && scene.board.bench.stage.voltage == Millivolts(9_000))
    var stage = ChipStage(
      try HardwareSettings("fusb302@ft232h,enable=ad5"),
      open: { selection throws(BridgeError) in try scene.open(selection) })
    stage.follow(
      StageSetPoint(isOn: true, voltage: Millivolts(9_000), measured: Millivolts(8_990)), at: .zero)
    // The daemon holds the bridge for a while: it is asked for each 10 ms, not more often.
    for step in 0..<busy {
      let moment = Int64(step * 10)
      stage.shutDown(at: Self.at(moment))
      stage.shutDown(at: Self.at(moment + 9))
      #expect(scene.tries == step + 1 && stage.voltage(at: Self.at(moment + 9)) == Millivolts(9_000))
    }
    let moment = Int64(busy * 10)
    stage.shutDown(at: Self.at(moment))
    #expect(!scene.board.bench.stage.isEnabled && !scene.board.isEnabled)
    #expect(stage.voltage(at: Self.at(moment)) == Millivolts(9_000))
    #expect(stage.voltage(at: Self.at(moment + 2)) == Millivolts(5_000))
    #expect(stage.voltage(at: Self.at(moment + 5)) == .zero)
    // Once is enough.
    stage.shutDown(at: Self.at(moment + 20))
    #expect(scene.tries == busy + 1)
  }
}
