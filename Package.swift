// swift-tools-version: 6.2
import PackageDescription

/// Every target is built under the same strict rules: a warning is an error, unsafe code is marked
/// where it stands, existentials are spelt, and imports stay private to the file unless said otherwise.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableExperimentalFeature("Lifetimes"),
]

func source(_ name: String, _ dependencies: [Target.Dependency] = [], embedding files: [String] = []) -> Target {
    .target(
        name: name, dependencies: dependencies, resources: files.map { .embedInCode($0) }, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

func system(_ name: String, pkgConfig: String, apt: String) -> Target {
    .systemLibrary(name: name, path: "Sources/System/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}

/// libFuzzer's driver links only under its sanitizer, so it is there only when asked for; see Fuzz/README.md.
let fuzzing: [Target] =
    Context.environment["FUZZ"] == nil
    ? []
    : [
        .executableTarget(
            name: "orrery-fuzz", dependencies: ["OrreryFuzzers"], path: "Fuzz/Driver", swiftSettings: strict)
    ]

let package = Package(
    name: "orrery",
    products: [
        .executable(name: "orrery", targets: ["OrreryCommand"]),
        .library(name: "Orrery", targets: ["Orrery"]),
    ],
    targets: [
        // Debian's C libraries.
        system("CLMDB", pkgConfig: "lmdb", apt: "liblmdb-dev"),
        system("CZstd", pkgConfig: "libzstd", apt: "libzstd-dev"),
        system("CMicroHTTPD", pkgConfig: "libmicrohttpd", apt: "libmicrohttpd-dev"),
        system("CCurl", pkgConfig: "libcurl", apt: "libcurl4-gnutls-dev"),
        system("CGnuTLS", pkgConfig: "gnutls", apt: "libgnutls28-dev"),
        system("CYAML", pkgConfig: "yaml-0.1", apt: "libyaml-dev"),
        system("CPCRE2", pkgConfig: "libpcre2-8", apt: "libpcre2-dev"),
        system("CPQ", pkgConfig: "libpq", apt: "libpq-dev"),
        // What Swift's Glibc module leaves out of the C library's interface to Linux.
        .systemLibrary(name: "CLinux", path: "Sources/System/CLinux"),
        system("CJemalloc", pkgConfig: "jemalloc", apt: "libjemalloc-dev"),

        // The order of this list is the order of dependence; Tests/LayerTests holds it.
        source("OrreryTelemetry"),
        source("OrreryCalendar"),
        source("OrreryCrypto", ["CGnuTLS"]),
        source("OrreryDocuments"),
        source("OrreryPatterns", ["CPCRE2"]),
        source("OrreryYAML", ["OrreryDocuments", "CYAML"]),
        source("OrreryTokens", ["OrreryCrypto", "OrreryDocuments"]),
        source("OrreryKeys", ["OrreryDocuments"]),
        source("OrreryLMDB", ["CLMDB"]),
        source("OrreryEngine", ["OrreryDocuments", "OrreryKeys", "OrreryLMDB", "OrreryTelemetry", "CZstd", "CLinux"]),
        source("OrreryQuery", ["OrreryCalendar", "OrreryDocuments", "OrreryPatterns", "OrreryKeys"]),
        source("OrreryHTTP", ["OrreryCalendar", "CMicroHTTPD", "CCurl"]),
        source("OrreryDatabase", [
            "OrreryDocuments", "OrreryKeys", "OrreryEngine", "OrreryQuery", "OrreryTelemetry",
        ]),
        source("OrreryTriggers", [
            "OrreryCalendar", "OrreryDocuments", "OrreryKeys", "OrreryEngine", "OrreryQuery", "OrreryDatabase",
            "OrreryTelemetry", "OrreryCrypto",
        ]),
        source("OrreryEvents", [
            "OrreryCalendar", "OrreryDocuments", "OrreryKeys", "OrreryEngine", "OrreryQuery", "OrreryHTTP",
            "OrreryDatabase", "OrreryTriggers", "OrreryTelemetry", "OrreryCrypto",
        ]),
        source("OrreryGateway", [
            "OrreryDocuments", "OrreryPatterns", "OrreryYAML", "OrreryTokens", "OrreryHTTP", "OrreryTelemetry",
            "OrreryCrypto",
        ], embedding: ["Developer/page.html", "Developer/page.css", "Developer/page.js"]),
        source("OrreryCosmos", [
            "OrreryDocuments", "OrreryTokens", "OrreryKeys", "OrreryEngine", "OrreryQuery", "OrreryHTTP",
            "OrreryDatabase", "OrreryTriggers", "OrreryTelemetry", "OrreryCrypto",
        ]),
        source("Orrery", [
            "OrreryDocuments", "OrreryKeys", "OrreryEngine", "OrreryQuery", "OrreryHTTP", "OrreryDatabase",
            "OrreryTriggers", "OrreryEvents", "OrreryGateway", "OrreryCosmos", "OrreryTelemetry", "OrreryCrypto",
        ]),
        .executableTarget(
            name: "OrreryCommand",
            dependencies: [
                "OrreryDocuments", "OrreryEngine", "OrreryHTTP", "OrreryDatabase", "OrreryEvents", "OrreryCosmos",
                "Orrery", "OrreryTelemetry", "OrreryCrypto", "CJemalloc", "CLinux",
            ],
            swiftSettings: strict),

        .executableTarget(
            name: "orrery-bench",
            dependencies: [
                "OrreryDocuments", "OrreryKeys", "OrreryEngine", "OrreryHTTP", "OrreryQuery", "OrreryDatabase",
                "OrreryEvents", "OrreryGateway", "OrreryTelemetry", "OrreryCrypto", "Orrery", "CJemalloc", "CPQ",
                "CLinux",
            ],
            path: "Bench",
            swiftSettings: strict),

        .executableTarget(
            name: "ShopExample", dependencies: ["Orrery"], path: "Examples/Shop", swiftSettings: strict),
        .executableTarget(
            name: "CarsExample", dependencies: ["Orrery"], path: "Examples/Cars", swiftSettings: strict),
        .executableTarget(
            name: "FreightExample", dependencies: ["Orrery"], path: "Examples/Freight", swiftSettings: strict),

        .target(
            name: "OrreryFuzzers",
            dependencies: ["OrreryDocuments", "OrreryYAML", "OrreryKeys", "OrreryQuery", "OrreryEvents"],
            path: "Fuzz/Fuzzers",
            swiftSettings: strict),

        // What several suites use.
        .target(name: "TestSupport", path: "Tests/Support", swiftSettings: strict),

        tests("LayerTests", []),
        tests("FuzzersTests", ["TestSupport", "OrreryFuzzers", "OrreryDocuments"]),
        tests("OrreryCalendarTests", ["OrreryCalendar"]),
        tests("OrreryTelemetryTests", ["OrreryTelemetry"]),
        tests("OrreryCryptoTests", ["OrreryCrypto"]),
        tests("OrreryDocumentsTests", ["TestSupport", "OrreryDocuments"]),
        tests("OrreryPatternsTests", ["OrreryPatterns"]),
        tests("OrreryYAMLTests", ["OrreryYAML", "OrreryDocuments"]),
        tests("OrreryKeysTests", ["TestSupport", "OrreryKeys", "OrreryDocuments"]),
        tests("OrreryTokensTests", ["TestSupport", "OrreryTokens", "OrreryDocuments", "OrreryCrypto"]),
        tests("OrreryLMDBTests", ["OrreryLMDB"]),
        tests("OrreryEngineTests", ["OrreryEngine", "OrreryLMDB", "OrreryKeys", "OrreryDocuments"]),
        .testTarget(
            name: "OrreryQueryTests",
            dependencies: ["TestSupport", "OrreryQuery", "OrreryDocuments", "OrreryKeys"],
            exclude: ["Scripts"],
            swiftSettings: strict),
        tests("OrreryHTTPTests", ["OrreryHTTP", "OrreryCrypto"]),
        tests(
            "OrreryDatabaseTests",
            ["TestSupport", "OrreryDatabase", "OrreryEngine", "OrreryKeys", "OrreryDocuments"]),
        tests(
            "OrreryCosmosTests",
            [
                "TestSupport",
                "OrreryCosmos", "OrreryHTTP", "OrreryDatabase", "OrreryDocuments", "OrreryTokens", "OrreryKeys",
                "OrreryCrypto", "OrreryTelemetry",
            ],
            exclude: ["Golden"]),
        tests("OrreryTriggersTests", [
            "OrreryTriggers", "OrreryDatabase", "OrreryEngine", "OrreryDocuments", "OrreryKeys", "OrreryTelemetry",
        ]),
        tests("OrreryEventsTests", [
            "TestSupport",
            "OrreryEvents", "OrreryTriggers", "OrreryDatabase", "OrreryEngine", "OrreryHTTP", "OrreryDocuments",
            "OrreryKeys", "OrreryCrypto", "OrreryTelemetry",
        ]),
        tests("OrreryGatewayTests", [
            "TestSupport",
            "OrreryGateway", "OrreryTokens", "OrreryHTTP", "OrreryDocuments", "OrreryCrypto", "OrreryTelemetry",
        ]),
        tests("OrreryTests", ["Orrery", "OrreryDatabase", "OrreryEngine", "OrreryDocuments", "OrreryCrypto"]),
        tests("ExamplesTests", ["Orrery", "OrreryCrypto", "ShopExample", "CarsExample", "FreightExample"]),
        tests("OrreryCommandTests", ["OrreryCommand", "OrreryHTTP", "OrreryTelemetry"]),
    ] + fuzzing
)
