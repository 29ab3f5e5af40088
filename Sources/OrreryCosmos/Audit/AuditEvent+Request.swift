import OrreryHTTP
import OrreryKeys

extension AuditEvent {
    /// What became of a request.
    init(
        _ kind: Kind, _ http: HTTPRequest, link: ResourceLink?, operation: String, caller: Caller?, status: Int,
        substatus: Int = 0
    ) {
        self.kind = kind
        self.operation = operation
        self.status = status
        self.substatus = substatus
        actor = caller?.name ?? "unknown"
        let path = link?.auditedPath ?? (CosmosService.isControlPath(http.rawPath) ? http.rawPath.dropFirst() : [])
        resource = String(decoding: path, as: UTF8.self)
        address = http.peer.description
        activityID = String(decoding: ActivityID.of(http), as: UTF8.self)
    }
}

extension ResourceLink {
    /// The part of the path that the trail may show: ids of items can be anybody's names or numbers.
    fileprivate var auditedPath: ArraySlice<UInt8> {
        kind == .document || kind == .attachment ? containerPath : path[...]
    }
}

extension Caller {
    /// The caller's name in the audit trail.
    var name: String {
        switch self {
        case .keyHolder(let kind): "key:\(kind.rawValue)"
        case .emulatorIdentity: "emulator"
        case .principal(let principal): "principal:\(principal.text)"
        case .permissionHolder(let permission): "permission:\(permission.text)"
        }
    }
}
