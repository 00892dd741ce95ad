// SPDX-License-Identifier: Apache-2.0

import SteleTestSupport
import Testing

@testable import SteleReplay

@Suite("How late records were")
struct LatenessTests {
    @Test("quantiles of nothing are nothing")
    func empty() { #expect(Lateness().quantile(0.5) == nil) }

    @Test(
        "a quantile is at most an eighth above the true one, and never below it",
        arguments: [1, 2, 3] as [UInt64])
    func quantiles(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var lateness = Lateness()
        var values: [Int64] = []
        for _ in 0..<5000 {
            let value = Int64(random.next() >> UInt64(random.int(in: 1..<64)))
            values.append(value)
            lateness.add(nanoseconds: value)
        }
        values.sort()
        for fraction in [0.001, 0.5, 0.9, 0.99, 1] {
            let exact = values[max(0, Int((5000 * fraction).rounded(.up)) - 1)]
            let told = try #require(lateness.quantile(fraction))
            #expect(told >= exact && Double(told) <= Double(exact) * 1.125 + 1, "seed \(seed), \(fraction)")
        }
        #expect(lateness.maximum == values.last && lateness.count == 5000)
    }

    @Test("early counts as not late")
    func early() {
        var lateness = Lateness()
        lateness.add(nanoseconds: -5)
        #expect(lateness.quantile(1) == 0)
    }
}
