public enum DiagnosticSeverity: UInt8, Comparable, Sendable { case note, warning, error
 public static func < (l: Self, r: Self) -> Bool { l.rawValue < r.rawValue } }
public enum DiagnosticCode: UInt16, CaseIterable, Sendable {
 case messageTooShort = 101
 case messageTooLong = 102
 case surplusBytes = 103
 case objectsMissing = 104
 case partialObject = 105
 case crcMismatch = 106
 case reservedMessageType = 201
 case reservedRevision = 202
 case reservedHeaderBit = 203
 case notInThisRevision = 204
 case notOnThisSOP = 205
 case deprecatedMessage = 206
 case objectCountNotAllowed = 207
 case extendedHeaderMissing = 301
 case dataSizeTooLarge = 302
 case dataMissing = 303
 case reservedExtendedHeaderBit = 304
 case chunkNumberTooLarge = 305
 case unexpectedChunk = 306
 case chunkRequestWithDataSize = 307
 case unchunkedNotAgreed = 308
 case paddingNotZero = 309
 case dataSizeNotAllowed = 310
 case dataSizeChanged = 311
 case reservedBitsSet = 401
 case firstObjectNotVSafe5V = 402
 case objectsOutOfOrder = 403
 case duplicateObject = 404
 case flagsOutsideFirstObject = 405
 case emptyObject = 406
 case eprObjectInSPRPosition = 407
 case reservedAugmentedType = 408
 case minimumAboveMaximum = 409
 case tooManyObjects = 410
 case positionZero = 501
 case positionNotOffered = 502
 case currentAboveOffer = 503
 case voltageOutsideOffer = 504
 case powerAboveOffer = 505
 case capabilitiesUnknown = 506
 case positionAbove7 = 507
 case copyDiffers = 508
 case ppsCurrentBelow1A = 509
 case avsVoltageOffGrid = 510
 case requestInEPRMode = 511
 case eprRequestInSPRMode = 512
 case vdmWithoutHeader = 601
 case reservedVDMCommand = 602
 case wrongSVIDForCommand = 603
 case identityTooShort = 604
 case svidListNotEnded = 605
 case reservedCode = 701
 case objectNotDefined = 702
 case noGoodCRC = 801
 case retry = 802
 case lateGoodCRC = 803
 case strayGoodCRC = 804
 case damagedPacket = 805
 public var severity: DiagnosticSeverity {
 switch self {
 case .messageTooShort: .error
 case .messageTooLong: .error
 case .surplusBytes: .warning
 case .objectsMissing: .error
 case .partialObject: .error
 case .crcMismatch: .error
 case .reservedMessageType: .warning
 case .reservedRevision: .warning
 case .reservedHeaderBit: .note
 case .notInThisRevision: .warning
 case .notOnThisSOP: .warning
 case .deprecatedMessage: .note
 case .objectCountNotAllowed: .error
 case .extendedHeaderMissing: .error
 case .dataSizeTooLarge: .error
 case .dataMissing: .error
 case .reservedExtendedHeaderBit: .note
 case .chunkNumberTooLarge: .error
 case .unexpectedChunk: .error
 case .chunkRequestWithDataSize: .warning
 case .unchunkedNotAgreed: .warning
 case .paddingNotZero: .note
 case .dataSizeNotAllowed: .warning
 case .dataSizeChanged: .error
 case .reservedBitsSet: .note
 case .firstObjectNotVSafe5V: .error
 case .objectsOutOfOrder: .warning
 case .duplicateObject: .warning
 case .flagsOutsideFirstObject: .note
 case .emptyObject: .warning
 case .eprObjectInSPRPosition: .error
 case .reservedAugmentedType: .warning
 case .minimumAboveMaximum: .error
 case .tooManyObjects: .error
 case .positionZero: .error
 case .positionNotOffered: .error
 case .currentAboveOffer: .error
 case .voltageOutsideOffer: .error
 case .powerAboveOffer: .error
 case .capabilitiesUnknown: .note
 case .positionAbove7: .error
 case .copyDiffers: .error
 case .ppsCurrentBelow1A: .warning
 case .avsVoltageOffGrid: .warning
 case .requestInEPRMode: .error
 case .eprRequestInSPRMode: .error
 case .vdmWithoutHeader: .error
 case .reservedVDMCommand: .warning
 case .wrongSVIDForCommand: .warning
 case .identityTooShort: .warning
 case .svidListNotEnded: .note
 case .reservedCode: .warning
 case .objectNotDefined: .note
 case .noGoodCRC: .warning
 case .retry: .note
 case .lateGoodCRC: .warning
 case .strayGoodCRC: .warning
 case .damagedPacket: .error
 }
 }
}
