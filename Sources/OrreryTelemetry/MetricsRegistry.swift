import Synchronization

/// The metrics of one server, by name and labels, and their text for a scraper. Looking one up takes a lock: whoever
/// counts often keeps what it was given.
public final class MetricsRegistry: Sendable {
    /// A label's name and value. Values must be few: never a document's id, never a key.
    public typealias Label = (name: String, value: String)

    private enum Instrument: Sendable {
        case counter(Counter)
        case gauge(Gauge)
        case computed(@Sendable () -> Double)
        case histogram(Histogram)

        var typeName: String {
            switch self {
            case .counter: "counter"
            case .gauge, .computed: "gauge"
            case .histogram: "histogram"
            }
        }
    }

    private struct Family: Sendable {
        let help: String
        let typeName: String
        var series: [(labels: String, instrument: Instrument)] = []
    }

    private let families = Mutex<[(name: String, family: Family)]>([])

    public init() {}

    /// The counter of that name and labels, made on first use. Names end in `_total`.
    public func counter(_ name: String, help: String, labels: [Label] = []) -> Counter {
        let found = instrument(name, help, labels) { .counter(Counter()) }
        if case .counter(let counter) = found { return counter }
        preconditionFailure("\(name) is not a counter")
    }

    /// The gauge of that name and labels, made on first use.
    public func gauge(_ name: String, help: String, labels: [Label] = []) -> Gauge {
        let found = instrument(name, help, labels) { .gauge(Gauge()) }
        if case .gauge(let gauge) = found { return gauge }
        preconditionFailure("\(name) is not a gauge")
    }

    /// A gauge whose value is asked for when it is read. The closure must not call the registry.
    public func computedGauge(
        _ name: String, help: String, labels: [Label] = [], value: @escaping @Sendable () -> Double
    ) {
        _ = instrument(name, help, labels) { .computed(value) }
    }

    /// The histogram of that name and labels, made on first use. Names end in their shown unit: `_seconds`, `_bytes`.
    public func histogram(
        _ name: String, help: String, labels: [Label] = [], scale: Histogram.Scale = .duration
    ) -> Histogram {
        let found = instrument(name, help, labels) { .histogram(Histogram(scale)) }
        if case .histogram(let histogram) = found { return histogram }
        preconditionFailure("\(name) is not a histogram")
    }

    private func instrument(
        _ name: String, _ help: String, _ labels: [Label], make: () -> Instrument
    ) -> Instrument {
        let labelText = Self.text(of: labels)
        return families.withLock { families in
            let familyIndex: Int
            if let found = families.firstIndex(where: { $0.name == name }) {
                familyIndex = found
            } else {
                familyIndex = families.count
                families.append((name, Family(help: help, typeName: make().typeName)))
            }
            if let found = families[familyIndex].family.series.first(where: { $0.labels == labelText }) {
                return found.instrument
            }
            let made = make()
            families[familyIndex].family.series.append((labelText, made))
            return made
        }
    }

    /// All metrics in Prometheus's text format, version 0.0.4 (`text/plain; version=0.0.4`).
    public var prometheusText: String {
        let families = families.withLock { $0 }
        var text = ""
        for (name, family) in families.sorted(by: { $0.name < $1.name }) {
            text += "# HELP \(name) \(Self.escaped(family.help, quotes: false))\n# TYPE \(name) \(family.typeName)\n"
            for (labels, instrument) in family.series {
                Self.write(instrument, name: name, labels: labels, to: &text)
            }
        }
        return text
    }

    private static func write(_ instrument: Instrument, name: String, labels: String, to text: inout String) {
        let braced = labels.isEmpty ? "" : "{\(labels)}"
        switch instrument {
        case .counter(let counter): text += "\(name)\(braced) \(counter.value)\n"
        case .gauge(let gauge): text += "\(name)\(braced) \(gauge.value)\n"
        case .computed(let value): text += "\(name)\(braced) \(shown(value()))\n"
        case .histogram(let histogram):
            let separator = labels.isEmpty ? "" : ","
            var cumulated: UInt64 = 0
            for (index, count) in histogram.counts.enumerated() {
                cumulated &+= count
                let bounds = histogram.scale.bounds
                let bound = index < bounds.count ? shown(Double(bounds[index]) / histogram.scale.unitsPerShown) : "+Inf"
                text += "\(name)_bucket{\(labels)\(separator)le=\"\(bound)\"} \(cumulated)\n"
            }
            text += "\(name)_sum\(braced) \(shown(Double(histogram.sum) / histogram.scale.unitsPerShown))\n"
            text += "\(name)_count\(braced) \(cumulated)\n"
        }
    }

    /// A number as a scraper reads it: whole numbers without a fraction.
    private static func shown(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return Int64(exactly: value).map(String.init) ?? String(value)
    }

    private static func text(of labels: [Label]) -> String {
        labels.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }.joined(separator: ",")
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}
