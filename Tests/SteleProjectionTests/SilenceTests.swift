// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleTestSupport
import Testing

@testable import SteleProjection

@Suite("Silences of the callbacks")
struct SilenceTests {
    private static func silences(_ seconds: [Int64], limit: Double = 1e-4) -> [Silence] {
        var detector = SilenceDetector(shortest: 240, limit: limit)
        var found: [Silence] = []
        for second in seconds { found += detector.add(second) }
        return found + detector.finish()
    }

    /// Seconds with a sign, at random, on average so many seconds apart.
    private static func traffic(_ range: Range<Int64>, every mean: Int, seed: UInt64) -> [Int64] {
        var random = SeededGenerator(seed: seed)
        return range.filter { _ in random.chance(oneIn: mean) }
    }

    @Test(
        "five minutes without a sign are improbable in steady traffic, and just there",
        arguments: [1, 2, 5, 10], 1...5 as ClosedRange<UInt64>)
    func steady(mean: Int, seed: UInt64) {
        let all = Self.traffic(0..<30_000, every: mean, seed: seed)
        #expect(Self.silences(all).filter(\.isImprobable) == [])
        let cut = all.filter { !(15_000..<15_300).contains($0) }
        let found = Self.silences(cut).filter(\.isImprobable)
        #expect(found.count == 1)
        #expect(found.first.map { $0.from < 15_000 && $0.to >= 15_300 } == true)
    }

    @Test("two bans in one hour are both found")
    func twoBans() {
        let all = Self.traffic(0..<20_000, every: 2, seed: 4)
        let cut = all.filter { !(8000..<8300).contains($0) && !(8500..<9100).contains($0) }
        let found = Self.silences(cut).filter(\.isImprobable)
        #expect(found.map { $0.seconds / 100 } == [3, 6])
    }

    @Test("a silence at the edge of the traffic, or between quiet hours, is nothing to wonder at")
    func quiet() {
        let busy = Self.traffic(0..<10_000, every: 2, seed: 1)
        let quiet = Self.traffic(20_000..<40_000, every: 300, seed: 2)
        #expect(Self.silences(busy + quiet).filter(\.isImprobable) == [])
        #expect(Self.silences(busy + [30_000]).filter(\.isImprobable) == [])
        #expect(Self.silences([5]) == [] && Self.silences([]) == [])
    }

    @Test("steady traffic of a month raises no alarm", arguments: [3, 20, 60])
    func month(mean: Int) {
        let all = Self.traffic(0..<(30 * 86_400), every: mean, seed: 9)
        #expect(Self.silences(all).filter(\.isImprobable) == [])
    }
}
