import Bridges
import HardwareAccess
import RegisterBus
import USBTransport

/// Which chips that ofc drives answer behind a bridge. Only identification registers are read.
struct BusScan {
  /// A line for each chip, or why nobody could be asked.
  private(set) var words: [String] = []

  /// `nil` for a device that is no bridge.
  init?(_ info: USBDeviceInfo) {
    guard let kind = BridgeKind(info.identity), let word = kind.word else { return nil }
    do {
      var bridge = try HardwareBay.openDevice(BridgeSelection("\(word)=\(info.place)"))
      for place in Self.places {
        var batch = RegisterBatch()
        let read = batch.read(place.count, from: place.register, of: BusAddress(rawValue: place.address))
        do throws(RegisterBusError) {
          try bridge.run(&batch)
        } catch {
          guard error.cause == .addressNotAcknowledged else { throw error }
          continue
        }
        let value = (0..<place.count).reversed().reduce(UInt32(0)) {
          $0 << 8 | UInt32(batch.byte($1, of: read))
        }
        words.append("0x\(String(place.address, radix: 16)): \(place.name(value))")
      }
      if words.isEmpty { words = ["no chip that ofc drives answers on the bus"] }
    } catch {
      words.append("the bus cannot be asked: \(error)")
    }
  }

  private struct Place {
    var address: UInt8
    var register: UInt8
    var count: Int
    var name: (UInt32) -> String
  }

  private static var places: [Place] {
    (0x22...0x25).map { address in
      Place(address: address, register: 0x01, count: 1) { id in
        // Versions A to C; other makers' trigger chips use the same addresses.
        (8...10).contains(id >> 4)
          ? "FUSB302 (DEVICE_ID 0x\(String(id, radix: 16)))"
          : "no FUSB302 (0x01 reads 0x\(String(id, radix: 16)))"
      }
    }
      + (0x50...0x53).map { address in
        Place(address: address, register: 0x00, count: 4) { id in
          "TCPC (VENDOR_ID 0x\(String(id & 0xFFFF, radix: 16)), PRODUCT_ID 0x\(String(id >> 16, radix: 16)))"
        }
      }
      + (0x74...0x75).map { address in
        Place(address: address, register: 0x00, count: 2) { _ in "TPS55288" }
      }
  }
}
