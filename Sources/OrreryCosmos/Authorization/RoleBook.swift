import OrreryDatabase
import OrreryDocuments
import Synchronization

/// Who has which role. Assignments are kept with the account; each change is durable when its call returns, and counts
/// from then on.
final class RoleBook: Sendable {
    private struct Grant {
        let role: Role
        let scope: RoleScope
    }

    private struct State {
        var assignments: [String: RoleAssignment] = [:]
        var grants: [[UInt8]: [Grant]] = [:]

        mutating func arrange() {
            grants = Dictionary(grouping: assignments.values, by: \.principal.id)
                .mapValues { $0.map { Grant(role: $0.role, scope: $0.scope) } }
        }
    }

    private let account: Account
    private let state: Mutex<State>
    private let changing = Mutex(())

    /// The most assignments of an account, as many as the service allows.
    static let assignmentsMax = 2000
    private static let prefix = "roles/"

    /// - Throws: `.unavailable` where an assignment cannot be read: who has a role would lose it unnoticed.
    init(account: Account) throws(DatabaseError) {
        self.account = account
        var state = State()
        for name in account.settingNames(prefix: Self.prefix) {
            let id = String(name.dropFirst(Self.prefix.count))
            guard let text = account.setting(name), let json = try? JSONValue(parsing: text),
                let assignment = try? RoleAssignment(id: id, json)
            else { throw .unavailable("the role assignment \(id) cannot be read") }
            state.assignments[id] = assignment
        }
        state.arrange()
        self.state = Mutex(state)
    }

    /// All assignments in the order of their ids.
    var assignments: [RoleAssignment] {
        state.withLock { $0.assignments.values.sorted { $0.id < $1.id } }
    }

    /// Keeps an assignment, in place of one of the same id.
    /// - Throws: 400 for too many; 409 where another gives the same principal the same role in the same place.
    func keep(_ assignment: RoleAssignment) throws(CosmosError) {
        try changing.withLock { (_) throws(CosmosError) in
            let others = assignments.filter { $0.id != assignment.id }
            guard others.count < Self.assignmentsMax else {
                throw .badRequest("The account has \(others.count) role assignments, which is the most it can have.")
            }
            let isTwin = others.contains {
                $0.role == assignment.role && $0.principal == assignment.principal && $0.scope == assignment.scope
            }
            if isTwin { throw CosmosError(.conflict("There is such an assignment under another id.")) }
            try write(assignment.id, assignment.json.text)
            state.withLock { state in
                state.assignments[assignment.id] = assignment
                state.arrange()
            }
        }
    }

    /// Takes an assignment back.
    /// - Throws: 404 where there is none of this id.
    func remove(_ id: String) throws(CosmosError) {
        try changing.withLock { (_) throws(CosmosError) in
            guard state.withLock({ $0.assignments[id] }) != nil else { throw .notFound }
            try write(id, nil)
            state.withLock { state in
                state.assignments[id] = nil
                state.arrange()
            }
        }
    }

    private func write(_ id: String, _ value: [UInt8]?) throws(CosmosError) {
        do throws(DatabaseError) {
            try account.keepSetting(Self.prefix + id, value)
        } catch {
            throw CosmosError(error)
        }
    }

    /// Whether a principal may do what needs this level in a place.
    func allows(_ principal: Principal, _ level: DataAction.Level, in place: RoleScope) -> Bool {
        state.withLock { state in
            state.grants[principal.id]?.contains { $0.role.allows(level) && $0.scope.covers(place) } == true
        }
    }

    /// Whether a principal has any role anywhere.
    func knows(_ principal: Principal) -> Bool {
        state.withLock { $0.grants[principal.id] != nil }
    }
}
