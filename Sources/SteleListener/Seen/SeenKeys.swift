// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import Logging
import Synchronization

/// Every event recorded so far, by key: the newest in memory, the rest in a few sorted files of the index.
///
/// A key is remembered only when its record is durable. All of it is derived: opening reads the log from where
/// the files end, and a missing folder is made again from the whole log. Memory is bounded by the limit on keys
/// in memory; the files are mapped, and asked through a filter that answers most questions with one look.
final class SeenKeys: Sendable {
    private struct State {
        /// Keys of records that no file holds yet.
        var recent: Set<DeduplicationKey> = []
        /// Keys being written to a file.
        var departing: Set<DeduplicationKey> = []
        var runs: [KeyRun]
        /// Files of them found damaged.
        var distrusted: Set<URL> = []
        var inFlight: [DeduplicationKey: Flight] = [:]
        var frontier: Frontier
        /// Keys among the recent ones of records behind one that is still to come: no file covers those.
        var ahead: [(keys: [DeduplicationKey], end: UInt64)] = []
        var isSaving = false
        /// How many keys make saving worth while; raised when a save failed, so that it is not tried each time.
        var saveAt: Int
    }

    private let state: Mutex<State>
    private let folder: KeyFolder
    private let limit: Int
    private let fingerprint: @Sendable (UInt64) throws -> DeduplicationKey
    private let logger: Logger
    /// Writing and merging block; they have a thread of their own.
    private let queue = DispatchQueue(label: "stele.seen-keys")

    /// Opens the folder and keeps what agrees with the log; ``frontier`` says where reading the log must begin.
    ///
    /// - Parameters:
    ///   - folder: Made when missing; unusable files in it are removed.
    ///   - logEnd: The sequence the log gives next.
    ///   - limit: Keys held in memory before they are written to a file.
    ///   - logger: Told when the index could not be saved, which slows the next start and loses nothing.
    ///   - fingerprint: Stands for the log's line with the given sequence.
    /// - Throws: A file error when the folder cannot be made or listed, or what `fingerprint` throws.
    init(
        _ folder: URL, logEnd: UInt64, limit: Int, logger: Logger,
        fingerprint: @escaping @Sendable (UInt64) throws -> DeduplicationKey
    ) throws {
        self.folder = KeyFolder(url: folder)
        self.limit = limit
        self.fingerprint = fingerprint
        self.logger = logger
        let runs = try self.folder.open(logEnd: logEnd, fingerprint: fingerprint)
        let end = runs.last?.coverage.records.upperBound ?? 0
        state = Mutex(State(runs: runs, frontier: Frontier(end), saveAt: limit))
    }

    /// The first record whose key is not remembered.
    var frontier: UInt64 { state.withLock(\.frontier.end) }

    /// How many files there are, and how many keys wait in memory.
    var size: (runs: Int, keysInMemory: Int) {
        state.withLock { ($0.runs.count, $0.recent.count + $0.departing.count) }
    }

    // MARK: Live

    /// Takes `key` for a commit about to be made, unless it is recorded or another commit has it.
    func claim(_ key: DeduplicationKey, for flight: Flight) -> Claims.Claim {
        let (claim, runs): (Claims.Claim, [KeyRun]) = state.withLock { state in
            if state.recent.contains(key) || state.departing.contains(key) { return (.seen, []) }
            if let other = state.inFlight[key] { return (.inFlight(other), []) }
            state.inFlight[key] = flight
            return (.new, state.runs)
        }
        guard case .new = claim else { return claim }
        // The files are asked outside the lock. Nobody else can record the key meanwhile: it is claimed.
        guard runs.contains(where: { holds($0, key) }) else { return .new }
        state.withLock { $0.inFlight[key] = nil }
        return .seen
    }

    /// The records with these keys are durable.
    func remember(_ keys: [DeduplicationKey], as records: Range<UInt64>) {
        state.withLock { state in
            for key in keys {
                state.inFlight[key] = nil
                state.recent.insert(key)
            }
            state.frontier.add(records)
            state.ahead.removeAll { $0.end <= state.frontier.end }
            if records.upperBound > state.frontier.end { state.ahead.append((keys, records.upperBound)) }
        }
    }

    /// The records with these keys were not made.
    func forget(_ keys: [DeduplicationKey]) {
        state.withLock { state in
            for key in keys { state.inFlight[key] = nil }
        }
    }

    /// Writes the keys in memory to a file when there are enough of them; at once when `isClosing`.
    ///
    /// A failure is reported to the logger, once, and the keys stay in memory: every record they stand for is
    /// durable already, so nobody's request may fail for it.
    func saveIfDue(isClosing: Bool = false) async {
        guard let work = depart(isClosing: isClosing) else { return }
        await withCheckedContinuation { continuation in
            queue.async {
                self.save(work)
                continuation.resume()
            }
        }
    }

    // MARK: Reading the log again

