// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleEvents
import SteleTestSupport

/// A payload of the platform with everything taken out that tells one from another of its kind: message ids, times,
/// groups, users, apps, texts and calls' references.
///
/// Made from the samples that the decoders are tested on, so that whatever they know is in the histories too:
///
/// ```
/// {"chat_type":"recall","msg_id":"1418…","timestamp":1747…,"from":"user1"}
///                                 ╰ id 0          ╰ time 0       ╰ user 0
/// ```
struct PayloadTemplate: Sendable {
    /// What belongs in a gap; equal numbers of one kind are the same thing within a payload.
    enum Gap: Hashable, Sendable {
        case message(Int), time(Int), group(Int), user(Int), app(Int), text, reference
    }

    enum Piece: Sendable {
        case bytes([UInt8])
        case gap(Gap)
    }

    let surface: Surface
    let flow: Flow
    let isPreSend: Bool
    private(set) var pieces: [Piece] = []

    /// Writes the payload with the gaps filled in.
    func payload(_ filled: (Gap) -> [UInt8]) -> [UInt8] {
        var chosen: [Gap: [UInt8]] = [:]
        var output: [UInt8] = []
        for piece in pieces {
            switch piece {
            case .bytes(let bytes): output += bytes
            case .gap(let gap):
                let value = chosen[gap] ?? filled(gap)
                chosen[gap] = value
                output += value
            }
        }
        return output
    }

    // MARK: Making them

    /// Templates of every sample there is; a call with its outcome also gives one of each alone.
    static let all: [PayloadTemplate] = {
        do {
            let samples = try ["callback-post", "callback-pre", "history-file", "sdk-event"].flatMap {
                folder in
                try Fixtures.files(in: folder).map { try JSONDocument(Fixtures.bytes($0)) }
            }
            let users = samples.reduce(into: Set<String>()) { $0.formUnion(Self.users(in: $1.root)) }
            return samples.flatMap { sample in
                let shape = PayloadShape.detect(sample.root)
                return Self.texts(of: sample.root, shape).map {
                    PayloadTemplate(compact: $0, shape, users: users)
                }
            }
        } catch {
            fatalError("the samples in \(Fixtures.folder.path) cannot be read: \(error)")
        }
    }()

    private init(compact text: [UInt8], _ shape: PayloadShape, users: Set<String>) {
        surface = shape.surface
        flow = shape.flow
        isPreSend = shape.isPreSend
        var cutter = TemplateCutter(text, users: users)
        pieces = cutter.cut()
    }

