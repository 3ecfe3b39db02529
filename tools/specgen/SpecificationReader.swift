import Foundation
import Yams

/// Reads `spec/` below a root. Files that are not there feed nothing; that is no error.
struct SpecificationReader {
  let problems = Problems()

  /// Reads all of `spec/`; `problems` tells what is wrong with it.
  func read(root: URL) -> Specification {
    read(files(in: root))
  }

  /// The same for texts by path (`spec/layouts/usb-pd/….yaml`).
  func read(_ texts: [String: String]) -> Specification {
    var specification = Specification()
    for path in texts.keys.sorted() where path.hasPrefix("spec/layouts/") {
      guard let root = mapping(path, texts) else { continue }
      specification.groups.append(LayoutReader(problems: problems).group(root))
    }
    for path in texts.keys.sorted() where path.hasPrefix("spec/chips/") {
      guard let root = mapping(path, texts) else { continue }
      specification.chips.append(RegisterMapReader(problems: problems).map(root))
    }
    LayoutChecks(groups: specification.groups + specification.chips.map(\.group), problems: problems).run()
    let structures = Set(specification.groups.flatMap(\.structures).map(\.name))
    specification.messages = mapping("spec/messages.yaml", texts).map {
      MessageReader().catalogue($0, structures: structures)
    }
    specification.timing = mapping("spec/timers.yaml", texts).map { TimingReader().catalogue($0) }
    specification.line = mapping("spec/linecode.yaml", texts).map { LineReader().catalogue($0) }
    specification.diagnostics = mapping("spec/diagnostics.yaml", texts).map {
      DiagnosticReader().diagnostics($0)
    }
    return specification
  }

  private func mapping(_ path: String, _ texts: [String: String]) -> MappingReader? {
    guard let text = texts[path] else { return nil }
    let place = Place(file: path, line: 1, subject: "")
    do {
      guard let node = try Yams.compose(yaml: text) else {
        problems.report("the file is empty", at: place)
        return nil
      }
      return MappingReader(node, at: place, problems: problems)
    } catch {
      problems.report("not YAML: \(error)", at: place)
      return nil
    }
  }

  /// The YAML files below `spec/`, by path from the root.
  private func files(in root: URL) -> [String: String] {
    let folder = root.appendingPathComponent("spec")
    guard let walker = FileManager.default.enumerator(atPath: folder.path) else {
      problems.report(
        "there is no folder `spec` in \(root.path)", at: Place(file: "spec", line: 1, subject: ""))
      return [:]
    }
    var texts: [String: String] = [:]
    for case let name as String in walker where name.hasSuffix(".yaml") {
      let path = "spec/\(name)"
      do {
        texts[path] = try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
      } catch {
        problems.report(
          "cannot be read: \(error.localizedDescription)", at: Place(file: path, line: 1, subject: ""))
      }
    }
    return texts
  }
}