    /// Remembers a record read from the log.
    ///
    /// - Parameters:
    ///   - key: The record's key, without its count of repetitions.
    ///   - sequence: The record's sequence.
    ///   - mayRepeat: Whether that count belongs to the key. It is not in the log, but the records with the same
    ///     bytes are, so this is the next repetition not yet seen.
    func replay(_ key: DeduplicationKey, at sequence: UInt64, mayRepeat: Bool) {
        let key = mayRepeat ? key.repeated(firstUnseenRepetition(of: key)) : key
        remember([key], as: sequence..<(sequence + 1))
        if let work = depart(isClosing: false) { save(work) }
    }

    /// The log has no readable records in `hole`, so there is nothing to remember of them.
    func skip(_ hole: Range<UInt64>) {
        state.withLock { state in
            state.frontier.add(hole)
            state.ahead.removeAll { $0.end <= state.frontier.end }
        }
    }

    func contains(_ key: DeduplicationKey) -> Bool {
        let (isInMemory, runs) = state.withLock { state in
            (state.recent.contains(key) || state.departing.contains(key), state.runs)
        }
        return isInMemory || runs.contains { holds($0, key) }
    }

    /// Whether a file holds a key, in bytes that are as they were written.
    private func holds(_ run: KeyRun, _ key: DeduplicationKey) -> Bool {
        switch run.look(for: key) {
        case .absent: return false
        case .present: return true
        case .damaged:
            // Perhaps recorded a second time; were it refused instead, it might never be.
            distrust(run, "keys were changed")
            return false
        }
    }

    /// Lets the next start make again what a damaged file says of the log.
    private func distrust(_ run: KeyRun, _ what: String) {
        let isNews = state.withLock { $0.distrusted.insert(run.url).inserted }
        guard isNews else { return }
        // One that cannot be removed is named by 'stele verify'.
        try? FileManager.default.removeItem(at: run.url)
        logger.warning(
            "a file of the index of recorded events is damaged; an event may be recorded twice, and the next start makes the file anew from the log",
            metadata: ["file": "\(run.url.path)", "reason": "\(what)"])
    }

    private func firstUnseenRepetition(of key: DeduplicationKey) -> Int {
        // Repetitions are seen in order, so doubling and halving finds the end without trying each.
        var unseen = 1
        guard contains(key) else { return 0 }
        while contains(key.repeated(unseen)) { unseen *= 2 }
        var seen = unseen / 2
        while unseen - seen > 1 {
            let middle = (seen + unseen) / 2
            if contains(key.repeated(middle)) { seen = middle } else { unseen = middle }
        }
        return unseen
    }

    // MARK: Files

    private struct Work: Sendable {
        var keys: Set<DeduplicationKey>
        var records: Range<UInt64>
    }

    /// Sets the keys in memory apart to be written, when that is due and nobody else does it.
    private func depart(isClosing: Bool) -> Work? {
        state.withLock { state in
            let covered = state.runs.last?.coverage.records.upperBound ?? 0
            let isDue = isClosing ? !state.recent.isEmpty : state.recent.count >= state.saveAt
            guard isDue, !state.isSaving, state.frontier.end > covered else { return nil }
            state.isSaving = true
            // When the log is read again from where the file ends, the key of a record behind that must be a new one.
            let staying = Set(state.ahead.flatMap(\.keys))
            state.departing = state.recent.subtracting(staying)
            state.recent = staying
            return Work(keys: state.departing, records: covered..<state.frontier.end)
        }
    }

    private func save(_ work: Work) {
        do {
            let print = try fingerprint(work.records.upperBound - 1)
            let coverage = KeyRun.Coverage(records: work.records, fingerprint: print)
            let run = try folder.write(work.keys.sorted(), coverage)
            let runs = state.withLock { state in
                state.runs.append(run)
                state.departing = []
                return state.runs
            }
            try merge(runs)
            state.withLock { state in
                state.isSaving = false
                state.saveAt = limit
            }
        } catch {
            state.withLock { state in
                state.recent.formUnion(state.departing)
                state.departing = []
                state.isSaving = false
                state.saveAt = state.recent.count + limit
            }
            logger.warning(
                "index of recorded events not saved; the next start reads more of the log",
                metadata: ["folder": "\(folder.url.path)", "reason": "\(error)"])
        }
    }

    private func merge(_ runs: [KeyRun]) throws {
        let count = KeyFolder.newestToMerge(runs.map(\.count))
        guard count > 0 else { return }
        // What is merged gets new sums, so it must not be damaged; and nothing is built on what is.
        for run in runs.suffix(count) {
            if let damage = run.damage() { distrust(run, damage) }
        }
        let isSound = state.withLock { state in
            runs.suffix(count).allSatisfy { !state.distrusted.contains($0.url) }
        }
        guard isSound else { return }
        let merged = try folder.merge(runs.suffix(count))
        state.withLock { $0.runs.replaceSubrange((runs.count - count)..., with: [merged]) }
    }
}
