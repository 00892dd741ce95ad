// SPDX-License-Identifier: Apache-2.0

/// How a mirror is kept up.
package struct MirrorOptions: Sendable {
    /// How often everything is compared: segments that were compressed again, attachments, checkpoints.
    ///
    /// The log's tail does not wait for it.
    package var surveyInterval = Duration.seconds(30)
    package var now: @Sendable () -> ContinuousClock.Instant = { .now }

    package init() {}
}
