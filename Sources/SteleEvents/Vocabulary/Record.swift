// SPDX-License-Identifier: Apache-2.0

/// Where an event was seen.
public enum Surface: String, Hashable, Sendable, CaseIterable {
    case callback, history, sdk, msync, `switchboard`
    /// Not a chat surface: a try to get an attachment, by import or download, and what became of it.
    case attachment
}

/// Which way it went: client to server, server to client, or neither.
public enum Flow: String, Hashable, Sendable {
    case out, `in`, none
}

/// One event as seen on one surface: everything a line of the log says but its sequence.
///
/// ```
/// {"seq":41,"at":"2026-11-23T02:40:00.123456Z","via":"callback","flow":"none","event":{"callId":…}}
///  └ the log writes these two ┘└─────────────── the listener writes the rest ──────────────────┘
/// ```
///
/// Members in order, absent when they have nothing to say:
///
/// | member | meaning |
/// |---|---|
/// | `seq` | record number from 0, dense |
/// | `at` | capture time, RFC 3339 UTC with microseconds |
/// | `via` | ``Surface`` |
/// | `flow` | ``Flow`` |
/// | `phase` | `pre` for a pre-send callback |
/// | `session` | the client connection it was seen on (SDK taps and the proxy) |
/// | `app` | App Key given beside the payload, for surfaces whose payloads name none |
/// | `blanked` | JSON paths of live credentials whose values were replaced by `"[blanked]"` |
/// | `tail` | whitespace that followed the payload and could not stand in the line |
/// | `event` | the received bytes, verbatim: always the last member, when they are one-line UTF-8 JSON |
/// | `text` | instead of `event`: received UTF-8 bytes that span lines, as a JSON string |
/// | `base64` | instead of `event`: any other bytes |
public struct Record: Hashable, Sendable {
    public var capturedAt: Instant
    public var surface: Surface
    public var flow: Flow
    public var isPreSend: Bool
    public var session: String?
    public var app: AppKey?
    public var blanked: [String]
    /// The received bytes, exactly (blanked credentials excepted).
    public var payload: [UInt8]

    public init(
        capturedAt: Instant, surface: Surface, flow: Flow, isPreSend: Bool = false, session: String? = nil,
        app: AppKey? = nil, blanked: [String] = [], payload: [UInt8]
    ) {
        self.capturedAt = capturedAt
        self.surface = surface
        self.flow = flow
        self.isPreSend = isPreSend
        self.session = session
        self.app = app
        self.blanked = blanked
        self.payload = payload
    }
}
