// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Hands things from one thread to the next, in order, with room for one: the first works ahead by that much.
///
/// Unchecked because the compiler cannot see that `door` guards every `var`.
final class Handover<Element: Sendable>: @unchecked Sendable {
    private let door = NSCondition()
    private var element: Element?
    private var isClosed = false

    /// Waits until there is room.
    func waitForRoom() {
        door.lock()
        while element != nil { door.wait() }
        door.unlock()
    }

    /// Hands over, waiting for room first.
    func put(_ element: Element) {
        door.lock()
        while self.element != nil { door.wait() }
        self.element = element
        // At most one of the two threads waits, and it is the other one.
        door.signal()
        door.unlock()
    }

    /// Takes what was handed over, waiting for it; nil when there will be nothing more.
    func take() -> Element? {
        door.lock()
        defer { door.unlock() }
        while element == nil && !isClosed { door.wait() }
        defer {
            element = nil
            door.signal()
        }
        return element
    }

    /// Says that nothing more comes.
    func close() {
        door.lock()
        isClosed = true
        door.signal()
        door.unlock()
    }
}

/// Counts what is on its way between threads.
///
/// Unchecked because the compiler cannot see that `door` guards `count`.
final class UnderWay: @unchecked Sendable {
    private let door = NSCondition()
    private var count = 0

    var isNothing: Bool {
        door.lock()
        defer { door.unlock() }
        return count == 0
    }

    func began() {
        door.lock()
        count += 1
        door.unlock()
    }

    func ended() {
        door.lock()
        count -= 1
        if count == 0 { door.broadcast() }
        door.unlock()
    }

    func waitForNothing() {
        door.lock()
        while count > 0 { door.wait() }
        door.unlock()
    }
}
