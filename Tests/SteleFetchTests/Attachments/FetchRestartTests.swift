// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleEvents
import SteleListener
import SteleLog
import SteleProjection
import SteleTestSupport
import Testing

@testable import SteleFetch

@Suite("Fetching after a crash")
struct FetchRestartTests {
    @Test("a file whose record was lost is found to be there, and recorded")
    func lostRecord() async throws {
        try await FetchBench.with { bench, host in
            let bytes = content(1)
            try await bench.record(FetchBench.image(host.file("u", .ok(bytes))))
            // What a crash leaves between the renaming and the record, and in the middle of a download.
            _ = try bench.archive.storeAttachment(bytes)
            _ = try bench.archive.newAttachment()
            #expect(try bench.stored().count == 2)
            #expect(try await bench.fetch(FetchBench.limits(host)).ended == [.stored: 1])
            #expect(try bench.stored() == [FetchBench.sha256(bytes)])
            #expect(try bench.tries().count == 1)
        }
    }

    @Test("a download that was broken off leaves nothing, and is begun again")
    func brokenOff() async throws {
        try await FetchBench.with { bench, host in
            let url = host.file("u", .stall("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", [1, 2]))
            try await bench.record(FetchBench.image(url))
            let views = try Projector.upToDate(bench.archive)
            try await bench.withListener { listener in
                let fetching = Task { [bench] in
                    try await bench.fetcher(FetchBench.limits(host), views, listener).follow()
                }
                await host.wait(for: "/org/app/chatfiles/u")
                fetching.cancel()
                await #expect(throws: CancellationError.self) { try await fetching.value }
            }
            #expect(try bench.stored() == [])
            #expect(try bench.tries() == [])
            host.file("u", .ok([9]))
            #expect(try await bench.fetch(FetchBench.limits(host)).ended == [.stored: 1])
        }
    }

    @Test("when a record cannot be written, the fetching ends and says so")
    func noRecord() async throws {
        try await FetchBench.with { bench, host in
            try await bench.record(FetchBench.image(host.file("u", .ok([1]))))
            let views = try Projector.upToDate(bench.archive)
            let listener = try await bench.withListener { $0 }
            await #expect(throws: LogError.self) {
                _ = try await bench.fetcher(FetchBench.limits(host), views, listener).fetchOnce()
            }
        }
    }

    @Test("messages that come while it runs are fetched, too")
    func following() async throws {
        try await FetchBench.with { bench, host in
            let views = try Projector.upToDate(bench.archive)
            try await bench.withListener { listener in
                let fetching = Task { [bench] in
                    try await bench.fetcher(FetchBench.limits(host), views, listener).follow()
                }
                for uuid in ["u", "v"] {
                    let body = FetchBench.image(host.file(uuid, .ok(content(2))))
                    _ = try await listener.receive([
                        .init(surface: .callback, payload: Array(FetchBench.callback(body).utf8))
                    ])
                    _ = try Projector.upToDate(bench.archive)
                    await host.wait(for: "/org/app/chatfiles/\(uuid)")
                }
                fetching.cancel()
                // Ended by us: what it throws is that.
                _ = try? await fetching.value
            }
        }
    }
}
