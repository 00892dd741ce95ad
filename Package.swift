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
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTesting = Target.Dependency.product(name: "HummingbirdTesting", package: "hummingbird")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")

/// The transcript writers: one folder of `Exporters` each.
func exporter(
    _ format: String, _ more: Target.Dependency..., exclude: [String] = []
) -> Target {
    .target(
        name: "\(format)Exporter", dependencies: ["SteleEvents", "SteleTranscript"] + more,
        path: "Exporters/\(format)", exclude: exclude, swiftSettings: language)
}

/// The tests of a target, or of the whole program.
func tests(
    _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = [], resources: [Resource]? = nil
) -> Target {
    .testTarget(
        name: name, dependencies: dependencies + ["SteleTestSupport"], exclude: exclude, resources: resources,
        swiftSettings: language)
}

let package = Package(
    name: "stele",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "stele", targets: ["stele"]),
        .library(name: "SteleEvents", targets: ["SteleEvents"]),
        .library(name: "SteleTranscript", targets: ["SteleTranscript"]),
    ],
    traits: [
        .trait(
            name: "ISAL",
            description:
                "Compress the log with Intel's ISA-L (libisal-dev): faster, and as plain gzip as before.")
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
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
        .systemLibrary(name: "CFallocate", path: "Sources/CFallocate"),
        .systemLibrary(name: "CISAL", path: "Sources/CISAL", providers: [.apt(["libisal-dev"])]),

        // The way of the data: each target imports only what stands above it.
        .target(name: "SteleEvents", swiftSettings: language),
        .target(
            name: "SteleWire", dependencies: ["SteleEvents", crypto, protobuf],
            exclude: ["Protocol/msync.proto"], swiftSettings: language),
        .target(
            name: "SteleLog",
            dependencies: [
                "CZlib", "CFallocate", .target(name: "CISAL", condition: .when(traits: ["ISAL"])), crypto,
            ],
            swiftSettings: language),
        .target(
            name: "SteleListener",
            dependencies: ["SteleEvents", "SteleWire", "SteleLog", "CZlib", crypto, logging],
            swiftSettings: language),
        .target(
            name: "SteleProjection", dependencies: ["SteleEvents", "SteleLog", grdb, sqlite],
            swiftSettings: language),
        .target(
            name: "SteleTranscript",
            dependencies: ["SteleEvents", "SteleWire", "SteleLog", "SteleProjection"],
            swiftSettings: language),
        exporter("HTML", crypto),
        exporter("JSON", exclude: ["transcript.schema.json"]),
        exporter("CSV"),
        exporter("Text"),
        exporter("Bundle", "SteleWire"),
        .target(
            name: "SteleReplay",
            dependencies: ["SteleEvents", "SteleWire", "SteleLog", httpClient, nioCore, nioHTTP1],
            swiftSettings: language),
        .target(
            name: "SteleFetch",
            dependencies: [
                "SteleEvents", "SteleWire", "SteleLog", "SteleListener", "SteleProjection", crypto,
                httpClient,
                nioCore, nioHTTP1, logging, lifecycle,
            ],
            swiftSettings: language),
        .target(
            name: "SteleServer",
            dependencies: [
                "SteleEvents", "SteleLog", "SteleListener", hummingbird, hummingbirdCore, httpTypes, nioCore,
                logging, lifecycle,
            ],
            swiftSettings: language),
        .executableTarget(
            name: "stele",
            dependencies: [
                "SteleEvents", "SteleLog", "SteleListener", "SteleProjection", "SteleTranscript",
                "SteleReplay", "SteleFetch", "SteleServer", "HTMLExporter", "JSONExporter", "CSVExporter",
                "TextExporter",
                "BundleExporter", arguments, logging, lifecycle, signals,
            ],
            swiftSettings: language),

        .executableTarget(
            name: "sample-events", dependencies: [arguments, crypto, "CZlib"],
            path: "Samples/sample-events", swiftSettings: language),
        .systemLibrary(
            name: "CSQLite", path: "Samples/CSQLite", pkgConfig: "sqlite3",
            providers: [.apt(["libsqlite3-dev"])]),
        .executableTarget(
            name: "log-benchmark", dependencies: ["SteleLog", "CSQLite", arguments],
            path: "Samples/log-benchmark", swiftSettings: language),
        .executableTarget(
            name: "views-benchmark", dependencies: ["SteleProjection", "SteleLog", "CSQLite", arguments],
            path: "Samples/views-benchmark", swiftSettings: language),
        .executableTarget(
            name: "fold-trial",
            dependencies: [
                "SteleHistories", "SteleTestSupport", "SteleEvents", "SteleLog", "SteleProjection", arguments,
            ],
            path: "Samples/fold-trial", swiftSettings: language),
        .executableTarget(
            name: "damage-trial", dependencies: ["SteleDamage", "SteleTestSupport", arguments],
            path: "Samples/damage-trial", swiftSettings: language),

        .executableTarget(
            name: "crash-rounds", dependencies: ["SteleLog", arguments], path: "Samples/crash-rounds",
            swiftSettings: language),

        .target(
            name: "SteleTestSupport", dependencies: [nioCore, nioPosix, nioHTTP1],
            path: "Tests/SteleTestSupport", swiftSettings: language),
        .target(
            name: "SteleDamage", dependencies: ["SteleLog", "SteleTestSupport", "CZlib"],
            path: "Tests/SteleDamage", swiftSettings: language),
        .target(
            name: "SteleHistories",
            dependencies: ["SteleEvents", "SteleLog", "SteleProjection", "SteleTestSupport"],
            path: "Tests/SteleHistories", swiftSettings: language),
        tests("SteleEventsTests", ["SteleEvents"], resources: [.copy("Fixtures")]),
        tests("SteleWireTests", ["SteleWire", "SteleEvents"], resources: [.copy("Fixtures")]),
        tests("SteleLogTests", ["SteleLog", "SteleDamage"]),
        tests(
            "SteleListenerTests", ["SteleListener", "SteleEvents", "SteleLog", "CZlib", crypto, logging]),
        tests(
            "SteleProjectionTests",
            [
                "SteleProjection", "SteleTranscript", "SteleHistories", "SteleEvents", "SteleWire",
                "SteleLog",
                grdb,
            ], exclude: ["SampleViews.txt"]),
        tests(
            "ExporterTests",
            [
                "SteleTranscript", "SteleEvents", "SteleWire", "HTMLExporter", "JSONExporter", "CSVExporter",
                "TextExporter", "BundleExporter", crypto,
            ],
            resources: [.copy("Golden")]),
        tests("SteleReplayTests", ["SteleReplay", "SteleEvents", "SteleLog"]),
        tests(
            "SteleFetchTests",
            [
                "SteleFetch", "SteleListener", "SteleLog", "SteleEvents", "SteleProjection", "SteleWire",
                crypto,
                httpClient,
                nioCore, nioPosix, nioHTTP1, logging, lifecycle,
            ]),
        tests(
            "SteleServerTests",
            [
                "SteleServer", "SteleListener", "SteleLog", "SteleEvents", hummingbird, hummingbirdTesting,
                httpTypes, nioCore, nioPosix, logging, lifecycle, crypto,
            ]),
        tests("EndToEndTests", ["stele", "SteleEvents", "SteleLog", "crash-rounds", crypto]),
    ]
)
