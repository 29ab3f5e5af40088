import OrreryEngine
import Testing

/// The trace of a write: read from its header, and given back as that.
@Suite struct TraceMarkTests {
    private static let header = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    @Test func aHeaderIsGivenBackAsItCame() throws {
        #expect(TraceMark(traceparent: Self.header.utf8)?.traceparent == Self.header)
        let small = "00-00000000000000000000000000000001-0000000000000002-00"
        #expect(TraceMark(traceparent: small.utf8)?.traceparent == small)
        // What later versions add is passed by.
        #expect(TraceMark(traceparent: "01\(Self.header.dropFirst(2))-more".utf8)?.traceparent == Self.header)
        #expect(TraceMark.none.traceparent == nil)
    }

    @Test(arguments: [
        "", "00", "ff\(header.dropFirst(2))", "\(header)-more", header.uppercased(), String(header.dropLast()),
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", header.replacing("-", with: "_"),
    ])
    func whatIsNoHeaderIsNoTrace(_ text: String) {
        #expect(TraceMark(traceparent: text.utf8) == nil)
    }
}
