// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SteleLog

/// Makes the keys of recorded events again from the log's lines.
enum RecordedKeys {
    /// Remembers every record from `start` until `end`.
    static func replay(_ reader: LogReader, from start: UInt64, until end: UInt64, into seen: SeenKeys) throws
    {
        guard start < end else { return }
        var cursor = try reader.cursor(from: SequenceNumber(rawValue: start))
        while seen.frontier < end, let chunk = try cursor.next() {
            switch chunk {
            case .lines(let lines):
                for index in 0..<lines.count {
                    try replay(lines[index], at: lines.first.rawValue + UInt64(index), into: seen)
                }
            case .hole(let hole):
                seen.skip(hole.first.rawValue..<max(hole.first.rawValue, hole.end?.rawValue ?? end))
            }
        }
    }

    private static func replay(_ line: ArraySlice<UInt8>, at sequence: UInt64, into seen: SeenKeys) throws {
        let record = try JSONDocument(Array(line), maximumDepth: .max).root
        guard let surface = record["via"]?.string.flatMap(Surface.init(rawValue:)) else {
            // Written by a newer program: the record stays, and this program cannot receive its like.
            return seen.skip(sequence..<(sequence + 1))
        }
        let key = DeduplicationKey.of(
            try payload(of: record), surface: surface, isPreSend: record["phase"]?.string == "pre",
            session: record["session"]?.string)
        seen.replay(key, at: sequence, mayRepeat: DeduplicationKey.mayRepeat(surface))
    }

    private static func payload(of record: JSONValue) throws -> JSONValue {
        if let event = record["event"] { return event }
        let line = try JSONDocument(Array(record.bytes), maximumDepth: .max)
        return try JSONDocument(Record(line: line).payload, maximumDepth: .max).root
    }

    /// Stands for the line with this sequence: a log with another line there is another log.
    static func fingerprint(of sequence: UInt64, in reader: LogReader) throws -> DeduplicationKey {
        var cursor = try reader.cursor(from: SequenceNumber(rawValue: sequence))
        guard case .lines(let lines)? = try cursor.next(), lines.count > 0 else {
            return DeduplicationKey(high: 0, low: sequence)
        }
        return DeduplicationKey(hashing: Array(lines[0]))
    }
}
