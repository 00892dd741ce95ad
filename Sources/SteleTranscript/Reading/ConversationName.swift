// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SteleProjection

/// The name of a conversation, as commands print and take it: `chat:alice:bob`, or `APPKEY/chat:alice:bob`.
enum ConversationName {
    /// Finds the conversation with a name.
    ///
    /// The users of a single chat may come in either order and in any case. Where several apps are in the archive, a name
    /// without an App Key will do as long as it means one conversation.
    static func resolve(_ name: String, _ reader: ViewsReader) throws -> ConversationEntry {
        let (app, id) = parse(name)
        guard let id else {
            throw ConversationNameError(
                name: name, near: try near(name, nil, reader),
                what: "is no conversation's name: one begins with chat:, group:, room: or thread:")
        }
        if let entry = try reader.conversation(id, app: app) { return entry }
        if app == nil {
            let found = try reader.apps().compactMap { try reader.conversation(id, app: $0) }
            if found.count == 1 { return found[0] }
            if found.count > 1 {
                throw ConversationNameError(
                    name: name, near: found.map(\.name), what: "is in more than one app")
            }
        }
        throw ConversationNameError(
            name: name, near: try near(name, id, reader), what: "is not in this archive")
    }

    /// The App Key before the name, if any, and the id, if it is one.
    static func parse(_ name: String) -> (app: AppKey?, id: ConversationID?) {
        if let id = ConversationID(name) { return (nil, normal(id)) }
        guard let slash = name.firstIndex(of: "/") else { return (nil, nil) }
        let id = ConversationID(String(name[name.index(after: slash)...]))
        return (AppKey(String(name[..<slash])), id.map(normal))
    }

    private static func normal(_ id: ConversationID) -> ConversationID {
        guard id.kind == .chat else { return id }
        let users = id.key.split(separator: ":", maxSplits: 1).map { UserID(String($0)) }
        return users.count == 2 ? .chat(users[0], users[1]) : id
    }

    /// At most five names that may have been meant, the likeliest first.
    private static func near(_ name: String, _ id: ConversationID?, _ reader: ViewsReader) throws -> [String]
    {
        let wanted = Array(name.lowercased().utf8)
        let key = id?.key ?? String(name.split(separator: ":").last ?? "")
        let ranked = try reader.conversations().compactMap { entry -> (distance: Int, name: String)? in
            // The same id under another kind or app is the likeliest mistake.
            if entry.id.key == key || entry.id.key == name { return (0, entry.name) }
            let distance = distance(wanted, Array(entry.name.lowercased().utf8))
            return distance <= max(2, wanted.count / 4) ? (distance, entry.name) : nil
        }
        return ranked.sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.prefix(5).map(\.name)
    }

    /// How many bytes must be changed, added or taken away to make one name of the other.
    private static func distance(_ one: [UInt8], _ other: [UInt8]) -> Int {
        var row = Array(0...other.count)
        for (line, byte) in one.enumerated() {
            var diagonal = row[0]
            row[0] = line + 1
            for (column, other) in other.enumerated() {
                let changed = diagonal + (byte == other ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(changed, row[column] + 1, diagonal + 1)
            }
        }
        return row[other.count]
    }
}

/// Why a name means no conversation.
package struct ConversationNameError: Error, Hashable, CustomStringConvertible {
    /// As given.
    package let name: String
    /// Names in the archive that may have been meant, the likeliest first.
    package let near: [String]
    let what: String

    package var description: String { "'\(name)' \(what)" }

    /// The next thing to do.
    package var remedy: String {
        switch near.count {
        case 0: "Run 'stele conversations' for the names there are."
        case 1: "Did you mean \(near[0])?"
        default: "Did you mean one of \(near.joined(separator: ", "))?"
        }
    }
}
