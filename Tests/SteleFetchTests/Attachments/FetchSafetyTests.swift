// SPDX-License-Identifier: Apache-2.0

import Foundation
import SteleEvents
import SteleTestSupport
import Synchronization
import Testing

@testable import SteleFetch

@Suite("Where files are fetched from")
struct FetchSafetyTests {
    private static let inside: [NetworkAddress] = [NetworkAddress([127, 0, 0, 1])]

    @Test(
        "without named hosts, nothing in a private network is asked",
        arguments: ["files.test", "127.0.0.1", "127.1", "0x7f.1", "2130706433", "[::1]", "localhost."])
    func privateNetwork(name: String) async throws {
        try await FetchBench.with { bench, host in
            host.file("u", .ok([1]))
            try await bench.record(FetchBench.image("http://\(name):\(host.port)/org/app/chatfiles/u"))
            var limits = FetchBench.limits(host)
            limits.hosts = HostRules(resolver: Resolver { _ in Self.inside })
            let counts = try await bench.fetch(limits)
            #expect(counts.ended == [.hostRefused: 1])
            #expect(host.requests == [])
        }
    }

    @Test("a name is looked up once for a connection, which goes to the address that was looked at")
    func pinned() async throws {
        try await FetchBench.with { bench, host in
            host.file("u", .ok([1]))
            // A name that no other resolver knows: only the address given here leads to the host.
            try await bench.record(FetchBench.image("http://files.invalid:\(host.port)/org/app/chatfiles/u"))
            let lookUps = Mutex(0)
            var limits = FetchBench.limits(host)
            limits.hosts = HostRules(
                names: ["*.invalid"],
                resolver: Resolver { _ in
                    lookUps.withLock { $0 += 1 }
                    return Self.inside
                })
            #expect(try await bench.fetch(limits).ended == [.stored: 1])
            #expect(lookUps.withLock { $0 } == 1)
            #expect(host.requests.first?.headers["host"] == "files.invalid:\(host.port)")
        }
    }

    @Test("a host that is not named is not asked")
    func notNamed() async throws {
        try await FetchBench.with { bench, host in
            try await bench.record(FetchBench.image(host.file("u", .ok([1]))))
            var limits = FetchBench.limits(host)
            limits.hosts = HostRules(names: ["*.easemob.com", "127.0.0.1:\(host.port + 1)"])
            #expect(try await bench.fetch(limits).ended == [.hostRefused: 1])
            #expect(try bench.tries().first?.why == "127.0.0.1 is not among the hosts named")
            #expect(host.requests == [])
            // Named later, it is asked.
            #expect(try await bench.fetch(FetchBench.limits(host)).ended == [.stored: 1])
        }
    }

    @Test("a server that is sent on to does not learn the secret; the same server does")
    func secretOfAnother() async throws {
        try await FetchBench.with { bench, host in
            try await FileHost.with { other in
                let there = other.file("w", .ok([7]))
                let url = host.file("u", .redirect(to: "/org/app/chatfiles/v"))
                host.file("v", .redirect(to: there))
                try await bench.record(FetchBench.image(url, secret: "s"))
                var limits = FetchBench.limits(host)
                limits.hosts = HostRules(names: ["127.0.0.1"])
                #expect(try await bench.fetch(limits).ended == [.stored: 1])
                #expect(host.requests.map { $0.headers["share-secret"] } == ["s", "s"])
                #expect(other.requests.map { $0.headers["share-secret"] } == [nil])
            }
        }
    }

    @Test(
        "an address that leads nowhere good is refused",
        arguments: [
            "ftp://a.test/x", "file:///etc/passwd", "http://user:password@a.test/x", "http:///x", "nonsense",
            "",
            "gopher://a.test:70/x",
        ])
    func refused(url: String) async {
        let rules = HostRules(names: ["*.test", "a.test"], resolver: Resolver { _ in Self.inside })
        guard case .refused = await rules.verdict(on: url) else {
            Issue.record("\(url) is let through")
            return
        }
    }

    @Test("https is never left for http")
    func downgrade() async throws {
        // Without a certificate for tests the server cannot be asked by https: what decides is asked by itself.
        let rules = HostRules(names: ["a.test"], resolver: Resolver { _ in Self.inside })
        guard case .go(let target) = await rules.verdict(on: "https://A.TEST./x#y") else {
            Issue.record("it is not let through")
            return
        }
        #expect(target.scheme == "https")
        #expect(target.url == "https://a.test/x")
        #expect(FileDownload.isDowngrade(from: target.scheme, to: "http"))
        #expect(!FileDownload.isDowngrade(from: "http", to: "https"))
    }

    @Test("of a name's addresses only public ones are used, in turn")
    func mixed() async {
        let addresses = ["10.0.0.1", "1.1.1.1", "::1", "9.9.9.9"].compactMap { NetworkAddress($0) }
        let rules = HostRules(resolver: Resolver { _ in addresses })
        for (turn, expected) in [(0, "1.1.1.1"), (1, "9.9.9.9"), (2, "1.1.1.1")] {
            guard case .go(let target) = await rules.verdict(on: "https://a.test/", turn: turn) else {
                Issue.record("it is not let through")
                return
            }
            #expect(target.address.description == expected)
        }
    }

    @Test(
        "a named host is exactly that, or whatever stands before a star",
        arguments: [
            ("a.test", "a.test", true), ("a.test", "b.a.test", false), ("*.a.test", "b.a.test", true),
            ("*.a.test", "c.b.a.test", true), ("*.a.test", "a.test", false),
            ("*.a.test", "evil-a.test", false),
            ("a.test:443", "a.test", true), ("a.test:80", "a.test", false),
        ])
    func names(name: String, host: String, isNamed: Bool) {
        #expect(HostRules(names: [name]).names(host, port: 443) == isNamed)
    }
}
