// SPDX-License-Identifier: Apache-2.0

/// A figure for monitoring, in the words of the Prometheus text format.
package struct Metric: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable { case counter, gauge, histogram }

    /// One value, with at most one label.
    package struct Sample: Hashable, Sendable {
        /// Follows the metric's name: `_bucket`, `_sum` and `_count` of a histogram.
        package var suffix = ""
        package var label: String?
        package var labelValue = ""
        package var value: Double

        package init(_ value: Double) { self.value = value }
        package init(_ value: Int) { self.value = Double(value) }
        package init(_ value: Int, _ label: String, _ labelValue: String) {
            self.value = Double(value)
            self.label = label
            self.labelValue = labelValue
        }
    }

    /// With the unit in it, as `stele_log_fsync_duration_seconds`.
    package let name: String
    package let kind: Kind
    /// One sentence.
    package let help: String
    package let samples: [Sample]

    package init(_ name: String, _ kind: Kind, _ help: String, _ samples: [Sample]) {
        self.name = name
        self.kind = kind
        self.help = help
        self.samples = samples
    }

    /// The text that Prometheus scrapes.
    package static func text(_ metrics: [Metric]) -> String {
        var output = ""
        for metric in metrics {
            output += "# HELP \(metric.name) \(metric.help)\n# TYPE \(metric.name) \(metric.kind.rawValue)\n"
            for sample in metric.samples {
                output += metric.name + sample.suffix
                if let label = sample.label { output += "{\(label)=\"\(escaped(sample.labelValue))\"}" }
                output += " \(number(sample.value))\n"
            }
        }
        return output
    }

    private static func escaped(_ text: String) -> String {
        text.map { character in
            switch character {
            case "\\": "\\\\"
            case "\"": "\\\""
            case "\n": "\\n"
            default: String(character)
            }
        }.joined()
    }

    private static func number(_ value: Double) -> String {
        Int64(exactly: value).map(String.init) ?? (value == .infinity ? "+Inf" : "\(value)")
    }
}
