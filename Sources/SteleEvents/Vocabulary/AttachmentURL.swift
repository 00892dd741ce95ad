// SPDX-License-Identifier: Apache-2.0

/// What a URL of the platform's file store tells.
///
/// ```
/// https://a1.easemob.com/org/app/chatfiles/7b810390-2ee0-11f0-b4c7-03224649d943?em-redirect=true&share-secret=…
///         └ differs by surface ┘           └────── identity of the file ───────┘                  └ opens it ┘
/// ```
public enum AttachmentURL {
    /// The name of the query item that opens a file whose app restricts access.
    public static let secretItem = "share-secret"

    /// The file's UUID, lower-cased: what follows `/chatfiles/`.
    ///
    /// Nil for a URL of another kind.
    ///
    /// Only letters, digits and hyphens: never something that could be taken for a path.
    public static func uuid(in url: String) -> String? {
        guard let after = url.utf8.end(ofFirst: "/chatfiles/") else { return nil }
        let name = url.utf8[after...].prefix { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard !name.isEmpty, isBoundary(url.utf8[name.endIndex...].first) else { return nil }
        return Substring(name).lowercased()
    }

    /// The URL with `share-secret` taken off its query.
    public static func withoutSecret(_ url: String) -> String { parts(of: url).url }

    /// The URL with `share-secret` as the last item of its query, the form clients send; as it is without a secret.
    public static func withSecret(_ url: String, _ secret: String?) -> String {
        guard let secret, !url.isEmpty else { return url }
        return "\(url)\(url.utf8.contains(UInt8(ascii: "?")) ? "&" : "?")\(secretItem)=\(secret)"
    }

    /// The URL without its secret, and the secret, nil where the URL has none or an empty one.
    public static func parts(of url: String) -> (url: String, secret: String?) {
        guard let query = url.utf8.firstIndex(of: UInt8(ascii: "?")),
            url.utf8.end(ofFirst: secretItem) != nil
        else { return (url, nil) }
        let fragment = url.utf8[query...].firstIndex(of: UInt8(ascii: "#")) ?? url.endIndex
        guard query < fragment else { return (url, nil) }
        var kept: [Substring] = []
        var secret: Substring?
        for item in url[url.index(after: query)..<fragment].split(
            separator: "&", omittingEmptySubsequences: false)
        {
            if let value = value(of: item) {
                secret = secret ?? value
            } else {
                kept.append(item)
            }
        }
        let rest = kept.isEmpty ? "" : "?" + kept.joined(separator: "&")
        return (
            url[..<query] + rest + url[fragment...], secret.flatMap { $0.isEmpty ? nil : String($0) }
        )
    }

    /// The secret in a query item, nil when the item is another one.
    private static func value(of item: Substring) -> Substring? {
        guard item.hasPrefix(secretItem) else { return nil }
        let rest = item.dropFirst(secretItem.count)
        return rest.isEmpty || rest.first == "=" ? rest.dropFirst() : nil
    }

    private static func isBoundary(_ byte: UInt8?) -> Bool {
        switch byte {
        case nil, UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"): true
        default: false
        }
    }
}

extension String.UTF8View {
    /// Where the first occurrence of `text`, which is ASCII, ends.
    func end(ofFirst text: String) -> Index? {
        let wanted = text.utf8
        guard let lead = wanted.first else { return startIndex }
        var rest = self[...]
        while let start = rest.firstIndex(of: lead) {
            rest = rest[start...]
            if rest.starts(with: wanted) { return rest.index(start, offsetBy: wanted.count) }
            rest = rest.dropFirst()
        }
        return nil
    }
}
