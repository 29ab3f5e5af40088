import Testing

/// Holds the package to its layers, and shows that what holds it would notice.
@Suite struct LayerTests {
    @Test func declarationsKeepTheLayers() throws {
        #expect(LayerRules.faults(in: try PackageManifest.load()) == [])
    }

    @Test func importsKeepTheLayers() throws {
        let manifest = try PackageManifest.load()
        let files = try SourceTree(folder: "Sources").files + SourceTree(folder: "Bench").files
        #expect(files.count > 20, "the files were not found")
        #expect(LayerRules.faults(in: files, manifest: manifest) == [])
    }

    @Test func manifestIsRead() throws {
        let manifest = try PackageManifest.load()
        #expect(manifest["OrreryKeys"]?.dependencies == ["OrreryDocuments"])
        #expect(manifest["OrreryCommand"]?.dependencies.contains("OrreryCosmos") == true)
        #expect(manifest["OrreryHTTPTests"]?.isTest == true)
        #expect(manifest["CLMDB"]?.dependencies == [])
        #expect(manifest.targets.filter { !$0.isTest && !$0.name.hasPrefix("C") }.count >= 12)
    }

    private static let planted = PackageManifest(
        """
        let package = Package(targets: [
            source("OrreryDocuments"),
            source("OrreryLMDB", ["CLMDB"]),
            source("OrreryEngine", ["OrreryDocuments", "OrreryLMDB"]),
            source("OrreryHTTP", ["CMicroHTTPD", "CLMDB", "OrreryEngine"]),
            .executableTarget(
                name: "OrreryCommand",
                dependencies: ["OrreryHTTP"]),
        ])
        """)

    @Test(arguments: [
        ("OrreryEngine", "import OrreryLMDB", nil),
        ("OrreryEngine", "public import OrreryDocuments", nil),
        ("OrreryEngine", "import Glibc", nil),
        ("OrreryEngine", "// import Foundation", nil),
        ("OrreryEngine", "import Foundation", "may not import Foundation"),
        ("OrreryEngine", "internal import struct Foundation.URL", "may not import Foundation"),
        ("OrreryEngine", "@preconcurrency import OrreryHTTP", "does not declare"),
        ("OrreryHTTP", "@testable import OrreryEngine", "to know nothing of"),
        ("OrreryHTTP", "import CLMDB", "may not import CLMDB"),
        ("OrreryDocuments", "import OrreryEngine", "does not declare"),
        ("OrreryStrange", "import Glibc", "not one of the layers"),
    ])
    func plantedImports(target: String, line: String, fault: String?) {
        let file = SourceTree.File(path: "Sources/\(target)/X.swift", text: "// X\n\(line)\nlet x = 1\n")
        let faults = LayerRules.faults(in: [file], manifest: Self.planted)
        if let fault {
            #expect(faults.count == 1 && faults[0].contains(fault), "\(faults)")
        } else {
            #expect(faults == [])
        }
    }

    @Test func plantedDeclarations() {
        let faults = LayerRules.faults(in: Self.planted)
        #expect(faults.count == 2, "\(faults)")
        let upwards = PackageManifest(#"let package = source("OrreryEngine", ["OrreryCosmos"])"#)
        #expect(LayerRules.faults(in: upwards).first?.contains("does not stand above") == true)
    }
}
