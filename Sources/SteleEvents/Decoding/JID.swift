// SPDX-License-Identifier: Apache-2.0

/// Addresses as the platform writes them into callbacks: `org#app_user@easemob.com/resource` and shorter forms.
///
/// ```
/// easemob-demo#support_tst_01@easemob.com/android_8070d7b2
/// └──── App Key ─────┘ └user┘ └─ domain ┘ └── resource ──┘
/// ```
struct JID {
    /// The bare user, group or room id.
    let name: String
    /// The device, where told.
    let resource: String?

    /// Takes `text` apart; a bare id stays what it is.
    ///
    /// The name may itself hold `_`, `-` and `.`, so the App Key is taken off as a whole, and the domain is the
    /// last one. Without a known App Key, one is recognised by the `#` that no user id can have, and ends at the
    /// first `_` after it.
    init(_ text: String, app: AppKey?) {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "@") || $0 == UInt8(ascii: "#") }) else {
            name = text
            resource = nil
            return
        }
        let (address, resource) = Self.cut(text[...])
        self.resource = resource
        name = String(Self.withoutApp(address, app))
    }

    private static func cut(_ text: Substring) -> (address: Substring, resource: String?) {
        for domain in ["@easemob.com", "@conference.easemob.com"] {
            guard let start = text.utf8.start(ofLast: domain) else { continue }
            let after = text[text.utf8.index(start, offsetBy: domain.utf8.count)...]
            guard after.isEmpty || after.utf8.first == UInt8(ascii: "/") else { continue }
            let resource = after.dropFirst()
            return (text[..<start], resource.isEmpty ? nil : String(resource))
        }
        return (text, nil)
    }

    private static func withoutApp(_ address: Substring, _ app: AppKey?) -> Substring {
        if let app, address.hasPrefix(app.rawValue) {
            let rest = address.dropFirst(app.rawValue.count)
            if rest.first == "_", rest.count > 1 { return rest.dropFirst() }
        }
        guard let hash = address.utf8.firstIndex(of: UInt8(ascii: "#")),
            let underscore = address.utf8[hash...].firstIndex(of: UInt8(ascii: "_"))
        else { return address }
        let rest = address[address.utf8.index(after: underscore)...]
        return rest.isEmpty ? address : rest
    }
}

extension Substring.UTF8View {
    /// Where the last occurrence of `text`, which is ASCII, starts.
    fileprivate func start(ofLast text: String) -> Index? {
        var end = endIndex
        while let candidate = self[..<end].lastIndex(of: UInt8(ascii: "@")) {
            if self[candidate...].starts(with: text.utf8) { return candidate }
            end = candidate
        }
        return nil
    }
}
