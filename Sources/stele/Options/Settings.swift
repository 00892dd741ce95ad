// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation

/// A value that comes from a flag, else from an environment variable, else from here.
struct Setting<Value: ExpressibleByArgument & Sendable>: Sendable {
    /// `STELE_…`.
    let variable: String
    let fallback: Value
    /// What a value looks like, for the message about one that does not.
    let shape: String

    /// The value in force.
    ///
    /// - Throws: ``CommandError`` when the variable holds something else than such a value.
    func value(flag: Value?) throws -> Value {
        if let flag { return flag }
        guard let text = ProcessInfo.processInfo.environment[variable], !text.isEmpty else { return fallback }
        guard let value = Value(argument: text) else {
            throw CommandError(
                "The environment variable \(variable) holds '\(text)', which is not \(shape).",
                hint: "Correct or unset \(variable).", exit: .badUsage)
        }
        return value
    }
}

/// Every setting that has an environment variable: declared here once.
enum Settings {
    static let archive = Setting(
        variable: "STELE_ARCHIVE", fallback: "./stele-archive", shape: "a folder")
    static let listen = Setting(
        variable: "STELE_LISTEN", fallback: ListenAddress(host: "127.0.0.1", port: 8090), shape: "HOST:PORT")
    static let fetchAttachments = Setting(
        variable: "STELE_FETCH_ATTACHMENTS", fallback: false, shape: "true or false")
    static let timeZone = Setting(
        variable: "STELE_TIME_ZONE", fallback: TimeZoneName.utc, shape: "a time zone such as Asia/Shanghai")

    /// `STELE_KEY`: the signing key's file; nil for the archive's own place.
    static func key(flag: String?) -> URL? {
        let path = flag ?? ProcessInfo.processInfo.environment["STELE_KEY"] ?? ""
        return path.isEmpty ? nil : URL(fileURLWithPath: path)
    }

    /// `STELE_MIRROR`: as `--mirror`; nil for no mirror.
    static func mirror(flag: String?) -> URL? {
        let path = flag ?? ProcessInfo.processInfo.environment["STELE_MIRROR"] ?? ""
        return path.isEmpty ? nil : URL(fileURLWithPath: path, isDirectory: true)
    }

    /// `STELE_SECRET`: as `--secret`, several with a space or a line break between them.
    static func secrets(flags: [AppSecret]) throws -> [AppSecret] {
        if !flags.isEmpty { return flags }
        let text = ProcessInfo.processInfo.environment["STELE_SECRET"] ?? ""
        return try text.split(whereSeparator: \.isWhitespace).map { part in
            guard let secret = AppSecret(argument: String(part)) else {
                throw CommandError(
                    "The environment variable STELE_SECRET holds something that is not APPKEY=SECRET.",
                    hint: "Write it as org#app=secret, a space between two of them.", exit: .badUsage)
            }
            return secret
        }
    }
}
