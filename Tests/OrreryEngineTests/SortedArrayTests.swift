@testable import OrreryEngine
import Testing

@Suite struct SortedArrayTests {
    /// Wherever the search begins, it ends where the plain one does.
    @Test func aSearchNearAGuessFindsTheSamePlace() {
        var generator = SeededGenerator(seed: 17)
        for count in [0, 1, 2, 3, 7, 64, 1000] {
            // Few values among many places, so that there are runs of equal ones.
            let values = (0..<count).map { _ in Int.random(in: 0..<(count / 2 + 2), using: &generator) }.sorted()
            for wanted in -1...(count / 2 + 2) {
                let expected = values.firstIndex { $0 >= wanted } ?? count
                #expect(values.firstIndex(notBefore: wanted) == expected)
                for guess in stride(from: 0, through: count + 1, by: max(1, count / 37)) {
                    #expect(values.firstIndex(notBefore: wanted, near: guess) == expected, "near \(guess) of \(count)")
                }
            }
        }
    }
}
