// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SteleProjection
import SteleTestSupport
import Testing

@testable import SteleFetch

@Suite("The queue of files")
struct FetchQueueTests {
    private static let start = Instant(microseconds: 1_763_600_000_000_000)

    private func request(_ uuid: String, host: String = "a.test", at seconds: Int64 = 0) -> FileRequest {
        FileRequest(
            FileReference(
                name: FileName(uuid: uuid), kind: .image, url: "https://\(host)/o/a/chatfiles/\(uuid)"),
            time: Self.start.adding(seconds: seconds))
    }

    private func queue(_ change: (inout FetchLimits) -> Void = { _ in }) -> FetchQueue {
        var limits = FetchLimits()
        change(&limits)
        return FetchQueue(FetchRules(limits))
    }

    @Test("the newest message's file comes first, whatever its host")
    func newestFirst() {
        var queue = queue()
        for (uuid, host, time) in [("a", "x", 2), ("b", "y", 3), ("c", "x", 4), ("d", "y", 1)] {
            queue.add(request(uuid, host: host, at: Int64(time)))
        }
        let order = (0..<4).compactMap { _ in queue.next(at: Self.start)?.name.uuid }
        #expect(order == ["c", "b", "a", "d"])
    }

    @Test("no more at a time than allowed, altogether and for one host", arguments: [1, 2, 3])
    func concurrency(perHost: Int) {
        var queue = queue {
            $0.concurrency = 4
            $0.concurrencyPerHost = perHost
        }
        for number in 0..<10 { queue.add(request("\(number)", host: number < 5 ? "x" : "y")) }
        var started: [FileRequest] = []
        while let next = queue.next(at: Self.start) { started.append(next) }
        #expect(started.count == min(4, 2 * perHost))
        #expect(Dictionary(grouping: started, by: \.host).values.allSatisfy { $0.count <= perHost })
        queue.finished(started[0], .stored, at: Self.start)
        let next = queue.next(at: Self.start)
        #expect(next != nil)
    }

