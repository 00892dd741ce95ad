// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import SteleEvents
import SteleFetch

/// Which attachments are fetched, from where, and how hard it is tried.
struct FetchOptions: ParsableArguments {
    @Option(
        name: .customLong("fetch-types"),
        help: ArgumentHelp(
            "What is fetched, with commas between: \(FileKind.allCases.map(\.rawValue).joined(separator: ", ")); all of them when not given.",
            valueName: "types"))
    var kinds: KindList?

    @Option(
        name: .customLong("fetch-media-types"),
        help: ArgumentHelp(
            "Content types that are taken, with commas between, such as image/*,audio/amr; any when not given.",
            valueName: "types"))
    var mediaTypes: NameList?

    @Option(
        name: .customLong("fetch-hosts"),
        help: ArgumentHelp(
            "The only hosts that are asked, servers that others send on to included, with commas between: a1.easemob.com, *.easemob.com, 10.0.0.7:8080. Without it, any host with a public address, and none in a private network.",
            valueName: "hosts"))
    var hosts: NameList?

    @Option(
        name: .customLong("fetch-max-bytes"),
        help: ArgumentHelp("Largest file taken; a larger one is recorded as too big.", valueName: "bytes"))
    var maximumBytes = FetchLimits().maximumBytes

    @Option(
        name: .customLong("fetch-concurrency"),
        help: ArgumentHelp("Downloads at a time.", valueName: "n"))
    var concurrency = FetchLimits().concurrency

    @Option(
        name: .customLong("fetch-per-host"),
        help: ArgumentHelp("Downloads at a time from one host.", valueName: "n"))
    var concurrencyPerHost = FetchLimits().concurrencyPerHost

    @Option(
        name: .customLong("fetch-retries"),
        help: ArgumentHelp(
            "Further tries of a file whose server does not answer or breaks off, ever longer pauses between.",
            valueName: "n"))
    var retries = FetchLimits().tries - 1

    @Option(
        name: .customLong("fetch-timeout"),
        help: ArgumentHelp("How long one download may take.", valueName: "seconds"))
    var timeoutSeconds = FetchLimits().timeoutMilliseconds / 1000

    func validate() throws {
        guard maximumBytes > 0, concurrency > 0, concurrencyPerHost > 0, retries >= 0, timeoutSeconds > 0
        else {
            throw ValidationError("Limits are above zero.")
        }
    }

    var limits: FetchLimits {
        var limits = FetchLimits()
        if let kinds { limits.kinds = kinds.kinds }
        limits.mediaTypes = mediaTypes?.names ?? []
        limits.hosts = HostRules(names: hosts?.names ?? [])
        limits.maximumBytes = maximumBytes
        limits.concurrency = concurrency
        limits.concurrencyPerHost = concurrencyPerHost
        limits.tries = retries + 1
        limits.timeoutMilliseconds = timeoutSeconds.multipliedReportingOverflow(by: 1000).partialValue
        return limits
    }
}

/// `image,voice`.
struct KindList: ExpressibleByArgument {
    let kinds: Set<FileKind>

    init?(argument: String) {
        guard let names = NameList(argument: argument)?.names else { return nil }
        kinds = Set(names.compactMap(FileKind.init))
        guard kinds.count == Set(names).count else { return nil }
    }
}

/// Names with commas between, in lower case.
struct NameList: ExpressibleByArgument {
    let names: [String]

    init?(argument: String) {
        names = argument.split(separator: ",").map { $0.filter { $0 != " " }.lowercased() }
        guard !names.isEmpty, names.allSatisfy({ !$0.isEmpty }) else { return nil }
    }
}
