// SPDX-License-Identifier: Apache-2.0

/// Equality of texts by their bytes.
///
/// Swift calls two strings equal that Unicode calls equivalent (`é` as one character or as two). The platform and SQLite
/// compare bytes: two ids that only look alike are two users, and a text of other bytes is another text.
package enum ExactText {
    package static func areSame(_ one: String, _ other: String) -> Bool {
        one.utf8.count == other.utf8.count && one.utf8.elementsEqual(other.utf8)
    }

    package static func areSame(_ one: String?, _ other: String?) -> Bool {
        switch (one, other) {
        case (nil, nil): true
        case (let one?, let other?): areSame(one, other)
        default: false
        }
    }

    /// Hashes what ``areSame(_:_:)-(String,_)`` compares.
    static func hash(_ text: String, into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        // As a string does: what follows in the same hash does not run into it.
        hasher.combine(0xFF as UInt8)
    }
}
