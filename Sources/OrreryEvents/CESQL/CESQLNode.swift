/// An expression, parsed. Chains of operators of one precedence are kept flat, so that a long one is not a deep one.
indirect enum CESQLNode: Sendable {
    enum Arithmetic: Sendable { case multiply, divide, remainder, add, subtract }
    enum Comparison: Sendable { case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual }
    enum Logic: Sendable { case and, or, xor }

    case literal(CESQLValue)
    case attribute(String)
    case exists(String)
    case not(CESQLNode)
    case negative(CESQLNode)
    case like(CESQLNode, CESQLPattern, isNegated: Bool)
    case isIn(CESQLNode, [CESQLNode], isNegated: Bool)
    /// From left to right.
    case arithmetic(CESQLNode, [(operation: Arithmetic, operand: CESQLNode)])
    /// From left to right.
    case comparison(CESQLNode, [(operation: Comparison, operand: CESQLNode)])
    /// From right to left: what stands behind an operator is its right side as a whole.
    case logic(CESQLNode, [(operation: Logic, operand: CESQLNode)])
    case call(CESQLFunction, [CESQLNode])
    /// A call of a function that there is not.
    case unknownCall
}
