/// Who may import whom. The list of layers is Docs/Architecture.md's: a target imports only what stands above it, only
/// what Package.swift declares for it, and nothing that it is to know nothing of.
enum LayerRules {
    /// From the bottom up. Telemetry and crypto stand with the documents, under everything.
    static let layers = [
        "OrreryTelemetry", "OrreryCalendar", "OrreryCrypto", "OrreryDocuments", "OrreryPatterns", "OrreryYAML",
        "OrreryTokens", "OrreryKeys", "OrreryLMDB", "OrreryEngine", "OrreryQuery", "OrreryHTTP", "OrreryDatabase",
        "OrreryTriggers", "OrreryEvents", "OrreryGateway", "OrreryCosmos", "OrreryExplorer", "Orrery", "OrreryCommand",
        "OrreryScripts", "orrery-bench",
    ]

    /// What stands above a target in the list and is still none of its business.
    static let unknown: [String: Set<String>] = [
        "OrreryTelemetry": ["OrreryCrypto"],
        "OrreryCalendar": ["OrreryTelemetry"],
        "OrreryCrypto": ["OrreryTelemetry"],
        "OrreryDocuments": ["OrreryTelemetry", "OrreryCalendar", "OrreryCrypto"],
        "OrreryPatterns": ["OrreryTelemetry", "OrreryCalendar", "OrreryCrypto", "OrreryDocuments"],
        "OrreryYAML": ["OrreryTelemetry", "OrreryCalendar", "OrreryCrypto", "OrreryPatterns"],
        "OrreryLMDB": ["OrreryDocuments", "OrreryKeys"],
        "OrreryHTTP": ["OrreryDocuments", "OrreryKeys", "OrreryLMDB", "OrreryEngine", "OrreryQuery"],
        "OrreryDatabase": ["OrreryHTTP"],
        "OrreryTriggers": ["OrreryHTTP"],
        "OrreryGateway": ["OrreryLMDB", "OrreryEngine", "OrreryDatabase"],
        "OrreryCosmos": ["OrreryLMDB"],
        "OrreryExplorer": ["OrreryLMDB"],
    ]

    /// The only targets that may import each C library.
    static let importers: [String: Set<String>] = [
        "CLMDB": ["OrreryLMDB"],
        "CZstd": ["OrreryEngine"],
        "CMicroHTTPD": ["OrreryHTTP"],
        "CCurl": ["OrreryHTTP"],
        "CGnuTLS": ["OrreryCrypto"],
        "CPCRE2": ["OrreryPatterns"],
        "CYAML": ["OrreryYAML"],
        "CPQ": ["orrery-bench"],
        "CJemalloc": ["OrreryCommand", "orrery-bench"],
        "CLinux": ["OrreryEngine", "OrreryCommand", "orrery-bench"],
    ]

    /// What comes with the compiler and any target may import.
    static let toolchain: Set<String> = ["Swift", "Glibc", "Synchronization", "Dispatch"]

    /// Targets that may import Foundation; it is slow where data passes.
    static let foundationUsers: Set<String> = ["orrery-bench"]

    /// What is wrong with the declarations.
    static func faults(in manifest: PackageManifest) -> [String] {
        manifest.targets.filter { !$0.isTest && layers.contains($0.name) }.flatMap { target in
            target.dependencies.compactMap { fault(importing: $0, in: target.name, declared: target.dependencies) }
        }
    }

    /// What is wrong with the files' imports.
    static func faults(in files: [SourceTree.File], manifest: PackageManifest) -> [String] {
        files.flatMap { file -> [String] in
            guard let target = manifest[file.target], layers.contains(target.name) else {
                return ["\(file.path): its target \(file.target) is not one of the layers"]
            }
            return file.imports.compactMap { name in
                fault(importing: name, in: target.name, declared: target.dependencies).map { "\(file.path): \($0)" }
            }
        }
    }

    private static func fault(importing name: String, in target: String, declared: [String]) -> String? {
        if toolchain.contains(name) { return nil }
        if name == "Foundation" {
            return foundationUsers.contains(target) ? nil : "\(target) may not import Foundation"
        }
        guard declared.contains(name) else { return "\(target) imports \(name), which Package.swift does not declare" }
        if let allowed = importers[name] {
            return allowed.contains(target) ? nil : "\(target) may not import \(name)"
        }
        guard let above = layers.firstIndex(of: name), let own = layers.firstIndex(of: target), above < own else {
            return "\(target) may not import \(name), which does not stand above it"
        }
        return unknown[target, default: []].contains(name) ? "\(target) is to know nothing of \(name)" : nil
    }
}
