// swift-tools-version: 6.2
// The arrows between the targets are the architecture: see Docs/Architecture.md.

import PackageDescription

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

/// On Linux, what the program needs of C++ is linked into it where Scripts/common.sh has found the archive: a
/// start is a quarter shorter without two libraries to load.
let linking: [LinkerSetting] =
  Context.environment["LINK_STATICALLY"] == "1"
  ? [
    .unsafeFlags(
      ["-L\(Context.packageDirectory)/.build/static", "-Xclang-linker", "-static-libgcc"],
      .when(platforms: [.linux], configuration: .release))
  ] : []

/// What an exported page is made of: see Sources/BackstepRender/Documents/PageDocument.swift.
let pageFiles = [
  "page.html", "page.css", "numbers.js", "rules.js", "tensors.js", "evaluate.js", "formulas.js",
  "layout.js", "drawing.js", "steps.js", "tables.js", "inputs.js", "page.js",
]

let package = Package(
  name: "backstep",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "backstep", targets: ["BackstepCLI"]),
    .library(name: "Backstep", targets: ["Backstep", "BackstepRender"]),
  ],
  targets: [
    .target(name: "BackstepLanguage", swiftSettings: strict),
    .target(name: "BackstepTrace", dependencies: ["BackstepLanguage"], swiftSettings: strict),
    .target(
      name: "Backstep", dependencies: ["BackstepLanguage", "BackstepTrace"],
      resources: [.embedInCode("Lessons")], swiftSettings: strict),
    .target(
      name: "BackstepRender", dependencies: ["BackstepLanguage", "BackstepTrace"],
      // Compiled in, so that the program stays one file.
      resources: pageFiles.map { .embedInCode("Documents/Page/\($0)") },
      swiftSettings: strict),
    // On Linux libedit is loaded when the first line is edited: see Library.h.
    .target(
      name: "CEditline",
      cSettings: [
        .enableWarning("all"), .enableWarning("extra"), .treatAllWarnings(as: .error),
      ],
      linkerSettings: [.linkedLibrary("edit", .when(platforms: [.macOS]))]),
    .target(name: "BackstepTerminal", dependencies: ["CEditline"], swiftSettings: strict),
    .executableTarget(
      name: "BackstepCLI",
      dependencies: [
        "Backstep", "BackstepLanguage", "BackstepRender", "BackstepTerminal", "BackstepTrace",
      ],
      swiftSettings: strict, linkerSettings: linking),
    // A REPL that only says what was entered: Tests/Terminal drives it.
    .executableTarget(
      name: "EditorProbe", dependencies: ["BackstepTerminal"], path: "Tests/EditorProbe",
      swiftSettings: strict),
    // Times the passes from within: Scripts/bench.
    .executableTarget(
      name: "Bench",
      dependencies: ["Backstep", "BackstepLanguage", "BackstepTerminal", "BackstepTrace"],
      path: "Tests/Bench",
      exclude: [
        "bench.py", "count.c", "loop.c", "measure.c", "peers.py", "printer.cpp", "work.py",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "BackstepTerminalTests", dependencies: ["BackstepTerminal"], swiftSettings: strict),
    .testTarget(
      name: "BackstepRenderTests", dependencies: ["BackstepRender", "BackstepTrace"],
      exclude: ["Golden"], swiftSettings: strict),
    // Runs the program itself on scripts and on the commands of the documentation.
    .testTarget(name: "TranscriptTests", dependencies: ["BackstepCLI"], swiftSettings: strict),
    .testTarget(
      name: "BackstepTests",
      dependencies: ["Backstep", "BackstepLanguage", "BackstepRender", "BackstepTrace"],
      exclude: ["Reference"],
      swiftSettings: strict),
  ]
)

// What Scripts/fuzz builds: libFuzzer calls its functions.
if Context.environment["FUZZ"] == "1" {
  package.targets.append(
    .executableTarget(
      name: "Fuzz",
      dependencies: [
        "Backstep", "BackstepLanguage", "BackstepRender", "BackstepTrace",
      ],
      path: "Tests/Fuzz", exclude: ["choose.py", "corpus.py"],
      swiftSettings: strict + [.unsafeFlags(["-parse-as-library"])]))
}
