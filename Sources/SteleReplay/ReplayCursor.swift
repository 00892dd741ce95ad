// SPDX-License-Identifier: Apache-2.0

package import SteleEvents
package import SteleLog

/// One record of a replay, and when it is due.
package struct ReplayedRecord: Sendable {
    package let sequence: UInt64
    /// The record as the log holds it: one JSON line, without the newline.
    package let line: [UInt8]
    package let surface: Surface
    package let isPreSend: Bool
    package let event: Event
    /// Nanoseconds after the first record of the replay.
    package let due: Int64

    /// The bytes as they were received.
    ///
    /// - Throws: ``RecordError`` when the line does not hold them.
    package func payload() throws -> [UInt8] {
        try Record(line: JSONDocument(line, maximumDepth: .max)).payload
    }
}

/// Something in the log that a replay had to leave out.
package struct ReplayGap: Hashable, Sendable {
    /// The first sequence left out.
    package let sequence: UInt64
    package let what: String
}

/// Where a replay stands in the log: the records of a plan, one after the other, each with its due time.
///
/// Reads up to the end that the log had when the replay was planned, so that two runs over one range are the same.
package struct ReplayCursor {
    /// Most gaps kept by name; ``gapCount`` counts on.
    package static let maximumGaps = 100

    private let plan: ReplayPlan
    private let end: UInt64
    private var log: LogCursor
    private var lines: LogLines?
    private var index = 0
    private var schedule: ReplaySchedule
    private var matcher: ConversationMatcher
    /// What the log could not give, earliest first.
    package private(set) var gaps: [ReplayGap] = []
    package private(set) var gapCount = 0

    /// Places the cursor at the first record that can belong to the plan.
    ///
    /// - Throws: ``LogError`` when the log cannot be read.
    package init(_ plan: ReplayPlan, of reader: LogReader) throws {
        self.plan = plan
        let logEnd = try reader.end().rawValue
        end = if case .sequence(let number) = plan.until { min(number, logEnd) } else { logEnd }
        // A conversation's receipts may name nothing but messages before the first record asked for: with such
        // a filter the reading starts at the beginning.
        let first: SequenceNumber =
            switch plan.from {
            case .sequence(let number) where plan.filter.conversations.isEmpty:
                SequenceNumber(min(number, logEnd))
            case .time(let instant) where plan.filter.conversations.isEmpty:
                try reader.sequence(atOrAfter: instant.microseconds)
            default: SequenceNumber(0)
            }
        log = try reader.cursor(from: first)
        schedule = ReplaySchedule(pace: plan.pace, longestPauseSeconds: plan.longestPauseSeconds)
        matcher = ConversationMatcher(plan.filter.conversations)
    }

    /// The next record of the plan, or nil behind the last one.
    ///
    /// - Throws: ``LogError`` when the log cannot be read.
    package mutating func next() throws -> ReplayedRecord? {
        while let (sequence, line) = try nextLine() {
            guard sequence < end else { return nil }
            let recorded: RecordedEvent
            do {
                recorded = try RecordedEvent(line: line)
            } catch {
                leaveOut(sequence, "not a record: \(error)")
                continue
            }
            if let record = select(recorded, line: line) { return record }
        }
        return nil
    }

    private mutating func select(_ recorded: RecordedEvent, line: [UInt8]) -> ReplayedRecord? {
        guard matcher.admits(recorded.event, session: recorded.session),
            plan.filter.admits(surface: recorded.surface, session: recorded.session)
        else { return nil }
        let time = plan.time(of: recorded.event, capturedAt: recorded.capturedAt)
        switch plan.from {
        case .sequence(let first) where recorded.sequence < first: return nil
        case .time(let first) where time < first: return nil
        default: break
        }
        if case .time(let end) = plan.until, time >= end { return nil }
        return ReplayedRecord(
            sequence: recorded.sequence, line: line, surface: recorded.surface,
            isPreSend: recorded.isPreSend, event: recorded.event, due: schedule.due(at: time))
    }

    private mutating func nextLine() throws -> (UInt64, [UInt8])? {
        while true {
            if let lines, index < lines.count {
                defer { index += 1 }
                return (lines.first.rawValue + UInt64(index), Array(lines[index]))
            }
            switch try log.next() {
            case .lines(let next):
                lines = next
                index = 0
            case .hole(let hole): leaveOut(hole)
            case nil: return nil
            }
        }
    }

    private mutating func leaveOut(_ hole: LogHole) {
        let rest = hole.end.map { "; it goes on at record \($0)" } ?? "; nothing after it can be read"
        leaveOut(hole.first.rawValue, "\(hole.segment): \(hole.what)\(rest)")
    }

    private mutating func leaveOut(_ sequence: UInt64, _ what: String) {
        gapCount += 1
        if gaps.count < Self.maximumGaps { gaps.append(ReplayGap(sequence: sequence, what: what)) }
    }
}
