// swift-tools-version: 6.2
import PackageDescription

// The floors of the house, lowest first. A target depends on lower floors only.

/// Settings of every target: no warning is let through, unsafe code is visible, imports do not leak.
let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .strictMemorySafety(),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

/// Floors 0 to 2: they also build as Embedded Swift, so they take nothing but the standard library.
let core: [SwiftSetting] = strict + [.enableExperimentalFeature("Lifetimes")]

/// Setting `OFC_CORE_ONLY` leaves out everything above floor 2, so that a firmware build resolves no package.
let coreOnly = Context.environment["OFC_CORE_ONLY"] != nil

/// Setting `OFC_TESTS=ATests,BTests` keeps only these test targets and what they need: quicker while working on one part.
let wantedTests = Context.environment["OFC_TESTS"]?.split(separator: ",").map(String.init)

let coreTargets: [Target] = [
  // Floor 0: values. The order within the floor is Quantities, LineCode, PowerDelivery.
  .target(name: "Quantities", swiftSettings: core),
  .target(name: "LineCode", dependencies: ["Quantities"], swiftSettings: core),
  .target(name: "PowerDelivery", dependencies: ["Quantities", "LineCode"], swiftSettings: core),

  // Floor 1: machines. The order within the floor is PowerSupervision, then the protocols that ask it.
  .target(
    name: "PowerSupervision", dependencies: ["Quantities", "PowerDelivery"], swiftSettings: core),
  .target(
    name: "PortEngine", dependencies: ["Quantities", "LineCode", "PowerDelivery", "PowerSupervision"],
    swiftSettings: core),
  .target(
    name: "XiaomiCharge",
    dependencies: ["Quantities", "LineCode", "PowerDelivery", "PowerSupervision", "PortEngine"],
    swiftSettings: core),

  // Floor 2: chips behind a bus of registers.
  .target(name: "RegisterBus", swiftSettings: core),
  .target(
    name: "PortControllers",
    dependencies: [
      "RegisterBus", "Quantities", "LineCode", "PowerDelivery", "PowerSupervision", "PortEngine",
    ],
    swiftSettings: core),
  .target(
    name: "PowerStages", dependencies: ["RegisterBus", "Quantities", "PowerDelivery", "PowerSupervision"],
    swiftSettings: core),
  // The same floor, above both: a whole port of chips.
  .target(
    name: "HardwarePorts",
    dependencies: [
      "PortControllers", "PowerStages", "RegisterBus", "Quantities", "PowerDelivery", "PowerSupervision",
      "PortEngine", "XiaomiCharge",
    ],
    swiftSettings: core),
]

