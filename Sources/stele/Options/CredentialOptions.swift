// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import SteleEvents
import SteleFetch

/// Which app of the platform, and what opens its REST API.
///
/// Credentials come from files or from the environment: what is given as an argument, everybody on the machine can read.
struct CredentialOptions: ParsableArguments {
    @Option(
        name: .customLong("base-url"),
        help: ArgumentHelp(
            "The app's REST domain, as the platform's console shows it (STELE_BASE_URL, default \(PlatformAddress.standardBase)).",
            valueName: "url"))
    var base: String?

    @Option(
        help: ArgumentHelp(
            "A file with an app token (or the token itself in STELE_TOKEN).", valueName: "file"))
    var tokenFile: String?

    @Option(
        help: ArgumentHelp(
            "A file with {\"client_id\":…,\"client_secret\":…}, for which tokens are had and renewed (or STELE_CLIENT_ID and STELE_CLIENT_SECRET).",
            valueName: "file"))
    var clientFile: String?

    func validate() throws {
        if tokenFile != nil, clientFile != nil {
            throw ValidationError("Give --token-file or --client-file, not both.")
        }
    }

    func address(of app: String) throws -> PlatformAddress {
        let variable = ProcessInfo.processInfo.environment["STELE_BASE_URL"] ?? ""
        let base = base ?? (variable.isEmpty ? PlatformAddress.standardBase : variable)
        return try PlatformAddress(base: base, app: AppKey(app))
    }

    /// What was given: a file before the environment, a token before a client.
    func credential() throws -> Credential {
        if let tokenFile { return .token(try Self.read(tokenFile)) }
        if let clientFile { return try Self.client(clientFile) }
        let environment = ProcessInfo.processInfo.environment
        if let token = environment["STELE_TOKEN"], !token.isEmpty { return .token(try Self.header(token)) }
        if let id = environment["STELE_CLIENT_ID"], let secret = environment["STELE_CLIENT_SECRET"],
            !id.isEmpty, !secret.isEmpty
        {
            return .client(id: id, secret: secret)
        }
        throw CommandError(
            "Nothing opens the platform's REST API.",
            hint:
                "Give --token-file FILE or --client-file FILE, or set STELE_TOKEN, or STELE_CLIENT_ID and STELE_CLIENT_SECRET.",
            exit: .badUsage)
    }

    private static func client(_ path: String) throws -> Credential {
        let text = try read(path, isHeader: false)
        guard let root = try? JSONDocument(text: text).root, let id = root["client_id"]?.string,
            let secret = root["client_secret"]?.string, !id.isEmpty, !secret.isEmpty
        else {
            throw CommandError(
                "\(path) does not hold the app's client id and secret.",
                hint:
                    #"Write it as {"client_id":"…","client_secret":"…"}; the platform's console shows both."#,
                exit: .badUsage)
        }
        return .client(id: id, secret: secret)
    }

    private static func read(_ path: String, isHeader: Bool = true) throws -> String {
        guard let bytes = FileManager.default.contents(atPath: path), bytes.count <= 65_536 else {
            throw CommandError(
                "\(path) cannot be read.", hint: "Check the path, and that this user may read the file.",
                exit: .inputOutput)
        }
        // A file whose mode cannot be told is not said to be open to others.
        let mode = (try? FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]) as? Int ?? 0
        if mode & 0o077 != 0 {
            StandardError.warn("others than its owner can read \(path). Run: chmod 600 '\(path)'")
        }
        let text = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        return isHeader ? try header(text) : text
    }

    /// A token as it may stand in a header.
    private static func header(_ token: String) throws -> String {
        guard !token.isEmpty, token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw CommandError(
                "The token is empty, or has characters that no token has.",
                hint: "Give the token alone, in one line.",
                exit: .badUsage)
        }
        return token
    }
}
