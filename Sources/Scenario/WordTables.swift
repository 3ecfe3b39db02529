import PortEngine
import PowerDelivery
import Simulator

/// The words of a scenario file and what they stand for.
enum WordTables {
  /// Every message by the standard's name.
  static let messages: [(String, MessageKind)] = {
    var table: [(String, MessageKind)] = []
    for type in UInt8(0)..<32 {
      let kinds: [MessageKind] = [
        .control(ControlMessageType(rawValue: type)), .data(DataMessageType(rawValue: type)),
        .extended(ExtendedMessageType(rawValue: type)),
      ]
      for kind in kinds { if let name = kind.name { table.append(("\(name)", kind)) } }
    }
    return table
  }()

  static let sides: [(String, Side)] = [("charger", .charger), ("phone", .phone)]
  static let stations: [(String, Station)] = [
    ("charger", .charger), ("phone", .phone), ("cable", .nearPlug), ("far plug", .farPlug),
  ]
  static let cables: [(String, Cable.Kind)] = [
    ("plain", .plain), ("3 A", .passive3A), ("5 A", .passive5A), ("EPR", .epr), ("active", .active),
    ("captive", .captive),
  ]
  static let excesses: [(String, Misbehaviour.ExcessiveRequest)] = [
    ("position", .position), ("current", .current), ("voltage", .voltage),
  ]
  /// What either side can be asked to do.
  static let requests: [(String, PortRequest)] = [
    ("hard reset", .hardReset), ("soft reset", .softReset), ("data role swap", .dataRoleSwap),
    ("power role swap", .powerRoleSwap), ("VCONN swap", .vconnSwap), ("enter EPR", .enterEPR),
    ("exit EPR", .exitEPR), ("get source capabilities", .getSourceCapabilities),
    ("get sink capabilities", .getSinkCapabilities), ("goto min", .gotoMin),
    ("discover identity", .discoverIdentity), ("discover SVIDs", .discoverSVIDs),
  ]
}
