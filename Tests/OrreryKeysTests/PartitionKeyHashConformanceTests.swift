import Foundation
import Testing

import OrreryDocuments
@testable import OrreryKeys

/// The published hash vectors, read from the conformance folder where there is one.
@Suite struct PartitionKeyHashConformanceTests {
    static let file: URL = {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let folder = ProcessInfo.processInfo.environment["ORRERY_CONFORMANCE"].map { URL(fileURLWithPath: $0) }
        return (folder ?? root.appendingPathComponent("../shared/conformance"))
            .appendingPathComponent("partition-key-hashes.json")
    }()

    @Test(.enabled(if: FileManager.default.fileExists(atPath: file.path), "needs the folder ORRERY_CONFORMANCE"))
    func hashesAgree() throws {
        let cases = try #require(try JSONValue(parsing: Array(Data(contentsOf: Self.file))).array)
        #expect(!cases.isEmpty)
        for vector in cases {
            let name = try #require(vector["name"]?.string)
            let value = try JSONDocument(parsing: try #require(vector["partitionKeyValue"]?.string)).root
            let components = value.kind == .array ? Array(value.elements) : [value]
            var (version1, version2): ([UInt8], [UInt8]) = ([], [])
            for component in components {
                var (short, long) = (MurmurHash32(), MurmurHash128())
                if let number = Self.nonFinite(component.string) {
                    PartitionKeyValue.number(number).hash(into: &short)
                    PartitionKeyValue.number(number).hash(into: &long)
                } else if let text = component.string {
                    // The published class hashes a string without the byte that ends it in an effective key.
                    short.append([0x08] + Array(text.utf8))
                    long.append([0x08] + Array(text.utf8))
                } else {
                    PartitionKeyValue(component).hash(into: &short)
                    PartitionKeyValue(component).hash(into: &long)
                }
                // Version 1 prints its 32 bits at the end of sixteen bytes.
                version1 += Array(repeating: 0, count: 8) + Self.bytes(UInt64(short.finish())).reversed()
                let (low, high) = long.finish()
                version2 += (Self.bytes(low) + Self.bytes(high)).reversed()
            }
            #expect(Self.hex(version1) == vector["hashV1"]?.string, "\(name)")
            #expect(Self.hex(version2) == vector["hashV2"]?.string, "\(name)")
        }
    }

    /// The vectors spell numbers that JSON lacks as strings; their NaN has its sign bit set.
    private static func nonFinite(_ text: String?) -> Double? {
        switch text {
        case "NaN": Double(bitPattern: 0xFFF8_0000_0000_0000)
        case "Infinity": .infinity
        case "-Infinity": -.infinity
        default: nil
        }
    }

    private static func bytes(_ value: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: value >> UInt64($0 * 8)) }
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { String(format: "%02X", $0) }.joined(separator: "-")
    }
}
