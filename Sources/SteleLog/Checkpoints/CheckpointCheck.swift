// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// Checks signed checkpoints against the log: those kept in the archive, and those kept elsewhere.
///
/// ``LogVerifier`` checks that the log agrees with itself. This checks that it is still the log that was signed:
/// a log rewritten or cut as a whole agrees with itself, and not with a checkpoint from before. The tree at each size
/// comes from the header before it, which the verifier has checked, so little is read.
package struct CheckpointCheck: Sendable {
    /// A checkpoint that does not hold, and what that says of the log.
    package struct Problem: Hashable, Sendable {
        /// The checkpoint's file, as it was named or within the archive.
        package let checkpoint: String
        /// Where in the log to look, `log/000000000000.jsonl.gz`; the checkpoint's own file when that is at fault.
        package let segment: String
        /// The first record that may be concerned, where it can be told.
        package let sequence: SequenceNumber?
        package let what: String
    }

    package struct Outcome: Sendable {
        package var problems: [Problem] = []
        /// Checkpoints that hold.
        package var holding = 0
        /// The largest of them, and its file.
        package var newest: (checkpoint: Checkpoint, file: String)?
    }

    /// What a checkpoint states, once its form and its signature are good.
    private struct Claim {
        var checkpoint: Checkpoint
        var file: String
        /// Whether it was given, rather than kept in the archive.
        var isFromElsewhere: Bool
    }

    private enum Verdict: Hashable {
        case holds
        case differs
        case tooLarge
        case unreadable(String)
    }

    private let archive: Archive
    private let keys: [VerifyingKey]?
    private let threadCount: Int

    /// - Parameters:
    ///   - archive: Whose log is checked.
    ///   - keys: Whose signatures count; nil takes those of the archive's own `key.pub`.
    ///   - threadCount: How many processors to use.
    package init(
        _ archive: Archive, trusting keys: [VerifyingKey]?,
        threadCount: Int = ProcessInfo.processInfo.activeProcessorCount
    ) {
        self.archive = archive
        self.keys = keys
        self.threadCount = max(1, threadCount)
    }

    /// Checks everything kept in the archive, and the files given.
    ///
    /// - Parameter given: Checkpoints kept elsewhere: what to call each, and its bytes.
    /// - Returns: What does not hold.
    /// - Throws: ``LogError`` when files cannot be read at all.
    package func run(given: [(file: String, bytes: [UInt8])] = []) throws(LogError) -> Outcome {
        var outcome = Outcome()
        var claims: [Claim] = []
        let keys = try trustedKeys(&outcome)
        let kept = KeptCheckpoints(archive)
        for size in try kept.sizes() {
            let file = KeptCheckpoints.file(size)
            // Gone since the folder was listed: nobody but the archive's owner removes one, and knows it.
            guard let bytes = try kept.bytes(size),
                let checkpoint = checkpoint(bytes, file, keys, &outcome)
            else { continue }
            if checkpoint.size == size {
                claims.append(Claim(checkpoint: checkpoint, file: file, isFromElsewhere: false))
            } else {
                outcome.refuse(file, "it states \(checkpoint.size) records, and is named for \(size)")
            }
        }
        for (file, bytes) in given {
            guard let checkpoint = checkpoint(bytes, file, keys, &outcome) else { continue }
            claims.append(Claim(checkpoint: checkpoint, file: file, isFromElsewhere: true))
        }
        claims.sort { $0.checkpoint.size < $1.checkpoint.size }
        // After the checkpoints were read: a log that grows meanwhile is never shorter than they say.
        let end = try LogReader(archive).end()
        let verdicts = try verdicts(claims, end: end.rawValue)
        try judge(claims, verdicts, end: end, &outcome)
        return outcome
    }

    private func trustedKeys(_ outcome: inout Outcome) throws(LogError) -> [VerifyingKey] {
        if let keys { return keys }
        do throws(LogError) {
            return try archive.verifyingKeys()
        } catch {
            guard error.code == .badKey else { throw error }
            outcome.refuse("key.pub", error.what)
            return []
        }
    }

    /// Reads a checkpoint by the rules; nil when it cannot be relied on, which `outcome` says then.
    private func checkpoint(
        _ bytes: [UInt8], _ file: String, _ keys: [VerifyingKey], _ outcome: inout Outcome
    ) -> Checkpoint? {
        do throws(NoteRefusal) {
            let note = try CheckpointNote(bytes)
            guard note.checkpoint.isOf(archive.origin) else {
                outcome.refuse(file, "it is of another log, \(note.checkpoint.origin)")
                return nil
            }
            try note.note.verify(keys)
            return note.checkpoint
        } catch {
            outcome.refuse(file, "\(error)")
            return nil
        }
    }

    // MARK: - The log at each size

    private func verdicts(_ claims: [Claim], end: UInt64) throws(LogError) -> [Verdict] {
        guard !claims.isEmpty else { return [] }
        let share = (claims.count + threadCount - 1) / threadCount
        let shared = Mutex<(verdicts: [Verdict?], error: LogError?)>(
            (Array(repeating: nil, count: claims.count), nil))
        DispatchQueue.concurrentPerform(iterations: threadCount) { part in
            let range = min(part * share, claims.count)..<min((part + 1) * share, claims.count)
            do throws(LogError) {
                var tree = try TreeReader(archive)
                for index in range {
                    let verdict = try verdict(claims[index].checkpoint, end: end, &tree)
                    shared.withLock { $0.verdicts[index] = verdict }
                }
            } catch {
                shared.withLock { $0.error = error }
            }
        }
        let (verdicts, error) = shared.withLock { ($0.verdicts, $0.error) }
        if let error { throw error }
        return verdicts.compactMap { $0 }
    }

    private func verdict(_ checkpoint: Checkpoint, end: UInt64, _ tree: inout TreeReader) throws(LogError)
        -> Verdict
    {
        guard checkpoint.size <= end else { return .tooLarge }
        do throws(LogError) {
            return try tree.tree(over: 0..<checkpoint.size).root == checkpoint.root ? .holds : .differs
        } catch {
            guard error.code == .damaged else { throw error }
            return .unreadable("\(error)")
        }
    }

    // MARK: - What it says of the log

    private func judge(
        _ claims: [Claim], _ verdicts: [Verdict], end: SequenceNumber, _ outcome: inout Outcome
    ) throws(LogError) {
        let segments = try archive.segments()
        let holding = zip(claims, verdicts).filter { $0.1 == .holds }.map(\.0)
        outcome.holding = holding.count
        outcome.newest = holding.last.map { ($0.checkpoint, $0.file) }
        /// The size up to which the log is known to be what it was when `claim` was signed.
        ///
        /// What the archive itself keeps says nothing for one from elsewhere: who rewrote the log signed that anew, too.
        func lastGood(before claim: Claim) -> SequenceNumber {
            let sizes = holding.lazy.filter { $0.isFromElsewhere || !claim.isFromElsewhere }
                .map(\.checkpoint.size).filter { $0 < claim.checkpoint.size }
            return SequenceNumber(sizes.max() ?? 0)
        }
        func report(_ claim: Claim, at sequence: SequenceNumber, _ what: String) {
            let segment = Archive.segmentName(segments.last { $0 <= sequence } ?? sequence)
            outcome.problems.append(
                Problem(checkpoint: claim.file, segment: "log/" + segment, sequence: sequence, what: what))
        }
        var differing: [Claim] = []
        for (claim, verdict) in zip(claims, verdicts) {
            let (file, size) = (claim.file, claim.checkpoint.size)
            switch verdict {
            case .holds: break
            case .tooLarge:
                report(
                    claim, at: end,
                    "\(file) states \(size) records, and the log ends at record \(end): it was cut")
            case .unreadable(let what):
                report(claim, at: lastGood(before: claim), "\(file) cannot be checked: \(what)")
            case .differs:
                if !claim.isFromElsewhere {
                    differing.append(claim)
                    // Whatever else is kept was signed for the same log: one says it.
                    guard differing.count == 1 else { continue }
                }
                let first = lastGood(before: claim)
                var what =
                    size == 0
                    ? "\(file) states another root for a log of 0 records than that has"
                    : "the log is not the one that \(file) was signed for: one of the records \(first) to \(size - 1) was changed, added or removed"
                if let later = holding.last, later.checkpoint.size >= size {
                    what += "; the log as it is now was signed, too (\(later.file))"
                }
                report(claim, at: first, what)
            }
        }
        if differing.count > 1, let last = differing.last {
            outcome.refuse(
                last.file,
                "the log matches neither this nor any of the \(differing.count - 1) kept before it since then"
            )
        }
    }
}

extension CheckpointCheck.Outcome {
    /// Adds a problem that is the checkpoint's own.
    fileprivate mutating func refuse(_ file: String, _ what: String) {
        problems.append(.init(checkpoint: file, segment: file, sequence: nil, what: what))
    }
}
