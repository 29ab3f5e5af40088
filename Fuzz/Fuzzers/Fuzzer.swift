// OrreryFuzzers: what is fed hostile bytes, and how its answer is judged. A plain library, so that the tests replay the
// seeds and a short random run without a sanitizer; Fuzz/Driver hands the same fuzzers to libFuzzer.

/// One thing to be fuzzed.
public struct Fuzzer: Sendable {
    /// What it is asked for by, and the name of its folder under Fuzz/Seeds.
    public let name: String
    /// Runs it on an input; says what is wrong, or nil. A trap counts as a finding too.
    public let fault: @Sendable ([UInt8]) -> String?

    /// A fuzzer by its name and its judgement.
    public init(name: String, fault: @escaping @Sendable ([UInt8]) -> String?) {
        self.name = name
        self.fault = fault
    }

    /// All fuzzers, in order. To add one, write it in a file of its own and name it here.
    public static let all: [Fuzzer] = [
        .jsonScanner,
        .jsonPatch,
        .yaml,
        .partitionKey,
        .queryParser,
        .queryEvaluator,
        .queryContinuation,
        .events,
        .eventFilter,
        .cesql,
        .canary,
    ]

    /// A fuzzer that finds a fault by design, to show that faults are found: only coverage leads to it.
    public static let canary = Fuzzer(name: "canary") { input in
        guard input.count >= 4 else { return nil }
        if input[0] == UInt8(ascii: "b"), input[1] == UInt8(ascii: "i"), input[2] == UInt8(ascii: "r") {
            if input[3] == UInt8(ascii: "d") { return "the planted fault" }
        }
        return nil
    }
}
