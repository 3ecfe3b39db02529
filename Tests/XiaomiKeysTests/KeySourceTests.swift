import Testing

@testable import XiaomiKeys
