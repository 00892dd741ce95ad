// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import SteleEvents
import SteleReplay
import SteleTranscript

/// `HOST:PORT`, `[IPv6]:PORT`; port 0 takes any free one.
struct ListenAddress: ExpressibleByArgument, CustomStringConvertible, Sendable {
    let host: String
    let port: Int

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    init?(argument: String) {
        guard let colon = argument.lastIndex(of: ":"),
            let port = Int(argument[argument.index(after: colon)...]), (0...65_535).contains(port)
        else { return nil }
        var host = argument[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty else { return nil }
        self.init(host: String(host), port: port)
    }

    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// `APPKEY=SECRET`: what callbacks of one app are signed with.
///
/// Never printed.
struct AppSecret: ExpressibleByArgument {
    let app: AppKey
    let secret: String

    init?(argument: String) {
        guard let equals = argument.firstIndex(of: "="), equals > argument.startIndex else { return nil }
        let secret = argument[argument.index(after: equals)...]
        guard !secret.isEmpty else { return nil }
        app = AppKey(String(argument[..<equals]))
        self.secret = String(secret)
    }
}

/// A time zone by its name, or `local` for this machine's.
struct TimeZoneName: ExpressibleByArgument, Sendable {
    static let utc = TimeZoneName(zone: .gmt)
    let zone: TimeZone

    private init(zone: TimeZone) { self.zone = zone }

    init?(argument: String) {
        if argument == "local" {
            zone = .current
        } else if argument == "UTC" {
            zone = .gmt
        } else if let zone = TimeZone(identifier: argument) {
            self.zone = zone
        } else {
            return nil
        }
    }
}

/// A point in time: `2026-11-23T10:40:00+08:00`, or a date or date and time without a zone, which means UTC.
struct TimeArgument: ExpressibleByArgument {
    let instant: Instant

    init?(argument: String) {
        let endings = ["", "Z", ":00Z", "T00:00:00Z"]
        guard let instant = endings.lazy.compactMap({ Instant(rfc3339: argument + $0) }).first else {
            return nil
        }
        self.instant = instant
    }
}

/// A point in the archive: a record's sequence, or a point in time.
enum PointArgument: ExpressibleByArgument {
    case sequence(UInt64)
    case time(Instant)

    init?(argument: String) {
        if let number = UInt64(argument) {
            self = .sequence(number)
        } else if let time = TimeArgument(argument: argument) {
            self = .time(time.instant)
        } else {
            return nil
        }
    }

    var point: AsOf.Point {
        switch self {
        case .sequence(let number): .sequence(number)
        case .time(let instant): .time(instant)
        }
    }

    var bound: ReplayPlan.Bound {
        switch self {
        case .sequence(let number): .sequence(number)
        case .time(let instant): .time(instant)
        }
    }
}

/// How fast to replay: a factor, or `max`.
struct SpeedArgument: ExpressibleByArgument, CustomStringConvertible {
    let pace: ReplayPlan.Pace

    init(_ pace: ReplayPlan.Pace) { self.pace = pace }

    init?(argument: String) {
        if argument == "max" {
            pace = .unlimited
        } else if let factor = Double(argument), factor > 0, factor.isFinite {
            pace = .times(factor)
        } else {
            return nil
        }
    }

    var description: String {
        switch pace {
        case .unlimited: "max"
        case .times(let factor): factor == 1 ? "1" : "\(factor)"
        }
    }
}
