// SPDX-License-Identifier: Apache-2.0

extension Callback {
    /// A friend request, its answer, or a contact gone.
    var contact: Event.Kind {
        guard let operation = payload?["operation"]?.nonEmptyText else {
            return .unknown(reason: "a contact event without its operation")
        }
        var change = ContactChange(
            operation: operation, from: root["from"]?.user(in: app), to: root["to"]?.user(in: app),
            text: payload?["reason"]?.nonEmptyText)
        change.failure = failure
        return .contact(change)
    }

    /// A device that came online or went.
    func login(_ status: String) -> Event.Kind {
        guard status == "online" || status == "offline", let address = root["user"]?.nonEmptyText else {
            return .unknown(reason: "a login event with status '\(status)'")
        }
        let user = JID(address, app: app)
        var change = LoginChange(
            user: UserID(user.name), isOnline: status == "online",
            reason: root["reason"]?.nonEmptyText ?? "", device: user.resource)
        change.system = root["os"]?.nonEmptyText
        change.version = root["version"]?.nonEmptyText
        return .login(change)
    }

    /// Why an operation on contacts or groups was refused; nil for one that was done.
    var failure: String? {
        let status = payload?["status"]
        guard let code = status?["error_code"]?.nonEmptyText, code != "ok" else { return nil }
        return [code, status?["description"]?.nonEmptyText].compactMap(\.self).joined(separator: ": ")
    }
}
