import Glibc
import OrreryFuzzers

/// libFuzzer's way in: it links its own `main` and calls these two by their C names. Which fuzzer runs is said by the
/// environment variable ORRERY_FUZZER, for libFuzzer owns the command line.
private let chosen: Fuzzer? = {
    let name = unsafe getenv("ORRERY_FUZZER").map { unsafe String(cString: $0) }
    return Fuzzer.all.first { $0.name == name }
}()

@_cdecl("LLVMFuzzerInitialize")
public func initializeFuzzing(
    _ argumentCount: UnsafeMutablePointer<CInt>?, _ arguments: UnsafeMutableRawPointer?
) -> CInt {
    guard chosen == nil else { return 0 }
    print("set ORRERY_FUZZER to one of: \(Fuzzer.all.map(\.name).joined(separator: ", "))")
    exit(2)
}

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe Array(UnsafeBufferPointer(start: data, count: count))
    if let fault = chosen?.fault(input) { fatalError(fault) }
    return 0
}
