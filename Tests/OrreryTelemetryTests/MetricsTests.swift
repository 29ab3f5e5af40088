import Foundation
import OrreryTelemetry
import Testing

@Suite struct MetricsTests {
    @Test func textOfAllKinds() {
        let registry = MetricsRegistry()
        registry.counter("b_total", help: "B\ns", labels: [("operation", "read"), ("path", "a\"b\\c\n")]).add(3)
        registry.counter("b_total", help: "B\ns", labels: [("operation", "write"), ("path", "")]).add()
        registry.gauge("a", help: "As").set(-4)
        registry.computedGauge("d", help: "Ds") { 0.5 }
        let histogram = registry.histogram(
            "c_seconds", help: "Cs", labels: [("l", "v")], scale: .init(bounds: [1000, 2000], unitsPerShown: 1000))
        for value: UInt64 in [0, 1000, 1001, 2000, 2001, 500_000] { histogram.record(value) }
        #expect(
            registry.prometheusText == #"""
                # HELP a As
                # TYPE a gauge
                a -4
                # HELP b_total B\ns
                # TYPE b_total counter
                b_total{operation="read",path="a\"b\\c\n"} 3
                b_total{operation="write",path=""} 1
                # HELP c_seconds Cs
                # TYPE c_seconds histogram
                c_seconds_bucket{l="v",le="1"} 2
                c_seconds_bucket{l="v",le="2"} 4
                c_seconds_bucket{l="v",le="+Inf"} 6
                c_seconds_sum{l="v"} 506.002
                c_seconds_count{l="v"} 6
                # HELP d Ds
                # TYPE d gauge
                d 0.5

                """#)
    }

    @Test func oneNameAndLabelsAreOneInstrument() {
        let registry = MetricsRegistry()
        let first = registry.counter("x_total", help: "x", labels: [("a", "1")])
        #expect(registry.counter("x_total", help: "x", labels: [("a", "1")]) === first)
        #expect(registry.counter("x_total", help: "x", labels: [("a", "2")]) !== first)
    }

    @Test func scalesRise() {
        for scale in [Histogram.Scale.duration, .bytes, .count] {
            #expect(scale.bounds == scale.bounds.sorted())
            #expect(Set(scale.bounds).count == scale.bounds.count)
        }
        #expect(Histogram.Scale.duration.bounds.first == 10_000)
        #expect(Histogram.Scale.duration.bounds.last == 5_000_000_000)
    }

    @Test func durationsOfAnySize() {
        let histogram = Histogram(.duration)
        for duration in [Duration.zero, .seconds(-1), .microseconds(10), .microseconds(11), .seconds(Int64.max)] {
            histogram.record(duration)
        }
        #expect(histogram.counts.reduce(0, +) == 5)
        #expect(histogram.counts.first == 3)
        #expect(histogram.counts.last == 1)
    }

    @Test func threadsLoseNothing() {
        let counter = Counter()
        let gauge = Gauge()
        let histogram = Histogram(.count)
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            for value: UInt64 in 1...10_000 {
                counter.add()
                gauge.add(value.isMultiple(of: 2) ? -1 : 2)
                histogram.record(value)
            }
        }
        #expect(counter.value == 40_000)
        #expect(gauge.value == 20_000)
        #expect(histogram.counts.reduce(0, +) == 40_000)
        #expect(histogram.sum == 4 * 50_005_000)
    }
}
