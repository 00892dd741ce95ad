// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import SteleLog

/// What is shipped, refused or left alone: over all small logs.
@Suite struct MirrorPlanTests {
    private typealias Agreement = MirrorPlan.Agreement

    private static let agreements: [Agreement?] = [
        nil, .identical, .beginning(byteCount: 7), .sameRecords, .ahead(SequenceNumber(99)),
        .diverged(SequenceNumber(3)),
    ]

    /// Every mirror of up to four segments, one of which the archive may not have.
    private static let mirrors: [[(first: SequenceNumber, Agreement)]] = {
        var mirrors: [[(first: SequenceNumber, Agreement)]] = [[]]
        for first in [0, 10, 20, 30] as [UInt64] {
            mirrors = mirrors.flatMap { mirror in
                agreements.map { agreement in
                    agreement.map { mirror + [(SequenceNumber(first), $0)] } ?? mirror
                }
            }
        }
        return mirrors
    }()

    private static func isLoss(_ agreement: Agreement) -> Bool {
        switch agreement {
        case .ahead, .diverged: true
        case .identical, .beginning, .sameRecords: false
        }
    }

    @Test(
        "nothing is shipped to a mirror that has what the archive has not; else all that is missing, in order",
        arguments: [0, 1, 2, 3], [true, false])
    func everyMirror(count: Int, isLastSealed: Bool) {
        let segments = (0..<count).map { SequenceNumber(UInt64($0 * 10)) }
        for mirror in Self.mirrors {
            let plan = MirrorPlan(segments: segments, isLastSealed: isLastSealed, mirror: mirror)
            let mayLose = mirror.contains { Self.isLoss($0.1) || !segments.contains($0.first) }
            #expect((plan.refusal != nil) == mayLose, "\(mirror)")
            guard plan.refusal == nil else {
                #expect(plan.steps.isEmpty)
                continue
            }
            var expected: [MirrorPlan.Step] = []
            for first in segments {
                switch mirror.first(where: { $0.first == first })?.1 {
                case .identical?: continue
                case .beginning(let byteCount)?: expected.append(.append(first, from: byteCount))
                case nil where !isLastSealed && first == segments.last:
                    expected.append(.append(first, from: 0))
                default: expected.append(.replace(first))
                }
            }
            #expect(plan.steps == expected, "\(mirror)")
        }
    }

    @Test("the delay doubles up to half a minute, and begins anew after success")
    func backoff() {
        var backoff = MirrorBackoff()
        let delays = (0..<9).map { _ in backoff.next() }
        #expect(
            delays == [0.5, 1, 2, 4, 8, 16, 30, 30, 30].map { Duration.milliseconds(Int($0 * 1000)) })
        backoff.reset()
        #expect(backoff.next() == .milliseconds(500))
    }

    @Test("the lag counts what is not there, in a running segment and in whole ones")
    func lag() {
        func end(_ sequence: UInt64, in segment: UInt64, to offset: Int64) -> DurableEnd {
            DurableEnd(
                sequence: SequenceNumber(sequence), segment: SequenceNumber(segment), offset: offset,
                memberCRC: 0)
        }
        let durable = end(35, in: 30, to: 500)
        let sizes = [0, 10, 20, 30].map {
            (first: SequenceNumber($0), byteCount: $0 == 30 ? Int64(500) : 1000)
        }
        func lag(_ arrived: DurableEnd, _ missing: Int) -> [Int64] {
            let lag = MirrorLag(durable: durable, arrived: arrived, sizes: Array(sizes.suffix(missing)))
            return [Int64(lag.records), lag.bytes]
        }
        #expect(lag(.start, 4) == [35, 3500])
        #expect(lag(end(15, in: 10, to: 400), 3) == [20, 2100])
        #expect(lag(end(30, in: 20, to: 1000), 1) == [5, 500])
        #expect(lag(durable, 1) == [0, 0])
    }
}
