// SPDX-License-Identifier: Apache-2.0

import JSONExporter
import SteleEvents
import SteleLog
import SteleProjection
import SteleServer
import SteleTranscript
import Synchronization

extension ReadSide {
    /// The archive's own views, in the words of the commands.
    static func archive(_ archive: Archive, _ views: Views) -> ReadSide {
        ReadSide(
            conversations: { query in
                let access = try access(query, archive, views)
                defer { access.close() }
                let conversations = try access.reader().conversations()
                return pages(of: conversations) { conversation, encoder, output in
                    encoder.append(conversation, to: &output)
                }
            },
            messages: { query in
                let source = MessageSource(try access(query.viewpoint, archive, views))
                guard try source.open(query) else { return nil }
                return { try source.nextPage() }
            },
            search: { query in
                let hits = try Self.found(query, archive, views)
                return pages(of: hits) { hit, encoder, output in
                    encoder.append(hit.message, name: hit.name, to: &output)
                }
            },
            status: { try StatusReport(archive, views).line.closed })
    }

    /// Lines of a list that is in memory.
    private static func pages<Element: Sendable>(
        of list: [Element],
        _ append: @escaping @Sendable (Element, inout MessageEncoder, inout [UInt8]) -> Void
    ) -> Pages {
        let rest = Mutex(list[...])
        return {
            let part = rest.withLock { rest in
                defer { rest = rest.dropFirst(500) }
                return rest.prefix(500)
            }
            guard !part.isEmpty else { return nil }
            var encoder = MessageEncoder()
            var output: [UInt8] = []
            for element in part {
                append(element, &encoder, &output)
                output.append(UInt8(ascii: "\n"))
            }
            return output
        }
    }

    /// - Throws: `ReadRefusal` for a viewpoint that cannot be understood, or from which nothing can be seen.
    private static func access(
        _ query: ViewpointQuery, _ archive: Archive, _ views: Views
    ) throws -> ViewAccess {
        var standpoint = Standpoint(viewer: query.asSeenBy)
        guard let clock = AsOf.Clock(rawValue: query.clock ?? AsOf.Clock.known.rawValue) else {
            throw ReadRefusal(
                .misunderstood, "'\(query.clock ?? "")' is no clock",
                remedy: "Write clock=known or clock=happened.")
        }
        if let text = query.asOf {
            guard let point = PointArgument(argument: text)?.point else {
                throw ReadRefusal(
                    .misunderstood, "'\(text)' is neither a time nor a sequence",
                    remedy: "Write as-of=2026-11-23T02:40:00Z or as-of=4711.")
            }
            if case .sequence = point, clock == .happened {
                throw ReadRefusal(
                    .misunderstood, "a sequence counts records of the archive",
                    remedy: "Give clock=happened a time.")
            }
            standpoint.asOf = AsOf(point, clock: clock)
        }
        do {
            return try ViewAccess.open(archive, at: standpoint, served: views)
        } catch let error as CommandError {
            throw ReadRefusal(.notFound, error.what, remedy: error.hint)
        }
    }

    private static func found(
        _ query: SearchQuery, _ archive: Archive, _ views: Views
    ) throws -> [FoundMessage] {
        let access = try access(query.viewpoint, archive, views)
        defer { access.close() }
        do {
            return try MessageSearch(reader: access.reader()).messages(
                query.text, conversation: query.conversation, sender: query.sender, from: query.from,
                to: query.to, limit: query.limit ?? MessageSearch.defaultLimit)
        } catch let error as ConversationNameError {
            throw ReadRefusal(.notFound, error.description, remedy: error.remedy)
        }
    }
}

/// The messages of one conversation on their way to one client.
///
/// Unchecked: pages are asked for one after the other, never at once, as ``ReadSide/Pages`` promises.
private final class MessageSource: @unchecked Sendable {
    private static let pageBytes = 65_536

    private let access: ViewAccess
    private var name = ""
    private var entries: NewestEntries?
    private var encoder = MessageEncoder()

    init(_ access: ViewAccess) { self.access = access }

    deinit { access.close() }

    /// Finds the conversation; false when there is none.
    func open(_ query: MessagesQuery) throws -> Bool {
        var reader = try access.reader()
        reader.explains = query.explains
        do {
            let conversation = try reader.conversation(named: query.conversation)
            name = conversation.name
            entries = try NewestEntries(
                reader, conversation, from: query.from, to: query.to, limit: query.limit)
            return true
        } catch is ConversationNameError {
            return false
        }
    }

    func nextPage() throws -> [UInt8]? {
        var output: [UInt8] = []
        while output.count < Self.pageBytes, let entry = try entries?.next() {
            if case .notice = entry { continue }
            encoder.append(entry, name: name, to: &output)
            output.append(UInt8(ascii: "\n"))
        }
        return output.isEmpty ? nil : output
    }
}
