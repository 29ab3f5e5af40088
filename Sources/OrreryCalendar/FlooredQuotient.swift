extension Int64 {
    /// The quotient rounded down, where division rounds towards zero: what lies before 1970 belongs to the day, or the
    /// second, that began before it.
    /// - Parameter divisor: above zero.
    public func flooredQuotient(by divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
