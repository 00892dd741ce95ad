// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
package import Foundation
import NIOCore
package import SteleEvents
package import SteleListener
package import SteleProjection

/// Pulls an app's hourly history files and records their lines, and of every hour that it was pulled.
///
/// Goes on where it stopped: hours that are in the archive in whole are passed over, a file that came in part is thrown away.
/// Each file is streamed to the disk, imported like any other, and removed.
package struct HistoryFetcher {
    private let importer: Importer
    private let options: HistoryFetchOptions
    private let pacing: Pacing
    /// Where files lie while they are imported.
    private let folder: URL
    private let credential: Credential
    private let address: PlatformAddress

    package init(
        _ address: PlatformAddress, _ credential: Credential, importer: Importer, folder: URL,
        options: HistoryFetchOptions = HistoryFetchOptions(), pacing: Pacing = .real
    ) {
        self.address = address
        self.credential = credential
        self.importer = importer
        self.folder = folder
        self.options = options
        self.pacing = pacing
    }

    /// What became of one hour.
    package struct Result: Hashable, Sendable {
        package enum Outcome: Hashable, Sendable {
            case imported(HistoryHour.Outcome, ImportSummary)
            /// The platform says that nothing was sent then.
            case none
            /// The platform keeps it no more, or not yet.
            case notKept(reason: String)
            case failed(reason: String)
        }

        package var hour: UTCHour
        /// As the platform was asked for it.
        package var key: HourKey
        package var outcome: Outcome
    }

    /// Pulls hours, in order.
    ///
    /// - Parameters:
    ///   - hours: Which ones; each is asked for by the clock that this app's files are known to be named by.
    ///   - known: That clock, where records told of it; else the first file with lines does.
    ///   - now: By which is judged whether an hour's file is complete.
    ///   - report: Called after each hour, when what was pulled of it is on stable storage.
    ///   - rejected: Called for each line that cannot be recorded.
    /// - Throws: ``FetchError`` when it makes no sense to go on, and what the log throws.
    package func run(
        _ hours: [UTCHour], zone known: Int?, now: Instant, report: (Result) -> Void,
        rejected: (ImportRejection) -> Void = { _ in }
    ) async throws {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(options.timeoutSeconds), read: .seconds(options.timeoutSeconds)))
        configuration.httpVersion = .http1Only
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            var platform = PlatformClient(
                address, credential, client: client, options: options, pacing: pacing)
            var zone = known
            for hour in hours {
                try Task.checkCancellation()
                let result = try await pull(hour, &zone, now, &platform, client, rejected)
                report(result)
            }
            try await client.shutdown()
        } catch {
            try await client.shutdown()
            throw error
        }
    }

    private func pull(
        _ hour: UTCHour, _ zone: inout Int?, _ now: Instant, _ platform: inout PlatformClient,
        _ client: HTTPClient, _ rejected: (ImportRejection) -> Void
    ) async throws -> Result {
        let asked = zone ?? options.zone
        let key = HourKey(of: hour.start, zoneMinutes: asked)
        let known = KnownHour(key, source: .api, zone: zone, isEarly: isEarly(hour, now))
        let result = try await outcome(of: known, &platform, client, rejected)
        guard case .imported(_, let summary) = result, let told = summary.hours.first?.zoneByLines,
            told != asked
        else {
            if zone == nil, case .imported(_, let summary) = result {
                zone = summary.hours.first?.zoneByLines
            }
            return Result(hour: hour, key: key, outcome: result)
        }
        // Named by another clock than was thought: what came was another hour, and is recorded as that.
        zone = told
        return try await pull(hour, &zone, now, &platform, client, rejected)
    }

    private func isEarly(_ hour: UTCHour, _ now: Instant) -> Bool {
        hour.end.microseconds + options.settlingHours * HourKey.length > now.microseconds
    }

    private func outcome(
        of known: KnownHour, _ platform: inout PlatformClient, _ client: HTTPClient,
        _ rejected: (ImportRejection) -> Void
    ) async throws -> Result.Outcome {
        let backOff = BackOff(tries: options.tries)
        var number = 1
        while true {
            let answer = try await platform.get("chatmessages/\(known.hour)")
            switch try meaning(of: answer) {
            case .none:
                if !known.isEarly {
                    var record = HistoryHour(
                        app: address.app, hour: known.hour, outcome: .none, source: .api)
                    record.zone = known.zone
                    try await importer.note([record])
                }
                return .none
            case .notKept(let reason): return .notKept(reason: reason)
            case .files(let urls):
                switch try await take(urls, known, client, rejected) {
                case .done(let outcome): return outcome
                case .again(let reason, let asked):
                    guard let delay = backOff.delay(afterTry: number, asked: asked) else {
                        return .failed(reason: reason)
                    }
                    number += 1
                    try await pacing.sleep(delay)
                }
            }
        }
    }

    // MARK: What the platform says

    private enum Meaning {
        case files([String])
        case none
        case notKept(String)
    }

    private func meaning(of answer: PlatformClient.Answer) throws(FetchError) -> Meaning {
        let said = [answer.error, answer.errorDescription].filter { !$0.isEmpty }.joined(separator: ": ")
        switch (answer.status, answer.error) {
        case (200, _):
            let urls =
                answer.body?["data"]?.elements.compactMap { $0["url"]?.string }.filter { !$0.isEmpty } ?? []
            guard !urls.isEmpty else {
                throw FetchError(
                    .unexpected, "the platform's answer names no file",
                    remedy: "Check that --base-url is the app's REST domain.")
            }
            for url in urls where !address.admits(url) {
                throw FetchError(
                    .unexpected, "the platform names a file at an address that is not encrypted",
                    remedy: "Check that --base-url is the app's REST domain, and begins with https://.")
            }
            return .files(urls)
        case (404, "storage_object_not_found"): return .none
        case (400, _): return .notKept(said.isEmpty ? "status 400" : said)
        case (403, _):
            throw FetchError(
                .unauthorized,
                "the platform does not give this app's history: status 403\(said.isEmpty ? "" : ", \(said)")",
                remedy: "Have the history files (历史消息文件) enabled for this app in the platform's console.")
        default:
            throw FetchError(
                .unexpected,
                "the platform answered with status \(answer.status)\(said.isEmpty ? "" : ": \(said)")",
                remedy: "Check --app and --base-url: the platform's console shows both.")
        }
    }

    // MARK: Files

    private enum Taken {
        case done(Result.Outcome)
        case again(reason: String, after: Duration?)
    }

    /// Fetches all files of an hour, then imports them.
    private func take(
        _ urls: [String], _ known: KnownHour, _ client: HTTPClient, _ rejected: (ImportRejection) -> Void
    ) async throws -> Taken {
        let place = folder.appending(path: "fetch-\(UUID().uuidString)", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        // What a failed removal leaves is in the index, which is derived.
        defer { try? FileManager.default.removeItem(at: place) }
        let fetch = FileFetch(
            client: client, maximumBytes: options.maximumFileBytes, admits: address.admits)
        var paths: [String] = []
        for (number, url) in urls.enumerated() {
            let path = place.appending(path: number == 0 ? "\(known.hour).gz" : "\(known.hour)-\(number).gz")
                .path
            switch try await fetch.run(url, into: path) {
            case .whole: paths.append(path)
            case .failed(let reason, let after): return .again(reason: reason, after: after)
            case .refused(let reason): return .done(.failed(reason: reason))
            }
        }
        let summary = try await importer.run(
            paths, from: .history, app: address.app, hour: known, rejected: rejected)
        let isWhole = summary.hours.count == paths.count && summary.hours.allSatisfy { $0.outcome != .cut }
        let outcome: HistoryHour.Outcome = isWhole ? (known.isEarly ? .early : .whole) : .cut
        return .done(.imported(outcome, summary))
    }
}
