/// The names that an expression may use, the innermost last.
struct Scope {
    private var entries: [(name: String, slot: Int)] = []

    mutating func define(_ name: String, slot: Int) {
        entries.append((name, slot))
    }

    /// Names are compared by their bytes, as property names are.
    func slot(named name: String) -> Int? {
        entries.last { $0.name.utf8.elementsEqual(name.utf8) }?.slot
    }
}
