// SPDX-License-Identifier: Apache-2.0

// What the platform's fields share on every surface: ids come as numbers or strings, an empty string means nothing
// was said, and times are milliseconds.
extension JSONValue {
    /// A string or a number's digits, nil when empty.
    var nonEmptyText: String? {
        guard let text, !text.isEmpty else { return nil }
        return text
    }

    var messageID: MessageID? { nonEmptyText.map { MessageID($0) } }

    /// Milliseconds since 1970.
    var instant: Instant? { int64.map { Instant(milliseconds: $0) } }

    /// Seconds since 1970, as presence tells time.
    var instantOfSeconds: Instant? {
        guard let seconds = int64 else { return nil }
        let (milliseconds, isTooMuch) = seconds.multipliedReportingOverflow(by: 1000)
        return isTooMuch ? nil : Instant(milliseconds: milliseconds)
    }

    /// A user, a group or a room, in any of the forms of an address.
    func name(in app: AppKey?) -> String? {
        guard let text = nonEmptyText else { return nil }
        let name = JID(text, app: app).name
        return name.isEmpty ? nil : name
    }

    func user(in app: AppKey?) -> UserID? { name(in: app).map { UserID($0) } }

    /// The users of an array.
    func users(in app: AppKey?) -> [UserID] { elements.compactMap { $0.user(in: app) } }

    /// The elements of an array, or the value itself where the platform writes one without the array round it.
    var asList: [JSONValue] { isArray ? Array(elements) : [self] }

    /// The JSON text of an extension object, laid out compactly; nil when there is none or it is empty.
    var extensionText: String? {
        switch kind {
        case .null: nil
        case .object, .array: hasChildren ? compactJSON : nil
        case .string: string == "" ? nil : json
        case .bool, .number: json
        }
    }

    /// JSON text inside a JSON string, as some of the platform's fields have it; nil when it is not JSON.
    var embedded: JSONValue? {
        guard let string else { return nil }
        // A field that does not hold what it should is a field that says nothing.
        return (try? JSONDocument(text: string))?.root
    }
}
