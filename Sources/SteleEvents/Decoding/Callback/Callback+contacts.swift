// SPDX-License-Identifier: Apache-2.0

extension Callback {
    /// A friend request, its answer, or a contact gone.
    var contact: Event.Kind {
        guard let operation = payload?["operation"]?.nonEmptyText else {
            return .unknown(reason: "a contact event without its operation")
        }
        return .contact(
            ContactChange(
                operation: operation, from: root["from"]?.user(in: app), to: root["to"]?.user(in: app),
                text: payload?["reason"]?.nonEmptyText))
    }

    /// A device that came online or went.
    func login(_ status: String) -> Event.Kind {
        guard status == "online" || status == "offline", let address = root["user"]?.nonEmptyText else {
            return .unknown(reason: "a login event with status '\(status)'")
        }
        let user = JID(address, app: app)
        return .login(
            LoginChange(
                user: UserID(user.name), isOnline: status == "online",
                reason: root["reason"]?.nonEmptyText ?? "", device: user.resource))
    }
}
