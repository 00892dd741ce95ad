// SPDX-License-Identifier: Apache-2.0

import Foundation
package import Logging
import SteleEvents
package import SteleLog

/// Turns what surfaces delivered into records: checks it, knows it again, takes out credentials, writes the line.
///
/// An event is recorded once for each surface it is seen on, and acknowledged only when its record is durable,
/// even when it comes on several connections at once.
package final class Listener: Sendable {
    package let options: ListenerOptions
    private let log: LogWriter
    private let seen: SeenKeys

    /// Opens the index of recorded events, reading as much of the log as the index does not cover.
    ///
    /// - Parameters:
    ///   - log: The archive's only writer.
    ///   - archive: Where `log` writes.
    ///   - options: The limits.
    ///   - logger: Told when the index cannot be saved.
    /// - Throws: ``LogError`` or a file error when the log cannot be read or the index folder not be made.
    package init(
        log: LogWriter, archive: Archive, options: ListenerOptions = ListenerOptions(),
        logger: Logger = Logger(label: "stele.listener")
    ) throws {
        self.log = log
        self.options = options
        let reader = try LogReader(archive)
        let end = log.durableEnd.rawValue
        seen = try SeenKeys(
            KeyFolder.url(of: archive), logEnd: end, limit: options.keysInMemory,
            logger: logger,
            fingerprint: { try RecordedKeys.fingerprint(of: $0, in: reader) })
        try RecordedKeys.replay(reader, from: seen.frontier, until: end, into: seen)
    }

    /// Checks a payload against the limits and the grammar.
    ///
    /// - Throws: ``Rejection`` of code `tooLarge`, `notJSON` or `tooDeep`.
    package func candidate(_ received: Received) throws(Rejection) -> Candidate {
        guard received.payload.count <= options.maximumPayloadBytes else {
            throw Rejection(
                .tooLarge, "the payload is larger than \(options.maximumPayloadBytes) bytes",
                remedy: "Raise the limit on payloads if this is no mistake.")
        }
        do throws(JSONError) {
            let document = try JSONDocument(received.payload, maximumDepth: options.maximumDepth)
            return Candidate(received: received, document: document)
        } catch {
            switch error.code {
            case .tooDeep:
                throw Rejection(.tooDeep, error.description, remedy: "Send a payload that nests less deeply.")
            case .tooLarge:
                throw Rejection(.tooLarge, error.description, remedy: "Send smaller payloads.")
            case .malformed:
                throw Rejection(.notJSON, error.description, remedy: "Send one JSON value as UTF-8.")
            }
        }
    }

    /// Records payloads of one source, in order, in one commit.
    ///
    /// - Parameter batch: What one request or one line range brought; a line repeated in it counts as repeated.
    /// - Returns: What became of each, in the same order, after everything recorded is on stable storage.
    /// - Throws: ``LogError`` when the log could not be written. Nothing of the batch is recorded then, and
    ///   nothing is remembered as seen.
    package func receive(_ batch: [Received]) async throws -> [Outcome] {
        var prepared = begin()
        var repeats = RepeatCounter()
        for received in batch {
            do throws(Rejection) {
                prepared.add(try candidate(received), repeats: &repeats)
            } catch {
                prepared.reject(error)
            }
        }
        return try await commit(prepared)
    }

    /// Records one payload that was checked.
    package func receive(_ candidate: Candidate) async throws -> Outcome {
        var prepared = begin()
        var repeats = RepeatCounter()
        prepared.add(candidate, repeats: &repeats)
        return try await commit(prepared)[0]
    }

    /// An empty commit, to be filled while another one is on its way to the disk.
    package func begin() -> PreparedBatch { PreparedBatch(seen) }

    /// Records what was prepared.
    ///
    /// - Returns: What became of each entry, in the order they were added.
    /// - Throws: As ``receive(_:)-([Received])``.
    package func commit(_ batch: PreparedBatch) async throws -> [Outcome] {
        var first: UInt64 = 0
        do {
            if batch.lines.count > 0 {
                let records = try await log.append(batch.lines)
                first = records.lowerBound.rawValue
                batch.claims.commit(as: first..<records.upperBound.rawValue)
            } else {
                batch.claims.commit(as: 0..<0)
            }
        } catch {
            batch.claims.giveUp(error)
            throw error
        }
        // Our own keys are settled: waiting for others now cannot make two commits wait for each other.
        for case .elsewhere(let flight) in batch.entries { try await flight.wait() }
        await seen.saveIfDue()
        return batch.outcomes(from: first)
    }

    /// Saves the index, so that the next start need not read the log.
    ///
    /// The log stays open: whoever opened it closes it.
    package func close() async { await seen.saveIfDue(isClosing: true) }
}

/// Payloads on their way into one commit: known ones sorted out, the lines of the others written.
package struct PreparedBatch: Sendable {
    enum Entry: Sendable {
        /// The n-th line of the commit.
        case line(Int)
        case duplicate
        /// Another commit has the same event.
        case elsewhere(Flight)
        case rejected(Rejection)
    }

    private(set) var entries: [Entry] = []
    private(set) var lines = LineBatch()
    let claims: Claims

    init(_ seen: SeenKeys) { claims = Claims(seen) }

    /// How many entries it has.
    package var count: Int { entries.count }
    /// Bytes of the lines to be written.
    package var byteCount: Int { lines.byteCount }

    /// Adds a payload, unless its event is recorded or about to be.
    ///
    /// - Parameters:
    ///   - candidate: A payload found fit to record.
    ///   - repeats: The lines its source gave so far.
    package mutating func add(_ candidate: Candidate, repeats: inout RepeatCounter) {
        let received = candidate.received
        let mayRepeat = DeduplicationKey.mayRepeat(received.surface)
        let blanking = mayRepeat ? CredentialBlanking(candidate.document) : nil
        // Told by what is kept: two lines that differ in a token alone are one.
        let document = blanking?.document ?? candidate.document
        var key = DeduplicationKey.of(
            document.root, surface: received.surface, isPreSend: received.isPreSend,
            session: received.session)
        if mayRepeat { key = key.repeated(repeats.ordinal(of: key)) }
        switch claims.claim(key) {
        case .seen: entries.append(.duplicate)
        case .inFlight(let flight):
            entries.append(flight === claims.flight ? .duplicate : .elsewhere(flight))
        case .new:
            entries.append(.line(lines.count))
            lines.append { line in
                Record.appendMembers(
                    surface: received.surface, flow: received.flow, isPreSend: received.isPreSend,
                    session: received.session, app: received.app, blanked: blanking?.paths ?? [],
                    payload: document.bytes, isJSON: true, to: &line)
            }
        }
    }

    package mutating func reject(_ rejection: Rejection) { entries.append(.rejected(rejection)) }

    fileprivate func outcomes(from first: UInt64) -> [Outcome] {
        entries.map { entry in
            switch entry {
            case .line(let index): .recorded(first + UInt64(index))
            case .duplicate, .elsewhere: .duplicate
            case .rejected(let rejection): .rejected(rejection)
            }
        }
    }
}
