// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import SteleFetch

@Suite("The pace of requests")
struct PaceTests {
    @Test(
        "no minute has more requests than the limit, and none waits longer than it must",
        arguments: [1, 3, 10])
    func rate(limit: Int) {
        var gate = RateGate(limit: limit)
        var now = Duration.zero
        var sent: [Duration] = []
        for number in 0..<(limit * 4) {
            now += .milliseconds(number * 37 % 900)
            now += gate.delay(at: now)
            sent.append(now)
        }
        for (index, time) in sent.enumerated() where index >= limit {
            #expect(time - sent[index - limit] >= .seconds(60))
        }
        #expect(sent[limit - 1] < .seconds(60))
    }

    @Test("tries end, waits double, and what the server asks for counts up to five minutes")
    func backOff() {
        let backOff = BackOff(tries: 5)
        #expect(
            (1...5).map { backOff.delay(afterTry: $0) } == [
                .seconds(1), .seconds(2), .seconds(4), .seconds(8), nil,
            ])
        #expect(backOff.delay(afterTry: 1, asked: .seconds(30)) == .seconds(30))
        #expect(backOff.delay(afterTry: 1, asked: .seconds(1_000_000)) == .seconds(300))
        #expect(BackOff(tries: 1).delay(afterTry: 1) == nil)
    }
}
