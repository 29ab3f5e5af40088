import OrreryDocuments

/// An expression as the evaluator runs it: paths resolved in one step, constant lists made into sets, patterns
/// prepared, subqueries planned.
indirect enum PhysicalExpression: Sendable {
    case constant(Value)
    /// See ``BoundExpression/parameter(_:)``.
    case parameter(Int)
    case slot(Int)
    /// A chain of names and indexes from a slot.
    case path(slot: Int, [PathStep])
    case step(PhysicalExpression, PathStep)
    case subscripted(PhysicalExpression, PhysicalExpression)
    case not(PhysicalExpression)
    case arithmetic(UnaryOperator, PhysicalExpression)
    case compare(BinaryOperator, PhysicalExpression, PhysicalExpression)
    case compute(BinaryOperator, PhysicalExpression, PhysicalExpression)
    case and([PhysicalExpression])
    case or([PhysicalExpression])
    case coalesce(PhysicalExpression, PhysicalExpression)
    case conditional(PhysicalExpression, PhysicalExpression, PhysicalExpression)
    case memberOfSet(PhysicalExpression, ConstantSet, isNegated: Bool)
    case memberOfList(PhysicalExpression, [PhysicalExpression], isNegated: Bool)
    case like(PhysicalExpression, LikePattern, isNegated: Bool)
    case likeComputed(PhysicalExpression, PhysicalExpression, escape: Unicode.Scalar?, isNegated: Bool)
    case between(PhysicalExpression, PhysicalExpression, PhysicalExpression, isNegated: Bool)
    case array([PhysicalExpression])
    case object([PhysicalProperty])
    case call(FunctionDefinition, [PhysicalExpression])
    case subquery(SubqueryKind, PhysicalPlan)
    case `let`(slot: Int, PhysicalExpression, PhysicalExpression)
    case aggregate(Int)
    case groupKey(Int)
}

struct PhysicalProperty: Sendable {
    let name: String
    let value: PhysicalExpression
}

enum PathStep: Sendable {
    case name(String)
    case index(Int)
}

extension Value {
    func following(_ step: PathStep) -> Value {
        switch step {
        case .name(let name): member(name)
        case .index(let index): element(index)
        }
    }
}

/// The defined constants of an IN list, looked up by their order keys.
struct ConstantSet: Sendable {
    let keys: Set<OrderKey>
}
