// SPDX-License-Identifier: Apache-2.0

package import SteleEvents

/// One payload as a surface delivered it, before anything was decided about it.
package struct Received: Sendable {
    package var surface: Surface
    package var flow: Flow
    package var isPreSend: Bool
    /// The client connection it was seen on; SDK taps only.
    package var session: String?
    /// The app, for surfaces whose payloads name none.
    package var app: AppKey?
    /// The received bytes: one JSON value, with nothing but whitespace round it.
    package var payload: [UInt8]

    package init(
        surface: Surface, flow: Flow = .none, isPreSend: Bool = false, session: String? = nil,
        app: AppKey? = nil, payload: [UInt8]
    ) {
        self.surface = surface
        self.flow = flow
        self.isPreSend = isPreSend
        self.session = session
        self.app = app
        self.payload = payload
    }
}

/// A payload found fit to record: within the limits, and JSON.
package struct Candidate: Sendable {
    package let received: Received
    /// The payload, indexed.
    package let document: JSONDocument

    /// The same payload as a line of an SDK tap: which way it went is told by its form.
    package var tapped: Candidate {
        let shape = PayloadShape.detect(document.root)
        var received = received
        received.surface = .sdk
        received.flow = shape.surface == .sdk ? shape.flow : .none
        return Candidate(received: received, document: document)
    }
}

/// Why a payload is not recorded.
package struct Rejection: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of refusal, each counted by its own name.
    package enum Code: String, Hashable, Sendable, CaseIterable {
        case notJSON = "not_json"
        case tooDeep = "too_deep"
        case tooLarge = "too_large"
        case unsigned
        case badSignature = "bad_signature"
        case unknownApp = "unknown_app"
        case unreadable
    }

    package let code: Code
    /// What is wrong, in a user's words, without any of the payload's content.
    package let reason: String
    /// The next thing to do: one imperative sentence.
    package let remedy: String

    package init(_ code: Code, _ reason: String, remedy: String) {
        self.code = code
        self.reason = reason
        self.remedy = remedy
    }

    package var description: String { reason }
}

/// What became of one received payload.
package enum Outcome: Hashable, Sendable {
    /// It is on stable storage under this sequence.
    case recorded(UInt64)
    /// The same event was recorded from the same surface before, durably.
    case duplicate
    case rejected(Rejection)
}

/// The limits of what is taken in.
package struct ListenerOptions: Sendable {
    /// Largest payload in bytes; the log takes no more than 16 MiB in one record.
    package var maximumPayloadBytes = 16 << 20
    /// How many arrays and objects may stand inside one another.
    ///
    /// The platform's own payloads stay below ten.
    package var maximumDepth = 64
    /// Keys of recorded events held in memory before they are written to a file of the index.
    package var keysInMemory = 1 << 18

    package init() {}
}
