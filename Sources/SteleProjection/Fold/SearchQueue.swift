// SPDX-License-Identifier: Apache-2.0

import SteleEvents

/// The full-text indexes of the views.
enum SearchTable: String, CaseIterable, Sendable {
    case messages = "search"
    case edits = "edit_search"
}

/// Gathers what is to be indexed: texts as they are, to be cut into words by whoever writes them.
struct SearchQueue {
    private var batch = SearchBatch()

    /// Whether the texts fill enough memory to be indexed.
    var isFull: Bool { batch.texts.count >= 4 << 20 }

    mutating func add(_ key: Int64, _ body: StoredBody) {
        if let row = row(key, body) { batch.additions.append(row) }
    }

    /// Replaces what was added for `key` with exactly the body `old`.
    mutating func change(_ key: Int64, from old: StoredBody, to new: StoredBody) {
        // By bytes: equivalent texts may have other words.
        if old.searchable.elementsEqual(new.searchable, by: { ExactText.areSame($0, $1) }) { return }
        if let waiting = batch.additions.lastIndex(where: { $0.key == key }) {
            batch.additions.remove(at: waiting)
        } else if let row = row(key, old) {
            batch.removals.append(row)
        }
        add(key, new)
    }

    /// What was gathered; nil when there is nothing.
    mutating func take() -> SearchBatch? {
        guard !batch.additions.isEmpty || !batch.removals.isEmpty else { return nil }
        defer { batch = SearchBatch() }
        return batch
    }

    /// Nil for a body without text.
    private mutating func row(_ key: Int64, _ body: StoredBody) -> SearchBatch.Row? {
        let start = batch.texts.count
        // The common case first, without the list of texts.
        if body.type == "txt", body.detail.isEmpty {
            batch.texts.append(contentsOf: body.text.utf8)
        } else {
            for text in body.searchable {
                batch.texts.append(contentsOf: text.utf8)
                // It separates words, and is no part of any.
                batch.texts.append(UInt8(ascii: "\n"))
            }
        }
        guard batch.texts.count > start else { return nil }
        return SearchBatch.Row(key: key, text: start..<batch.texts.count)
    }
}

/// Texts to be taken out of an index and texts to be put into it.
struct SearchBatch: Sendable {
    struct Row {
        var key: Int64
        var text: Range<Int>
    }

    var removals: [Row] = []
    var additions: [Row] = []
    /// All of them, one after the other.
    var texts: [UInt8] = []
}
