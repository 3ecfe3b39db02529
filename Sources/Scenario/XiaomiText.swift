public import XiaomiCharge

/// What the machines of Xiaomi's protocol tell, in a few words for a log.
public enum XiaomiText {
  public static func text(_ stage: XiaomiStage) -> String {
    switch stage {
    case .standard: "Xiaomi: offers what everybody gets"
    case .verified: "Xiaomi: offers what a verified phone gets"
    case .mutual: "Xiaomi: offers what a phone that has proved itself gets"
    }
  }

  public static func text(_ notice: XiaomiChargerNotice) -> String {
    switch notice {
    case .proofSent: "Xiaomi: proof sent"
    case .keyMissing: "Xiaomi: no key for the seed of this phone"
    case .digestLate: "Xiaomi: the digest did not come in time"
    case .verified: "Xiaomi: the phone accepts the proof"
    case .notVerified: "Xiaomi: the phone does not accept the proof"
    case .phoneProved: "Xiaomi: the phone has proved itself"
    case .phoneRefused: "Xiaomi: the phone's proof is wrong"
    case .compensationRemoved: "Xiaomi: compensation of the cable's drop is off"
    case .tenAmperesRefused: "Xiaomi: more than 6.35 A refused"
    case .resetRequested: "Xiaomi: the phone wants VBUS taken down"
    }
  }

  /// `nil` for what the messages tell already.
  public static func text(_ notice: XiaomiPhoneNotice) -> String? {
    switch notice {
    case .dialogueStarted, .dialogueEnded: nil
    case .verified: "the charger's proof is right"
    case .failed(let failure): "falls back: \(text(failure))"
    }
  }

  private static func text(_ failure: XiaomiPhoneFailure) -> String {
    switch failure {
    case .revisionTooOld: "USB-PD 2.0"
    case .roleSwapRefused: "the data role swap was refused"
    case .noIdentity: "the charger does not say what it is"
    case .noSVID: "0x2717 is not among the SVIDs"
    case .silence(let command):
      "no answer to \(command.name.map { "\($0)" } ?? "command \(command.rawValue)")"
    case .noSession: "no seed and challenge"
    case .keyMissing: "it has no key"
    case .noProof: "the charger does not prove itself"
    case .wrongProof: "the charger's proof is wrong"
    case .refusedByCharger: "the charger refused its proof"
    case .noCapabilities: "no Source_Capabilities"
    case .choiceRejected: "the charger rejects what it offers"
    case .roleLost: "the data role was taken away"
    }
  }
}
