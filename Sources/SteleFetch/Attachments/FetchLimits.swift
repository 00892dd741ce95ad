// SPDX-License-Identifier: Apache-2.0

package import SteleEvents

/// What is fetched, from where, and how hard it is tried.
package struct FetchLimits: Sendable {
    /// Largest file taken, in bytes.
    ///
    /// The platform's own limit is 10 MB unless the customer bought more.
    package var maximumBytes: Int64 = 100 << 20
    /// Which files are asked for.
    package var kinds = Set(FileKind.allCases)
    /// Content types taken: `image/png`, `image/*`; empty for all.
    package var mediaTypes: [String] = []
    package var hosts = HostRules()
    /// Downloads at a time.
    package var concurrency = 8
    /// Downloads at a time from one host.
    package var concurrencyPerHost = 4
    /// Tries of one file, the first included, before it is given up.
    package var tries = 5
    /// Seconds between the first try and the second; four times as long before each further one, an hour at most.
    package var firstPauseSeconds: Int64 = 10
    /// Seconds a host is left alone that did not answer; twice as long after each further time, five minutes at most.
    package var firstRestSeconds: Int64 = 1
    /// How often in a row a host may not answer before nothing more is asked of it; nil for ever.
    package var hostPatience: Int?
    /// How long one download may take altogether.
    package var timeoutMilliseconds: Int64 = 300_000
    /// How long a connection may take to be made, and a server to send nothing.
    package var silenceMilliseconds: Int64 = 30_000

    package init() {}

    /// Whether a content type is taken; nil stands for an answer that names none.
    func takes(mediaType: String?) -> Bool {
        guard !mediaTypes.isEmpty else { return true }
        let type = (mediaType ?? "application/octet-stream").prefix { $0 != ";" && $0 != " " }.lowercased()
        return mediaTypes.contains { pattern in
            pattern.hasSuffix("/*") ? type.hasPrefix(pattern.dropLast()) : type == pattern
        }
    }
}