let hostTargets: [Target] = [
  // Floor 3: what instruments send, as values.
  .target(
    name: "Instruments", dependencies: ["Quantities", "LineCode", "PowerDelivery"],
    swiftSettings: strict),

  // Floor 3: threads that wait for each other.
  .target(name: "Threading", swiftSettings: strict),

  // Floor 3: USB devices through libusb.
  .systemLibrary(name: "CLibUSB", pkgConfig: "libusb-1.0", providers: [.apt(["libusb-1.0-0-dev"])]),
  .target(
    name: "USBTransport", dependencies: ["CLibUSB", "Quantities", "Threading"], swiftSettings: strict),

  // Floor 3: buses of registers behind USB, and those of the Linux kernel; supplies behind serial ports.
  .systemLibrary(name: "CLinuxI2C"),
  .target(
    name: "Bridges",
    dependencies: [
      "USBTransport", "CLinuxI2C", "RegisterBus", "PowerStages", "PowerSupervision", "Quantities",
    ],
    swiftSettings: strict),

  // Floor 3: where digests of Xiaomi's protocol come from: keys in files, agents behind pipes and sockets.
  .target(
    name: "XiaomiKeys",
    dependencies: [
      "XiaomiCharge", "Quantities", "Threading", .product(name: "Crypto", package: "swift-crypto"),
    ],
    swiftSettings: strict),

  // Floor 4: recordings in and out, dissection.
  .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
  .target(
    name: "Trace",
    dependencies: ["Quantities", "LineCode", "PowerDelivery", "XiaomiCharge", "Instruments", "CZlib"],
    swiftSettings: strict),

  // Floor 4: the simulated world.
  .target(
    name: "Simulator",
    dependencies: [
      "Quantities", "LineCode", "PowerDelivery", "PowerSupervision", "PortEngine", "XiaomiCharge", "Trace",
      "Instruments", "RegisterBus", "PortControllers", "PowerStages", "HardwarePorts",
    ],
    swiftSettings: strict),

  // Floor 4: instruments at work, which speak in records of a trace.
  .target(
    name: "InstrumentDrivers",
    dependencies: ["USBTransport", "Instruments", "Trace", "Threading", "LineCode", "Quantities"],
    swiftSettings: strict),

  // Floor 4: settings as values: the located YAML reader, what it reads of a charger, and scenarios. In this order,
  // `Scenario` above `Simulator`.
  .target(
    name: "Settings", dependencies: ["Quantities", .product(name: "Yams", package: "Yams")],
    swiftSettings: strict),
  .target(
    name: "ChargerSettings",
    dependencies: [
      "Settings", "Quantities", "PowerDelivery", "PowerSupervision", "PortEngine", "XiaomiCharge",
      "XiaomiKeys", "Bridges", "RegisterBus",
    ],
    swiftSettings: strict),
  .target(
    name: "Scenario",
    dependencies: [
      "ChargerSettings", "Settings", "Simulator", "Trace", "Quantities", "LineCode", "PowerDelivery",
      "PowerSupervision", "PortEngine", "XiaomiCharge", "XiaomiKeys", "Threading",
    ],
    swiftSettings: strict),

  // Floor 5: services. In this order, the others above `HardwareAccess`.
  .target(
    name: "HardwareAccess",
    dependencies: [
      "ChargerSettings", "Scenario", "Trace", "Quantities", "LineCode", "PowerDelivery", "PortEngine",
      "XiaomiCharge", "RegisterBus", "PortControllers", "HardwarePorts", "Bridges", "USBTransport",
    ],
    swiftSettings: strict),
  .target(
    name: "SinkService",
    dependencies: [
      "HardwareAccess", "ChargerSettings", "Settings", "Trace", "Quantities", "PowerDelivery",
      "PowerSupervision",
      "PortEngine", "PortControllers", "HardwarePorts", "PowerStages",
    ],
    swiftSettings: strict),
  .target(
    name: "ChargerService",
    dependencies: [
      "Scenario", "ChargerSettings", "Settings", "Simulator", "Trace", "Quantities", "LineCode",
      "PowerDelivery",
      "PowerSupervision", "PortEngine", "XiaomiCharge", "XiaomiKeys", "Threading", "RegisterBus",
      "PortControllers",
      "PowerStages", "HardwarePorts", "HardwareAccess", "Bridges",
      .product(name: "Logging", package: "swift-log"),
    ],
    swiftSettings: strict),

  // Floor 6: the command.
  .executableTarget(
    name: "ofc",
    dependencies: [
      "ChargerService", "SinkService", "HardwareAccess", "Scenario", "ChargerSettings", "Settings",
      "Simulator", "PortEngine", "XiaomiCharge", "XiaomiKeys", "Quantities", "LineCode", "PowerDelivery",
      "Trace", "InstrumentDrivers", "Instruments", "USBTransport", "Threading", "Bridges", "HardwarePorts",
      "PortControllers", "PowerSupervision", "RegisterBus",
      .product(name: "Logging", package: "swift-log"),
      .product(name: "ArgumentParser", package: "swift-argument-parser"),
    ],
    swiftSettings: strict),

  // Tests.
  .target(
    name: "TestSupport", dependencies: ["LineCode"], path: "Tests/TestSupport", swiftSettings: strict),
  // USB devices inside the process of the tests.
  .target(name: "CUSBHook", path: "Tests/CUSBHook"),
  .target(
    name: "USBSupport", dependencies: ["CUSBHook", "Simulator", "USBTransport", "Threading", "Quantities"],
    path: "Tests/USBSupport", swiftSettings: strict),
  // USB devices for other programs, unmodified: umockdev.
  .systemLibrary(
    name: "CUMockdev", path: "Tests/CUMockdev", pkgConfig: "umockdev-1.0",
    providers: [.apt(["libumockdev-dev"])]),
  .target(name: "CUSBWorld", dependencies: ["CUMockdev"], path: "Tests/CUSBWorld"),
  .executableTarget(
    name: "usb-world", dependencies: ["CUSBWorld", "Simulator", "USBTransport", "Threading", "Quantities"],
    path: "Tests/USBWorld", swiftSettings: strict),
  .testTarget(
    name: "USBTransportTests",
    dependencies: ["USBTransport", "USBSupport", "Simulator", "Threading", "Quantities", "TestSupport"],
    swiftSettings: strict),
  .testTarget(
    name: "InstrumentDriversTests",
    dependencies: [
      "InstrumentDrivers", "USBTransport", "USBSupport", "Simulator", "Trace", "Instruments", "Threading",
      "Quantities", "LineCode", "TestSupport",
    ],
    swiftSettings: strict),
  .testTarget(
    name: "BridgesTests",
    dependencies: [
      "Bridges", "RegisterBus", "USBTransport", "USBSupport", "CUSBHook", "CLinuxI2C", "InstrumentDrivers",
      "Simulator",
      "PowerStages", "PowerSupervision", "Quantities", "TestSupport",
    ],
    swiftSettings: strict),
  .testTarget(
    name: "PowerDeliveryTests",
    dependencies: ["PowerDelivery", "XiaomiCharge", "LineCode", "Quantities", "TestSupport"],
    swiftSettings: strict),
  .testTarget(
    name: "PowerSupervisionTests",
    dependencies: ["PowerSupervision", "PowerDelivery", "Quantities", "TestSupport"],
    swiftSettings: strict),
  .testTarget(
    name: "PortEngineTests",
    dependencies: [
      "PortEngine", "PowerSupervision", "PowerDelivery", "LineCode", "Quantities", "TestSupport",
    ],
    swiftSettings: strict),
  .testTarget(
    name: "XiaomiChargeTests",
    dependencies: [
      "XiaomiCharge", "PortEngine", "PowerSupervision", "PowerDelivery", "LineCode", "Quantities",
      "TestSupport",
      .product(name: "Crypto", package: "swift-crypto"),
    ],
    swiftSettings: strict),
  .testTarget(
    name: "XiaomiKeysTests",
    dependencies: ["XiaomiKeys", "XiaomiCharge", "Quantities", "Threading", "TestSupport"],
    swiftSettings: strict),
  .testTarget(name: "RegisterBusTests", dependencies: ["RegisterBus"], swiftSettings: strict),
  .testTarget(
    name: "PortControllersTests",
    dependencies: [
      "PortControllers", "PowerStages", "RegisterBus", "Simulator", "PortEngine", "PowerSupervision",
      "PowerDelivery", "LineCode", "Quantities", "TestSupport",
    ],
    swiftSettings: strict),
  .testTarget(
    name: "PowerStagesTests",
    dependencies: [
      "PowerStages", "RegisterBus", "Simulator", "PowerSupervision", "PowerDelivery", "Quantities",
    ],
    swiftSettings: strict),
  .testTarget(
    name: "HardwarePortsTests",
    dependencies: [
      "HardwarePorts", "PortControllers", "PowerStages", "RegisterBus", "Bridges", "USBTransport",
      "USBSupport",
      "Simulator", "XiaomiCharge", "XiaomiKeys", "PortEngine", "PowerSupervision", "PowerDelivery",
      "LineCode",
      "Quantities", "TestSupport",
    ],
    swiftSettings: strict),
  .testTarget(
    name: "SimulatorTests",
    dependencies: [
      "Simulator", "XiaomiCharge", "XiaomiKeys", "PortEngine", "PowerSupervision", "PowerDelivery",
      "Quantities", "LineCode", "Trace",
      "TestSupport",
    ],
    swiftSettings: strict),
  .testTarget(
    name: "InstrumentsTests", dependencies: ["Instruments", "LineCode", "Quantities", "TestSupport"],
    swiftSettings: strict),
  .testTarget(
    name: "TraceFilesTests", dependencies: ["TestSupport", "Trace", "Instruments", "LineCode", "Quantities"],
    swiftSettings: strict),
  .testTarget(
    name: "SpecgenTests", dependencies: ["specgen"], swiftSettings: strict),
  .testTarget(
    name: "TraceTests",
    dependencies: [
      "Trace", "XiaomiCharge", "PowerDelivery", "LineCode", "Quantities", "TestSupport",
      .product(name: "Crypto", package: "swift-crypto"),
    ],
    exclude: ["Golden"], swiftSettings: strict),
  .testTarget(
    name: "SettingsTests", dependencies: ["Settings", "Quantities", "TestSupport"], swiftSettings: strict),
  .testTarget(
    name: "ChargerSettingsTests",
    dependencies: [
      "ChargerSettings", "Settings", "PortEngine", "XiaomiCharge", "XiaomiKeys", "PowerDelivery",
      "Quantities", "RegisterBus",
      "TestSupport",
    ],
    swiftSettings: strict),
  .testTarget(
    name: "ScenarioTests",
    dependencies: [
      "Scenario", "ChargerSettings", "Settings", "Simulator", "PowerDelivery", "PowerSupervision",
      "XiaomiCharge",
      "XiaomiKeys", "Quantities", "TestSupport",
    ],
    swiftSettings: strict),
  .testTarget(
    name: "SinkServiceTests",
    dependencies: [
      "SinkService", "Simulator", "PortEngine", "PowerDelivery", "PowerSupervision", "Quantities",
    ],
    swiftSettings: strict),
  .testTarget(
    name: "ChargerServiceTests",
    dependencies: [
      "ChargerService", "ChargerSettings", "PowerSupervision", "PowerDelivery", "XiaomiCharge", "XiaomiKeys",
      "Trace", "Quantities", "Simulator", "USBSupport", "USBTransport", "Bridges", "TestSupport",
    ],
    swiftSettings: strict),
  .testTarget(name: "OFCTests", dependencies: ["ofc", "usb-world", "TestSupport"], swiftSettings: strict),
  .testTarget(
    name: "LineCodeTests", dependencies: ["LineCode", "Quantities", "TestSupport"],
    resources: [.copy("Fixtures")],
    swiftSettings: strict),

  // Tools.
  .executableTarget(
    name: "specgen",
    dependencies: [
      .product(name: "Yams", package: "Yams"),
      .product(name: "ArgumentParser", package: "swift-argument-parser"),
    ],
    path: "tools/specgen", swiftSettings: strict),
  // USB devices for the real kernel.
  .executableTarget(
    name: "usb-plug", dependencies: ["Simulator", "Bridges", "RegisterBus", "USBTransport", "Threading"],
    path: "tools/kernel/usbip", swiftSettings: strict),
  .target(name: "AllocationCounter", path: "tools/benchmark/AllocationCounter"),
  .executableTarget(
    name: "ofc-bench",
    dependencies: [
      "AllocationCounter", "LineCode", "PowerDelivery", "PowerSupervision", "PortEngine", "XiaomiCharge",
      "XiaomiKeys", "Quantities", "Simulator", "Trace",
    ],
    path: "tools/benchmark/Bench", swiftSettings: strict),
]