    @Test("a file is held once, and not again just after it was settled")
    func once() throws {
        var queue = queue()
        var added = [queue.add(request("a")), queue.add(request("A"))]
        let first = queue.next(at: Self.start)
        added.append(queue.add(request("a")))
        queue.finished(try #require(first), .expired, at: Self.start)
        added.append(queue.add(request("a")))
        #expect(added == [true, false, false, false])
        #expect(queue.isEmpty)
    }

    @Test("pauses grow fourfold, to an hour")
    func pauses() {
        let rules = FetchRules(FetchLimits())
        #expect((1...7).map(rules.pause) == [10, 40, 160, 640, 2560, 3600, 3600])
    }

    @Test("what may pass is due after its pause, not before")
    func pause() throws {
        var queue = queue()
        queue.add(request("a"))
        let first = queue.next(at: Self.start)
        let waits = queue.finished(try #require(first), .interrupted, at: Self.start)
        let early = queue.next(at: Self.start.adding(seconds: 9))
        #expect(waits && early == nil)
        #expect(queue.nextChange(after: Self.start) == Self.start.adding(seconds: 10))
        let again = queue.next(at: Self.start.adding(seconds: 10))
        #expect(again?.tries == 1)
    }

    @Test("a host that does not answer is asked for one file at a time, after longer and longer rests")
    func rests() throws {
        var queue = queue { $0.tries = 1 }
        for number in 0..<20 { queue.add(request("\(number)", at: Int64(number))) }
        var now = Self.start
        // Those under way when the host went away are lost to it; then it is one file a rest.
        let started = (0..<4).compactMap { _ in queue.next(at: now) }
        for request in started { queue.finished(request, .unreachable, at: now) }
        for rest in [8, 16, 32] as [Int64] {
            let early = queue.next(at: now.adding(seconds: rest - 1))
            #expect(queue.nextChange(after: now) == now.adding(seconds: rest))
            now = now.adding(seconds: rest)
            let probe = queue.next(at: now)
            let second = queue.next(at: now)
            #expect(early == nil && second == nil)
            queue.finished(try #require(probe), .unreachable, at: now)
        }
        now = now.adding(seconds: 64)
        let good = queue.next(at: now)
        queue.finished(try #require(good), .stored, at: now)
        let more = (0..<5).compactMap { _ in queue.next(at: now) }
        #expect(more.count == 4)
    }

    @Test("where somebody waits, a host that does not answer is given up with all its files")
    func patience() throws {
        var queue = queue {
            $0.tries = 3
            $0.hostPatience = 2
            $0.firstRestSeconds = 0
        }
        for number in 0..<10 { queue.add(request("\(number)")) }
        for _ in 0..<2 {
            let next = queue.next(at: Self.start)
            queue.finished(try #require(next), .unreachable, at: Self.start)
        }
        let later = queue.next(at: Self.start.adding(seconds: 10_000))
        #expect(later == nil)
        #expect(queue.isEmpty)
        #expect(queue.abandoned == 10)
    }

    @Test("whatever happens, every file ends once", arguments: 1...200 as ClosedRange<UInt64>)
    func everyFileEnds(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var queue = queue {
            $0.tries = Int.random(in: 1...4, using: &generator)
            $0.concurrency = Int.random(in: 1...6, using: &generator)
            $0.concurrencyPerHost = Int.random(in: 1...3, using: &generator)
        }
        let count = Int.random(in: 1...40, using: &generator)
        for number in 0..<count {
            queue.add(
                request(
                    "\(number)", host: "h\(Int.random(in: 0...3, using: &generator))",
                    at: Int64.random(in: 0...5, using: &generator)))
        }
        var now = Self.start
        var active: [FileRequest] = []
        var ended: [String: Int] = [:]
        var steps = 0
        while !queue.isEmpty, steps < 100_000 {
            steps += 1
            if let next = queue.next(at: now) {
                active.append(next)
            } else if !active.isEmpty {
                let request = active.remove(at: Int.random(in: 0..<active.count, using: &generator))
                let outcome = FetchOutcome.allCases.randomElement(using: &generator) ?? .stored
                if !queue.finished(request, outcome, at: now) { ended[request.name.uuid, default: 0] += 1 }
            } else {
                guard let change = queue.nextChange(after: now) else { break }
                #expect(change >= now, "seed \(seed)")
                now = max(change, now.adding(seconds: 1))
            }
        }
        #expect(ended.count == count && ended.values.allSatisfy { $0 == 1 }, "seed \(seed)")
    }
}

@Suite("What is wanted")
struct FetchRulesTests {
    private let file = FileReference(
        name: FileName(uuid: "u"), kind: .image, url: "https://a.test/o/a/chatfiles/u")
    private let last = Instant(microseconds: 1_763_600_000_000_000)

    private func entry(_ outcome: String, tries: Int = 1, isAgain: Bool = false, bytes: Int64 = 0)
        -> AttachmentEntry
    {
        AttachmentEntry(
            state: outcome == "stored" ? .stored(sha256: "x", bytes: bytes) : .failed(outcome: outcome),
            tries: tries, lastTried: last, isAgain: isAgain, bytes: bytes)
    }

    @Test("what is stored is not wanted, whatever is asked for")
    func stored() {
        let rules = FetchRules(FetchLimits(), isAsked: true, retriesFailed: true)
        #expect(rules.need(file, entry("stored")) == .stored(sha256: "x"))
    }

    @Test(
        "what came to an end stays so, unless it is asked for again",
        arguments: FetchOutcome.allCases.filter { $0 != .stored })
    func settled(outcome: FetchOutcome) {
        #expect(
            FetchRules(FetchLimits()).need(file, entry(outcome.rawValue))
                == .settled(outcome: outcome.rawValue))
        #expect(
            FetchRules(FetchLimits(), retriesFailed: true).need(file, entry(outcome.rawValue))
                == .wanted(tries: 0, due: nil))
    }

    @Test("another try waits for its moment, unless somebody asks for it now")
    func due() {
        let known = entry("unreachable", tries: 2, isAgain: true)
        #expect(
            FetchRules(FetchLimits()).need(file, known) == .wanted(tries: 2, due: last.adding(seconds: 40)))
        #expect(FetchRules(FetchLimits(), isAsked: true).need(file, known) == .wanted(tries: 2, due: nil))
    }

    @Test(
        "a limit that was lifted makes a file wanted again",
        arguments: [(99 as Int64, false), (100, true), (101, true)])
    func lifted(limit: Int64, isWanted: Bool) {
        var limits = FetchLimits()
        limits.maximumBytes = limit
        let need = FetchRules(limits).need(file, entry("too big", bytes: 100))
        #expect(need == (isWanted ? .wanted(tries: 0, due: nil) : .settled(outcome: "too big")))
        limits.hosts = HostRules(names: ["b.test"])
        #expect(FetchRules(limits).need(file, entry("host refused")) == .settled(outcome: "host refused"))
        limits.hosts = HostRules(names: ["a.test"])
        #expect(FetchRules(limits).need(file, entry("host refused")) == .wanted(tries: 0, due: nil))
    }
}
