internal import OrreryCalendar

extension FunctionTable {
    static let dateTimeFunctions: [FunctionDefinition] = [
        FunctionDefinition(
            "DateTimeAdd", .dateTime,
            [.init("part", .string), .init("count", .integer), .init("dateTime", .string)],
            .three { part, count, dateTime in
                guard let part = part.string.flatMap(DateTimePart.init), let count = count.int64 else {
                    return .undefined
                }
                return value(dateTime.dateTime?.adding(count, part))
            }),
        FunctionDefinition(
            "DateTimeBin", .dateTime,
            [
                .init("dateTime", .string), .init("part", .string), .optional("size", .integer),
                .optional("origin", .string),
            ],
            .many { arguments, _ throws(QueryError) in
                guard let dateTime = arguments[0].dateTime, let part = arguments[1].string.flatMap(DateTimePart.init),
                    let origin = arguments[3].isUndefined ? DateTime(ticks: 0) : arguments[3].dateTime
                else { return .undefined }
                return value(dateTime.bin(part, size: arguments[2].int64 ?? 1, origin: origin))
            }),
        FunctionDefinition(
            "DateTimeDiff", .dateTime,
            [.init("part", .string), .init("start", .string), .init("end", .string)],
            .three { part, start, end in
                guard let part = part.string.flatMap(DateTimePart.init), let start = start.dateTime,
                    let end = end.dateTime, let count = DateTime.difference(part, from: start, to: end)
                else { return .undefined }
                return .integer(count)
            }),
        FunctionDefinition(
            "DateTimeFormat", .dateTime, [.init("dateTime", .string), .init("format", .string)],
            .two { dateTime, format in
                guard let dateTime = dateTime.dateTime, let format = format.string else { return .undefined }
                return DateTimeFormat.text(of: dateTime, format: format).map(Value.string) ?? .undefined
            }),
        FunctionDefinition(
            "DateTimeFromParts", .dateTime,
            [
                .init("year", .integer), .init("month", .integer), .init("day", .integer), .optional("hour", .integer),
                .optional("minute", .integer), .optional("second", .integer), .optional("fraction", .integer),
            ],
            .many { arguments, _ in value(dateTime(fromParts: arguments.map { $0.int64 ?? 0 })) }),
        FunctionDefinition(
            "DateTimePart", .dateTime, [.init("part", .string), .init("dateTime", .string)],
            .two { part, dateTime in
                guard let part = part.string.flatMap(DateTimePart.init), let dateTime = dateTime.dateTime
                else { return .undefined }
                return .integer(dateTime.part(part))
            }),
        ofDateTime("DateTimeToTicks") { $0.ticks },
        ofDateTime("DateTimeToTimestamp") { $0.ticks.flooredQuotient(by: 10_000) },
        ofDateTime("Day") { $0.date.day },
        current("GetCurrentDateTime", isStatic: false) { value(DateTime(ticks: $0)) },
        current("GetCurrentDateTimeStatic", isStatic: true) { value(DateTime(ticks: $0)) },
        current("GetCurrentTicks", isStatic: false) { .integer($0) },
        current("GetCurrentTicksStatic", isStatic: true) { .integer($0) },
        current("GetCurrentTimestamp", isStatic: false) { .integer($0.flooredQuotient(by: 10_000)) },
        current("GetCurrentTimestampStatic", isStatic: true) { .integer($0.flooredQuotient(by: 10_000)) },
        ofDateTime("Month") { $0.date.month },
        toDateTime("TicksToDateTime", "ticks", unit: 1),
        toDateTime("TimestampToDateTime", "milliseconds", unit: 10_000),
        ofDateTime("Year") { $0.date.year },
    ]

    private static func value(_ dateTime: DateTime?) -> Value {
        dateTime.map { .string($0.text) } ?? .undefined
    }

    private static func ofDateTime(
        _ name: String, _ function: @escaping @Sendable (DateTime) -> Int64
    ) -> FunctionDefinition {
        FunctionDefinition(
            name, .dateTime, [.init("dateTime", .string)],
            .one { text in
                text.dateTime.map { .integer(function($0)) } ?? .undefined
            })
    }

    private static func toDateTime(_ name: String, _ parameter: String, unit: Int64) -> FunctionDefinition {
        FunctionDefinition(
            name, .dateTime, [.init(parameter, .number)],
            .one { number in
                guard let double = number.double, double.isFinite,
                    let count = number.int64 ?? Int64(exactly: double.rounded(.down))
                else { return .undefined }
                let (ticks, overflow) = count.multipliedReportingOverflow(by: unit)
                return overflow ? .undefined : value(DateTime(ticks: ticks))
            })
    }

    private static func current(
        _ name: String, isStatic: Bool, _ function: @escaping @Sendable (Int64) -> Value
    ) -> FunctionDefinition {
        FunctionDefinition(
            name, .dateTime, [], isDeterministic: false,
            .none { context in
                function(isStatic ? context.startTicks : context.clock())
            })
    }

    private static func dateTime(fromParts parts: [Int64]) -> DateTime? {
        let (hour, minute, second, fraction) = (parts[3], parts[4], parts[5], parts[6])
        guard (0..<24).contains(hour), (0..<60).contains(minute), (0..<60).contains(second),
            (0..<DateTime.ticksPerSecond).contains(fraction)
        else { return nil }
        let time = ((hour * 60 + minute) * 60 + second) * DateTime.ticksPerSecond + fraction
        return DateTime(year: parts[0], month: parts[1], day: parts[2], timeTicks: time)
    }
}

extension Value {
    var dateTime: DateTime? { string.flatMap { DateTime(parsing: $0) } }
}
