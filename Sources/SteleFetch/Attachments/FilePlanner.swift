// SPDX-License-Identifier: Apache-2.0

import Foundation
package import SteleEvents
package import SteleLog
package import SteleProjection
import SteleWire

/// Finds in the views, page by page, which files are wanted, and in stored bundles what is inside.
///
/// Unchecked: everything is asked on the fetcher's disk queue, one question after the other.
package final class FilePlanner: @unchecked Sendable {
    /// Which messages' files.
    package struct Scope: Sendable {
        /// Conversations as they are named; empty for all messages.
        package var conversations: [(id: ConversationID, app: AppKey?)] = []
        /// By the platform's clock.
        package var from: Instant?
        /// The first instant no longer wanted.
        package var to: Instant?

        package init() {}
    }

    /// What the planner has seen so far.
    package struct Counts: Hashable, Sendable {
        /// Files named by the messages looked at, those inside bundles included, each once as far as is remembered.
        package var named = 0
        /// Of these, what is stored.
        package var stored = 0
        /// Of these, what was given up before, by what it came to.
        package var settled: [String: Int] = [:]
    }

    /// Messages looked at in one step.
    private static let pageCount = 200
    /// Bundles that are remembered as looked into; when there are more, some are looked into again.
    private static let memory = 50_000

    private let archive: Archive
    private let views: Views
    private let rules: FetchRules
    private let scope: Scope
    private var cursor: Cursor
    /// Up to where messages have been looked at, or are about to be.
    private var top: UInt64
    /// The outermost level at which a bundle was looked into.
    private var levels: [String: Int] = [:]
    private var seen: Set<FileName> = []
    package private(set) var counts = Counts()

    private enum Cursor {
        /// Messages first seen at `from` or later and before `before`, the last ones first.
        case sequences(from: UInt64, before: UInt64)
        /// The rest of a conversation, before `position`, and the conversations after it.
        case conversation(Int, before: MessagePosition?)
        case end
    }

    package init(archive: Archive, views: Views, rules: FetchRules, scope: Scope = Scope()) throws {
        self.archive = archive
        self.views = views
        self.rules = rules
        self.scope = scope
        top = try views.appliedEnd().rawValue
        cursor = .end
        survey()
    }

    /// Begins again with the newest message.
    func survey() {
        cursor =
            scope.conversations.isEmpty ? .sequences(from: 0, before: top) : .conversation(0, before: nil)
    }

    /// Whether everything was looked at that the views held when they were last asked.
    var isAtEnd: Bool {
        if case .end = cursor { return true }
        return false
    }

    /// The files wanted by the next messages, maybe none; nil when all were looked at.
    func next() throws -> [FileRequest]? {
        try views.read { reader in
            if isAtEnd, scope.conversations.isEmpty {
                let end = try reader.appliedEnd().rawValue
                // A rebuild may have begun anew.
                if end > top { cursor = .sequences(from: top, before: end) }
                top = end
            }
            switch cursor {
            case .end: return nil
            case .sequences(let from, let before):
                let page = try reader.fileMessages(before: before, from: from, limit: Self.pageCount)
                cursor = page.last.map { .sequences(from: from, before: $0.sequence) } ?? .end
                return try requests(of: page, reader)
            case .conversation(let index, let position):
                return try requests(of: conversationPage(index, position, reader), reader)
            }
        }
    }

    private func conversationPage(_ index: Int, _ position: MessagePosition?, _ reader: ViewsReader) throws
        -> [FileMessage]
    {
        guard index < scope.conversations.count else {
            cursor = .end
            return []
        }
        let (id, app) = scope.conversations[index]
        guard let conversation = try reader.conversation(id, app: app) else {
            cursor = .conversation(index + 1, before: nil)
            return []
        }
        let page = try reader.fileMessages(
            in: conversation, before: position, from: scope.from, to: scope.to, limit: Self.pageCount)
        cursor = page.next.map { .conversation(index, before: $0) } ?? .conversation(index + 1, before: nil)
        return page.messages
    }

    private func requests(of page: [FileMessage], _ reader: ViewsReader) throws -> [FileRequest] {
        let wanted = page.filter { message in
            scope.from.map { message.time >= $0 } ?? true && scope.to.map { message.time < $0 } ?? true
        }
        let entries = try reader.attachments(Set(wanted.flatMap { $0.files.map(\.name) }))
        return try wanted.flatMap { message in
            try requests(for: message.files, time: message.time, inside: [], entries, reader)
        }
    }

    /// The files wanted of what is inside a bundle that was just stored.
    func inside(_ bundle: FileRequest, sha256: String) throws -> [FileRequest] {
        try views.read { reader in
            try open(sha256, bundle.file, time: bundle.time, inside: bundle.path, reader)
        }
    }

    private func requests(
        for files: [FileReference], time: Instant, inside path: [String],
        _ entries: [FileName: AttachmentEntry], _ reader: ViewsReader
    ) throws -> [FileRequest] {
        var requests: [FileRequest] = []
        for file in files {
            // A bundle deeper than any client makes one, or inside itself, is not asked for.
            if file.kind == .combine {
                guard path.count < SteleWire.Bundle.maximumLevels, !path.contains(file.name.uuid) else {
                    continue
                }
            }
            let need = rules.need(file, entries[file.name])
            count(need, file.name)
            switch need {
            case .none, .settled: continue
            case .stored(let sha256):
                guard file.kind == .combine else { continue }
                requests += try open(sha256, file, time: time, inside: path, reader)
            case .wanted(let tries, let due):
                requests.append(FileRequest(file, time: time, path: path, tries: tries, due: due))
            }
        }
        return requests
    }

    private func count(_ need: FetchRules.Need, _ name: FileName) {
        guard need != .none else { return }
        if seen.count >= Self.memory { seen.removeAll(keepingCapacity: true) }
        guard seen.insert(name).inserted else { return }
        counts.named += 1
        switch need {
        case .stored: counts.stored += 1
        case .settled(let outcome): counts.settled[outcome, default: 0] += 1
        case .wanted, .none: break
        }
    }

    /// Looks into a stored bundle, unless that was done at this level or further out.
    private func open(
        _ sha256: String, _ bundle: FileReference, time: Instant, inside path: [String], _ reader: ViewsReader
    ) throws -> [FileRequest] {
        let uuid = bundle.name.uuid
        guard levels[uuid].map({ $0 > path.count }) ?? true else { return [] }
        if levels.count >= Self.memory { levels.removeAll(keepingCapacity: true) }
        levels[uuid] = path.count
        guard let content = content(sha256) else { return [] }
        let files = content.messages.flatMap(\.body.files)
        let entries = try reader.attachments(Set(files.map(\.name)))
        return try requests(for: files, time: time, inside: path + [uuid], entries, reader)
    }

    /// The bundle in a stored file; nil when it is none or is gone: that is told where it is shown, and by `stele verify`.
    private func content(_ sha256: String) -> SteleWire.Bundle? {
        guard let data = try? Data(contentsOf: archive.attachmentURL(sha256: sha256)) else { return nil }
        return try? SteleWire.Bundle(file: [UInt8](data))
    }
}
