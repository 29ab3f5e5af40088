import OrreryHTTP
import Testing

@Suite struct HTTPRequestTests {
    private func request(_ target: String) -> HTTPRequest {
        HTTPRequest(method: .get, target: Array(target.utf8))
    }

    @Test(arguments: [
        ("/", []),
        ("/dbs", ["dbs"]),
        ("/dbs/", ["dbs"]),
        ("/dbs/a%20b/colls/%C3%A9/", ["dbs", "a b", "colls", "é"]),
        ("/a%2Fb/c+d", ["a/b", "c+d"]),
        ("/a//b", ["a", "", "b"]),
        ("/dbs?x=/y/%zz", ["dbs"]),
        ("http://host:80/dbs/x?q", ["dbs", "x"]),
        ("http://host", []),
        ("*", ["*"]),
    ])
    func segments(target: String, segments: [String]) throws {
        #expect(try request(target).pathSegments() == segments)
    }

    @Test(arguments: [
        ("/%", HTTPPathError.badPercentEncoding), ("/%1", .badPercentEncoding), ("/a%zzb", .badPercentEncoding),
        ("/%-1", .badPercentEncoding), ("/%ff", .notUTF8), ("/%ED%A0%80", .notUTF8), ("/%C0%AF", .notUTF8),
    ])
    func badSegments(target: String, error: HTTPPathError) {
        #expect(throws: error) { try request(target).pathSegments() }
    }

    @Test func pathAndQuery() {
        #expect(request("/a%20b?c=d?e").path == "/a%20b")
        #expect(request("/a?c=d?e").rawQuery.map { String(decoding: $0, as: UTF8.self) } == "c=d?e")
        #expect(request("/a?").rawQuery?.isEmpty == true)
        #expect(request("/a").rawQuery == nil)
    }

    @Test func headersAreFoundWithoutRegardToCase() {
        let headers = HTTPHeaders([("X-Ms-Date", "now"), ("Host", "h"), ("x-ms-date", "later"), ("Empty", "")])
        #expect(headers["x-ms-date"] == "now")
        #expect(headers["HOST"] == "h")
        #expect(headers["empty"] == "")
        #expect(headers["x-ms-dat"] == nil)
        #expect(headers["x-ms-datf"] == nil)
        #expect(headers.count(of: "X-MS-DATE") == 2)
        // Only letters have a case: `[` and `{` differ by the same bit as `A` and `a`.
        #expect(HTTPHeaders([("a[", "1")])["a{"] == nil)
        #expect(headers.all.map(\.name) == ["X-Ms-Date", "Host", "x-ms-date", "Empty"])
    }

    @Test func headersAreTakenAway() {
        var headers = HTTPHeaders([("X-A", "1"), ("Host", "h"), ("x-a", "2"), ("X-AB", "3")])
        #expect(headers.contains(named: "x-A") && !headers.contains(named: "x"))
        #expect(headers.values(named: "X-a") == ["1", "2"] && headers.values(named: "none").isEmpty)
        let before = headers
        headers.removeAll(named: "x-a")
        #expect(headers.all.map(\.value) == ["h", "3"] && before.count == 4)
        #expect(!headers.contains(named: "X-A") && headers.first(named: "x-ab") == "3")
        headers.append(name: "X-A".utf8, value: "4".utf8)
        #expect(headers["x-a"] == "4" && headers.first(named: "Host") == "h")
    }

    @Test(arguments: [
        ("", []), ("a=1&b=2", ["a=1", "b=2"]), ("&&a&", ["a="]), ("a=b=c&=d", ["a=b=c", "=d"]),
        ("a%3D=%26&b+c=d+e", ["a==&", "b c=d e"]), ("a=%ff&%zz=1&b=", ["a=nil", "nil=1", "b="]),
    ])
    func fieldsOfAQuery(_ query: String, _ wanted: [String]) {
        let fields = QueryString.fields(Array("?\(query)".utf8)[1...], plusIsSpace: true)
        #expect(fields.map { "\($0.name ?? "nil")=\($0.value ?? "nil")" } == wanted)
        #expect(QueryString.fields(nil).isEmpty)
    }

    @Test func percentEncodingKeepsOnlyTheUnreserved() throws {
        #expect(PercentEncoding.encode(Array("aZ09-._~ /%é".utf8)) == "aZ09-._~%20%2F%25%C3%A9")
        let all = Array(UInt8.min...UInt8.max)
        #expect(try PercentEncoding.bytes(Array(PercentEncoding.encode(all).utf8)) == all)
    }
}
