import OrreryTelemetry
import Testing

@Suite struct TraceParentTests {
    private static let field = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    @Test(arguments: [field, "01\(field.dropFirst(2))", "fe\(field.dropFirst(2))-of-a-later-version"])
    func aTraceGoesOn(_ field: String) throws {
        let parent = try #require(TraceParent(field.utf8))
        #expect(parent.text == Self.field && parent.spanID == "00f067aa0ba902b7")
        let part = TraceParent(after: field)
        #expect(part.traceID == parent.traceID && part.flags == 1 && part.span != parent.span)
        #expect(part.child().traceID == part.traceID && part.child().span != part.span)
        #expect(TraceParent(part.text.utf8) == part)
    }

    @Test(arguments: [
        "", "00", "\(field)-more", "\(field)0", "ff\(field.dropFirst(2))", "fe\(field.dropFirst(2))more",
        field.uppercased(), "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", "0g\(field.dropFirst(2))",
    ]) func othersBeginAnew(_ field: String) throws {
        #expect(TraceParent(field.utf8) == nil)
        let new = TraceParent(after: field)
        #expect(TraceParent(new.text.utf8) == new && new.traceID != String(Self.field.dropFirst(3).prefix(32)))
    }
}
