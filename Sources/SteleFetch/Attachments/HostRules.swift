// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Which hosts are asked for files.
///
/// An attachment's address is written by whoever sends the message, and a server may send on to any other: without rules,
/// a sender could have the archive's machine ask questions inside its own network. So either the hosts are named, or
/// a host's addresses must be public ones; and the connection is made to the very address that was looked at.
package struct HostRules: Sendable {
    /// Names in lower case, `a1.easemob.com` or `*.easemob.com`, also with a port; none of them for any public host.
    package let names: [String]
    private let resolver: Resolver

    package init(names: [String] = [], resolver: Resolver = .system) {
        self.names = names.map { $0.lowercased() }
        self.resolver = resolver
    }

    /// Where a connection goes.
    struct Target: Hashable {
        /// Of our own making from what was checked: nobody reads another host out of it than the rules did.
        var url: String
        var scheme: String
        var host: String
        var port: Int
        /// The address of `host` to connect to.
        var address: NetworkAddress

        /// Who may be told what opens the file: the same server by the same way.
        var origin: String { "\(scheme)://\(host):\(port)" }
    }

    enum Verdict: Hashable {
        case go(Target)
        /// It is not to be asked, and why.
        case refused(String)
        /// The name has no address now.
        case unknown(String)
    }

    /// Whether one of the names is this host's.
    func names(_ host: String, port: Int) -> Bool {
        names.contains { name in
            guard let colon = name.lastIndex(of: ":"), let wanted = Int(name[name.index(after: colon)...])
            else { return Self.matches(name[...], host) }
            return wanted == port && Self.matches(name[..<colon], host)
        }
    }

    private static func matches(_ name: Substring, _ host: String) -> Bool {
        name.hasPrefix("*.") ? host.hasSuffix(name.dropFirst()) : host == name
    }

    /// Whether an address that was refused once would be asked now, as far as its name tells.
    func wouldAllow(_ url: String) -> Bool {
        guard !names.isEmpty, case .success(let parts) = Parts.read(url) else { return false }
        return names(parts.host, port: parts.port)
    }

    /// Where to go for a URL, nil to be refused; `turn` counts up from zero, so that a host's addresses come in turn.
    func verdict(on url: String, turn: Int = 0) async -> Verdict {
        let parts: Parts
        switch Parts.read(url) {
        case .failure(let refusal): return .refused(refusal.reason)
        case .success(let read): parts = read
        }
        guard names.isEmpty || names(parts.host, port: parts.port) else {
            return .refused("\(parts.host) is not among the hosts named")
        }
        var addresses = await resolver.addresses(parts.host)
        guard !addresses.isEmpty else { return .unknown("\(parts.host) has no address") }
        if names.isEmpty {
            addresses.removeAll { !$0.isPublic }
            guard !addresses.isEmpty else { return .refused("\(parts.host) is in a private network") }
        }
        return .go(
            Target(
                url: parts.url, scheme: parts.scheme, host: parts.host, port: parts.port,
                address: addresses[turn % addresses.count]))
    }

    /// What a URL says of the server.
    struct Parts {
        var url: String
        var scheme: String
        var host: String
        var port: Int

        struct Refusal: Error { let reason: String }

        static func read(_ text: String) -> Result<Parts, Refusal> {
            guard text.utf8.count <= 8192, let url = URL(string: text),
                var components = URLComponents(url: url.absoluteURL, resolvingAgainstBaseURL: true),
                let scheme = components.scheme?.lowercased(), var host = components.host?.lowercased(),
                !host.isEmpty
            else { return .failure(Refusal(reason: "the address is not one of a server")) }
            guard scheme == "https" || scheme == "http" else {
                return .failure(Refusal(reason: "the address is neither https nor http"))
            }
            guard components.user == nil, components.password == nil else {
                return .failure(Refusal(reason: "the address holds a user's name"))
            }
            let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
            components.scheme = scheme
            components.fragment = nil
            if !isBracketed {
                // One name, whether or not the root's dot is written.
                while host.hasSuffix("."), host.count > 1 { host.removeLast() }
                components.host = host
            }
            guard let canonical = components.string else {
                return .failure(Refusal(reason: "the address is not one of a server"))
            }
            return .success(
                Parts(
                    url: canonical, scheme: scheme,
                    host: isBracketed ? String(host.dropFirst().dropLast()) : host,
                    port: components.port ?? (scheme == "https" ? 443 : 80)))
        }
    }

    /// The address that an answer's `Location` leads to from `url`; nil when it is none.
    static func following(_ location: String, from url: String) -> String? {
        URL(string: url).flatMap { URL(string: location, relativeTo: $0)?.absoluteString }
    }
}