    /// The payload on one line, as a tap writes it where one does: with the time it was seen.
    private static func texts(of sample: JSONValue, _ shape: PayloadShape) -> [[UInt8]] {
        let whole = compact(sample.bytes)
        guard shape.surface == .sdk, sample.isObject else { return [whole] }
        func line(_ members: [String]) -> [UInt8] {
            Array(
                (#"{"at":1747000000000,"flow":"\#(shape.flow.rawValue)","# + members.joined(separator: ",")
                    + "}").utf8)
        }
        func member(_ name: String) -> String? {
            sample.member(named: name).map {
                #""\#(name)":"# + String(decoding: compact($0.bytes), as: UTF8.self)
            }
        }
        let all = sample.members.filter { !["at", "flow"].contains($0.key) }.map(\.key).compactMap(member)
        guard let asked = member("options"), let outcome = member("resolved") ?? member("rejected") else {
            return [line(all)]
        }
        let reference = #""ref":"r1""#
        return [line(all), line([#""call":"send""#, reference, asked]), line([reference, outcome])]
    }

    /// Without the white space between its tokens.
    private static func compact(_ json: ArraySlice<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        var isInString = false
        var isEscaped = false
        for byte in json {
            if isInString {
                if byte == UInt8(ascii: "\""), !isEscaped { isInString = false }
                isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
            } else if byte == UInt8(ascii: "\"") {
                isInString = true
            } else if [0x20, 0x0A, 0x0D, 0x09].contains(byte) {
                continue
            }
            output.append(byte)
        }
        return output
    }

    private static let userKeys: Set<String> = [
        "from", "to", "user", "operator", "sender", "owner", "new_owner", "username", "userId",
        "contentOwner",
        "member", "admin", "members", "userList", "receiverList", "users", "ackFrom",
    ]

    /// Names that stand where users do.
    private static func users(in value: JSONValue) -> Set<String> {
        var found: Set<String> = []
        for (key, value) in value.members {
            if userKeys.contains(key) {
                for text in [value.string] + value.elements.map(\.string) {
                    guard let text, text.utf8.count > 1, text.utf8.contains(where: { $0 >= 0x61 }),
                        !text.contains("@"), !text.contains("#")
                    else { continue }
                    found.insert(text)
                }
            }
            found.formUnion(users(in: value))
        }
        for element in value.elements { found.formUnion(users(in: element)) }
        return found
    }
}

/// Finds the gaps of a payload by what stands in it.
private struct TemplateCutter {
    private let text: [UInt8]
    private let users: [[UInt8]]
    private var pieces: [PayloadTemplate.Piece] = []
    private var plain: [UInt8] = []
    private var numbers: [[UInt8]: Int] = [:]
    private var position = 0

    init(_ text: [UInt8], users: Set<String>) {
        self.text = text
        self.users = users.map { Array($0.utf8) }.sorted { $0.count > $1.count }
    }

    mutating func cut() -> [PayloadTemplate.Piece] {
        while position < text.count {
            if skipText(after: #""msg":""#, .text) || skipText(after: #""ref":""#, .reference) { continue }
            if cutDigits() || cutApp() || cutUser() { continue }
            plain.append(text[position])
            position += 1
        }
        endPlain()
        return pieces
    }

    /// Takes a whole string out that follows `start`.
    private mutating func skipText(after start: String, _ gap: PayloadTemplate.Gap) -> Bool {
        guard text[position...].starts(with: start.utf8) else { return false }
        plain += start.utf8
        position += start.utf8.count
        while position < text.count, text[position] != UInt8(ascii: "\"") {
            position += text[position] == UInt8(ascii: "\\") ? 2 : 1
        }
        add(gap)
        return true
    }

    /// Times have 13 digits, groups 14 or 15, message ids more.
    private mutating func cutDigits() -> Bool {
        guard position == 0 || !Self.isNamePart(text[position - 1]) || text[position - 1] == UInt8(ascii: "_")
        else {
            return false
        }
        let digits = Array(text[position...].prefix { (0x30...0x39).contains($0) })
        let end = position + digits.count
        guard digits.count >= 13, digits.count <= 20, end == text.count || !Self.isNamePart(text[end]) else {
            return false
        }
        position = end
        let number = numbers[digits] ?? numbers.count
        numbers[digits] = number
        switch digits.count {
        case 13: add(.time(number))
        case 14, 15: add(.group(number))
        default: add(.message(number))
        }
        return true
    }

    /// An App Key: `org#app`.
    private mutating func cutApp() -> Bool {
        let isStart = position > 0 && [UInt8(ascii: "\""), UInt8(ascii: ":")].contains(text[position - 1])
        guard isStart else { return false }
        let word = Array(
            text[position...].prefix { Self.isNamePart($0) && $0 != UInt8(ascii: "_") || $0 == 0x23 })
        guard word.count(where: { $0 == 0x23 }) == 1, word.first != 0x23, word.last != 0x23 else {
            return false
        }
        position += word.count
        let number = numbers[word] ?? numbers.count
        numbers[word] = number
        add(.app(number))
        return true
    }

    private mutating func cutUser() -> Bool {
        guard position > 0, [UInt8(ascii: "\""), UInt8(ascii: "_")].contains(text[position - 1]) else {
            return false
        }
        for user in users where text[position...].starts(with: user) {
            let end = position + user.count
            guard end < text.count, [UInt8(ascii: "\""), UInt8(ascii: "@")].contains(text[end]),
                // A member's name, not a user's.
                end + 1 < text.count, text[end + 1] != UInt8(ascii: ":")
            else { continue }
            position = end
            let number = numbers[user] ?? numbers.count
            numbers[user] = number
            add(.user(number))
            return true
        }
        return false
    }

    private static func isNamePart(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            || [UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: ".")].contains(byte)
    }

    private mutating func add(_ gap: PayloadTemplate.Gap) {
        endPlain()
        pieces.append(.gap(gap))
    }

    private mutating func endPlain() {
        if !plain.isEmpty { pieces.append(.bytes(plain)) }
        plain = []
    }
}
