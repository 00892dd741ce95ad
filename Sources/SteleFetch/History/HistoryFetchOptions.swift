// SPDX-License-Identifier: Apache-2.0

/// The limits of fetching history files.
package struct HistoryFetchOptions: Sendable {
    /// The platform answers ten of these requests a minute for one app.
    package var requestsPerMinute = 10
    /// Most tries of one request or download.
    package var tries = 5
    /// How long an answer, or the next piece of a file, may take.
    package var timeoutSeconds: Int64 = 30
    /// Largest file taken, in bytes as it is sent.
    package var maximumFileBytes: Int64 = 4 << 30
    /// Hours after which a file is complete.
    ///
    /// One that is pulled earlier is imported, and pulled again later.
    package var settlingHours: Int64 = 24
    /// The clock by which hours are named until a file tells, in minutes east of Greenwich: China's.
    package var zone = 480

    package init() {}
}
