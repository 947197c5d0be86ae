// swift-tools-version: 6.2
// The arrows between the targets are the architecture: see Docs/Architecture.md.

import PackageDescription

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
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
      swiftSettings: strict),
    .target(
      name: "BackstepRender", dependencies: ["BackstepLanguage", "BackstepTrace"],
      swiftSettings: strict),
    .target(name: "CEditline", linkerSettings: [.linkedLibrary("edit")]),
    .executableTarget(
      name: "BackstepCLI", dependencies: ["Backstep", "BackstepRender", "CEditline"],
      swiftSettings: strict),
    .testTarget(
      name: "BackstepTests", dependencies: ["Backstep", "BackstepLanguage", "BackstepTrace"],
      swiftSettings: strict),
  ]
)
