import Foundation
import TestSupport
import Testing

import OrreryDocuments
import OrreryFuzzers

/// The fuzzers' smoke run: every seed, and a while of damaged ones, without a sanitizer.
@Suite struct FuzzersTests {
    static let seeds = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Fuzz/Seeds")

    static func seeds(of name: String) throws -> [[UInt8]] {
        let folder = seeds.appendingPathComponent(name)
        return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .sorted { $0.path < $1.path }.map { Array(try Data(contentsOf: $0)) }
    }

    static let names = Fuzzer.all.map(\.name).filter { $0 != Fuzzer.canary.name }

    @Test(arguments: names)
    func seedsHoldNoFault(name: String) throws {
        let fuzzer = try #require(Fuzzer.all.first { $0.name == name })
        let seeds = try Self.seeds(of: name)
        #expect(!seeds.isEmpty)
        for seed in seeds { #expect(fuzzer.fault(seed) == nil, "\(String(decoding: seed, as: UTF8.self))") }
    }

    @Test(arguments: names, [UInt64.random(in: 0...UInt64.max)])
    func damagedSeedsHoldNoFault(name: String, seed: UInt64) throws {
        let fuzzer = try #require(Fuzzer.all.first { $0.name == name })
        var random = DamageSource(seed: seed)
        let seeds = try Self.seeds(of: name)
        for _ in 0..<2000 {
            let input = random.damaged(seeds)
            #expect(fuzzer.fault(input) == nil, "seed \(seed): \(String(decoding: input, as: UTF8.self)) \(input)")
        }
    }

    /// A scanner that accepts what it should not, or the reverse, is found out by the seeds alone.
    @Test(arguments: [JSONError.Kind.invalidNumber, .invalidUTF8, .unexpectedByte, .unexpectedEnd, .controlCharacter])
    func plantedFaultsAreFound(kind: JSONError.Kind) throws {
        let forgiving = Fuzzer.jsonScanner { text in
            let verdict = Result { () throws(JSONError) in try JSONDocument(parsing: text) }
            guard case .failure(let error) = verdict, error.kind == kind else { return verdict }
            return Result { () throws(JSONError) in try JSONDocument(parsing: "0") }
        }
        let strict = Fuzzer.jsonScanner { _ in .failure(JSONError(kind, at: 0)) }
        let seeds = try Self.seeds(of: "json-scanner")
        #expect(seeds.contains { forgiving.fault($0) != nil })
        #expect(seeds.contains { strict.fault($0) != nil })
        #expect(Fuzzer.canary.fault(Array("bird".utf8)) != nil && Fuzzer.canary.fault(Array("birch".utf8)) == nil)
    }
}

/// Damages seeds: bytes changed, taken out, put in, and ends of one joined to another.
private struct DamageSource: RandomNumberGenerator {
    private var random: SplitMix64
    private static let telling =
        Array("{}[]\",:\\u0e+-.1tfn d8".utf8) + [0x00, 0x1F, 0x7F, 0x80, 0xC0, 0xE2, 0xED, 0xF4, 0xFF]

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
    }

    mutating func next() -> UInt64 { random.next() }

    mutating func damaged(_ seeds: [[UInt8]]) -> [UInt8] {
        var input = seeds[Int.random(in: 0..<seeds.count, using: &self)]
        for _ in 0..<Int.random(in: 1...4, using: &self) where !input.isEmpty {
            let position = Int.random(in: 0..<input.count, using: &self)
            let byte = Self.telling[Int.random(in: 0..<Self.telling.count, using: &self)]
            switch Int.random(in: 0..<5, using: &self) {
            case 0: input[position] = byte
            case 1: input.remove(at: position)
            case 2: input.insert(byte, at: position)
            case 3: input[position] ^= 1 << UInt8.random(in: 0..<8, using: &self)
            default:
                let other = seeds[Int.random(in: 0..<seeds.count, using: &self)]
                input.replaceSubrange(position..., with: other.suffix(Int.random(in: 0...other.count, using: &self)))
            }
        }
        return input
    }
}