/// Those of `targets` that the targets of these names need, and they themselves.
func needed(by names: [String], of targets: [Target]) -> [Target] {
  var open = names
  var found: Set<String> = []
  while let name = open.popLast() {
    guard found.insert(name).inserted, let target = targets.first(where: { $0.name == name }) else {
      continue
    }
    for dependency in target.dependencies {
      switch dependency {
      case .targetItem(let name, _), .byNameItem(let name, _): open.append(name)
      default: break
      }
    }
  }
  return targets.filter { found.contains($0.name) }
}

let allTargets = coreTargets + (coreOnly ? [] : hostTargets)
let isWhole = !coreOnly && wantedTests == nil

let package = Package(
  name: "OpenFastCharge",
  products: isWhole
    ? [
      .library(name: "PowerDelivery", targets: ["PowerDelivery"]),
      .library(name: "LineCode", targets: ["LineCode"]),
      .library(name: "PortEngine", targets: ["PortEngine", "PowerSupervision"]),
      .library(name: "Trace", targets: ["Trace"]),
      .library(name: "Simulator", targets: ["Simulator"]),
      .executable(name: "ofc", targets: ["ofc"]),
    ]
    : coreOnly ? [.library(name: "PowerDelivery", targets: ["PowerDelivery"])] : [],
  dependencies: coreOnly
    ? []
    : [
      .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
      .package(url: "https://github.com/apple/swift-crypto", from: "3.12.3"),
      .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
      .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
  targets: wantedTests.map { needed(by: $0, of: allTargets) } ?? allTargets,
  swiftLanguageModes: [.v6]
)
