// SPDX-License-Identifier: Apache-2.0

package import SteleEvents

/// An app, and what of the views is its own.
package struct AppScope: Hashable, Sendable {
    /// Nil for records that name no app in an archive of several.
    package let app: AppKey?
    /// History files and taps name no app: where the archive knows one app only, what they told is its own.
    let numbers: [Int64]

    /// For `IN (…)`.
    var list: String { numbers.map(String.init).joined(separator: ", ") }
}

extension ViewsReader {
    /// The apps of the archive, in byte order; only `app` if one is named.
    package func appScopes(_ app: AppKey? = nil) throws -> [AppScope] {
        let known = try statement("SELECT n, name FROM apps ORDER BY name").all {
            (number: $0.int(0), app: AppKey($0.text(1)))
        }
        var scopes = known.map {
            AppScope(app: $0.app, numbers: known.count == 1 ? [$0.number, 0] : [$0.number])
        }
        if known.count != 1, try hasRows("coverage", where: "app = 0") {
            scopes.append(AppScope(app: nil, numbers: [0]))
        }
        return app.map { app in scopes.filter { $0.app == app } } ?? scopes
    }

    private func hasRows(_ table: String, where condition: String) throws -> Bool {
        try statement("SELECT EXISTS (SELECT 1 FROM \(table) WHERE \(condition))").first { $0.int(0) } == 1
    }
}
