// swift-tools-version: 6.1
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

/// The language every target of this package is written in.
let language: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdTesting = Target.Dependency.product(name: "HummingbirdTesting", package: "hummingbird")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")

/// The transcript writers: one folder of `Exporters` each.
let exporters: [Target] = ["HTML", "JSON", "CSV", "Text", "Bundle"].map { format in
    .target(
        name: "\(format)Exporter",
        dependencies: ["SteleEvents", "SteleTranscript"] + (format == "Bundle" ? ["SteleWire"] : []),
        path: "Exporters/\(format)",
        swiftSettings: language
    )
}

let package = Package(
    name: "stele",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "stele", targets: ["stele"]),
        .library(name: "SteleEvents", targets: ["SteleEvents"]),
        .library(name: "SteleTranscript", targets: ["SteleTranscript"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .systemLibrary(
            name: "CZlib", path: "Sources/CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

        // The way of the data, left to right: each target imports only what stands above it.
        .target(name: "SteleEvents", swiftSettings: language),
        .target(
            name: "SteleWire", dependencies: ["SteleEvents", crypto, protobuf],
            exclude: ["Protocol/msync.proto"], swiftSettings: language),
        .target(name: "SteleLog", dependencies: ["CZlib", crypto], swiftSettings: language),
        .target(
            name: "SteleListener",
            dependencies: ["SteleEvents", "SteleWire", "SteleLog", "CZlib", crypto, logging],
            swiftSettings: language),
        .target(
            name: "SteleProjection", dependencies: ["SteleEvents", "SteleWire", "SteleLog", grdb, logging],
            swiftSettings: language),
        .target(
            name: "SteleTranscript", dependencies: ["SteleEvents", "SteleWire", "SteleProjection"],
            swiftSettings: language),
        .target(
            name: "SteleReplay", dependencies: ["SteleEvents", "SteleWire", "SteleLog", httpClient, nioCore, nioHTTP1],
            swiftSettings: language),
        .target(
            name: "SteleServer",
            dependencies: [
                "SteleEvents", "SteleLog", "SteleListener", "SteleProjection", "SteleTranscript",
                "JSONExporter", "HTMLExporter", hummingbird, httpTypes, nioCore, logging, metrics, lifecycle,
            ],
            swiftSettings: language),
        .executableTarget(
            name: "stele",
            dependencies: [
                "SteleEvents", "SteleWire", "SteleLog", "SteleListener", "SteleProjection", "SteleTranscript",
                "SteleReplay", "SteleServer", "HTMLExporter", "JSONExporter", "CSVExporter", "TextExporter",
                "BundleExporter", arguments, logging, lifecycle, signals,
            ],
            swiftSettings: language),

        .executableTarget(
            name: "sample-events", dependencies: [arguments, crypto, "CZlib"],
            path: "Samples/sample-events", swiftSettings: language),

        .target(
            name: "SteleTestSupport", dependencies: [], path: "Tests/SteleTestSupport",
            swiftSettings: language),
        .testTarget(
            name: "SteleEventsTests", dependencies: ["SteleEvents", "SteleTestSupport"],
            resources: [.copy("Fixtures")], swiftSettings: language),
        .testTarget(
            name: "SteleWireTests", dependencies: ["SteleWire", "SteleEvents", "SteleTestSupport"],
            resources: [.copy("Fixtures")], swiftSettings: language),
        .testTarget(
            name: "SteleLogTests", dependencies: ["SteleLog", "CZlib", "SteleTestSupport"],
            swiftSettings: language),
        .testTarget(
            name: "SteleListenerTests",
            dependencies: ["SteleListener", "SteleEvents", "SteleLog", "SteleTestSupport"],
            swiftSettings: language),
        .testTarget(
            name: "SteleProjectionTests",
            dependencies: ["SteleProjection", "SteleEvents", "SteleLog", "SteleTestSupport"],
            swiftSettings: language),
        .testTarget(
            name: "ExporterTests",
            dependencies: [
                "SteleTranscript", "SteleProjection", "SteleEvents", "SteleWire", "SteleLog", "HTMLExporter",
                "JSONExporter", "CSVExporter", "TextExporter", "BundleExporter", "SteleTestSupport",
            ],
            resources: [.copy("Golden")], swiftSettings: language),
        .testTarget(
            name: "SteleReplayTests",
            dependencies: ["SteleReplay", "SteleEvents", "SteleLog", "SteleTestSupport"],
            swiftSettings: language),
        .testTarget(
            name: "SteleServerTests",
            dependencies: [
                "SteleServer", "SteleListener", "SteleLog", "SteleEvents", hummingbird, hummingbirdTesting,
                "SteleTestSupport",
            ],
            swiftSettings: language),
        .testTarget(
            name: "EndToEndTests", dependencies: ["stele", crypto, "SteleTestSupport"], swiftSettings: language),
    ] + exporters
)
