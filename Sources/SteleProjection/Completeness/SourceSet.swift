// SPDX-License-Identifier: Apache-2.0

import SteleEvents

/// The sources that showed a message, all of its sightings together.
package struct SourceSet: OptionSet, Hashable, Sendable {
    package let rawValue: Int64

    package init(rawValue: Int64) { self.rawValue = rawValue }

    /// The post-send callback of the message itself, as the cloud sends it.
    package static let callback = SourceSet(rawValue: 1)
    /// The same, from the Switchboard.
    package static let `switchboard` = SourceSet(rawValue: 2)
    /// A callback that one member was offline for the message.
    package static let offline = SourceSet(rawValue: 4)
    package static let preSend = SourceSet(rawValue: 8)
    package static let history = SourceSet(rawValue: 16)
    /// A client: what its SDK was asked to send, or handed over.
    package static let tap = SourceSet(rawValue: 32)
    /// A client's wire protocol.
    package static let msync = SourceSet(rawValue: 64)
    /// An edit, which shows a message's conversation and its new content.
    package static let edit = SourceSet(rawValue: 128)

    /// Told by the platform after the message was sent: what is missing where a callback was dropped.
    package static let postSend: SourceSet = [.callback, .switchboard]

    /// Each with the name it has in every report, in one order.
    package static let named: [(source: SourceSet, name: String)] = [
        (.callback, "callback"), (.switchboard, "switchboard"), (.offline, "offline callback"),
        (.preSend, "pre-send callback"), (.history, "history"), (.tap, "sdk"), (.msync, "msync"),
        (.edit, "edit"),
    ]

    package var names: [String] { Self.named.filter { contains($0.source) }.map(\.name) }

    /// The source that a sighting is from; `stage` is what it proves.
    init(_ surface: Surface, _ stage: Message.Stage, isEdit: Bool) {
        self =
            switch (surface, stage) {
            case _ where isEdit: .edit
            case (.callback, .attempted), (.switchboard, .attempted): .preSend
            case (.callback, .offline), (.switchboard, .offline): .offline
            case (.callback, _): .callback
            case (.switchboard, _): .switchboard
            case (.history, _): .history
            case (.sdk, _): .tap
            case (.msync, _): .msync
            // No surface of messages: nothing of the kind is decoded from it.
            case (.attachment, _): []
            }
    }
}

// MARK: In a message's row

extension MessageState.Flags {
    /// Where a row's flags keep the sources: flags add up over sightings in whatever order, and so do sources.
    private static let shift: Int64 = 16

    init(_ sources: SourceSet) { self.init(rawValue: sources.rawValue << Self.shift) }

    var sources: SourceSet { SourceSet(rawValue: rawValue >> Self.shift) }

    /// In SQL: the bits of `sources` as they stand in `flags`.
    static func bits(_ sources: SourceSet) -> Int64 { sources.rawValue << shift }
    static let shiftInSQL = shift
}
