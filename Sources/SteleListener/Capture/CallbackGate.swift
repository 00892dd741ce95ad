// SPDX-License-Identifier: Apache-2.0

package import SteleEvents
import SteleWire

/// Decides whether a callback is believed, by the signature of one of the app's callback rules.
package struct CallbackGate: Sendable {
    /// The kinds that the platform is known to send without a signature at times.
    package enum UnsignedKind: String, Hashable, Sendable, CaseIterable {
        case reaction, thread, push
    }

    private let secrets: [AppKey: [String]]
    private let unsigned: Set<UnsignedKind>
    /// Whether there is nothing to check against, and whoever can connect is trusted.
    package let isOpen: Bool

    /// - Parameters:
    ///   - secrets: The secrets of each app's callback rules; any one of them will do.
    ///   - unsigned: Kinds taken without a signature. A wrong signature is refused for them too.
    ///   - isLoopback: Whether the server listens on a loopback address only: without secrets, callbacks are
    ///     taken there and nowhere else.
    package init(secrets: [AppKey: [String]], allowUnsigned unsigned: Set<UnsignedKind>, isLoopback: Bool) {
        self.secrets = secrets.filter { !$0.value.isEmpty }
        self.unsigned = unsigned
        isOpen = self.secrets.isEmpty && isLoopback
    }

    /// Says whether `callback` is believed.
    ///
    /// - Throws: ``Rejection`` of code `unsigned`, `badSignature` or `unknownApp`.
    package func check(_ callback: JSONValue) throws(Rejection) {
        if isOpen { return }
        guard let callID = callback["callId"]?.string, let signature = callback["security"]?.string else {
            if let kind = unsignedKind(of: callback), unsigned.contains(kind) { return }
            throw Rejection(
                .unsigned, "the callback carries no signature",
                remedy: "Let its kind in with --allow-unsigned, or check who sent it.")
        }
        let candidates = self.candidates(callback["appkey"]?.string, callID: callID)
        guard !candidates.isEmpty else {
            throw Rejection(
                .unknownApp, "no secret is known for the app that the callback names",
                remedy: "Start the listener with --secret APPKEY=SECRET for this app.")
        }
        let timestamp = callback["timestamp"]?.text ?? ""
        let isSigned = CallbackSignature.matches(
            signature, callID: callID, secrets: candidates, timestamp: timestamp)
        guard isSigned else {
            throw Rejection(
                .badSignature, "the signature matches none of the app's secrets",
                remedy: "Give the secret of this callback rule with --secret APPKEY=SECRET.")
        }
    }

    /// The secrets of the app named by the callback, or by the start of its `callId` where it names none.
    ///
    /// An app's secret opens that app alone: whoever signs for one cannot write in another one's name.
    private func candidates(_ appKey: String?, callID: String) -> [String] {
        if let appKey, let known = secrets[AppKey(appKey)] { return known }
        // Some callbacks have the whole of their callId as the app's name.
        let name = appKey ?? callID
        return secrets.filter { name.hasPrefix($0.key.rawValue + "_") }.flatMap(\.value)
    }

    private func unsignedKind(of callback: JSONValue) -> UnsignedKind? {
        switch CallbackKind(callback) {
        case .reaction: .reaction
        case .thread: .thread
        case .push: .push
        case .message, .recall, .edit, .readReceipt, .conversationRead, .group, .contact, .notice, .login,
            .groupOperation, .keywordAlert, .moderation, .unknown:
            nil
        }
    }
}
