// SPDX-License-Identifier: Apache-2.0

import Foundation
package import SteleEvents

/// Where an app's REST API is: `https://a1.easemob.com/org/app/…`.
package struct PlatformAddress: Hashable, Sendable {
    /// The REST domain of the first domestic data centre.
    ///
    /// An app's own is shown in the platform's console.
    package static let standardBase = "https://a1.easemob.com"

    package let app: AppKey
    private let base: String

    /// An app behind a base address.
    ///
    /// - Parameters:
    ///   - base: `https://host[:port][/path]`. `http` is for loopback addresses: a token must not cross a network in
    ///     the clear.
    ///   - app: `org#app`.
    /// - Throws: ``FetchError`` with `.badSetting`.
    package init(base: String, app: AppKey) throws(FetchError) {
        guard let url = URL(string: base), let scheme = url.scheme?.lowercased(), let host = url.host(),
            !host.isEmpty, scheme == "https" || scheme == "http", url.query() == nil, url.user() == nil
        else {
            throw FetchError(
                .badSetting, "'\(base)' is no address of a REST API",
                remedy:
                    "Give one such as \(Self.standardBase); the platform's console shows the app's REST domain."
            )
        }
        guard scheme == "https" || Self.isLoopback(host) else {
            throw FetchError(
                .badSetting, "'\(base)' is not encrypted, and the token would cross the network in the clear",
                remedy: "Give an address that begins with https://.")
        }
        let parts = app.rawValue.split(separator: "#", omittingEmptySubsequences: false)
        let isName = { (part: Substring) in
            !part.isEmpty
                && part.utf8.allSatisfy {
                    switch $0 {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
                        UInt8(ascii: "."):
                        true
                    default: false
                    }
                } && part != "." && part != ".."
        }
        guard parts.count == 2, parts.allSatisfy(isName) else {
            throw FetchError(
                .badSetting, "'\(app)' is no App Key", remedy: "Give it as the console shows it: 'org#app'.")
        }
        self.app = app
        var trimmed = base
        while trimmed.hasSuffix("/") { trimmed.removeLast() }
        self.base = "\(trimmed)/\(parts[0])/\(parts[1])"
    }

    /// The address of a resource such as `chatmessages/2026112020`.
    func url(_ resource: String) -> String { "\(base)/\(resource)" }

    /// Whether a file's address may be followed: as well protected as the API's own.
    func admits(_ url: String) -> Bool {
        guard let parsed = URL(string: url), let scheme = parsed.scheme?.lowercased(),
            let host = parsed.host(),
            !host.isEmpty
        else { return false }
        return scheme == "https"
            || scheme == "http" && base.lowercased().hasPrefix("http:") && Self.isLoopback(host)
    }

    private static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1" || host == "[::1]"
            || host.hasPrefix("127.")
                && host.allSatisfy {
                    $0 == "." || $0.isASCII && $0.isNumber
                }
    }
}
