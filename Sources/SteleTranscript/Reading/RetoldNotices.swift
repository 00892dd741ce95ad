// SPDX-License-Identifier: Apache-2.0

import SteleEvents
import SteleProjection

/// Knows a notice that tells again what was told before.
///
/// The platform reports one operation in two callback formats, and the SDK of every member reports it too. The
/// log and the views keep each; a transcript tells it once, as the first of them did.
struct RetoldNotices: Sendable {
    /// Reports of one operation lie this close together.
    private static let windowMicroseconds: Int64 = 5_000_000

    private var told: [NoticeEntry] = []

    /// Whether `notice` repeats an earlier one; give notices in the order of time.
    mutating func repeats(_ notice: NoticeEntry) -> Bool {
        told.removeAll { notice.time.microseconds - $0.time.microseconds > Self.windowMicroseconds }
        if told.contains(where: { Self.tellsTheSame($0.operation, notice.operation) }) { return true }
        told.append(notice)
        return false
    }

    private static func tellsTheSame(_ one: GroupOperation, _ other: GroupOperation) -> Bool {
        guard one.change == other.change, one.succeeded == other.succeeded else { return false }
        // One format names the first members with a group's creation, the other only its owner.
        guard one.members == other.members || one.change == .created else { return false }
        // A text that one format leaves out is no difference; two texts are.
        if let text = one.text, let otherText = other.text, text != otherText { return false }
        return one.change != .other || one.operation == other.operation
    }
}
