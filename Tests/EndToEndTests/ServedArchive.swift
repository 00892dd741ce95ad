// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// A `stele serve` on a free port of the loopback address.
struct ServedArchive {
    let process: RunningStele
    /// `http://127.0.0.1:PORT`.
    let url: String

    init(_ stele: Stele, archive: String, secret: String?, options: [String] = []) async throws {
        var arguments = ["serve", "--archive", archive, "--listen", "127.0.0.1:0", "--json"] + options
        if let secret { arguments += ["--secret", secret] }
        process = try stele.start(arguments)
        let line = try #require(await process.nextLine(), "no address: \(process.stderr)")
        url = try #require(try JSON.object(Data(line.utf8))["url"] as? String)
    }

    /// Asks it to end, and says how it did.
    func stop() async -> Int32? {
        process.send(SIGTERM)
        return await process.exit()
    }

    /// The status of a POST, nil when no answer came.
    func post(_ body: String, to path: String = "/callback") async -> Int? {
        guard let endpoint = URL(string: url + path) else { return nil }
        var request = URLRequest(url: endpoint)
        request.httpMethod = "POST"
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        request.httpBody = Data(body.utf8)
        // A connection that broke is an answer that did not come.
        guard let (_, response) = try? await Self.session.data(for: request) else { return nil }
        return (response as? HTTPURLResponse)?.statusCode
    }

    /// The body of a GET.
    func get(_ path: String) async throws -> (status: Int?, text: String) {
        let endpoint = try #require(URL(string: url + path))
        let (data, response) = try await Self.session.data(from: endpoint)
        return ((response as? HTTPURLResponse)?.statusCode, String(decoding: data, as: UTF8.self))
    }

    /// The value of a metric without labels.
    func metric(_ name: String) async throws -> Double {
        let line = try await get("/metrics").text.split(separator: "\n").first { $0.hasPrefix(name + " ") }
        return try #require(line?.split(separator: " ").last.flatMap { Double($0) }, "there is no \(name)")
    }

    private static let session = URLSession(configuration: .ephemeral)
}
