// SPDX-License-Identifier: Apache-2.0

import SteleEvents

/// Lists in a text column, as JSON: readable with any tool that opens the views.
enum StoredList {
    static func encode(_ texts: [String]) -> [UInt8] {
        var output: [UInt8] = []
        append(texts, to: &output)
        return output
    }

    static func encode(_ reactions: [Reaction]) -> [UInt8] {
        var output: [UInt8] = [UInt8(ascii: "[")]
        for (index, reaction) in reactions.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            output.append(contentsOf: #"{"name":"#.utf8)
            JSONString.append(reaction.name, to: &output)
            output.append(contentsOf: #","users":"#.utf8)
            append(reaction.users.map(\.rawValue), to: &output)
            output.append(contentsOf: #","count":\#(reaction.count)}"#.utf8)
        }
        output.append(UInt8(ascii: "]"))
        return output
    }

    static func encode(_ devices: [Presence.Device]) -> [UInt8] {
        var output: [UInt8] = [UInt8(ascii: "[")]
        for (index, device) in devices.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            output.append(contentsOf: #"{"name":"#.utf8)
            JSONString.append(device.name, to: &output)
            if let status = device.status { output.append(contentsOf: #","status":\#(status)"#.utf8) }
            output.append(UInt8(ascii: "}"))
        }
        output.append(UInt8(ascii: "]"))
        return output
    }

    static func devices(_ json: String) throws -> [Presence.Device] {
        try JSONDocument(text: json).root.elements.map { entry in
            Presence.Device(
                name: entry["name"]?.string ?? "", status: entry["status"]?.int64.flatMap { Int(exactly: $0) }
            )
        }
    }

    static func texts(_ json: String) throws -> [String] {
        try JSONDocument(text: json).root.elements.compactMap(\.string)
    }

    static func reactions(_ json: String) throws -> [Reaction] {
        try JSONDocument(text: json).root.elements.map { entry in
            Reaction(
                name: entry["name"]?.string ?? "",
                users: entry["users"]?.elements.compactMap { $0.string.map { UserID($0) } } ?? [],
                count: Int(entry["count"]?.int64 ?? 0))
        }
    }

    private static func append(_ texts: [String], to output: inout [UInt8]) {
        output.append(UInt8(ascii: "["))
        for (index, text) in texts.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            JSONString.append(text, to: &output)
        }
        output.append(UInt8(ascii: "]"))
    }
}
