// SPDX-License-Identifier: Apache-2.0

import SteleEvents

/// A conversation as people name it: `chat:alice:bob`, or `org#app/chat:alice:bob` where there are several apps.
struct ConversationName: Hashable {
    let app: AppKey?
    let id: ConversationID

    /// Reads a name as `stele conversations` prints it; the users of a single chat may come in either order.
    ///
    /// - Throws: ``CommandError`` when it is not such a name.
    init(_ name: String) throws {
        let kinds = ConversationKind.allCases.map(\.rawValue)
        var rest = name[...]
        // An App Key holds no slash, and a name without one starts with its kind.
        if !kinds.contains(where: { name.hasPrefix("\($0):") }), let slash = name.firstIndex(of: "/") {
            app = AppKey(String(name[..<slash]))
            rest = name[name.index(after: slash)...]
        } else {
            app = nil
        }
        guard let id = ConversationID(String(rest)) else {
            throw CommandError(
                "'\(name)' is not the name of a conversation.",
                hint:
                    "Write chat:alice:bob, group:ID, room:ID or thread:ID, as 'stele conversations' prints it.",
                exit: .badUsage)
        }
        let users = id.key.split(separator: ":", omittingEmptySubsequences: false)
        self.id =
            id.kind == .chat && users.count == 2
            ? .chat(UserID(String(users[0])), UserID(String(users[1]))) : id
    }
}
