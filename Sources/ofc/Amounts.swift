import ArgumentParser
import ChargerSettings
import Settings

// Amounts and chips on the command line, in the words of the configuration.

extension SettingsQuantity {
  /// `9V`, `45 W`.
  /// - Throws: what is wrong with it, and what to write.
  static func argument(_ text: String) throws -> Self {
    do throws(Amount.Fault) {
      return try parse(text)
    } catch {
      throw ValidationError(error.reason + (error.hint.map { "; \($0)" } ?? ""))
    }
  }
}

extension HardwareSettings {
  /// `fusb302@ft232h`.
  init(argument text: String) throws {
    do throws(Mistake) {
      try self.init(text)
    } catch {
      throw ValidationError("\(error.description); \(error.hint)")
    }
  }
}
