// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleEvents
import SteleLog
import SteleProjection
import SteleTestSupport
import SteleWire
import Testing

@testable import SteleFetch

@Suite("Fetching what is inside bundles")
struct FetchBundleTests {
    private func url(_ host: FileHost, _ uuid: String) -> String {
        "http://127.0.0.1:\(host.port)/org/app/chatfiles/\(uuid)"
    }

    @Test("files inside a bundle are fetched, with what the bundle says opens them")
    func inside() async throws {
        try await FetchBench.with { bench, host in
            var picture = FetchBench.attachment(host.file("picture", .ok(content(1))))
            picture.secret = "inner-secret"
            let outer = host.file("outer", .ok(try FetchBench.bundle([.text("a"), .image(picture)])))
            try await bench.record(FetchBench.combine(outer))
            #expect(try await bench.fetch(FetchBench.limits(host)).ended == [.stored: 2])
            #expect(host.requests.last?.headers["share-secret"] == "inner-secret")
            // Found again by looking into the stored bundle: the picture alone was lost.
            #expect(try await bench.fetch(FetchBench.limits(host)).tries == [:])
        }
    }

    @Test("bundles nest ten levels deep; the eleventh is not asked for")
    func levels() async throws {
        try await FetchBench.with { bench, host in
            for level in 1...12 {
                let next = FetchBench.inner(combine: url(host, "level-\(level + 1)"))
                let picture = Body.image(FetchBench.attachment(url(host, "picture-\(level)")))
                host.file("level-\(level)", .ok(try FetchBench.bundle([next, picture])))
                host.file("picture-\(level)", .ok([UInt8(level)]))
            }
            try await bench.record(FetchBench.combine(url(host, "level-1")))
            #expect(try await bench.fetch(FetchBench.limits(host)).ended == [.stored: 20])
            let asked = Set(host.requests.compactMap { $0.path.split(separator: "/").last.map(String.init) })
            #expect(asked == Set((1...10).flatMap { ["level-\($0)", "picture-\($0)"] }))
        }
    }

    @Test("a bundle that contains itself is fetched once")
    func cycle() async throws {
        try await FetchBench.with { bench, host in
            for (one, other) in [("a", "b"), ("b", "a")] {
                host.file(one, .ok(try FetchBench.bundle([FetchBench.inner(combine: url(host, other))])))
            }
            try await bench.record(FetchBench.combine(url(host, "a")))
            #expect(try await bench.fetch(FetchBench.limits(host)).ended == [.stored: 2])
            #expect(host.requests.count == 2)
            // Nor does looking into what is stored go round.
            #expect(try await bench.fetch(FetchBench.limits(host)).tries == [:])
        }
    }

    @Test("a bundle met deep inside and then further out is looked into to its full depth")
    func shallower() async throws {
        try await FetchBench.with { bench, host in
            // Ten levels down to "shared", where its own inner bundle is too deep.
            for level in 1...9 {
                let next = level == 9 ? "shared" : "level-\(level + 1)"
                host.file(
                    "level-\(level)", .ok(try FetchBench.bundle([FetchBench.inner(combine: url(host, next))]))
                )
            }
            host.file("shared", .ok(try FetchBench.bundle([FetchBench.inner(combine: url(host, "deep"))])))
            host.file("deep", .ok(try FetchBench.bundle([.text("x")])))
            try await bench.record(FetchBench.combine(url(host, "level-1")))
            #expect(try await bench.fetch(FetchBench.limits(host)).ended == [.stored: 10])
            #expect(try bench.entry("deep") == nil)
            try await bench.record(FetchBench.combine(url(host, "shared")))
            #expect(try await bench.fetch(FetchBench.limits(host)).ended == [.stored: 1])
            #expect(try bench.entry("deep")?.tries == 1)
        }
    }

    @Test("a bundle's file that is none is kept, and told apart")
    func damaged() async throws {
        try await FetchBench.with { bench, host in
            let bytes = Array("cm-not-a-bundle".utf8)
            try await bench.record(FetchBench.combine(host.file("u", .ok(bytes))))
            #expect(try await bench.fetch(FetchBench.limits(host)).ended == [.mismatch: 1])
            #expect(try bench.entry("u")?.kept == FetchBench.sha256(bytes))
        }
    }
}
