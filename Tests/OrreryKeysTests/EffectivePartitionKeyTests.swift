import Testing

import OrreryDocuments
import OrreryKeys

/// Vectors of cosmos-wire.md, section 8, and others that the service's client libraries agree on.
@Suite struct EffectivePartitionKeyTests {
    static let smallest = Double.leastNonzeroMagnitude

    @Test(
        arguments: [
            ([.string("1")], "3C80B1B7310BB39F29CC4EA05BDD461E"), ([.string("pk")], "20FD8FE780DCFA0692905152C35E10D9"),
            ([.number(1)], "20CD98B339BA78A5D0CF6953B87070B0"), ([.null], "378867E4430E67857ACE5C908374FE16"),
            ([.undefined], "11622DAA78F835834610ABE56EFF5CB5"), ([.boolean(true)], "0E711127C5B5A8E4726AC6DD306A3E59"),
            ([.string("")], "32E9366E637A71B4E710384B2F4970A0"),
            ([.string("redmond")], "22E342F38A486A088463DFF7838A5963"),
            ([.number(5), .string("redmond"), .boolean(true), .null], "3032DECBE2AB1768D8E0AEDEA35881DF"), ([], ""),
        ] as [([PartitionKeyValue], String)])
    func hashesVersion2(values: [PartitionKeyValue], hex: String) throws {
        let definition = try PartitionKeyDefinition(paths: ["/pk"], version: 2)
        #expect(definition.effectiveKey(of: PartitionKey(values)).hex == hex)
    }

    /// For null the wire specification's vector, taken from one SDK, lacks the last 01; all other clients have it.
    @Test(
        arguments: [
            ([.string("pk")], "05C1E57B2545AA08716C00"), ([.number(1)], "05C1ED172B6B2605BFF0"),
            ([.null], "05C1ED45D7475601"),
            ([.string("")], "05C1CF33970FF80800"), ([.boolean(true)], "05C1D7C5A903D803"),
            ([.boolean(false)], "05C1DB857D857C02"),
            ([.undefined], "05C1D529E345DC00"),
            ([.string("partitionKey")], "05C1E1B3D9CD2608716273756A756A706F4C667A00"),
            ([.string("redmond")], "05C1EFE313830C087366656E706F6500"), ([.number(-128)], "05C1D73349F54C053FA0"),
            ([.number(127)], "05C1DD539DDFCC05C05FE0"), ([.number(-0x1p63)], "05C1DB35F33D1C053C20"),
            ([.number(0x1p63)], "05C1B799AB2DD005C3E0"), ([.number(-2_147_483_648)], "05C1DFBF252BCC053E20"),
            ([.number(2_147_483_647)], "05C1E1F503DFB205C1DFFFFFFFFC"), ([.number(5.5)], "05C1D7A771716C05C016"),
            ([.number(12313.1221)], "05C1ED154D592E05C0C90723F50FC925D8"),
            ([.number(smallest)], "05C1E5C91F4D3005800101010101010102"),
            ([.number(.greatestFiniteMagnitude)], "05C1CBE367C53005FFEFFFFFFFFFFFFFFE"),
            (
                [.string(String(repeating: "a", count: 100))],
                "05C1EB5921F70608" + String(repeating: "62", count: 100) + "00"
            ),
            (
                [.string(String(repeating: "a", count: 1024))],
                "05C1EB5921F70608" + String(repeating: "62", count: 100) + "00"
            ),
            ([], ""),
        ] as [([PartitionKeyValue], String)])
    func hashesVersion1(values: [PartitionKeyValue], hex: String) throws {
        let definition = try PartitionKeyDefinition(paths: ["/pk"], version: 1)
        #expect(definition.effectiveKey(of: PartitionKey(values)).hex == hex)
    }

    @Test func version1CutsStringsByUTF16UnitsAndBytes() throws {
        let definition = try PartitionKeyDefinition(paths: ["/pk"], version: 1)
        func hex(_ text: String) -> String { definition.effectiveKey(of: PartitionKey([.string(text)])).hex }
        // Sixty of two bytes each: all are hashed, 101 bytes are shown and no end mark.
        let long = String(repeating: "é", count: 60)
        #expect(hex(long).hasSuffix("08" + String(repeating: "C4AA", count: 50) + "C4"))
        #expect(hex(long) != hex(String(long.dropLast())))
        // A pair counts as two; half of one becomes U+FFFD.
        let cut = String(repeating: "a", count: 99)
        #expect(hex(cut + "😀") == hex(cut + "😎"))
        #expect(hex(cut + "😀") == hex(cut + "\u{FFFD}"))
        #expect(hex(String(repeating: "a", count: 98) + "😀") != hex(String(repeating: "a", count: 98) + "😎"))
    }

    @Test func hashesHierarchies() throws {
        let definition = try PartitionKeyDefinition(paths: ["/state", "/city", "/zip"], kind: .multiHash)
        let state = PartitionKey([.string("CA")])
        #expect(definition.effectiveKey(of: state).hex == "2F442D3F30B24D244283F3B36B4CB88B")
        let whole = PartitionKey([.string("CA"), .string("1"), .null])
        let key = definition.effectiveKey(of: whole)
        #expect(
            key.hex == "2F442D3F30B24D244283F3B36B4CB88B" + "3C80B1B7310BB39F29CC4EA05BDD461E"
                + "378867E4430E67857ACE5C908374FE16")
        let range = definition.effectiveRange(ofPrefix: state)
        #expect(range.min.hex == "2F442D3F30B24D244283F3B36B4CB88B" && range.max.hex == range.min.hex + "FF")
        #expect(range.contains(key))
        #expect(!range.contains(definition.effectiveKey(of: PartitionKey([.string("CB"), .string("1"), .null]))))
        #expect(definition.effectiveRange(ofPrefix: PartitionKey([])) == .all)
    }

    @Test func parsesAndPrintsHexadecimal() {
        #expect(EffectivePartitionKey(hex: "05c1Ff")?.bytes == [0x05, 0xC1, 0xFF])
        #expect(EffectivePartitionKey(hex: "05C1FF")?.hex == "05C1FF")
        #expect(EffectivePartitionKey(hex: "") == .min && EffectivePartitionKey(hex: "ff") == .max)
        #expect(EffectivePartitionKey(hex: "F") == nil && EffectivePartitionKey(hex: "0G") == nil)
        #expect(EffectivePartitionKey.min < .max)
    }
}
