/// When the items of a container end by themselves: its `defaultTtl`.
public struct TimeToLivePolicy: Sendable, Equatable {
    /// 0 for off, -1 for items that end only when they say so themselves, else seconds after an item's last write.
    let defaultSeconds: Int32

    /// No item ends, whatever it says itself.
    public static let off = TimeToLivePolicy(defaultSeconds: 0)
    /// An item ends when it says so itself.
    public static let itemsOwn = TimeToLivePolicy(defaultSeconds: -1)

    /// An item ends so many seconds, at least one, after its last write, unless it says otherwise itself.
    public static func after(seconds: Int32) -> TimeToLivePolicy {
        TimeToLivePolicy(defaultSeconds: max(1, seconds))
    }

    init(defaultSeconds: Int32) {
        self.defaultSeconds = defaultSeconds
    }

    /// How long an item lives that says nothing itself; nil where it does not end.
    var lifeSeconds: Int32? { defaultSeconds > 0 ? defaultSeconds : nil }

    /// When a version ends, in milliseconds since 1970; nil where it does not.
    func endMilliseconds(of header: LogHeader) -> Int64? {
        guard self != .off else { return nil }
        let seconds = header.timeToLiveSeconds != 0 ? header.timeToLiveSeconds : defaultSeconds
        return seconds > 0 ? header.timestampMilliseconds + Int64(seconds) * 1000 : nil
    }
}

/// A moment as one reader or one group of commits sees it: whoever holds it sees an item end once, and not come back.
struct ExpiryMoment: Sendable {
    let policy: TimeToLivePolicy
    /// Milliseconds since 1970; not looked at where the policy is off.
    let nowMilliseconds: Int64

    /// Whether a version's time is over: to every reader it is as if it were deleted.
    func hasEnded(_ header: LogHeader) -> Bool {
        guard policy != .off, let end = policy.endMilliseconds(of: header) else { return false }
        return end <= nowMilliseconds
    }
}
