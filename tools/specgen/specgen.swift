import ArgumentParser
import Foundation

/// The command that turns the specification into everything else.
@main struct Specgen: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "specgen",
    abstract:
      "Turns the specification in spec/ into Swift types, dissection tables, test tables and Markdown.",
    discussion: """
      Each field, timer and code is described once, in the YAML files of spec/ (how: spec/layouts/README.md). Change \
      them there, then run `swift run specgen` in the top folder of the project and commit what it writes. Files in \
      folders called Generated, and spec/text/tables, belong to specgen: it replaces changed ones and removes those \
      that nothing describes any more.

      With --check it writes nothing. It names each file that differs from what the specification says, is missing or \
      is left over, with the first line that differs, and ends with status 1. That is what CI runs.

      Everything that is wrong with the specification is reported at once, one line each: file, line, structure, \
      field, and what is wrong. Then nothing is written, and the status is 1.
      """)

  @Option(help: "The folder that holds spec/.")
  var root = "."

  @Flag(help: "Compare instead of writing; status 1 when a generated file is not up to date.")
  var check = false

  func run() throws {
    let folder = URL(fileURLWithPath: root)
    let reader = SpecificationReader()
    let specification = reader.read(root: folder)
    if !reader.problems.list.isEmpty { throw fail(reader.problems.list) }
    let files = Generator(specification: specification).files()
    let generated = GeneratedFolder(root: folder, files: files)
    if check {
      let differences = generated.differences()
      if !differences.isEmpty { throw fail(differences) }
      print("\(files.count) generated files are up to date")
    } else {
      for line in try generated.write() { print(line) }
      print("\(files.count) generated files are up to date")
    }
  }

  private func fail(_ lines: [String]) -> ExitCode {
    FileHandle.standardError.write(Data((lines.joined(separator: "\n") + "\n").utf8))
    return ExitCode(1)
  }
}
