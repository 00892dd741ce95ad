// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleEvents
import SteleLog

/// Decoded records that follow each other, to be folded in one transaction.
struct FoldBatch: Sendable {
    var inputs: [FoldInput] = []
    /// The sequence the next batch begins with.
    var end: SequenceNumber
}

/// Reads the log and decodes it, a batch at a time.
struct BatchReader {
    /// Events in a batch, more or less: a chunk of the log is not split.
    static let eventLimit = 4096

    private var cursor: LogCursor
    private var next: SequenceNumber
    /// The first record not wanted.
    private let limit: SequenceNumber?
    private let scratch = JSONScratch()

    /// `limit` is the first record not wanted; nil to read to the end.
    init(_ reader: LogReader, from start: SequenceNumber, before limit: SequenceNumber?) throws {
        cursor = try reader.cursor(from: start)
        next = start
        self.limit = limit
    }

    /// The next batch; nil when there is nothing more now.
    mutating func nextBatch() throws -> FoldBatch? {
        var batch = FoldBatch(end: next)
        batch.inputs.reserveCapacity(Self.eventLimit + 1024)
        while batch.inputs.count < Self.eventLimit, !isDone, let chunk = try cursor.next() {
            switch chunk {
            case .lines(let lines): decode(lines, into: &batch)
            case .hole(let hole):
                batch.inputs.append(
                    .unreadable(
                        sequence: hole.first.rawValue, reason: "damaged log: \(hole.segment): \(hole.what)"))
                guard let end = hole.end else { break }
                batch.end = end
                next = end
            }
        }
        return batch.inputs.isEmpty ? nil : batch
    }

    private var isDone: Bool { limit.map { next >= $0 } ?? false }

    private mutating func decode(_ lines: LogLines, into batch: inout FoldBatch) {
        for index in 0..<lines.count {
            let sequence = lines.first.advanced(by: index)
            if let limit, sequence >= limit { break }
            batch.inputs.append(decode(lines.range(of: index), of: lines.bytes, sequence.rawValue))
            next = sequence.advanced(by: 1)
        }
        batch.end = next
    }

    /// A line that is no record is quarantined, and the fold goes on.
    private func decode(_ range: Range<Int>, of bytes: [UInt8], _ sequence: UInt64) -> FoldInput {
        do throws(RecordError) {
            let record = try RecordedEvent(line: range, of: bytes, reusing: scratch)
            guard record.sequence == sequence else {
                return .unreadable(
                    sequence: sequence, reason: "the line says it is record \(record.sequence)")
            }
            return .event(DecodedRecord(record))
        } catch {
            return .unreadable(sequence: sequence, reason: "\(error)")
        }
    }
}

/// Runs a ``BatchReader`` on a thread of its own, some batches ahead of whoever folds them.
///
/// - Invariant: At most ``depth`` batches wait. Abandoned before the end, it stops by itself.
final class ReadAhead: @unchecked Sendable {
    // Unchecked: `condition` guards every property below it.
    private static let depth = 4

    private let condition = NSCondition()
    private var waiting: [FoldBatch] = []
    private var failure: (any Error)?
    private var isFinished = false
    private var isAbandoned = false

    init(_ reader: LogReader, from start: SequenceNumber, before limit: SequenceNumber?) {
        let thread = Thread { [self] in
            do {
                var batches = try BatchReader(reader, from: start, before: limit)
                while let batch = try batches.nextBatch(), offer(batch) {}
                finish(nil)
            } catch {
                finish(error)
            }
        }
        thread.name = "stele.read-ahead"
        thread.stackSize = 4 << 20
        thread.start()
    }

    /// The next batch, waited for; nil at the end of the log.
    func nextBatch() throws -> FoldBatch? {
        condition.lock()
        defer { condition.unlock() }
        while waiting.isEmpty, !isFinished { condition.wait() }
        if !waiting.isEmpty {
            condition.broadcast()
            return waiting.removeFirst()
        }
        if let failure { throw failure }
        return nil
    }

    /// Lets the thread end though nobody reads on.
    func abandon() {
        condition.lock()
        isAbandoned = true
        waiting.removeAll()
        condition.broadcast()
        condition.unlock()
    }

    private func offer(_ batch: FoldBatch) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        while waiting.count >= Self.depth, !isAbandoned { condition.wait() }
        guard !isAbandoned else { return false }
        waiting.append(batch)
        condition.broadcast()
        return true
    }

    private func finish(_ error: (any Error)?) {
        condition.lock()
        failure = error
        isFinished = true
        condition.broadcast()
        condition.unlock()
    }
}
