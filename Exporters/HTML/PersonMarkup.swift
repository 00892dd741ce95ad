// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SteleTranscript

/// How a person looks on a page: a coloured circle with initials, and a name with the id beside it.
///
/// Made once a person and kept, because nearly every message needs it.
struct PersonMarkup {
    /// More people than this at once are forgotten and made again, so that memory stays flat.
    private static let capacity = 4096

    private var known: [Participant: Markup] = [:]

    struct Markup {
        let avatar: [UInt8]
        let name: [UInt8]
    }

    mutating func markup(of person: Participant) -> Markup {
        if let markup = known[person] { return markup }
        if known.count >= Self.capacity { known.removeAll(keepingCapacity: true) }
        let markup = Self.make(person)
        known[person] = markup
        return markup
    }

    private static func make(_ person: Participant) -> Markup {
        let id = person.user.rawValue
        let name = person.displayName.flatMap { $0.isEmpty ? nil : $0 } ?? id
        var avatar: [UInt8] = []
        avatar.append(utf8: "<i class=\"av c\(colour(of: id))\" aria-hidden=\"true\">")
        HTMLExporter.Markup.append(initials(of: name), to: &avatar)
        avatar.append(literal: "</i>")
        var label: [UInt8] = []
        label.append(literal: "<bdi class=\"pn\">")
        HTMLExporter.Markup.append(name, to: &label)
        label.append(literal: "</bdi>")
        if name != id {
            label.append(literal: " <bdi class=\"id\">")
            HTMLExporter.Markup.append(id, to: &label)
            label.append(literal: "</bdi>")
        }
        return Markup(avatar: avatar, name: label)
    }

    /// The first Han character, or the initials of the first two words.
    static func initials(of name: String) -> String {
        if let han = name.first(where: isHan) { return String(han) }
        let words = name.split { !$0.isLetter && !$0.isNumber }
        let letters = words.prefix(2).compactMap(\.first)
        guard let first = letters.first else { return name.first.map(String.init) ?? "?" }
        guard letters.count > 1, first.isASCII, letters[1].isASCII else { return first.uppercased() }
        return String(letters).uppercased()
    }

    private static func isHan(_ character: Character) -> Bool {
        guard let scalar = character.unicodeScalars.first?.value else { return false }
        return (0x3400...0x9FFF).contains(scalar) || (0x20000...0x3FFFF).contains(scalar)
    }

    /// One of twelve colours, by the id alone: a person has one colour on every page of every export.
    private static func colour(of id: String) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in id.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return (hash >> 32) % 12
    }
}
