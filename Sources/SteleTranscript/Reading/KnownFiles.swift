// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SteleProjection

/// What is known of the files that some messages name, asked for once for all of them.
struct KnownFiles {
    private let entries: [FileName: AttachmentEntry]
    private let fetching: FetchingState

    init(of bodies: some Sequence<Body>, _ reader: ViewsReader) throws {
        let attachments = bodies.compactMap(\.attachment)
        try self.init(
            Set(attachments.flatMap { [$0.fileName, $0.thumbnailName].compactMap(\.self) }), reader)
    }

    init(_ names: Set<FileName>, _ reader: ViewsReader) throws {
        entries = try reader.attachments(names)
        fetching = names.isEmpty ? .off : try reader.fetching()
    }

    /// The states of a body's attachment and of its thumbnail; nil where it has none.
    func states(of body: Body) -> (attachment: AttachmentState?, thumbnail: AttachmentState?) {
        guard let attachment = body.attachment else { return (nil, nil) }
        return (
            // A file of the sender's own is never fetched: it has no identity that could be known again.
            attachment.fileName.map { state(of: $0, body.fileKind) }
                ?? .missing(reason: AttachmentState.notRequested),
            attachment.thumbnailName.map { state(of: $0, .thumbnail) }
        )
    }

    func state(of name: FileName, _ kind: FileKind?) -> AttachmentState {
        let isFetching = fetching.isOn && kind.map(fetching.kinds.contains) ?? false
        guard let entry = entries[name] else {
            return .missing(reason: isFetching ? AttachmentState.notYet : AttachmentState.notRequested)
        }
        switch entry.state {
        case .stored(let sha256, let bytes): return .stored(sha256: sha256, bytes: bytes)
        case .failed(let outcome):
            var tries = AttachmentTries(
                count: max(1, entry.tries), last: entry.lastTried, why: entry.why, kept: entry.kept)
            guard entry.isAgain, isFetching else { return .missing(reason: outcome, tries: tries) }
            tries.outcome = outcome
            return .missing(reason: AttachmentState.notYet, tries: tries)
        }
    }
}
