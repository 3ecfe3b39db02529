public import PortEngine

/// What a port offers at each stage of trust.
public struct SourceOffers: Equatable, Sendable {
  public var standard: SourcePolicy
  public var verified: SourcePolicy
  public var mutual: SourcePolicy

  public init(standard: SourcePolicy, verified: SourcePolicy, mutual: SourcePolicy) {
    self.standard = standard
    self.verified = verified
    self.mutual = mutual
  }

  public subscript(stage: XiaomiStage) -> SourcePolicy {
    switch stage {
    case .standard: standard
    case .verified: verified
    case .mutual: mutual
    }
  }
}
