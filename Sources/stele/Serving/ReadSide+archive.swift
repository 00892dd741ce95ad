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
            conversations: {
                let conversations = try TranscriptReader(views, archive: archive).conversations()
                return pages(of: conversations) { conversation, encoder, output in
                    encoder.append(conversation, to: &output)
                }
            },
            messages: { query in
                let source = MessageSource(try Self.views(asOf: query.asOf, archive, views))
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
        of list: [Element], _ append: @escaping @Sendable (Element, inout MessageEncoder, inout [UInt8]) -> Void
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

    private static func views(asOf text: String?, _ archive: Archive, _ views: Views) throws -> ViewAccess {
        guard let text else { return ViewAccess(archive, served: views) }
        guard let point = PointArgument(argument: text) else {
            throw CommandError(
                "'\(text)' is neither a time nor a sequence.", hint: "Write 2026-11-23T02:40:00Z or 4711.",
                exit: .badUsage)
        }
        return try ViewAccess(archive, asOf: point)
    }

    private static func found(
        _ query: SearchQuery, _ archive: Archive, _ views: Views
    ) throws -> [FoundMessage] {
        let search = MessageSearch(snapshot: try views.snapshot(), archive: archive)
        return try search.messages(
            query.text, conversation: query.conversation, sender: query.sender, from: query.from, to: query.to,
            limit: query.limit ?? MessageSearch.defaultLimit)
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
        let reader = try TranscriptReader(access.views, archive: access.archive)
        do {
            let conversation = try reader.conversation(named: query.conversation)
            name = conversation.name
            entries = try NewestEntries(reader, conversation, from: query.from, to: query.to, limit: query.limit)
            return true
        } catch is ConversationNameError {
            return false
        }
    }

    func nextPage() throws -> [UInt8]? {
        var output: [UInt8] = []
        while output.count < Self.pageBytes, let entry = try entries?.next() {
            guard case .message(let message) = entry else { continue }
            encoder.append(message, name: name, to: &output)
            output.append(UInt8(ascii: "\n"))
        }
        return output.isEmpty ? nil : output
    }
}
