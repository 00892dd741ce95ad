// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import SteleEvents
import SteleProjection
import SteleTranscript

/// `stele activity`: what a user did besides writing.
struct ActivityCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "activity",
        abstract: "Tells what a user did besides writing, by time.",
        discussion: """
            Logins and logouts with their device, presence, contacts, pushes, and the groups and rooms they came \
            into, left, or were given a role or a mute in. --json prints one a line: 'what' tells which.

            Examples:
              stele activity alice --time-zone Asia/Shanghai
              stele activity alice --from 2026-11-20 --to 2026-11-21 --json
            """)

    @Argument(help: ArgumentHelp("The user's id.", valueName: "user"))
    var user: String

    @OptionGroup var archive: ArchiveOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var zone: TimeZoneOptions
    @OptionGroup var range: RangeOptions

    func run() throws {
        let access = try ViewAccess(upToDate: try archive.existing())
        let output = StandardOutput()
        var clock = try zone.clock
        let user = UserID(user)
        let isKnown = try access.views.read { reader in
            try reader.activity(of: user, from: range.from?.instant, to: range.to?.instant) { entry in
                if self.output.isJSON {
                    try output.print(JSONLine(entry))
                } else {
                    let (what, words) = entry.deed.words(of: user)
                    let time = clock.minuteText(entry.time)
                    try output.print(
                        TerminalText.visible("\(time)  \(DisplayWidth.fit(what, to: 8))  \(words)"))
                }
            }
            return try reader.knows(user)
        }
        try output.flush()
        guard isKnown else {
            throw CommandError(
                "No record names a user '\(user)'.",
                hint: "'stele conversations' tells who takes part in what.", exit: .doesNotHold)
        }
    }
}

extension ActivityEntry.Deed {
    /// A word for its kind, and a line on what happened.
    func words(of user: UserID) -> (what: String, words: String) {
        switch self {
        case .login(let change):
            let device = [change.device, change.system, change.version].compactMap(\.self)
            let state = change.isOnline ? "online" : "offline"
            return ("login", Self.line([state, change.reason, device.joined(separator: " ")]))
        case .presence(let presence):
            let devices = presence.devices.map { device in
                device.name + (device.status.map { ":\($0)" } ?? "")
            }
            return ("presence", Self.line([presence.text, devices.joined(separator: " ")]))
        case .contact(let change):
            let isOurs = change.from == user
            let other = (isOurs ? change.to : change.from)?.rawValue ?? "?"
            return (
                "contact",
                Self.line([
                    change.operation, (isOurs ? "to " : "from ") + other, change.text ?? "",
                    change.failure.map { "(refused: \($0))" } ?? "",
                ])
            )
        case .push(let result):
            return (
                "push",
                Self.line([
                    result.status, result.channel ?? "", result.detail ?? "",
                    result.target.map { "of message \($0)" } ?? "",
                ])
            )
        case .member(let change, _, let name, let by, let until):
            return (
                "member",
                Self.line([
                    change.rawValue, name, by.map { "by \($0)" } ?? "",
                    until.map { "until \($0.description)" } ?? "",
                ])
            )
        case .client(let session, _, let what): return ("client", Self.line([what, "session \(session)"]))
        }
    }

    private static func line(_ words: [String]) -> String {
        words.filter { !$0.isEmpty }.joined(separator: "  ")
    }
}

extension JSONLine {
    /// A line of `stele activity --json`.
    fileprivate init(_ entry: ActivityEntry) {
        self.init()
        add("time", entry.time.description)
        switch entry.deed {
        case .login(let change):
            add("what", change.isOnline ? "login" : "logout")
            add("reason", change.reason)
            add("device", change.device)
            add("system", change.system)
            add("version", change.version)
        case .presence(let presence):
            add("what", "presence")
            add("text", presence.text)
            let devices = presence.devices.map { device in
                var line = JSONLine()
                line.add("name", device.name)
                line.add("status", device.status)
                return line
            }
            add("devices", devices)
            add("lastSeen", presence.lastSeen?.description)
            add("expires", presence.expires?.description)
        case .contact(let change):
            add("what", "contact")
            add("operation", change.operation)
            add("from", change.from?.rawValue)
            add("to", change.to?.rawValue)
            add("text", change.text)
            add("refused", change.failure)
        case .push(let result):
            add("what", "push")
            add("message", result.target?.rawValue)
            add("status", result.status)
            add("channel", result.channel)
            add("detail", result.detail)
            add("device", result.device)
        case .member(let change, _, let name, let by, let until):
            add("what", "member")
            add("change", change.rawValue)
            add("conversation", name)
            add("by", by?.rawValue)
            add("until", until?.description)
        case .client(let session, _, let what):
            add("what", "client")
            add("event", what)
            add("session", session)
        }
        add("app", entry.app?.rawValue)
        add("sequence", entry.sequence)
    }
}
